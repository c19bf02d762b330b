import { describe, expect, it } from "vitest";
import type { Limit } from "../../src/core/policy.ts";
import { limitOf, windowOf } from "./support/build.ts";
import { Desk, HOLD_MS, refused } from "./support/desk.ts";

const minuteMs = 60_000;

describe("take", () => {
  it("charges every window of every limit, or none of them", () => {
    const wide = limitOf("wide", ["9/minute", "9/day", "9/month"]);
    const narrow = limitOf("narrow", ["9/minute", "2/hour"]);
    const desk = new Desk();
    expect(desk.times(5, [wide, narrow])).toBe(2);
    expect(desk.used(wide, narrow)).toEqual([2, 2, 2, 2, 2]);
  });

  it("charges nothing for a refusal, and writes nothing", () => {
    const limit = limitOf("all", ["2/minute", "5/day"]);
    const desk = new Desk();
    desk.times(2, [limit]);
    const { rows } = desk;
    expect(desk.times(10, [limit])).toBe(0);
    desk.peek([limit]);
    expect(desk.rows).toBe(rows);
    expect(desk.ledger.isUnsaved).toBe(false);
    desk.wait(minuteMs);
    expect(desk.times(10, [limit])).toBe(2);
    expect(desk.used(limit)).toEqual([2, 4]);
  });

  it("admits a window's size at its very end and again at the start of the next", () => {
    const limit = limitOf("all", ["5/minute"]);
    const desk = new Desk("2026-06-15T12:00:59.999Z");
    expect(desk.times(9, [limit])).toBe(5);
    desk.wait(1);
    expect(desk.times(9, [limit])).toBe(5);
  });

  it("starts a window of the first request with the first that is admitted", () => {
    const limit = limitOf("all", ["1/minute"], { align: "first" });
    const none = limitOf("none", ["0/day"]);
    const desk = new Desk("2026-06-15T12:00:30.000Z");
    desk.take([limit, none]);
    desk.wait(10_000);
    desk.take([limit]);
    expect(refused(desk.take([limit])).retryAfterMs).toBe(minuteMs);
    desk.wait(59_999);
    expect(desk.take([limit]).admitted).toBe(false);
    desk.wait(1);
    expect(desk.take([limit]).admitted).toBe(true);
  });

  it("never drops a count because the clock steps back", () => {
    const limit = limitOf("all", ["2/minute"]);
    const other = limitOf("other", ["9/minute"]);
    const desk = new Desk("2026-06-15T12:00:59.990Z");
    desk.times(2, [limit]);
    desk.wait(20);
    desk.take([other]);
    desk.wait(-20);
    expect(desk.take([limit]).admitted).toBe(false);
    desk.crash();
    expect(desk.take([limit]).admitted).toBe(false);
  });

  it("keeps each limit's and each window's count apart", () => {
    const [a, b] = [limitOf("a", ["2/minute", "2/2 minutes"]), limitOf("b", ["2/minute"])];
    const desk = new Desk();
    desk.take([a]);
    expect(desk.used(a, b)).toEqual([1, 1, 0]);
  });
});

