import fc from "fast-check";
import { parseList } from "structured-headers";
import { describe, expect, it } from "vitest";
import { dayMs } from "../../src/core/calendar.ts";
import type { Decision, Refused, Standing } from "../../src/core/decision.ts";
import {
  isLimitHeader,
  LIMIT_HEADER_NAMES,
  limitHeaders,
  retryAfterSeconds,
} from "../../src/core/headers.ts";

const at = 1_732_204_770_400;
const minute: Standing = {
  limit: "apply",
  window: "minute",
  size: 60,
  used: 13,
  cost: 1,
  held: false,
  resetAt: 1_732_204_800_000,
  lengthMs: 60_000,
};
const day: Standing = {
  ...minute,
  window: "day",
  size: 1_000,
  used: 999,
  resetAt: 1_732_233_600_000,
  lengthMs: 86_400_000,
};
const admitted: Decision = { admitted: true, at, standings: [minute, day] };
const refused: Refused = {
  admitted: false,
  at,
  reason: "rate",
  standings: [{ ...minute, used: 60 }, day],
  refusing: 0,
  retryAfterMs: minute.resetAt - at,
};

function named(headers: readonly (readonly [string, string])[]): Record<string, string> {
  return Object.fromEntries(headers);
}

describe("limitHeaders", () => {
  it("shows the window with the least remaining", () => {
    expect(limitHeaders(admitted, "x-ratelimit")).toEqual([
      ["X-RateLimit-Limit", "1000"],
      ["X-RateLimit-Remaining", "1"],
      ["X-RateLimit-Reset", "1732233600"],
    ]);
  });

  it("shows the window that the policy names, where it admits", () => {
    expect(named(limitHeaders(admitted, "x-ratelimit", "minute"))).toMatchObject({
      "X-RateLimit-Limit": "60",
      "X-RateLimit-Remaining": "47",
    });
  });

  it("shows the window that refused, and how long to wait", () => {
    expect(limitHeaders(refused, "x-ratelimit", "day")).toEqual([
      ["X-RateLimit-Limit", "60"],
      ["X-RateLimit-Remaining", "0"],
      ["X-RateLimit-Reset", "1732204800"],
      ["Retry-After", "30"],
      ["Retry-After-Ms", "29600"],
    ]);
  });

  it.each([
    ["a day", dayMs, 60_001, "false"],
    ["a month", 31 * dayMs, 20 * dayMs, "false"],
    ["a day's last minute", dayMs, 60_000, undefined],
    ["an hour", dayMs / 24, 3_000_000, undefined],
  ])("tells a call whether to wait for %s", (_, lengthMs, retryAfterMs, shouldRetry) => {
    const spent = { ...minute, used: 60, lengthMs, resetAt: at + retryAfterMs };
    const headers = named(limitHeaders({ ...refused, standings: [spent], retryAfterMs }, "none"));
    expect(headers["X-Should-Retry"]).toBe(shouldRetry);
  });

  it("never tells to wait longer in one header than in another, nor no time at all", () => {
    const waits = fc.double({ min: -1_000, max: 1e12, noNaN: true });
    fc.assert(
      fc.property(waits, (retryAfterMs) => {
        const headers = named(limitHeaders({ ...refused, retryAfterMs }, "none"));
        const [seconds, ms] = [Number(headers["Retry-After"]), Number(headers["Retry-After-Ms"])];
        expect(Math.ceil(ms / 1_000)).toBe(seconds);
        expect(ms).toBeGreaterThanOrEqual(Math.min(retryAfterMs, 1_728_000_000));
      }),
    );
  });

  it("writes every window in the draft's fields", () => {
    expect(limitHeaders(admitted, "ietf")).toEqual([
      ["RateLimit-Policy", '"apply-minute";q=60;w=60, "apply-day";q=1000;w=86400'],
      ["RateLimit", '"apply-minute";r=47;t=30, "apply-day";r=1;t=28830'],
    ]);
  });

  it.each([
    [
      "x-ratelimit",
      ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Retry-After", "Retry-After-Ms"],
    ],
    ["ietf", ["RateLimit-Policy", "RateLimit", "Retry-After", "Retry-After-Ms"]],
    [
      "both",
      [
        "X-RateLimit-Limit",
        "X-RateLimit-Remaining",
        "X-RateLimit-Reset",
        "RateLimit-Policy",
        "RateLimit",
        "Retry-After",
        "Retry-After-Ms",
      ],
    ],
    ["none", ["Retry-After", "Retry-After-Ms"]],
  ] as const)("writes for %s the headers %j", (style, names) => {
    expect(limitHeaders(refused, style).map(([name]) => name)).toEqual(names);
  });

  it("writes no Retry-After where waiting does not help", () => {
    const { retryAfterMs: _, ...notInPlan }: Refused = { ...refused, reason: "plan" };
    expect(named(limitHeaders(notInPlan, "both"))).not.toHaveProperty("Retry-After");
  });

  it("writes nothing where no window governs", () => {
    expect(limitHeaders({ admitted: true, at, standings: [] }, "both")).toEqual([]);
  });

  it("writes a window of size 0, of a lowered plan, and past its end without going below 0", () => {
    const none = { ...minute, size: 0, used: 5, resetAt: at - 1 };
    expect(limitHeaders({ admitted: true, at, standings: [none] }, "both").slice(0, 5)).toEqual([
      ["X-RateLimit-Limit", "0"],
      ["X-RateLimit-Remaining", "0"],
      ["X-RateLimit-Reset", "1732204771"],
      ["RateLimit-Policy", '"apply-minute";q=0;w=60'],
      ["RateLimit", '"apply-minute";r=0;t=0'],
    ]);
  });

  it("keeps within a structured field's integers", () => {
    const huge = { ...minute, size: Number.MAX_SAFE_INTEGER, used: 0 };
    const headers = named(limitHeaders({ admitted: true, at, standings: [huge] }, "ietf"));
    expect(headers["RateLimit-Policy"]).toBe('"apply-minute";q=999999999999999;w=60');
  });

  it("gives windows of several words and of several limits names of their own", () => {
    const windows = [
      { ...minute, window: "5 minutes" },
      { ...minute, window: "billing period" },
      { ...minute, limit: "apply-5", window: "minute" },
    ];
    const headers = named(limitHeaders({ admitted: true, at, standings: windows }, "ietf"));
    const names = parseList(headers.RateLimit ?? "").map(([name]) => name);
    expect(names).toEqual(["apply-5-minutes", "apply-billing-period", "apply-5-minute"]);
  });

  const standings = fc.array(
    fc.record({
      limit: fc.stringMatching(/^[a-z][a-z0-9_-]{0,8}$/),
      window: fc.constantFrom("second", "minute", "5 minutes", "billing period"),
      size: fc.maxSafeNat(),
      used: fc.maxSafeNat(),
      cost: fc.maxSafeNat(),
      held: fc.boolean(),
      resetAt: fc.integer({ min: at, max: at + 40_000_000_000 }),
      lengthMs: fc.integer({ min: 1, max: 40_000_000_000 }),
    }),
    { minLength: 1, maxLength: 4 },
  );

  it("parses as RFC 9651, one member a window with whole parameters", () => {
    fc.assert(
      fc.property(standings, (governing) => {
        const headers = named(limitHeaders({ admitted: true, at, standings: governing }, "ietf"));
        const policies = parseList(headers["RateLimit-Policy"] ?? "");
        const limits = parseList(headers.RateLimit ?? "");
        expect(policies.map(([name]) => name)).toEqual(limits.map(([name]) => name));
        expect(limits).toHaveLength(governing.length);
        for (const [, parameters] of [...policies, ...limits]) {
          expect(
            [...parameters.values()].every((value) => Number.isInteger(value) && Number(value) >= 0),
          ).toBe(true);
        }
      }),
    );
  });

  it("puts Reset as many seconds after the clock as Retry-After says", () => {
    fc.assert(
      fc.property(fc.nat(1_700_000), fc.nat(999), (waitSeconds, clockMs) => {
        const resetAt = (Math.floor(at / 1000) + waitSeconds + 1) * 1000;
        const clock = Math.floor(at / 1000) * 1000 + clockMs;
        const decision: Refused = {
          ...refused,
          at: clock,
          standings: [{ ...minute, resetAt }],
          retryAfterMs: resetAt - clock,
        };
        const headers = named(limitHeaders(decision, "x-ratelimit"));
        const clockSeconds = Math.floor(clock / 1000);
        expect(Number(headers["X-RateLimit-Reset"]) - clockSeconds).toBe(Number(headers["Retry-After"]));
      }),
    );
  });
});

