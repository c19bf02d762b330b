import { describe, expect, it } from "vitest";
import { answerPreflight, corsHeaders, isPreflight } from "../../../src/gate/cors.ts";

const url = "https://api.example.com/apply";
const app = "https://app.example.com";
const asking = { Origin: app, "Access-Control-Request-Method": "POST" };

describe("isPreflight", () => {
  it.each([
    ["a browser's preflight", { method: "OPTIONS", headers: asking }, true],
    ["another method", { method: "POST", headers: asking }, false],
    ["no origin", { method: "OPTIONS", headers: { "Access-Control-Request-Method": "POST" } }, false],
    ["no method asked for", { method: "OPTIONS", headers: { Origin: app } }, false],
    ["a body", { method: "OPTIONS", headers: asking, body: "{}" }, false],
    [
      "a method override",
      { method: "OPTIONS", headers: { ...asking, "X-HTTP-Method-Override": "POST" } },
      false,
    ],
    ["a WebSocket", { method: "OPTIONS", headers: { ...asking, Upgrade: "websocket" } }, false],
    [
      "another method override",
      { method: "OPTIONS", headers: { ...asking, "X-Method-Override": "GET" } },
      false,
    ],
  ])("of %s", (_, init, expected) => {
    expect(isPreflight(new Request(url, init))).toBe(expected);
  });
});

describe("corsHeaders", () => {
  const from = (origin?: string) =>
    new Request(url, origin === undefined ? {} : { headers: { Origin: origin } });

  it("writes nothing where no origin is configured", () => {
    expect(corsHeaders(from(app), [])).toEqual([]);
  });

  it("lets a listed origin read, with cookies", () => {
    expect(corsHeaders(from(app), ["https://other.example", app])).toEqual([
      ["Vary", "Origin"],
      ["Access-Control-Allow-Origin", app],
      ["Access-Control-Allow-Credentials", "true"],
      [
        "Access-Control-Expose-Headers",
        "X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, RateLimit, RateLimit-Policy, Retry-After, Retry-After-Ms, X-Should-Retry, Date",
      ],
    ]);
  });

  it.each([
    "https://app.example.com.evil.example",
    "http://app.example.com",
    "https://app.example.com:8443",
    "null",
    undefined,
  ])("lets %s read nothing, and says that it depends on the origin", (origin) => {
    expect(corsHeaders(from(origin), [app])).toEqual([["Vary", "Origin"]]);
  });

  it("lets any origin read without cookies where the policy says `*`", () => {
    const headers = Object.fromEntries(corsHeaders(from("https://any.example"), ["*"]));
    expect(headers["Access-Control-Allow-Origin"]).toBe("*");
    expect(headers).not.toHaveProperty("Access-Control-Allow-Credentials");
    expect(headers).not.toHaveProperty("Vary");
  });
});

describe("answerPreflight", () => {
  const keyFrom = [
    { in: "header", name: "x-api-key" },
    { in: "bearer" },
    { in: "query", name: "key" },
    { in: "cookie", name: "session" },
  ] as const;

  it("allows reading with a key from where the policy looks for it", () => {
    const answer = answerPreflight(new Request(url, { method: "OPTIONS", headers: asking }), {
      corsOrigins: [app],
      keyFrom,
    });
    expect([answer.status, answer.body]).toEqual([204, null]);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "access-control-allow-origin": app,
      "access-control-allow-methods": "GET, HEAD",
      "access-control-allow-headers": "x-api-key, authorization",
      "access-control-max-age": "600",
    });
  });

  it("allows no page of an origin that is not listed", () => {
    const answer = answerPreflight(new Request(url, { method: "OPTIONS", headers: asking }), {
      corsOrigins: [],
      keyFrom,
    });
    expect(answer.headers.has("access-control-allow-origin")).toBe(false);
  });
});