describe("take, delivered twice (case 10)", () => {
  const limit = limitOf("all", ["2/minute"], { charge: "success", credits: 1 });

  it("charges once, and admits once more what it admitted", () => {
    const desk = new Desk();
    desk.ledger.credits = 5;
    const first = desk.take([limit], { op: 7 });
    const { rows } = desk;
    expect(desk.take([limit], { op: 7 })).toEqual(first);
    expect(desk.rows).toBe(rows);
    expect(desk.used(limit)).toEqual([1]);
    expect(desk.ledger.credits).toBe(4);
  });

  it("admits it again though the window is full by now", () => {
    const desk = new Desk();
    desk.times(2, [limit]);
    expect(desk.take([limit], { op: 1 }).admitted).toBe(true);
    expect(desk.take([limit], { op: 3 }).admitted).toBe(false);
  });

  it("charges once after a restart too", () => {
    const desk = new Desk();
    desk.take([limit], { op: 7 });
    desk.crash();
    expect(desk.take([limit], { op: 7 }).admitted).toBe(true);
    expect(desk.used(limit)).toEqual([1]);
  });

  it("decides a refused one anew", () => {
    const desk = new Desk();
    desk.times(2, [limit]);
    desk.take([limit], { op: 3 });
    desk.wait(minuteMs);
    expect(desk.take([limit], { op: 3 }).admitted).toBe(true);
    expect(desk.used(limit)).toEqual([1]);
  });

  it("forgets old takes, and the oldest of very many", () => {
    const roomy = limitOf("roomy", ["100000/day"]);
    const desk = new Desk();
    desk.take([roomy], { op: 1 });
    desk.wait(minuteMs);
    desk.take([roomy], { op: 2 });
    expect([...desk.ledger.recent.keys()]).toEqual([2]);
    desk.times(5_000, [roomy]);
    expect(desk.ledger.recent.size).toBe(2_048);
  });

  it("keeps one list for takes that charge alike, and another from where they do not", () => {
    const desk = new Desk();
    const items = (op: number) => desk.ledger.recent.get(op)?.items;
    desk.take([limit], { op: 1 });
    desk.take([limit], { op: 2 });
    expect(items(2)).toBe(items(1));
    desk.wait(minuteMs);
    desk.take([limit], { op: 3 });
    expect(items(3)).toEqual([expect.objectContaining({ startAt: desk.nowMs })]);
  });
});

describe("settle", () => {
  const limit = limitOf("all", ["5/minute", "9/day"], { charge: "success", cost: 2 });

  it("refunds what it is told to, in every window", () => {
    const desk = new Desk();
    desk.take([limit]);
    desk.settle(1, { limit: "all", cost: 0 });
    expect(desk.used(limit)).toEqual([0, 0]);
  });

  it("makes final what no outcome changes", () => {
    const desk = new Desk();
    desk.take([limit]);
    desk.settle(1);
    desk.wait(HOLD_MS - 1);
    expect(desk.used(limit)).toEqual([0, 2]);
    desk.wait(1);
    expect(desk.used(limit)).toEqual([0, 2]);
  });

  it.each([
    ["commits", 2, 0],
    ["refunds", 0, 2],
  ])("that %s counts once however often it comes", (_, first, second) => {
    const desk = new Desk();
    desk.times(2, [limit]);
    desk.settle(1, { limit: "all", cost: first });
    const { rows } = desk;
    desk.settle(1, { limit: "all", cost: second });
    desk.settle(1, { limit: "all", cost: 5 });
    expect(desk.used(limit)).toEqual([2 + first, 2 + first]);
    expect(desk.rows).toBe(rows);
  });

  it("charges the true cost: less, or more up to the window's size", () => {
    const estimated = limitOf("tokens", ["10/minute", "100/day"], { cost: 4, costFrom: "x-tokens" });
    const desk = new Desk();
    desk.take([estimated]);
    desk.settle(1, { limit: "tokens", cost: 1 });
    expect(desk.used(estimated)).toEqual([1, 1]);
    desk.take([estimated]);
    desk.settle(2, { limit: "tokens", cost: 30 });
    expect(desk.used(estimated)).toEqual([10, 31]);
  });

  it("changes nothing once the window has rolled over, and still settles the longer one", () => {
    const desk = new Desk("2026-06-15T12:00:59.000Z");
    desk.take([limit]);
    desk.wait(1_000);
    desk.take([limit]);
    desk.settle(1, { limit: "all", cost: 0 });
    expect(desk.used(limit)).toEqual([2, 2]);
  });

  it("of one limit leaves what another holds or has charged", () => {
    const other = limitOf("other", ["9/minute"], { charge: "success" });
    const always = limitOf("always", ["9/minute"]);
    const desk = new Desk();
    desk.take([limit, other, always]);
    desk.settle(1, { limit: "all", cost: 0 }, { limit: "always", cost: 0 });
    expect(desk.used(limit, other, always)).toEqual([0, 0, 1, 1]);
  });

  it("of a take that was never made changes nothing", () => {
    const desk = new Desk();
    desk.take([limit]);
    desk.settle(99, { limit: "all", cost: 0 });
    expect(desk.used(limit)).toEqual([2, 2]);
  });

  it("leaves nothing for a later cancel to give back again", () => {
    const desk = new Desk();
    desk.times(2, [limit]);
    desk.settle(1, { limit: "all", cost: 0 });
    desk.cancel(1);
    expect(desk.used(limit)).toEqual([2, 2]);
  });
});

