import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Ledger } from "../../src/core/ledger.ts";
import type { Limit } from "../../src/core/policy.ts";
import { packExactly, packLedger, unpackLedger } from "../../src/core/row.ts";
import { limitOf } from "./support/build.ts";
import { Desk, HOLD_MS } from "./support/desk.ts";
import { Truth } from "./support/truth.ts";

const at = "2026-06-15T12:00:00.000Z";
const share = 0.05;
const busy = limitOf("busy", ["1000/minute", "10000/hour"]);

/** Runs a subject that asks every 10 ms, and settles its burst as an object does. Says what it admitted and wrote. */
function run(desk: Desk, limits: readonly Limit[], seconds: number): { admitted: number; rows: number } {
  let admitted = 0;
  for (let tick = 0; tick < seconds * 100; tick++) {
    if (desk.take(limits).admitted) admitted++;
    desk.wait(10);
    if (desk.ledger.isAhead() && desk.ledger.pace.isQuiet(desk.nowMs)) desk.rest();
  }
  return { admitted, rows: desk.rows };
}

describe("packLedger", () => {
  it.each([1, 2, 5])("writes exactly one row for each take of a slow subject with %i windows", (windows) => {
    const lengths = ["minute", "hour", "day", "month", "5 minutes"].slice(0, windows);
    const limit = limitOf(
      "slow",
      lengths.map((length) => `10000/${length}`),
    );
    const desk = new Desk(at, share);
    for (let take = 1; take <= 50; take++) {
      desk.take([limit]);
      expect(desk.rows).toBe(take);
      const [counters] = desk.row ?? [[]];
      expect(counters.map(([, , , , ahead]) => ahead)).toEqual(lengths.map(() => 0));
      desk.wait(4_000);
    }
  });

  it.each<[string, readonly Limit[]]>([
    ["alone", [busy]],
    ["with a shadow limit beside its own", [busy, limitOf("shadow", ["2000/minute"], { mode: "shadow" })]],
    ["of two limits", [busy, limitOf("other", ["5000/5 minutes"])]],
  ])("writes at most 40 rows for 1,000 takes of a busy subject %s", (_, limits) => {
    const { admitted, rows } = run(new Desk(at, share), limits, 180);
    expect(admitted).toBe(3_000);
    expect(rows / admitted).toBeLessThanOrEqual(0.04);
  });

  it("writes at most 40 rows for 1,000 takes of a busy subject whose answers settle them 100 ms later", () => {
    const desk = new Desk(at, share);
    const held: Limit = { ...busy, charge: "success" };
    for (let tick = 1; tick <= 1_000; tick++) {
      expect(desk.take([held]).admitted).toBe(true);
      desk.settle(tick - 10);
      desk.wait(10);
    }
    expect(desk.rows).toBeLessThanOrEqual(40);
  });

  it("reserves for a second's takes and no more than the share of the smallest window", () => {
    const desk = new Desk(at, share);
    run(desk, [busy], 5);
    const aheads = (desk.row?.[0] ?? []).map(([, , , , ahead]) => ahead);
    expect(aheads).toEqual([50, 50]);
  });

  it("never reserves past a window's size", () => {
    const desk = new Desk(at, share);
    for (let take = 1; take <= 1_000; take++) {
      expect(desk.take([busy]).admitted).toBe(true);
      expect(desk.row?.[0][0]?.[3]).toBeLessThanOrEqual(1_000);
    }
    expect(desk.take([busy]).admitted).toBe(false);
  });

  it("writes a row a take, and loses nothing, where the share is 0", () => {
    const desk = new Desk(at, 0);
    for (let take = 1; take <= 100; take++) {
      desk.take([busy]);
      desk.crash();
      expect(desk.used(busy)).toEqual([take, take]);
    }
    expect(desk.rows).toBe(100);
  });

  it.each<[string, Limit, number | undefined]>([
    ["a billing period", limitOf("paid", ["1000/minute", "10000/billing period"]), undefined],
    ["credits", { ...busy, credits: 1 }, 5_000],
  ])("writes a row a take, and loses nothing, where it spends %s", (_, limit, credits) => {
    const desk = new Desk(at, share);
    desk.ledger.credits = credits;
    for (let take = 1; take <= 100; take++) {
      desk.take([limit]);
      expect(desk.rows).toBe(take);
      desk.crash();
      expect(desk.used(limit)).toEqual([take, take]);
      expect(desk.ledger.credits).toBe(credits && credits - take);
    }
  });

  it("writes a take's row for another limit without losing what is reserved", () => {
    const desk = new Desk(at, share);
    run(desk, [busy], 2);
    const reserved = () => new Map((desk.row?.[0] ?? []).map(([id, , , stored]) => [id, stored]));
    const before = reserved().get("busy/minute");
    desk.take([limitOf("other", ["3/day"])]);
    expect(reserved().get("busy/minute")).toBe(before);
  });

  it("drops a window a minute after its end, but never a billing period", () => {
    const limit = limitOf("all", ["9/minute", "9/billing period"]);
    const desk = new Desk(at);
    const other = limitOf("other", ["9/month"]);
    const ids = () => (desk.row?.[0] ?? []).map(([id]) => id);
    desk.take([limit]);
    desk.wait(119_999);
    desk.take([other]);
    expect(ids()).toEqual(["all/minute", "all/billing period", "other/month"]);
    desk.wait(1);
    desk.take([other]);
    expect(ids()).toEqual(["all/billing period", "other/month"]);
    desk.wait(90 * 86_400_000);
    desk.take([other]);
    expect(ids()).toEqual(["all/billing period", "other/month"]);
  });

  it("stores the last 16 takes of the last 30 s", () => {
    const desk = new Desk(at);
    desk.times(20, [busy]);
    expect(desk.row?.[2]).toHaveLength(16);
    desk.wait(30_000);
    desk.take([busy]);
    expect(desk.row?.[2]).toEqual([[21, desk.nowMs]]);
  });
});

