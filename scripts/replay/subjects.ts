// The subjects of a replay that are still alive, so that memory is bounded by them and not by the log. Decides nothing.

import type { IpBlock } from "../../src/core/policy.ts";
import { CLEAN, type Conduct, conductOverAt } from "../../src/core/strikes.ts";
import { Subject } from "../../src/core/subject.ts";

/** A subject, and for an address what is held against it. */
export interface Kept {
  readonly subject: Subject;
  conduct: Conduct;
}

/** Uses between two sweeps, at the least. */
const SWEEP_EVERY = 50_000;

export class Subjects {
  readonly #kept = new Map<string, Kept>();
  readonly #terms: IpBlock | undefined;
  #uses = 0;
  #earliestMs = Number.POSITIVE_INFINITY;

  /** @param terms for how long strikes are held against an address. */
  constructor(terms: IpBlock | undefined) {
    this.#terms = terms;
  }

  /** Subjects in memory. Never more than twice those that were alive at the last sweep, and 50,000. */
  get count(): number {
    return this.#kept.size;
  }

  /** A subject by its name, made if it is not there. */
  get(name: string, nowMs: number): Kept {
    this.#earliestMs = Math.min(this.#earliestMs, nowMs);
    // Never more often than there are subjects, so that a sweep costs each use the same however many there are.
    if (++this.#uses >= Math.max(SWEEP_EVERY, this.#kept.size)) this.#sweep();
    const known = this.#kept.get(name);
    if (known !== undefined) return known;
    const kept = { subject: new Subject(), conduct: CLEAN };
    this.#kept.set(name, kept);
    return kept;
  }

  /** Forgets who was over at the earliest time since the last sweep: one line far in the future forgets nobody. */
  #sweep(): void {
    for (const [name, { subject, conduct }] of this.#kept) {
      const overAt = Math.max(subject.ledger.overAt(), conductOverAt(conduct, this.#terms));
      if (overAt <= this.#earliestMs) this.#kept.delete(name);
    }
    this.#uses = 0;
    this.#earliestMs = Number.POSITIVE_INFINITY;
  }
}