describe("a hold that nobody settles", () => {
  const limit = limitOf("all", ["3/day"], { charge: "success" });

  it("holds to the last millisecond, and is then given back", () => {
    const desk = new Desk();
    desk.times(3, [limit]);
    desk.wait(HOLD_MS - 1);
    expect(desk.take([limit]).admitted).toBe(false);
    desk.wait(1);
    expect(desk.used(limit)).toEqual([0]);
  });

  it("still charges when its settle comes late, but never above the window's size", () => {
    const desk = new Desk();
    desk.times(2, [limit]);
    desk.wait(HOLD_MS);
    desk.settle(1, { limit: "all", cost: 1 });
    expect(desk.used(limit)).toEqual([1]);
    desk.times(2, [limit]);
    desk.settle(2, { limit: "all", cost: 1 });
    expect(desk.used(limit)).toEqual([3]);
    desk.settle(2, { limit: "all", cost: 0 });
    expect(desk.used(limit)).toEqual([3]);
  });

  it("charges nothing late where its settle refunds", () => {
    const desk = new Desk();
    desk.take([limit]);
    desk.wait(HOLD_MS);
    desk.settle(1, { limit: "all", cost: 0 });
    expect(desk.used(limit)).toEqual([0]);
  });

  it("is forgotten ten minutes after it lapsed", () => {
    const desk = new Desk();
    desk.take([limit]);
    desk.wait(HOLD_MS + 600_000 - 1);
    expect(desk.used(limit)).toEqual([0]);
    expect(desk.ledger.holds.size).toBe(1);
    desk.wait(1);
    desk.settle(1, { limit: "all", cost: 1 });
    expect(desk.used(limit)).toEqual([0]);
    expect(desk.ledger.holds.size).toBe(0);
  });

  it("lapses at its own instant even behind one that lasts longer", () => {
    const desk = new Desk();
    desk.wait(1_000);
    desk.take([limit]);
    desk.wait(-1_000);
    desk.take([limit]);
    desk.wait(HOLD_MS);
    expect(desk.used(limit)).toEqual([1]);
  });

  it("is given back without a row for the request that finds it lapsed", () => {
    const desk = new Desk();
    desk.times(3, [limit]);
    desk.wait(HOLD_MS);
    const { rows } = desk;
    expect(desk.used(limit)).toEqual([0]);
    expect(desk.rows).toBe(rows);
    desk.crash();
    expect(desk.used(limit)).toEqual([0]);
    desk.settle(1, { limit: "all", cost: 1 });
    expect(desk.used(limit)).toEqual([1]);
  });

  it("gives nothing back twice, cancelled after it lapsed", () => {
    const desk = new Desk();
    desk.take([limit]);
    desk.wait(HOLD_MS - 10_000);
    desk.take([limit]);
    desk.wait(10_000);
    desk.cancel(1);
    expect(desk.used(limit)).toEqual([1]);
  });
});

describe("holds", () => {
  const held = limitOf("held", ["5000/minute"], { charge: "success" });

  it("are 1,000 at the most: takes past them are charged for good", () => {
    const desk = new Desk();
    desk.times(1_000, [held]);
    expect(desk.take([held])).toMatchObject({ admitted: true, standings: [{ used: 1_001, held: false }] });
    desk.settle(desk.op, { limit: "held", cost: 0 });
    expect(desk.ledger.holds.size).toBe(1_000);
    expect(desk.ledger.counters.get("held/minute")).toMatchObject({ used: 1_001, held: 1_000 });
  });

  it("make room where one of them lapsed", () => {
    const desk = new Desk();
    desk.times(1_000, [limitOf("held", ["5000/day"], { charge: "success" })]);
    desk.nowMs += HOLD_MS;
    expect(desk.take([held])).toMatchObject({ standings: [{ held: true }] });
    expect(desk.ledger.holds.size).toBe(1_000);
  });
});