describe("packExactly", () => {
  it("ends a burst: a crash then loses nothing", () => {
    const desk = new Desk(at, share);
    run(desk, [busy], 3);
    desk.rest();
    expect(desk.ledger.isAhead()).toBe(false);
    desk.crash();
    expect(desk.used(busy)).toEqual([300, 300]);
    expect(desk.ledger.counters.get("busy/minute")?.lost).toBe(0);
  });

  it("reserves again only after a take", () => {
    const held = { ...busy, charge: "success" } as const;
    const desk = new Desk(at, share);
    run(desk, [held], 3);
    desk.rest();
    desk.settle(1, { limit: "busy", cost: 0 });
    expect((desk.row?.[0] ?? []).map(([, , , stored, ahead]) => [stored, ahead])).toEqual([
      [299, 0],
      [299, 0],
    ]);
  });
});

describe("unpackLedger", () => {
  it("takes what was written ahead as used, and counts it as lost", () => {
    const desk = new Desk(at, share);
    run(desk, [busy], 5);
    const [minute] = desk.row?.[0] ?? [];
    const before = desk.used(busy)[0] ?? 0;
    desk.crash();
    expect(desk.used(busy)[0]).toBe(minute?.[3]);
    expect(desk.used(busy)[0]).toBeGreaterThanOrEqual(before);
    expect(desk.ledger.counters.get("busy/minute")?.lost).toBe(minute?.[4]);
  });

  it("restores what packLedger wrote: packed again it is the same row", () => {
    const held = limitOf("held", ["9/hour"], { charge: "success", credits: 1 });
    const desk = new Desk(at);
    desk.ledger.credits = 9;
    desk.times(3, [busy, held]);
    desk.wait(HOLD_MS);
    desk.take([held]);
    desk.crash();
    const row = structuredClone(packLedger(desk.ledger, desk.nowMs, 0));
    const again = new Ledger();
    unpackLedger(again, row);
    expect(packExactly(again, desk.nowMs)).toEqual(row);
    expect(again.credits).toBe(8);
  });

  it("keeps what was held on exact counts, to be settled as before", () => {
    const held = limitOf("held", ["9/hour"], { charge: "success", credits: 1 });
    const desk = new Desk(at, share);
    desk.ledger.credits = 9;
    desk.times(3, [held]);
    desk.crash();
    desk.settle(1, { limit: "held", cost: 0, credits: false });
    desk.settle(2);
    expect(desk.used(held)).toEqual([2]);
    expect(desk.ledger.credits).toBe(7);
    desk.crash();
    desk.wait(HOLD_MS);
    expect(desk.used(held)).toEqual([1]);
    expect(desk.ledger.credits).toBe(8);
    desk.crash();
    desk.settle(3, { limit: "held", cost: 1 });
    expect(desk.used(held)).toEqual([2]);
  });

  it("charges what was held on counts written ahead, for it may have been settled since", () => {
    const held = { ...busy, charge: "success" } as const;
    const desk = new Desk(at, share);
    run(desk, [held], 1);
    for (let op = 1; op <= 100; op++) desk.settle(op);
    run(desk, [held], 0.3);
    const [minute] = desk.row?.[0] ?? [];
    expect(minute?.[4]).toBeGreaterThan(0);
    desk.crash();
    for (let op = 101; op <= 130; op++) desk.settle(op, { limit: "busy", cost: 0 });
    expect(desk.used(held)[0]).toBe(minute?.[3]);
    expect(minute?.[3]).toBeGreaterThanOrEqual(130);
  });

  it("leaves an empty row's ledger empty", () => {
    const ledger = new Ledger();
    unpackLedger(ledger, packLedger(new Ledger(), 0, share));
    expect([ledger.counters.size, ledger.holds.size, ledger.credits, ledger.isUnsaved]).toEqual([
      0,
      0,
      undefined,
      false,
    ]);
  });
});

