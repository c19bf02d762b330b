import { describe, expect, it } from "vitest";
import type { Decision, Reason } from "../../src/core/decision.ts";
import { type Claim, combine, isHeld } from "../../src/core/judge.ts";
import type { Limit } from "../../src/core/policy.ts";
import { limitOf } from "./support/build.ts";
import { Desk, refused } from "./support/desk.ts";

const minuteMs = 60_000;

describe("judge", () => {
  it("admits as long as every window has room, and refuses the next", () => {
    const limit = limitOf("all", ["3/minute"]);
    const desk = new Desk();
    expect(desk.times(3, [limit])).toBe(3);
    expect(desk.take([limit])).toMatchObject({
      admitted: false,
      reason: "rate",
      retryAfterMs: minuteMs,
      firm: true,
    });
  });

  it("reports the standing of every window in the policy's order, as it is after the request", () => {
    const limit = limitOf("all", ["3/minute", "5/day"], { cost: 2 });
    const decision = new Desk("2026-06-15T12:00:30.000Z").take([limit]);
    expect(decision).toEqual({
      admitted: true,
      at: Date.parse("2026-06-15T12:00:30.000Z"),
      standings: [
        {
          limit: "all",
          window: "minute",
          size: 3,
          used: 2,
          cost: 2,
          held: false,
          resetAt: Date.parse("2026-06-15T12:01:00.000Z"),
          lengthMs: minuteMs,
        },
        {
          limit: "all",
          window: "day",
          size: 5,
          used: 2,
          cost: 2,
          held: false,
          resetAt: Date.parse("2026-06-16T00:00:00.000Z"),
          lengthMs: 86_400_000,
        },
      ],
    });
  });

  it("reports the refusing window that resets last, and waits until all of them have room", () => {
    const limit = limitOf("all", ["2/minute", "9/hour", "2/day"]);
    const desk = new Desk("2026-06-15T12:00:30.000Z");
    desk.times(2, [limit]);
    const refusal = refused(desk.take([limit]));
    expect(refusal.standings[refusal.refusing ?? 0]?.window).toBe("day");
    expect(refusal.retryAfterMs).toBe(Date.parse("2026-06-16T00:00:00.000Z") - desk.nowMs);
  });

  it("shows what was used and what was asked apart in a refusal", () => {
    const limit = limitOf("all", ["5/minute"], { cost: 2 });
    const desk = new Desk();
    desk.times(2, [limit]);
    expect(desk.take([limit]).standings).toMatchObject([{ used: 4, cost: 2, size: 5, held: false }]);
  });

  const slow = limitOf("slow", ["1/minute"]);
  const characters = limitOf("text", ["9/minute"], { maxCharacters: 5 });
  const credit = limitOf("paid", ["9/minute"], { credits: 1 });
  const unplanned = limitOf("none", ["0/minute"]);
  const costly: Claim = { limit: limitOf("big", ["9/minute"]), cost: 10 };
  const long: Claim = { limit: characters, cost: 1, characters: 6 };
  const of = (limit: Limit): Claim => ({ limit, cost: 1 });
  const table: [string, Reason, Claim[]][] = [
    ["a window of size 0", "plan", [of(slow), of(credit), long, costly, of(unplanned)]],
    ["a cost above a window's whole size", "cost", [of(slow), of(credit), long, costly]],
    ["too many characters", "characters", [of(slow), of(credit), long]],
    ["a spent balance", "credits", [of(slow), of(credit)]],
    ["a full window", "rate", [of(slow)]],
  ];
  it.each(table)(
    'refuses for %s as "%s" before any reason behind it, in whatever order',
    (_, reason, claims) => {
      for (const order of [claims, claims.toReversed()]) {
        const desk = new Desk();
        desk.take([slow]);
        desk.ledger.credits = 0;
        const decision = refused(desk.claim(order));
        expect(decision.reason).toBe(reason);
        expect(decision.retryAfterMs !== undefined).toBe(reason === "rate");
        expect(desk.used(slow, credit, characters)).toEqual([1, 0, 0]);
      }
    },
  );

  it("names the window where a cost or a plan refuses, and the most characters where they do", () => {
    const desk = new Desk();
    const roomy = limitOf("roomy", ["20/hour"]);
    expect(desk.claim([{ limit: roomy, cost: 1 }, costly])).toMatchObject({ reason: "cost", refusing: 1 });
    expect(desk.take([roomy, unplanned])).toMatchObject({ reason: "plan", refusing: 1 });
    expect(desk.claim([long])).toMatchObject({ reason: "characters", maxCharacters: 5 });
  });

  it("admits exactly as many characters as there may be", () => {
    const desk = new Desk();
    expect(desk.claim([{ limit: characters, cost: 1, characters: 5 }]).admitted).toBe(true);
    expect(desk.claim([{ limit: characters, cost: 1, characters: 6 }]).admitted).toBe(false);
  });

  it("refuses in size 0 even on the first request, and after any wait", () => {
    const desk = new Desk();
    for (let day = 0; day < 3; day++) {
      expect(desk.take([unplanned])).toMatchObject({ admitted: false, reason: "plan" });
      desk.wait(86_400_000);
    }
  });

  it("admits a cost of exactly the whole size into an empty window, and no more", () => {
    const limit = limitOf("all", ["3/minute"]);
    expect(new Desk().claim([{ limit, cost: 3 }]).admitted).toBe(true);
    expect(refused(new Desk().claim([{ limit, cost: 4 }])).reason).toBe("cost");
  });

  it("adds up the credits that several limits ask", () => {
    const other = limitOf("other", ["9/minute"], { credits: 2 });
    const desk = new Desk();
    desk.ledger.credits = 2;
    expect(refused(desk.take([credit, other])).reason).toBe("credits");
    desk.ledger.credits = 3;
    expect(desk.take([credit, other]).admitted).toBe(true);
    expect(desk.ledger.credits).toBe(0);
  });
});

