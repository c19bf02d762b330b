import { describe, expect, it } from "vitest";
import { readEntry } from "../../../scripts/replay/entry.ts";
import { terms } from "./support/build.ts";

const read = (fields: unknown, keyField = ["key"]) =>
  readEntry(JSON.stringify(fields), { ...terms, keyField });
const sound = { time: "2026-06-15T00:00:00Z", method: "GET", path: "/x" };
const atMs = Date.UTC(2026, 5, 15);

describe("readEntry", () => {
  it("reads weir's own fields", () => {
    const given = { ip: "203.0.113.7", account: "acme", tier: "pro", status: 201, cost: 3, characters: 120 };
    expect(read({ ...sound, key: "secret", ...given })).toEqual({
      ...{ atMs, method: "GET", target: "/x", keyId: "secret" },
      ...given,
    });
  });

  it("reads a line of Logpush, the key from the field that is named", () => {
    const line = {
      EdgeStartTimestamp: (atMs + 123) * 1_000_000,
      ClientRequestMethod: "POST",
      ClientRequestURI: "/apply?x=1",
      ClientIP: "2001:db8::1",
      EdgeResponseStatus: 0,
      RequestHeaders: { "x-api-key": "secret" },
    };
    expect(read(line, ["RequestHeaders", "x-api-key"])).toMatchObject({
      ...{ atMs: atMs + 123, method: "POST", target: "/apply?x=1", keyId: "secret" },
      ...{ ip: "2001:db8::1", status: undefined },
    });
  });

  it("takes a key's id as it is", () => {
    expect(read({ ...sound, keyId: "3f2a", key: "secret" })).toMatchObject({ keyId: "3f2a" });
  });

  it.each([
    ["RFC 3339 text", "2026-06-15T02:00:00.000+02:00"],
    ["Unix seconds", atMs / 1_000],
    ["Unix milliseconds", atMs],
    ["Unix microseconds", atMs * 1_000],
    ["Unix nanoseconds", atMs * 1_000_000],
  ])("reads a time in %s", (_, time) => {
    expect(read({ ...sound, time })).toMatchObject({ atMs });
  });

  it("takes null and an empty text for nothing", () => {
    expect(read({ ...sound, key: null, ip: "", account: "", tier: null, status: null })).toMatchObject({
      ...{ keyId: undefined, ip: undefined, account: undefined, tier: undefined, status: undefined },
    });
  });

  it.each([
    ["no JSON", "GET /x 200", 'expected a JSON object, got "GET /x 200"'],
    ["JSON that is no object", "[1]", "expected a JSON object, got a list"],
  ])("says what is wrong with %s", (_, line, problem) => {
    expect(readEntry(line, terms)).toBe(problem);
  });

  it.each([
    [
      "no time",
      { time: undefined },
      "time: expected an ISO time, or Unix seconds or milliseconds, got nothing",
    ],
    [
      "a wrong time",
      { time: "today" },
      'time: expected an ISO time, or Unix seconds or milliseconds, got "today"',
    ],
    [
      "a time before there were logs",
      { time: 12 },
      "time: expected an ISO time, or Unix seconds or milliseconds, got 12",
    ],
    ["no method", { method: "" }, "method: expected a method, got nothing"],
    ["no path", { path: undefined }, 'path: expected a path that begins with "/", or a URL, got nothing'],
    ["a path that is none", { path: "x" }, 'path: expected a path that begins with "/", or a URL, got "x"'],
    ["a key that is no text", { key: 7 }, "key: expected text, got 7"],
    ["an address that is none", { ip: "1\r\n2" }, 'ip: expected an address, got "1\\r\\n2"'],
    ["a status that is no number", { status: "200" }, 'status: expected a whole number, got "200"'],
    ["a negative cost", { cost: -1 }, "cost: expected a whole number, got -1"],
  ])("says what is wrong with %s", (_, fields, problem) => {
    expect(read({ ...sound, ...fields })).toBe(problem);
  });

  it.each([
    ["a blank line", " \r"],
    ["a Worker's subrequest", JSON.stringify({ ...sound, WorkerSubrequest: true })],
  ])("skips %s", (_, line) => {
    expect(readEntry(line, terms)).toBeUndefined();
  });
});