const governed = fc.subarray([0, 1, 2, 3], { minLength: 1 });
/** What may happen to a subject: limits by their index, earlier takes counted from the last. */
const events = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant("burst" as const),
        limits: governed,
        takes: fc.integer({ min: 1, max: 60 }),
        everyMs: fc.constantFrom(0, 5, 10, 100, 2_000),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("unanswered" as const), limits: governed }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant("pending" as const),
        limits: governed,
        confirmed: fc.boolean(),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant("settle" as const),
        takes: fc.integer({ min: 1, max: 60 }),
        cost: fc.integer({ min: 0, max: 2 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("cancel" as const), take: fc.nat(20) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("wait" as const),
        ms: fc.constantFrom(50, 900, 20_000, 100_000, 400_000),
      }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("crash" as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("rest" as const) }) },
  ),
  { minLength: 5, maxLength: 40 },
);

const limits: readonly Limit[] = [
  limitOf("busy", ["200/minute", "600/hour"]),
  limitOf("held", ["200/5 minutes", "300/hour"], { charge: "success", cost: 2 }),
  limitOf("costly", ["400/hour"], { cost: 3 }),
  limitOf("first", ["100/minute"], { align: "first" }),
];

describe("a subject whose object dies at any time", () => {
  it.each([0, 0.05, 0.5])(
    "admits no more than a window's size, and with a share of %d loses no more",
    (part) => {
      fc.assert(
        fc.property(events, (happenings) => {
          const truth = new Truth(limits, part);
          for (const event of happenings) {
            if (event.kind === "burst") truth.burst(event.limits, event.takes, event.everyMs);
            else if (event.kind === "unanswered") truth.unanswered(event.limits);
            else if (event.kind === "pending") truth.pending(event.limits, event.confirmed);
            else if (event.kind === "settle") truth.settle(event.takes, event.cost);
            else if (event.kind === "cancel") truth.cancel(event.take);
            else if (event.kind === "wait") truth.desk.wait(event.ms);
            else if (event.kind === "crash") truth.desk.crash();
            else truth.desk.rest();
            for (const { id, size, used, really, returning, lost } of truth.windows()) {
              expect(really, `${id} over-admits`).toBeLessThanOrEqual(size);
              expect(used, `${id} forgets`).toBeGreaterThanOrEqual(really);
              expect(used - really - returning, `${id} loses more than it says`).toBeLessThanOrEqual(lost);
              expect(lost, `${id} loses more than its share`).toBeLessThanOrEqual(Math.floor(size * part));
            }
          }
        }),
        { numRuns: 100 },
      );
    },
  );
});
