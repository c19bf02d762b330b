import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addMonths, dayMs } from "../../src/core/calendar.ts";
import type { Outcome } from "../../src/core/holds.ts";
import { Ledger } from "../../src/core/ledger.ts";
import type { Override, Plan } from "../../src/core/plan.ts";
import type { Limit } from "../../src/core/policy.ts";
import { packLedger, unpackLedger } from "../../src/core/row.ts";
import { Subject } from "../../src/core/subject.ts";
import { limitOf, rulesOf, windowOf } from "./support/build.ts";
import { Model } from "./support/model.ts";

const names = ["a", "b", "c"] as const;
const starts = ["2026-06-15T12:00:30.000Z", "2028-02-28T23:59:58.500Z", "2026-12-31T23:30:00.000Z"];
/** How far the clock may step back and find every count again. */
const stepBackMs = 60_000;

const size = fc.integer({ min: 1, max: 9 });
const lengths = ["second", "minute", "5 minutes", "hour", "day", "month", "3 months", "billing period"];
const windows = fc
  .tuple(fc.subarray(lengths, { minLength: 1, maxLength: 3 }), fc.array(size, { minLength: 3, maxLength: 3 }))
  .map(([chosen, sizes]) => chosen.map((length, index) => `${sizes[index]}/${length}`));
const limit = (name: string) =>
  fc
    .record(
      {
        align: fc.constantFrom("clock" as const, "first" as const),
        cost: fc.constantFrom(1, 1, 2, 3),
        charge: fc.constantFrom("always" as const, "success" as const),
        credits: fc.constantFrom(0, 1, 2),
        costFrom: fc.constant("x-cost"),
        mode: fc.constantFrom("enforce" as const, "enforce" as const, "shadow" as const),
      },
      { requiredKeys: ["align", "cost"] },
    )
    .chain((more) => windows.map((of) => limitOf(name, of, more)));
const limits = fc.tuple(...names.map(limit));
const override: fc.Arbitrary<Override> = fc.record(
  {
    windows: fc
      .tuple(fc.subarray(lengths, { minLength: 1, maxLength: 3 }), fc.integer({ min: 0, max: 12 }))
      .map(([of, count]) => of.map((length) => windowOf(`${count}/${length}`))),
    cost: fc.integer({ min: 1, max: 3 }),
  },
  { requiredKeys: [] },
);
const plan = fc.record({
  overrides: fc.dictionary(fc.constantFrom(...names), override, { noNullPrototype: true }),
  /** Days from now. */
  billing: fc.option(fc.integer({ min: -40, max: 40 })),
});

const governed = fc.subarray([...names], { minLength: 1 });
const outcomes: fc.Arbitrary<Outcome[]> = fc
  .tuple(
    ...names.map((name) =>
      fc.record(
        { limit: fc.constant(name), cost: fc.integer({ min: 0, max: 6 }), credits: fc.boolean() },
        { requiredKeys: ["limit"] },
      ),
    ),
  )
  .chain((all) => fc.subarray(all));
const kind = <const Kind extends string>(value: Kind) => ({ kind: fc.constant(value) });
const step = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ ...kind("take"), names: governed, holdForMs: fc.constantFrom(5_000, 300_000) }),
  },
  { weight: 2, arbitrary: fc.record({ ...kind("pending"), names: governed, confirmed: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ ...kind("settle"), back: fc.nat(12), outcomes }) },
  { weight: 2, arbitrary: fc.record(kind("again")) },
  { weight: 2, arbitrary: fc.record(kind("cancel")) },
  { weight: 3, arbitrary: fc.record(kind("evict")) },
  {
    weight: 1,
    arbitrary: fc.record({
      ...kind("reset"),
      limit: fc.option(fc.constantFrom(...names), { nil: undefined }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ ...kind("plan"), plan }) },
  { weight: 1, arbitrary: fc.record({ ...kind("credits"), credits: fc.nat(8) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      ...kind("wait"),
      ms: fc.oneof(
        fc.integer({ min: 0, max: 3_000 }),
        fc.constantFrom(5_000, 60_000, 300_000, 905_000, 3_600_000, dayMs, 20 * dayMs, 100 * dayMs),
      ),
    }),
  },
  { weight: 3, arbitrary: fc.record({ ...kind("edge"), index: fc.nat(8), earlyMs: fc.constantFrom(0, 1) }) },
  { weight: 1, arbitrary: fc.record({ ...kind("back"), ms: fc.integer({ min: 1, max: stepBackMs }) }) },
);
type Step = typeof step extends fc.Arbitrary<infer Of> ? Of : never;