describe("cancel", () => {
  const held = limitOf("held", ["3/hour"], { charge: "success" });
  const final = limitOf("final", ["3/hour"], { credits: 1, charge: "always" });

  it("gives back all that a take charged, held or not, once", () => {
    const desk = new Desk();
    desk.ledger.credits = 5;
    desk.times(2, [held, final]);
    desk.cancel(2);
    desk.cancel(2);
    expect(desk.used(held, final)).toEqual([1, 1]);
    expect(desk.ledger.credits).toBe(4);
    desk.crash();
    expect(desk.used(held, final)).toEqual([1, 1]);
    expect(desk.ledger.credits).toBe(4);
  });

  it("leaves what it does not know", () => {
    const desk = new Desk();
    desk.take([final]);
    desk.cancel(2);
    expect(desk.used(final)).toEqual([1]);
  });

  it("lets the same take be made again", () => {
    const desk = new Desk();
    desk.take([final]);
    desk.cancel(1);
    desk.take([final], { op: 1 });
    expect(desk.used(final)).toEqual([1]);
  });

  it("changes nothing once the window has rolled over", () => {
    const desk = new Desk();
    desk.take([final]);
    desk.wait(3_600_000);
    desk.take([final]);
    desk.cancel(1);
    expect(desk.used(final)).toEqual([1]);
  });

  it("of a pending take leaves its windows as they were, one that it would have started too", () => {
    const first = limitOf("first", ["3/minute"], { align: "first" });
    const desk = new Desk();
    desk.take([first, held], { pending: true });
    desk.cancel(1);
    desk.wait(30_000);
    expect(desk.take([first, held]).standings).toMatchObject([
      { used: 1, resetAt: desk.nowMs + minuteMs },
      { used: 1 },
    ]);
  });
});

describe("cancel, of a pending take that would have started a window", () => {
  it("leaves the count of the window before it, for a clock that steps back", () => {
    const limit = limitOf("all", ["1/minute"]);
    const desk = new Desk("2026-06-15T12:00:59.999Z");
    desk.take([limit]);
    desk.wait(1);
    desk.take([limit], { pending: true });
    desk.cancel(2);
    desk.wait(-1);
    expect(desk.take([limit]).admitted).toBe(false);
  });

  it("leaves the window to another take that was made in it", () => {
    const limit = limitOf("all", ["3/minute"], { align: "first" });
    const desk = new Desk();
    desk.take([limit], { pending: true });
    desk.wait(1_000);
    desk.take([limit]);
    desk.cancel(1);
    expect(desk.take([limit]).standings).toMatchObject([{ used: 2, resetAt: desk.nowMs - 1_000 + minuteMs }]);
  });
});

