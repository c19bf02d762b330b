import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Refused, Standing } from "../../../src/core/decision.ts";
import type { Policy } from "../../../src/core/policy.ts";
import type { RefusalOptions } from "../../../src/core/refusal-answer.ts";
import { refuseAgain } from "../../../src/gate/again.ts";
import { refuse } from "../../../src/gate/answer.ts";
import { limitOf } from "../support/build.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** The isolate's clock, a whole second; the object's is 400 ms on in its own. */
const t0 = 1_780_963_100_000;
const at = 1_780_963_170_400;
const minute: Standing = {
  limit: "all",
  window: "minute",
  size: 60,
  used: 60,
  cost: 1,
  held: false,
  resetAt: 1_780_963_200_000,
  lengthMs: 60_000,
};
const limits = [limitOf("all", ["60/minute"])];
const get = new Request("https://api.example.com/apply");

function policyOf(more: Partial<NonNullable<RefusalOptions["policy"]>> = {}) {
  return { refusal: "problem", headers: "both", corsOrigins: [], ...more } as const;
}

/** A refusal that nothing has been told of yet. */
function refusal(more: Partial<Refused> = {}): Refused {
  const retryAfterMs = minute.resetAt - at;
  return {
    admitted: false,
    at,
    reason: "rate",
    standings: [minute],
    refusing: 0,
    retryAfterMs,
    firm: true,
    ...more,
  };
}

/** The same refusal from memory, so much later; the clock is moved there too. */
function later(decision: Refused, passedMs: number): Refused {
  vi.setSystemTime(t0 + passedMs);
  const { retryAfterMs = 0 } = decision;
  return { ...decision, at: decision.at + passedMs, retryAfterMs: retryAfterMs - passedMs };
}

interface Drawn {
  readonly restMs: number;
  readonly isFull: boolean;
  readonly isDay: boolean;
}

/** A refusal by windows of which the first is full; it may be over sooner than they. */
function toRefusal([shiftMs, soonerMs, windows]: readonly [number, number, readonly Drawn[]]): Refused {
  const decidedAt = at + shiftMs;
  const standings = windows.map(({ restMs, isFull, isDay }, index) => ({
    ...minute,
    limit: `limit-${index}`,
    used: isFull || index === 0 ? 60 : 12,
    resetAt: decidedAt + restMs,
    lengthMs: isDay ? 86_400_000 : 60_000,
  }));
  const full = standings.filter(({ used }) => used === 60);
  const last = full.reduce((one, next) => (next.resetAt > one.resetAt ? next : one));
  const retryAfterMs = last.resetAt - decidedAt - soonerMs;
  return refusal({ at: decidedAt, standings, refusing: standings.indexOf(last), retryAfterMs });
}

/** Tells a client of a decision from memory. */
function tell(decision: Refused, options: Partial<RefusalOptions> = {}, request = get): Response {
  return refuseAgain(request, decision, { decision, limits, policy: policyOf(), ...options });
}

/** All that a client gets of an answer. */
async function toldBy(answer: Response) {
  return { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() };
}