/** Drives a subject and the model through the same steps, and expects the same of both at every one. */
class Pair {
  readonly #limits: readonly Limit[];
  readonly #model: Model;
  #subject = new Subject();
  #nowMs: number;
  #latestMs: number;
  #op = 0;
  /** The last take that was admitted, as long as nothing could have made the subject forget what it charged. */
  #last:
    | { readonly op: number; readonly names: readonly string[]; readonly at: number; whole: boolean }
    | undefined;

  constructor(all: readonly Limit[], start: string) {
    this.#limits = all;
    this.#model = new Model(all);
    this.#nowMs = this.#latestMs = Date.parse(start);
  }

  step(of: Step): void {
    if (of.kind === "take") this.#take(of.names, of.holdForMs);
    else if (of.kind === "pending") this.#pending(of.names, of.confirmed);
    else if (of.kind === "settle") this.#settle(this.#op - of.back, of.outcomes);
    else if (of.kind === "again") this.#again();
    else if (of.kind === "cancel") this.#cancel();
    else if (of.kind === "evict") this.#evict();
    else if (of.kind === "reset") this.#reset(of.limit);
    else if (of.kind === "plan") this.#adopt(of.plan);
    else if (of.kind === "credits") this.#subject.ledger.credits = this.#model.credits = of.credits;
    else if (of.kind === "wait") this.#goTo(this.#nowMs + of.ms);
    else if (of.kind === "edge")
      this.#goTo((this.#peek().standings[of.index]?.resetAt ?? this.#nowMs) - of.earlyMs);
    else this.#goTo(Math.max(this.#latestMs - stepBackMs, this.#nowMs - of.ms));
    this.#compare();
  }