describe("judge, on whether a refusal is firm", () => {
  const limit = limitOf("all", ["2/minute"], { charge: "success" });
  const final = limitOf("all", ["2/minute"]);

  it("is where settled counts alone refuse", () => {
    const desk = new Desk();
    desk.times(2, [limit]);
    expect(refused(desk.take([limit])).firm).toBe(false);
    desk.settle(1);
    expect(refused(desk.take([limit])).firm).toBe(false);
    desk.settle(2);
    expect(refused(desk.take([limit])).firm).toBe(true);
  });

  it("is not while a take is pending, and is once it is confirmed", () => {
    const desk = new Desk();
    desk.take([final]);
    desk.take([final], { pending: true });
    expect(refused(desk.take([final], { op: 9 })).firm).toBe(false);
    desk.confirm(2);
    expect(refused(desk.take([final], { op: 9 })).firm).toBe(true);
  });

  it("speaks of the refusing window that resets last", () => {
    const desk = new Desk();
    const hourly = limitOf("hourly", ["2/hour"], { charge: "success" });
    desk.times(2, [final, hourly]);
    expect(refused(desk.take([final, hourly]))).toMatchObject({ refusing: 1, firm: false });
    desk.settle(1);
    desk.settle(2);
    expect(refused(desk.take([final, hourly]))).toMatchObject({ refusing: 1, firm: true });
  });

  it("is absent where no waiting helps", () => {
    expect(new Desk().take([limitOf("none", ["0/minute"])])).not.toHaveProperty("firm");
  });
});

describe("isHeld", () => {
  it.each([
    [{}, false],
    [{ charge: "always" }, false],
    [{ charge: "success" }, true],
    [{ charge: [200, 404] }, true],
    [{ costFrom: "x-cost" }, true],
    [{ charge: "always", costFrom: "x-cost" }, true],
  ] satisfies [Partial<Limit>, boolean][])("of a limit with %j is %s", (more, held) => {
    expect(isHeld(limitOf("all", ["1/minute"], more))).toBe(held);
  });
});