describe("refuseAgain", () => {
  it("says the same within a second, but how long to wait to the millisecond", async () => {
    const decision = refusal();
    const first = await toldBy(tell(later(decision, 0)));
    const second = await toldBy(tell(later(decision, 599)));
    expect(first.headers).toMatchObject({ "retry-after": "30", "retry-after-ms": "29600" });
    expect(second).toEqual({ ...first, headers: { ...first.headers, "retry-after-ms": "29001" } });
  });

  it.each([
    ["its wait is one second less", 600, "retry-after", "29"],
    ["its date is another", 1_000, "date", new Date(t0 + 1_000).toUTCString()],
    ["a window resets one second sooner", 600, "ratelimit", '"all-minute";r=0;t=29'],
  ])("says it anew once %s", (_, passedMs, name, value) => {
    const decision = refusal();
    const first = tell(later(decision, 0)).headers.get(name);
    expect(first).not.toBe(value);
    expect(tell(later(decision, passedMs - 1)).headers.get(name)).toBe(first);
    expect(tell(later(decision, passedMs)).headers.get(name)).toBe(value);
  });

  const styles: readonly Policy["headers"][] = ["x-ratelimit", "ietf", "both", "none"];
  const windows = fc.array(
    fc.record({ restMs: fc.integer({ min: 1, max: 200_000 }), isFull: fc.boolean(), isDay: fc.boolean() }),
    { minLength: 1, maxLength: 4 },
  );
  const decisions = fc.tuple(fc.nat({ max: 5_000 }), fc.nat({ max: 999 }), windows).map(toRefusal);
  const formats = fc.constantFrom<Policy["refusal"]>("problem", "jsonrpc", {
    error: "{limit} per {window}, {remaining} left: {retry_after} s, {reset}, {reset_iso}",
  });
  const passing = fc.oneof(fc.nat({ max: 30 }), fc.nat({ max: 1_500 }), fc.constantFrom(999, 1_000));
  const askedAgain = fc.record({
    decision: decisions,
    refusal: formats,
    phaseMs: fc.nat({ max: 999 }),
    passings: fc.array(passing, { maxLength: 12 }),
  });

  it.each(styles)(
    "says in the style %s what refuse says of the same decision at that instant",
    async (style) => {
      const isSame = async (moved: Refused, policy: ReturnType<typeof policyOf>) => {
        const anew = refuse(get, "rate", { decision: moved, limits, policy });
        expect(await toldBy(tell(moved, { policy }))).toEqual(await toldBy(anew));
      };
      await fc.assert(
        fc.asyncProperty(askedAgain, async ({ decision, refusal, phaseMs, passings }) => {
          let passedMs = phaseMs;
          for (const passing of passings) {
            passedMs += passing;
            if (passedMs >= (decision.retryAfterMs ?? 0)) return;
            await isSame(later(decision, passedMs), policyOf({ headers: style, refusal }));
          }
        }),
        { numRuns: 300 },
      );
    },
  );

  it("says to other limits what is theirs", async () => {
    const decision = later(refusal(), 0);
    const others = [limitOf("all", ["60/minute"], { refusal: { error: "theirs" } })];
    for (const _ of ["first", "again"]) {
      expect(await tell(decision).json()).toMatchObject({ status: 429 });
      expect(await tell(decision, { limits: others }).json()).toEqual({ error: "theirs" });
    }
  });

  it("says of another decision what is its own", () => {
    const [one, other] = [refusal(), refusal({ standings: [{ ...minute, size: 5, used: 5 }] })];
    const told = [one, other, one, other].map((decision) => tell(later(decision, 0)));
    expect(told.map(({ headers }) => headers.get("x-ratelimit-limit"))).toEqual(["60", "5", "60", "5"]);
  });

  it("gives a HEAD the headers alone, and whoever asks next the body", async () => {
    const decision = later(refusal(), 0);
    const head = tell(decision, {}, new Request(get.url, { method: "HEAD" }));
    expect(head.body).toBeNull();
    const answer = tell(decision);
    expect([...answer.headers]).toEqual([...head.headers]);
    expect(await answer.json()).toMatchObject({ status: 429 });
  });

  it("is readable for the page that asks, and lets no other page in by it", () => {
    const decision = later(refusal(), 0);
    const policy = policyOf({ corsOrigins: ["https://one.example", "https://two.example"] });
    const corsFor = (headers: Record<string, string>) => {
      const answer = tell(decision, { policy }, new Request(get.url, { headers }));
      const names = ["access-control-allow-origin", "access-control-allow-credentials", "vary"];
      return names.map((name) => answer.headers.get(name));
    };
    for (const _ of ["first", "again"]) {
      expect(corsFor({ Origin: "https://one.example" })).toEqual(["https://one.example", "true", "Origin"]);
      expect(corsFor({ Origin: "https://evil.example" })).toEqual([null, null, "Origin"]);
      expect(corsFor({ Origin: "https://two.example" })).toEqual(["https://two.example", "true", "Origin"]);
      expect(corsFor({})).toEqual([null, null, "Origin"]);
    }
  });

  it("goes by the clock of the decision, however long ago that was", () => {
    const decision = refusal();
    const first = later(decision, 0);
    vi.setSystemTime(t0 + 300);
    refuseAgain(get, first, { decision: first, limits, policy: policyOf() });
    const second = later(decision, 800);
    const { headers } = refuseAgain(get, second, { decision: second, limits, policy: policyOf() });
    expect([headers.get("retry-after-ms"), headers.get("retry-after")]).toEqual(["28800", "29"]);
  });

  it("leaves what it said before as it was", () => {
    const decision = refusal();
    const first = tell(later(decision, 0));
    tell(later(decision, 100));
    expect(first.headers.get("retry-after-ms")).toBe("29600");
  });
});