  #take(of: readonly string[], holdForMs: number, pending = false): boolean {
    const op = ++this.#op;
    const terms = { op, holdUntilAt: this.#nowMs + holdForMs, pending };
    const decision = this.#subject.take(this.#asks(of), this.#rules(), undefined, this.#nowMs, terms);
    expect(decision).toEqual(this.#model.take(of, op, this.#nowMs, holdForMs, pending));
    if (decision.admitted) this.#last = { op, names: of, at: this.#nowMs, whole: true };
    return decision.admitted;
  }

  #pending(of: readonly string[], confirmed: boolean): void {
    const op = this.#op + 1;
    if (!this.#take(of, 300_000, true)) return;
    const last = this.#last;
    this.#take(["a"], 5_000);
    for (const one of [this.#subject.ledger, this.#model]) {
      if (confirmed) one.confirm(op);
      else one.cancel(op);
    }
    if (!confirmed && this.#last === last) this.#last = undefined;
  }

  #settle(op: number, of: readonly Outcome[]): void {
    this.#subject.ledger.settle(op, of, this.#nowMs);
    this.#model.settle(op, of, this.#nowMs);
    if (this.#last?.op === op) this.#last.whole = false;
  }

  #again(): void {
    const last = this.#last;
    if (last === undefined || this.#latestMs - last.at >= 30_000) return;
    const terms = { op: last.op, holdUntilAt: this.#nowMs + 1 };
    const decision = this.#subject.take(this.#asks(last.names), this.#rules(), undefined, this.#nowMs, terms);
    expect(decision).toEqual(this.#model.take(last.names, last.op, this.#nowMs, 1, false));
  }

  #cancel(): void {
    const last = this.#last;
    if (!last?.whole || this.#latestMs - last.at >= 30_000) return;
    this.#subject.ledger.cancel(last.op);
    this.#model.cancel(last.op);
    this.#last = undefined;
  }

  /** The object leaves memory without notice, and its row is all there is. */
  #evict(): void {
    const { ledger, plan: of } = this.#subject;
    const row = structuredClone(packLedger(ledger, this.#nowMs, 0));
    this.#subject = new Subject();
    this.#subject.plan = of;
    unpackLedger(this.#subject.ledger, row);
    if (this.#last) this.#last.whole = false;
  }

  #reset(name: string | undefined): void {
    this.#subject.ledger.reset(name);
    this.#model.reset(name);
  }

  #adopt({ overrides, billing }: Omit<typeof plan extends fc.Arbitrary<infer Of> ? Of : never, never>): void {
    const nextBillingAt = billing === null ? null : this.#nowMs + billing * dayMs;
    const of: Plan = { overrides, nextBillingAt };
    this.#subject.adopt(of, undefined, this.#nowMs);
    this.#model.adopt(of, this.#nowMs);
  }

  #goTo(nowMs: number): void {
    this.#nowMs = Math.max(nowMs, this.#latestMs - stepBackMs);
    this.#latestMs = Math.max(this.#latestMs, this.#nowMs);
  }

  #compare(): void {
    expect(this.#peek()).toEqual(this.#model.peek(names, this.#nowMs));
    const { counters, credits } = this.#subject.ledger;
    expect(credits).toBe(this.#model.credits);
    for (const [id, { startAt, used }] of counters) {
      const [name = "", window = ""] = id.split("/");
      if (this.#model.spans.get(id)?.startAt === startAt)
        expect([id, used]).toEqual([id, this.#model.used(name, window)]);
      else expect([id, used]).toEqual([id, 0]);
    }
  }

  #peek() {
    return this.#subject.peek(this.#asks(names), this.#rules(), undefined, this.#nowMs);
  }

  #asks(of: readonly string[]) {
    return this.#limits.filter(({ name }) => of.includes(name)).map(({ name }) => ({ limit: name }));
  }

  #rules() {
    return rulesOf(this.#limits);
  }
}

describe("a subject", () => {
  it("decides as the reference model does, in more than 10,000 steps of everything that can happen to it", () => {
    fc.assert(
      fc.property(
        limits,
        fc.constantFrom(...starts),
        fc.array(step, { minLength: 1, maxLength: 200, size: "max" }),
        (all, start, steps) => {
          const pair = new Pair(all, start);
          for (const of of steps) pair.step(of);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("admits after exactly the wait it was told, and not one millisecond earlier", () => {
    const firm = windows.chain((of) =>
      fc.constantFrom("clock" as const, "first" as const).map((align) => limitOf("all", of, { align })),
    );
    const waits = fc.array(fc.constantFrom(0, 0, 0, 1, 700, 40_000, 2_000_000, dayMs), {
      minLength: 10,
      maxLength: 40,
    });
    const anchor = fc.option(
      fc.integer({ min: -40, max: 40 }).map((months) => addMonths(Date.parse(starts[1] ?? ""), months)),
    );
    fc.assert(
      fc.property(firm, fc.constantFrom(...starts), anchor, waits, (of, start, anchorAt, all) => {
        const ledger = new Ledger();
        const claims = [{ limit: of, cost: 1 }];
        let nowMs = Date.parse(start);
        for (const [op, ms] of all.entries()) {
          nowMs += ms;
          const decision = ledger.take(claims, { nowMs, anchorAt }, { op, holdUntilAt: nowMs });
          if (decision.admitted || decision.retryAfterMs === undefined) continue;
          const thenMs = nowMs + decision.retryAfterMs;
          expect(decision.firm).toBe(true);
          expect(ledger.peek(claims, { nowMs: thenMs - 1, anchorAt }).admitted).toBe(false);
          expect(ledger.peek(claims, { nowMs: thenMs, anchorAt }).admitted).toBe(true);
        }
      }),
    );
  });
});
