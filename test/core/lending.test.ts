import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Leases } from "../../src/core/lease.ts";
import { Ledger } from "../../src/core/ledger.ts";
import { endLease, endsAt, type Loan, leasesOf, lend } from "../../src/core/lending.ts";
import type { Limit } from "../../src/core/policy.ts";
import { AHEAD_MS } from "../../src/core/reserve.ts";
import { packLedger, unpackLedger } from "../../src/core/row.ts";
import { limitOf } from "./support/build.ts";
import { Desk } from "./support/desk.ts";

const large = limitOf("large", ["5000/minute"]);
const loan: Loan = {
  holder: "key",
  expected: 1_000,
  forMs: 5_000,
  share: 0.05,
  untilAt: Date.parse("2026-06-15T12:00:10.000Z"),
};

/** An account, each of whose keys has at most one lease. */
class Account {
  readonly desk = new Desk();
  /** Takes that were made, from leases too. */
  taken = 0;
  readonly #limit: Limit;
  readonly #leases = new Map<number, number>();

  constructor(limit: Limit) {
    this.#limit = limit;
  }

  /** A key's take: it ends the lease that the key had, so much of it spent, and asks for the next. */
  serve(key: number, wanted: Loan, spentPart: number): void {
    const { ledger } = this.desk;
    const lease = this.#leases.get(key);
    const spent = Math.floor(this.#takesOf(lease) * spentPart);
    if (lease !== undefined) endLease(ledger, lease, spent);
    this.taken += spent + (this.desk.take([this.#limit]).admitted ? 1 : 0);
    lend(ledger, this.desk.op, wanted);
    this.#leases.set(key, -this.desk.op);
  }

  /** Takes that are out, key by key. */
  lent(): number[] {
    return [...this.#leases.values()].map((id) => this.#takesOf(id));
  }

  #takesOf(lease: number | undefined): number {
    return leasesOf(this.desk.ledger).find(({ id }) => id === lease)?.takes ?? 0;
  }
}

function used(desk: Desk, id = "large/minute"): number | undefined {
  return desk.ledger.counters.get(id)?.used;
}

describe("lend", () => {
  it("charges what it lends beforehand: a quarter of what restarts may cost", () => {
    const desk = new Desk();
    desk.take([large]);
    expect(lend(desk.ledger, desk.op, loan)).toBe(62);
    expect(used(desk)).toBe(63);
    expect(desk.ledger.isUnsaved).toBe(true);
  });

  it.each([
    ["all of it in as long", 6, AHEAD_MS, 6],
    ["half of it in half the time", 6, AHEAD_MS / 2, 3],
    ["one take in next to no time", 6, 1, 1],
    ["nothing once the window is over", 6, 0, 0],
    ["nothing where it expects nothing", 0, AHEAD_MS, 0],
  ])("lends of what a key expects %s", (_, expected, forMs, takes) => {
    const desk = new Desk();
    desk.take([large]);
    expect(lend(desk.ledger, desk.op, { ...loan, expected, forMs })).toBe(takes);
  });

  it("lends each of an account's keys as many as any other, give or take one, however many each wants", () => {
    const account = new Account(limitOf("account", ["20000/minute"]));
    for (let turn = 0; turn < 40 * 20; turn++) account.serve(turn % 20, loan, 0);
    const lent = account.lent();
    expect([Math.min(...lent), Math.max(...lent)]).toEqual([43, 44]);
  });

  it("never has more out than the share of the window, nor more than remains, whoever asks and spends what", () => {
    const turn = fc.record({
      key: fc.integer({ min: 0, max: 9 }),
      expected: fc.integer({ min: 0, max: 200 }),
      forMs: fc.integer({ min: 0, max: 5_000 }),
      spentPart: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 100 }), (turns) => {
        const account = new Account(limitOf("account", ["300/minute"]));
        for (const { key, expected, forMs, spentPart } of turns) {
          account.serve(key, { ...loan, share: 0.5, expected, forMs }, spentPart);
          const out = account.lent().reduce((sum, takes) => sum + takes, 0);
          expect(out).toBeLessThanOrEqual(150);
          expect(used(account.desk, "account/minute")).toBe(account.taken + out);
          expect(account.taken + out).toBeLessThanOrEqual(300);
        }
      }),
    );
  });

  it("lends nothing of a full window", () => {
    const desk = new Desk();
    desk.times(5_000, [large]);
    expect(lend(desk.ledger, desk.op, loan)).toBe(0);
  });

  it.each([
    ["a billing period", limitOf("paid", ["5000/billing period"])],
    ["what waits for the origin's answer", limitOf("held", ["5000/minute"], { charge: "success" })],
  ])("lends nothing of %s", (_of, limit) => {
    const desk = new Desk();
    desk.take([limit]);
    expect(lend(desk.ledger, desk.op, loan)).toBe(0);
  });

  it("lends nothing where credits are spent", () => {
    const desk = new Desk();
    desk.ledger.credits = 100;
    desk.take([limitOf("credits", ["5000/minute"], { credits: 1, charge: "always" })]);
    expect(lend(desk.ledger, desk.op, loan)).toBe(0);
  });

  it("lends once for a take that is delivered twice", () => {
    const desk = new Desk();
    desk.take([large]);
    expect(lend(desk.ledger, desk.op, loan)).toBe(62);
    expect(lend(desk.ledger, desk.op, loan)).toBe(0);
  });

  it("says until when: the end of the first window", () => {
    const desk = new Desk();
    desk.take([limitOf("both", ["5000/minute", "90000/hour"])]);
    expect(endsAt(desk.ledger, desk.op)).toBe(Date.parse("2026-06-15T12:01:00.000Z"));
  });
});

describe("endLease", () => {
  it("gives back what was not spent, once", () => {
    const desk = new Desk();
    desk.take([limitOf("large", ["5000/minute"], { cost: 3 })]);
    const takes = lend(desk.ledger, desk.op, loan);
    expect(used(desk)).toBe(3 + 3 * takes);
    endLease(desk.ledger, -desk.op, 7);
    endLease(desk.ledger, -desk.op, 0);
    expect(used(desk)).toBe(3 + 3 * 7);
    expect(leasesOf(desk.ledger)).toEqual([]);
  });

  it("changes nothing once the window has rolled over", () => {
    const desk = new Desk();
    desk.take([large]);
    lend(desk.ledger, desk.op, loan);
    const id = -desk.op;
    desk.nowMs += 60_000;
    desk.take([large]);
    endLease(desk.ledger, id, 0);
    expect(used(desk)).toBe(1);
  });
});

describe("a lease", () => {
  it("of which nothing is heard in time is spent, and counted as lost", () => {
    const desk = new Desk();
    desk.take([large]);
    lend(desk.ledger, desk.op, loan);
    desk.nowMs += 10_000;
    desk.take([large]);
    expect(used(desk)).toBe(64);
    expect(desk.ledger.counters.get("large/minute")?.lost).toBe(62);
    expect(leasesOf(desk.ledger)).toEqual([]);
  });

  it("leaves a refusal open: what is lent may come back", () => {
    const desk = new Desk();
    const small = limitOf("small", ["100/minute"]);
    desk.times(90, [small]);
    lend(desk.ledger, desk.op, { ...loan, share: 0.4 });
    const refusal = { ...desk.claim([{ limit: small, cost: 9 }]) };
    expect(refusal).toMatchObject({ admitted: false, firm: false });
  });

  it("survives a restart with its holder, to be called back", () => {
    const desk = new Desk();
    desk.take([large]);
    lend(desk.ledger, desk.op, loan);
    const restarted = new Ledger();
    unpackLedger(restarted, structuredClone(packLedger(desk.ledger, desk.nowMs, 0)));
    expect(leasesOf(restarted)).toEqual([{ id: -desk.op, holder: "key", takes: 62 }]);
    endLease(restarted, -desk.op, 0);
    expect(restarted.counters.get("large/minute")?.used).toBe(1);
  });
});

describe("Leases", () => {
  const asks = [{ limit: "large" }];
  const standing = {
    limit: "large",
    window: "minute",
    size: 5_000,
    used: 10,
    cost: 1,
    held: false,
    resetAt: 60_000,
    lengthMs: 60_000,
  };
  const grant = { id: -1, takes: 2, forMs: 5_000 };

  it("are spent take by take, each standing one further", () => {
    const leases = new Leases();
    leases.keep(grant, asks, [standing], 0);
    expect([1, 2, 3].map((op) => leases.spend(op, asks, 100)?.standings[0]?.used)).toEqual([
      11,
      12,
      undefined,
    ]);
    expect(leases.end(asks)).toEqual({ id: -1, takes: 2 });
    expect(leases.end(asks)).toBeUndefined();
  });

  it("are over by the key's clock, counted from the question", () => {
    const leases = new Leases();
    leases.keep(grant, asks, [standing], 1_000);
    expect(leases.spend(1, asks, 5_999)).toBeDefined();
    expect(leases.spend(2, asks, 6_000)).toBeUndefined();
  });

  it("serve only asks like those they came with", () => {
    const leases = new Leases();
    leases.keep(grant, asks, [standing], 0);
    expect(leases.spend(1, [{ limit: "other" }], 0)).toBeUndefined();
    expect(leases.spend(1, [{ limit: "large", calls: 2 }], 0)).toBeUndefined();
    expect(leases.spend(1, [{ limit: "large", characters: 9 }], 0)).toBeUndefined();
  });

  it("can be called back, after which nothing of them is spent", () => {
    const leases = new Leases();
    leases.keep(grant, asks, [standing], 0);
    leases.spend(1, asks, 0);
    expect(leases.endById(-1)).toEqual({ id: -1, takes: 1 });
    expect(leases.endById(-1)).toBeUndefined();
    expect(leases.spend(1, asks, 0)).toBeUndefined();
  });

  it("take back what was spent for a request that is refused after all, once, to be spent again", () => {
    const leases = new Leases();
    leases.keep(grant, asks, [standing], 0);
    for (const op of [1, 2]) leases.spend(op, asks, 0);
    expect([leases.giveBack(1), leases.giveBack(1)]).toEqual([true, false]);
    expect([3, 4].map((op) => leases.spend(op, asks, 0)?.standings[0]?.used)).toEqual([12, undefined]);
    expect(leases.end(asks)).toEqual({ id: -1, takes: 2 });
    expect(leases.giveBack(3)).toBe(false);
  });
});
