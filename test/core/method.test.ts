import { describe, expect, it } from "vitest";
import { methodsOf } from "../../src/core/method.ts";

const none = () => null;

describe("methodsOf", () => {
  it.each([
    ["GET", ["GET"]],
    ["POST", ["POST"]],
    ["patch", ["PATCH"]],
    ["PROPFIND", ["PROPFIND"]],
    ["HEAD", ["HEAD", "GET"]],
  ])("gives %s as %j", (method, methods) => {
    expect(methodsOf(method, none)).toEqual(methods);
  });

  it.each(["x-http-method-override", "x-http-method", "x-method-override"])(
    "adds the method of %s",
    (override) => {
      const header = (name: string) => (name === override ? " post" : null);
      expect(methodsOf("GET", header)).toEqual(["GET", "POST"]);
    },
  );

  it.each(["x_http_method_override", "x_http_method", "x_method_override", "x-http_method-override"])(
    "adds the method of %s, which CGI and WSGI tell from no other spelling",
    (override) => {
      const header = (name: string) => (name === override ? "delete" : null);
      expect(methodsOf("POST", header)).toEqual(["POST", "DELETE"]);
    },
  );

  it("adds the methods of two spellings of one header", () => {
    const headers: Record<string, string> = { "x-http-method": "PUT", x_http_method: "DELETE" };
    expect(methodsOf("POST", (name) => headers[name] ?? null)).toEqual(["POST", "PUT", "DELETE"]);
  });

  it.each([
    ["", ["POST"]],
    [" , ", ["POST"]],
    ["POST", ["POST"]],
    ["HEAD", ["POST", "HEAD", "GET"]],
    ["DELETE, PUT", ["POST", "DELETE", "PUT"]],
    [`DELETE${", PATCH".repeat(3_000)}, PUT`, ["POST", "DELETE", "PUT"]],
  ])("reads an override of %.20j as its first and last value", (value, methods) => {
    expect(methodsOf("POST", (name) => (name === "x-http-method-override" ? value : null))).toEqual(methods);
  });

  it.each([
    ["POST", "websocket", ["POST", "GET"]],
    ["OPTIONS", "h2c, WebSocket", ["OPTIONS", "GET"]],
    ["GET", "websocket", ["GET"]],
    ["POST", "h2c", ["POST"]],
  ])("gives a %s that upgrades to %s as %j", (method, upgrade, methods) => {
    expect(methodsOf(method, (name) => (name === "upgrade" ? upgrade : null))).toEqual(methods);
  });

  it("adds the methods of all override headers", () => {
    const headers: Record<string, string> = { "x-http-method": "PUT", "x-method-override": "DELETE" };
    expect(methodsOf("GET", (name) => headers[name] ?? null)).toEqual(["GET", "PUT", "DELETE"]);
  });
});