describe("a pending take", () => {
  const final = limitOf("final", ["3/hour"]);
  const held = limitOf("held", ["3/hour"], { charge: "success" });

  it("counts at once, and writes nothing until it is confirmed", () => {
    const desk = new Desk();
    desk.take([final], { pending: true });
    expect(desk.used(final)).toEqual([1]);
    expect(desk.rows).toBe(0);
    desk.confirm(1);
    expect(desk.rows).toBe(1);
    desk.wait(HOLD_MS);
    desk.crash();
    expect(desk.used(final)).toEqual([1]);
  });

  it("writes nothing when it is cancelled", () => {
    const desk = new Desk();
    desk.take([final], { pending: true });
    desk.cancel(1);
    expect(desk.used(final)).toEqual([0]);
    expect(desk.rows).toBe(0);
  });

  it("keeps held, once confirmed, only what the origin's answer decides", () => {
    const desk = new Desk();
    desk.take([final, held], { pending: true });
    desk.confirm(1);
    desk.settle(1, { limit: "held", cost: 0 }, { limit: "final", cost: 0 });
    expect(desk.used(final, held)).toEqual([1, 0]);
  });

  it("can be cancelled after it was confirmed", () => {
    const desk = new Desk();
    desk.take([final, held], { pending: true });
    desk.confirm(1);
    desk.cancel(1);
    expect(desk.used(final, held)).toEqual([0, 0]);
    expect(desk.ledger.holds.size).toBe(0);
  });

  it("is given back by a restart, even if another take's row has it", () => {
    const desk = new Desk();
    desk.take([final], { pending: true });
    desk.take([final]);
    desk.crash();
    expect(desk.used(final)).toEqual([2]);
    desk.wait(HOLD_MS);
    expect(desk.used(final)).toEqual([1]);
  });

  it("does not lapse while others are asked, however long that takes", () => {
    const desk = new Desk();
    desk.take([final, held], { pending: true });
    desk.wait(HOLD_MS + 1);
    expect(desk.used(final, held)).toEqual([1, 1]);
    desk.confirm(1);
    expect(desk.used(final, held)).toEqual([1, 0]);
  });

  it("can be cancelled even after it has been forgotten among very many", () => {
    const roomy = limitOf("roomy", ["9999/hour"]);
    const desk = new Desk();
    desk.take([roomy], { op: 0, pending: true });
    desk.times(3_000, [roomy]);
    desk.cancel(0);
    expect(desk.used(roomy)).toEqual([3_000]);
  });

  it("that asks nothing here leaves nothing behind", () => {
    const desk = new Desk();
    desk.take([], { pending: true });
    desk.confirm(1);
    expect(desk.rows).toBe(0);
    desk.cancel(1);
    expect(desk.ledger.isUnsaved).toBe(false);
  });

  it("survives a reset of its limit in between", () => {
    const desk = new Desk();
    desk.take([final], { pending: true });
    desk.reset();
    desk.take([held]);
    desk.take([final], { pending: true });
    desk.confirm(1);
    expect(refused(desk.claim([{ limit: { ...final, windows: [windowOf("1/hour")] }, cost: 1 }])).firm).toBe(
      false,
    );
    expect(desk.used(final)).toEqual([1]);
  });
});

describe("credits", () => {
  const paid = limitOf("paid", ["9/minute"], { credits: 2 });
  const desk = (credits?: number) => {
    const made = new Desk();
    made.ledger.credits = credits;
    return made;
  };

  it("do not meter a subject that was never given any", () => {
    const never = desk();
    expect(never.take([paid]).admitted).toBe(true);
    expect(never.ledger.credits).toBeUndefined();
    never.crash();
    expect(never.ledger.credits).toBeUndefined();
  });

  it("refuse at 0, and where fewer are left than a request costs, without charging a window", () => {
    for (const credits of [0, 1]) {
      const poor = desk(credits);
      expect(refused(poor.take([paid])).reason).toBe("credits");
      expect(poor.used(paid)).toEqual([0]);
      expect(poor.ledger.credits).toBe(credits);
    }
  });

  it("are not spent by a limit that asks none", () => {
    const broke = desk(0);
    expect(broke.take([limitOf("free", ["9/minute"])]).admitted).toBe(true);
    expect(broke.ledger.credits).toBe(0);
  });

  it("are not spent where a window refuses", () => {
    const rich = desk(5);
    rich.take([paid, limitOf("once", ["1/minute"])]);
    rich.take([paid, limitOf("once", ["1/minute"])]);
    expect(rich.ledger.credits).toBe(3);
  });

  it("are held until the origin has answered, while windows are charged at once", () => {
    const rich = desk(5);
    rich.take([paid]);
    expect(rich.ledger.credits).toBe(3);
    rich.settle(1, { limit: "paid", credits: false });
    expect(rich.ledger.credits).toBe(5);
    expect(rich.used(paid)).toEqual([1]);
  });

  it("are spent for good by a success", () => {
    const rich = desk(5);
    rich.take([paid]);
    rich.settle(1, { limit: "paid", credits: true });
    rich.settle(1, { limit: "paid", credits: false });
    rich.wait(HOLD_MS);
    rich.peek([paid]);
    expect(rich.ledger.credits).toBe(3);
  });

  it("are spent at once and for good by a limit that charges always", () => {
    const rich = desk(5);
    rich.take([{ ...paid, charge: "always" }]);
    expect(rich.ledger.holds.size).toBe(0);
    rich.settle(1, { limit: "paid", credits: false });
    expect(rich.ledger.credits).toBe(3);
  });

  it("come back when the hold lapses, and a late settle charges down to 0", () => {
    const rich = desk(2);
    rich.take([paid]);
    rich.wait(HOLD_MS);
    rich.peek([paid]);
    expect(rich.ledger.credits).toBe(2);
    rich.ledger.credits = 1;
    rich.settle(1, { limit: "paid", credits: true });
    expect(rich.ledger.credits).toBe(0);
  });

  it("come back with a cancel, a reset of the counts in between or not", () => {
    for (const isReset of [false, true]) {
      const rich = desk(5);
      rich.take([paid]);
      if (isReset) rich.reset();
      rich.cancel(1);
      expect(rich.ledger.credits).toBe(5);
    }
  });

  it("are written with every take that spends them", () => {
    const rich = desk(50);
    for (let spent = 1; spent <= 20; spent++) {
      rich.take([limitOf("paid", ["1000/minute"], { credits: 2 })]);
      rich.crash();
      expect(rich.ledger.credits).toBe(50 - 2 * spent);
    }
  });
});

