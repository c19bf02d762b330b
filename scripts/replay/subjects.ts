// The subjects of a replay that are still alive, so that memory is bounded by them and not by the log: those met lately as
// they are, the others packed as an object packs them into its storage. Decides nothing.

import type { Newcomers } from "../../src/core/newcomers.ts";
import type { IpBlock } from "../../src/core/policy.ts";
import { type LedgerRow, packLedger, unpackLedger } from "../../src/core/row.ts";
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

/** A subject that was not met lately. */
interface Packed {
  /** Instant it is over, in Unix milliseconds. */
  readonly overAt: number;
  /** As JSON: a tenth of what the subject takes. */
  readonly row: string;
}

type Row = readonly [ledger: LedgerRow, conduct: Conduct, newcomers: Newcomers | null, isTrusted: boolean];

/** Few enough to bound memory, many enough to cost little. */
const SWEEP_EVERY = 20_000;
const FEW = 100_000;

export class Subjects {
  readonly #terms: IpBlock | undefined;
  readonly #sweepEvery: number;
  /** Met since the last sweep. */
  #fresh = new Map<string, Kept>();
  /** Met between the last sweep and the one before. */
  #stale = new Map<string, Kept>();
  readonly #packed = new Map<string, Packed>();
  readonly #few: number;
  #mostPacked: number;
  #requests = 0;
  #earliestMs = Number.POSITIVE_INFINITY;

  /**
   * @param terms for how long strikes are held against an address.
   * @param sweepEvery requests between two sweeps.
   * @param few packed subjects among which nobody is looked for who is over.
   */
  constructor(terms: IpBlock | undefined, sweepEvery = SWEEP_EVERY, few = FEW) {
    this.#terms = terms;
    this.#sweepEvery = sweepEvery;
    this.#few = few;
    this.#mostPacked = few;
  }

  /** Subjects in memory, by how they are kept. */
  get counts(): { readonly whole: number; readonly packed: number } {
    return { whole: this.#fresh.size + this.#stale.size, packed: this.#packed.size };
  }

  /** Notes that a request begins, and now and then packs who was not met lately and forgets who is over. */
  pass(nowMs: number): void {
    this.#earliestMs = Math.min(this.#earliestMs, nowMs);
    this.#requests += 1;
    if (this.#requests < this.#sweepEvery) return;
    // The earliest time since the last sweep: one line far in the future forgets nobody.
    this.#sweep(this.#earliestMs);
    this.#requests = 0;
    this.#earliestMs = Number.POSITIVE_INFINITY;
  }

  /** A subject by its name, made if it is not there. It is the same until the request ends. */
  get(name: string): Kept {
    const fresh = this.#fresh.get(name);
    if (fresh !== undefined) return fresh;
    const kept = this.#stale.get(name) ?? this.#unpack(name);
    this.#stale.delete(name);
    this.#fresh.set(name, kept);
    return kept;
  }

  #sweep(nowMs: number): void {
    for (const [name, kept] of this.#stale) {
      const overAt = this.#overAt(kept);
      if (overAt > nowMs) this.#packed.set(name, { overAt, row: JSON.stringify(rowOf(kept, nowMs)) });
    }
    this.#stale = this.#fresh;
    this.#fresh = new Map();
    if (this.#packed.size <= this.#mostPacked) return;
    for (const [name, { overAt }] of this.#packed) if (overAt <= nowMs) this.#packed.delete(name);
    // Only once they are twice as many again, so that each is looked at but a few times.
    this.#mostPacked = Math.max(this.#few, 2 * this.#packed.size);
  }

  #overAt({ subject, conduct, newcomers }: Kept): number {
    return Math.max(subject.ledger.overAt(), conductOverAt(conduct, this.#terms), newcomers?.endAt ?? 0);
  }

  #unpack(name: string): Kept {
    const kept: Kept = { subject: new Subject(), conduct: CLEAN, newcomers: undefined, isTrusted: false };
    const packed = this.#packed.get(name);
    if (packed === undefined) return kept;
    this.#packed.delete(name);
    const [ledger, conduct, newcomers, isTrusted]: Row = JSON.parse(packed.row);
    unpackLedger(kept.subject.ledger, ledger);
    return { ...kept, conduct, newcomers: newcomers ?? undefined, isTrusted };
  }
}

/** Nothing is written ahead, so that what comes back is exact. */
function rowOf({ subject, conduct, newcomers, isTrusted }: Kept, nowMs: number): Row {
  return [packLedger(subject.ledger, nowMs, 0), conduct, newcomers ?? null, isTrusted];
}