describe("combine", () => {
  const key = limitOf("key", ["2/minute"]);
  const account = limitOf("account", ["2/hour"]);
  const at = Date.parse("2026-06-15T12:00:00.000Z");

  it("is the one decision where there is one", () => {
    const decision = new Desk().take([key]);
    expect(combine([decision])).toBe(decision);
  });

  it("admits where all admit, with the standings of all and the latest instant", () => {
    const [mine, ours] = [new Desk(at).take([key]), new Desk(at + 1).take([account])];
    expect(combine([mine, ours])).toEqual({
      admitted: true,
      at: at + 1,
      standings: [...mine.standings, ...ours.standings],
    });
  });

  it("names the shadow limits of all that would have refused", () => {
    const standings: Decision["standings"] = [];
    const shadowed = (name: string): Decision => ({ admitted: true, at, standings, shadow: [name] });
    expect(combine([shadowed("a"), { admitted: true, at, standings }, shadowed("b")])).toMatchObject({
      shadow: ["a", "b"],
    });
  });

  it("keeps the shadow limits' windows of a look at several, whether it admits or refuses", () => {
    const shadow = (name: string) => limitOf(name, ["2/minute"], { mode: "shadow" });
    const [mine, ours] = [new Desk(at), new Desk(at)];
    const names = (decision: Decision) => decision.shadowStandings?.map(({ limit }) => limit);
    expect(names(combine([mine.peek([key, shadow("a")]), ours.peek([account, shadow("b")])]))).toEqual([
      "a",
      "b",
    ]);
    ours.times(2, [account]);
    expect(names(combine([mine.peek([key, shadow("a")]), ours.peek([account, shadow("b")])]))).toEqual([
      "a",
      "b",
    ]);
  });

  it("points a refusal to its window among the standings of all", () => {
    const desk = new Desk(at);
    desk.times(2, [account]);
    const decision = refused(combine([new Desk(at).take([key]), desk.take([account])]));
    expect(decision).toMatchObject({ reason: "rate", refusing: 1 });
    expect(decision.standings.map(({ limit }) => limit)).toEqual(["key", "account"]);
  });

  it("waits for the latest reset of all that refuse", () => {
    const [mine, ours] = [new Desk(at), new Desk(at)];
    mine.times(2, [key]);
    ours.times(2, [account]);
    const decisions = [ours.take([account]), mine.take([key])];
    expect(refused(combine(decisions))).toMatchObject({ refusing: 0, retryAfterMs: 60 * minuteMs });
    expect(refused(combine(decisions.toReversed()))).toMatchObject({
      refusing: 1,
      retryAfterMs: 60 * minuteMs,
    });
  });

  it("lets what no waiting mends come before a full window", () => {
    const desk = new Desk(at);
    desk.times(2, [account]);
    const full = desk.take([account]);
    const disabled: Decision = { admitted: false, at, reason: "disabled", standings: [] };
    for (const order of [
      [full, disabled],
      [disabled, full],
    ]) {
      expect(refused(combine(order)).reason).toBe("disabled");
    }
  });

  it("shows no window as charged where any refuses", () => {
    const mine = new Desk(at);
    mine.take([key]);
    const ours = new Desk(at);
    ours.times(2, [account]);
    const decision = combine([mine.take([key]), ours.take([account])]);
    expect(decision.standings).toMatchObject([
      { limit: "key", used: 1, held: false },
      { limit: "account", used: 2 },
    ]);
    const peeked = combine([mine.peek([key]), ours.take([account])]);
    expect(peeked.standings).toMatchObject([
      { limit: "key", used: 2 },
      { limit: "account", used: 2 },
    ]);
  });
});