describe("retryAfterSeconds", () => {
  it.each([
    [1, 1],
    [1_000, 1],
    [1_001, 2],
    [29_600, 30],
    [0, 1],
    [1_728_000_000, 1_728_000],
    [2_592_000_000, 1_728_000],
  ])("makes of %i ms %i s", (retryAfterMs, seconds) => {
    expect(retryAfterSeconds(retryAfterMs)).toBe(seconds);
  });

  it("is a positive whole number that outlasts the wait, or is capped", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e12, noNaN: true }), (retryAfterMs) => {
        const seconds = retryAfterSeconds(retryAfterMs);
        expect(String(seconds)).toMatch(/^[1-9]\d*$/);
        expect(seconds * 1000 >= retryAfterMs || seconds === 1_728_000).toBe(true);
      }),
    );
  });
});

describe("isLimitHeader", () => {
  it("knows every header that weir writes", () => {
    expect(LIMIT_HEADER_NAMES.filter((name) => !isLimitHeader(name.toLowerCase()))).toEqual([]);
  });

  it.each([
    ["x-ratelimit-limit", true],
    ["x-ratelimit-remaining-minute", true],
    ["x-rate-limit-reset", true],
    ["ratelimit-limit", true],
    ["ratelimit-reset", true],
    ["rate-limit-policy", true],
    ["retry-after", false],
    ["x-ratelimiter", false],
    ["content-type", false],
  ])("takes %s for one: %s", (name, expected) => {
    expect(isLimitHeader(name)).toBe(expected);
  });
});
