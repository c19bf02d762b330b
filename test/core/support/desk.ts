// A desk: one subject's ledger with a clock that the test sets and a disk that holds one row, kept as an object keeps
// them. `crash` leaves the row alone.

import type { Decision, Refused } from "../../../src/core/decision.ts";
import type { Outcome } from "../../../src/core/holds.ts";
import type { Claim } from "../../../src/core/judge.ts";
import { Ledger, type Terms } from "../../../src/core/ledger.ts";
import type { Limit } from "../../../src/core/policy.ts";
import { type LedgerRow, packExactly, packLedger, unpackLedger } from "../../../src/core/row.ts";

/** How long a hold lasts at a desk, in milliseconds. */
export const HOLD_MS = 300_000;

export class Desk {
  ledger = new Ledger();
  nowMs: number;
  anchorAt: number | null = null;
  /** Rows written so far. */
  rows = 0;
  /** Number of the last take. */
  op = 0;
  row: LedgerRow | undefined;
  readonly #share: number;

  constructor(now: string | number = "2026-06-15T12:00:00.000Z", share = 0) {
    this.nowMs = typeof now === "number" ? now : Date.parse(now);
    this.#share = share;
  }

  /** Takes of these limits, each at its own cost, and writes the row where it must. */
  take(limits: readonly Limit[], { op = this.op + 1, pending = false }: Partial<Terms> = {}): Decision {
    return this.claim(
      limits.map((limit) => ({ limit, cost: limit.cost })),
      { op, pending },
    );
  }

  /** As `take`, where the request itself says what it asks. */
  claim(claims: readonly Claim[], { op = this.op + 1, pending = false }: Partial<Terms> = {}): Decision {
    this.op = op;
    const terms = { op, holdUntilAt: this.nowMs + HOLD_MS, pending };
    const decision = this.ledger.take(claims, { nowMs: this.nowMs, anchorAt: this.anchorAt }, terms);
    this.save();
    return decision;
  }

  /** Takes so many times; says how many were admitted. */
  times(count: number, limits: readonly Limit[]): number {
    let admitted = 0;
    for (let index = 0; index < count; index++) if (this.take(limits).admitted) admitted++;
    return admitted;
  }

  /** Where the limits stand, asked without charging. */
  peek(limits: readonly Limit[]): Decision {
    const claims = limits.map((limit) => ({ limit, cost: limit.cost }));
    const decision = this.ledger.peek(claims, { nowMs: this.nowMs, anchorAt: this.anchorAt });
    this.save();
    return decision;
  }

  /** Units used in each window of the limits, in their order. */
  used(...limits: readonly Limit[]): number[] {
    return this.peek(limits).standings.map(({ used }) => used);
  }

  settle(op: number, ...outcomes: readonly Outcome[]): void {
    this.ledger.settle(op, outcomes, this.nowMs);
    this.save();
  }

  confirm(op: number): void {
    this.ledger.confirm(op);
    this.save();
  }

  cancel(op: number): void {
    this.ledger.cancel(op);
    this.save();
  }

  reset(limit?: string): void {
    this.ledger.reset(limit);
    this.save();
  }

  wait(ms: number): void {
    this.nowMs += ms;
  }

  /** Writes where the row no longer covers the ledger. */
  save(): void {
    if (this.ledger.isUnsaved) this.#write(packLedger(this.ledger, this.nowMs, this.#share));
  }

  /** What ends a burst: the exact row. */
  rest(): void {
    this.#write(packExactly(this.ledger, this.nowMs));
  }

  /** Memory is gone; what the row says is all there is. */
  crash(): void {
    this.ledger = new Ledger();
    if (this.row !== undefined) unpackLedger(this.ledger, this.row);
  }

  #write(row: LedgerRow): void {
    // What comes back from storage is a copy: nothing in memory may be shared with it.
    this.row = structuredClone(row);
    this.rows++;
  }
}

/** A decision that has to be a refusal. */
export function refused(decision: Decision): Refused {
  if (decision.admitted) throw new Error("Expected a refusal, got an admission");
  return decision;
}