describe("a shadow limit", () => {
  const live = limitOf("live", ["5/minute"]);
  const shadow = limitOf("shadow", ["2/minute", "9/hour"], { mode: "shadow" });

  it("never refuses, takes nothing when full, and is named when it would have refused", () => {
    const desk = new Desk();
    const shadows = [1, 2, 3, 4]
      .map(() => desk.take([live, shadow]))
      .map((decision) => {
        expect(decision.standings.map(({ limit }) => limit)).toEqual(["live"]);
        return decision.admitted ? decision.shadow : "refused";
      });
    expect(shadows).toEqual([undefined, undefined, ["shadow"], ["shadow"]]);
    expect(desk.used({ ...shadow, mode: "enforce" })).toEqual([2, 2]);
    expect(desk.used(live)).toEqual([4]);
  });

  it("counts nothing of a request that is refused", () => {
    const desk = new Desk();
    desk.take([limitOf("none", ["0/day"]), shadow]);
    expect(desk.used({ ...shadow, mode: "enforce" })).toEqual([0, 0]);
  });

  it.each<[string, Partial<Limit>, number, number]>([
    ["plan", { windows: [windowOf("0/minute")] }, 1, 0],
    ["cost", {}, 3, 0],
    ["characters", { maxCharacters: 5 }, 1, 6],
  ])("is named and not charged where its %s would refuse", (_, more, cost, characters) => {
    const desk = new Desk();
    expect(desk.claim([{ limit: { ...shadow, ...more }, cost, characters }])).toMatchObject({
      admitted: true,
      shadow: ["shadow"],
    });
    expect(desk.ledger.counters.size).toBe(0);
  });

  it("is looked at beside the windows that refuse, and never among them", () => {
    const desk = new Desk();
    desk.times(3, [live, shadow]);
    const standing = (size: number, used: number) => ({
      limit: "shadow",
      size,
      used,
      cost: 0,
      isShadow: true,
    });
    for (const limits of [
      [live, shadow],
      [limitOf("none", ["0/day"]), shadow],
    ]) {
      const { standings, shadowStandings } = desk.peek(limits);
      expect(standings.map(({ limit }) => limit)).not.toContain("shadow");
      expect(shadowStandings).toMatchObject([standing(2, 2), standing(9, 2)]);
    }
    expect(desk.peek([live])).not.toHaveProperty("shadowStandings");
    expect(desk.take([live, shadow])).not.toHaveProperty("shadowStandings");
  });

  it("decides each for itself", () => {
    const other = limitOf("other", ["1/minute"], { mode: "shadow" });
    const desk = new Desk();
    desk.take([shadow, other]);
    expect(desk.take([shadow, other])).toMatchObject({ shadow: ["other"] });
    expect(desk.used({ ...shadow, mode: "enforce" }, { ...other, mode: "enforce" })).toEqual([2, 2, 1]);
  });

  it("settles and spends no credits", () => {
    const trial = limitOf("trial", ["2/minute"], { mode: "shadow", charge: "success", credits: 1 });
    const desk = new Desk();
    desk.ledger.credits = 0;
    expect(desk.take([trial]).admitted).toBe(true);
    expect(desk.ledger.credits).toBe(0);
    desk.settle(1, { limit: "trial", cost: 0 });
    expect(desk.used({ ...trial, mode: "enforce" })).toEqual([0]);
  });
});

