import { describe, expect, it } from "vitest";
import { learn } from "../../../src/client/learn.ts";

const date = "Tue, 06 May 2031 07:08:09 GMT";
const dateAt = Date.UTC(2031, 4, 6, 7, 8, 9);
const reported = {
  "x-ratelimit-limit": "60",
  "x-ratelimit-remaining": "47",
  "x-ratelimit-reset": "1732204800",
};
const quotas = {
  "ratelimit-policy": '"minute";q=60;w=60, "day";q=1000;w=86400',
  ratelimit: '"minute";r=47;t=30, "day";r=900;t=3600',
};

describe("learn", () => {
  it("reads X-RateLimit-*", () => {
    expect(learn(new Headers({ ...reported, date }))).toEqual({
      told: [{ size: 60, left: 47, resetAt: 1_732_204_800_000 }],
      dateAt,
      final: false,
    });
  });

  const minute = { policy: "minute", size: 60, left: 47, lengthMs: 60_000, resetAfterMs: 30_000 };
  const day = { policy: "day", size: 1000, left: 900, lengthMs: 86_400_000, resetAfterMs: 3_600_000 };

  it("reads RateLimit with RateLimit-Policy", () => {
    expect(learn(new Headers(quotas)).told).toEqual([minute, day]);
  });

  it("reads RateLimit alone, whose sizes it does not know", () => {
    expect(learn(new Headers({ ratelimit: "burst;r=3;t=9" })).told).toEqual([
      { policy: "burst", left: 3, resetAfterMs: 9000 },
    ]);
  });

  it("takes the end of the window that both tell of from X-RateLimit-Reset", () => {
    const told = learn(new Headers({ ...reported, ...quotas })).told;
    expect(told).toEqual([{ ...minute, resetAt: 1_732_204_800_000 }, day]);
  });

  it.each<[string, Record<string, string>]>([
    ["nothing", {}],
    ["no limit", { ...reported, "x-ratelimit-limit": "" }],
    [
      "a limit of 0, which no waiting changes",
      { ...reported, "x-ratelimit-limit": "0", "x-ratelimit-remaining": "0" },
    ],
    ["a negative remainder", { ...reported, "x-ratelimit-remaining": "-1" }],
    ["two of a header", { ...reported, "x-ratelimit-limit": "60, 60" }],
    ["a malformed list", { ratelimit: '"minute;r=1' }],
    ["the draft's older dictionary", { ratelimit: "limit=10, remaining=5, reset=3" }],
    ["a fraction", { ratelimit: '"minute";r=1.5;t=3' }],
    ["an answer out of a cache", { ...reported, ...quotas, date, age: "3" }],
  ])("is told nothing by %s", (_name, headers) => {
    const { told, dateAt: at } = learn(new Headers(headers));
    expect({ told, at }).toEqual({ told: [], at: undefined });
  });

  it.each<[string, Record<string, string>, number | undefined]>([
    ["seconds", { "retry-after": "47" }, 47_000],
    ["none at all", { "retry-after": "0" }, 0],
    ["a date", { "retry-after": "Tue, 06 May 2031 07:09:09 GMT", date }, 60_000],
    ["a date that is over", { "retry-after": "Tue, 06 May 2031 07:00:00 GMT", date }, 0],
    ["a date without the server's own", { "retry-after": "Tue, 06 May 2031 07:09:09 GMT" }, undefined],
    ["an ISO date", { "retry-after": "2031-05-06T07:09:09Z", date }, undefined],
  ])("reads a Retry-After of %s", (_name, headers, afterMs) => {
    expect(learn(new Headers(headers)).retryAfterMs).toBe(afterMs);
  });

  it.each([
    ["false", true],
    ["true", false],
  ])("takes x-should-retry: %s for final: %s", (value, final) => {
    expect(learn(new Headers({ "x-should-retry": value })).final).toBe(final);
  });
});
