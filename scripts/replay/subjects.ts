// The subjects of a replay that are still alive, so that memory is bounded by them and not by the log. Decides nothing.

import type { Newcomers } from "../../src/core/newcomers.ts";
import type { IpBlock } from "../../src/core/policy.ts";
import { CLEAN, type Conduct, conductOverAt } from "../../src/core/strikes.ts";
import { Subject } from "../../src/core/subject.ts";

/** A subject, and what else is known of it. */
export interface Kept {
  readonly subject: Subject;
  /** What is held against an address. */
  conduct: Conduct;
  /** The keys that an address brought and nobody knew. */
  newcomers: Newcomers | undefined;
  /** True for a key that the API has answered with a 2xx. */
  isTrusted: boolean;
}

/** Requests between two sweeps: few enough to bound memory, many enough that a sweep of a million subjects hardly counts. */
const SWEEP_EVERY = 50_000;

export class Subjects {
  readonly #kept = new Map<string, Kept>();
  readonly #terms: IpBlock | undefined;
  #requests = 0;
  #earliestMs = Number.POSITIVE_INFINITY;

  /** @param terms for how long strikes are held against an address. */
  constructor(terms: IpBlock | undefined) {
    this.#terms = terms;
  }

  /** Subjects in memory: those that are alive, and of the last 100,000 requests those that were. */
  get count(): number {
    return this.#kept.size;
  }

  /** Notes that a request begins, and now and then forgets who is over. */
  pass(nowMs: number): void {
    this.#earliestMs = Math.min(this.#earliestMs, nowMs);
    this.#requests += 1;
    if (this.#requests < SWEEP_EVERY) return;
    this.#sweep(this.#earliestMs);
    this.#requests = 0;
    this.#earliestMs = Number.POSITIVE_INFINITY;
  }

  /** A subject by its name, made if it is not there. It is the same until the request ends. */
  get(name: string): Kept {
    const known = this.#kept.get(name);
    if (known !== undefined) return known;
    const kept = { subject: new Subject(), conduct: CLEAN, newcomers: undefined, isTrusted: false };
    this.#kept.set(name, kept);
    return kept;
  }

  /** @param earliestMs the earliest time since the last sweep, so that one line far in the future forgets nobody. */
  #sweep(earliestMs: number): void {
    for (const [name, { subject, conduct, newcomers }] of this.#kept) {
      const overAt = Math.max(
        subject.ledger.overAt(),
        conductOverAt(conduct, this.#terms),
        newcomers?.endAt ?? 0,
      );
      if (overAt <= earliestMs) this.#kept.delete(name);
    }
  }
}