describe("reset", () => {
  const [a, b] = [limitOf("a", ["3/minute", "3/day"], { charge: "success" }), limitOf("a-b", ["3/minute"])];

  it("clears one limit, and no other whose name begins like it", () => {
    const desk = new Desk();
    desk.times(2, [a, b]);
    desk.reset("a");
    expect(desk.used(a, b)).toEqual([0, 0, 2]);
    desk.crash();
    expect(desk.used(a, b)).toEqual([0, 0, 2]);
  });

  it("clears all", () => {
    const desk = new Desk();
    desk.times(2, [a, b]);
    desk.reset();
    expect(desk.used(a, b)).toEqual([0, 0, 0]);
  });

  it("leaves nothing to give back of what was charged before", () => {
    const desk = new Desk();
    desk.take([a, b]);
    desk.reset();
    desk.take([a, b]);
    desk.settle(1, { limit: "a", cost: 0 });
    desk.cancel(1);
    expect(desk.used(a, b)).toEqual([1, 1, 1]);
    desk.settle(2, { limit: "a", cost: 0 });
    expect(desk.used(a, b)).toEqual([0, 0, 1]);
  });

  it("keeps when the windows end, and the credits", () => {
    const first = limitOf("first", ["3/minute"], { align: "first" });
    const desk = new Desk("2026-06-15T12:00:30.000Z");
    desk.ledger.credits = 3;
    desk.take([first]);
    desk.wait(1_000);
    desk.reset();
    expect(desk.take([first]).standings).toMatchObject([{ resetAt: Date.parse("2026-06-15T12:01:30.000Z") }]);
    expect(desk.ledger.credits).toBe(3);
  });
});

describe("a limit changed in mid-window", () => {
  const limit = limitOf("all", ["3/hour"]);
  const sized = (size: number) => ({ ...limit, windows: [windowOf(`${size}/hour`)] });

  it("keeps its counts when it is raised", () => {
    const desk = new Desk();
    desk.times(3, [limit]);
    expect(desk.times(9, [sized(5)])).toBe(2);
  });

  it("refuses when it is lowered below them, until the window ends", () => {
    const desk = new Desk();
    desk.times(3, [limit]);
    expect(refused(desk.take([sized(2)]))).toMatchObject({
      reason: "rate",
      firm: true,
      standings: [{ used: 3, size: 2 }],
    });
    desk.wait(3_600_000);
    expect(desk.times(9, [sized(2)])).toBe(2);
  });

  it("refunds and charges by what was held, however its size changed since", () => {
    const held = limitOf("all", ["5/hour"], { charge: "success", cost: 2 });
    const desk = new Desk();
    desk.times(2, [held]);
    desk.settle(1, { limit: "all", cost: 0 });
    const lowered = { ...held, windows: [windowOf("1/hour")], cost: 1 };
    expect(desk.used(lowered)).toEqual([2]);
    desk.settle(2, { limit: "all", cost: 9 });
    expect(desk.used(lowered)).toEqual([5]);
  });

  it("keeps the span it is in when its alignment changes", () => {
    const desk = new Desk("2026-06-15T12:30:00.000Z");
    desk.take([limit]);
    expect(desk.used({ ...limit, align: "first" })).toEqual([1]);
  });

  it("counts a window of another length from nothing", () => {
    const desk = new Desk();
    desk.times(3, [limit]);
    expect(desk.times(9, [{ ...limit, windows: [windowOf("3/hour"), windowOf("4/day")] }])).toBe(0);
    expect(desk.times(9, [{ ...limit, windows: [windowOf("4/day")] }])).toBe(4);
  });
});

describe("overAt", () => {
  it("is the end of the last window or hold", () => {
    const desk = new Desk("2026-06-15T12:00:00.000Z");
    expect(desk.ledger.overAt()).toBe(0);
    desk.take([limitOf("short", ["3/minute"], { charge: "success" })]);
    expect(desk.ledger.overAt()).toBe(desk.nowMs + HOLD_MS);
    desk.take([limitOf("long", ["3/hour"])]);
    expect(desk.ledger.overAt()).toBe(Date.parse("2026-06-15T13:00:00.000Z"));
  });
});
