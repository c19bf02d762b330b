// Lending: an account's ledger charges takes beforehand, for a key to spend without asking. The account's side of
// `lease.ts`. Pure.

import { isBilling } from "./counter.ts";
import { CREDITS } from "./holds.ts";
import type { Ledger } from "./ledger.ts";
import { AHEAD_MS, takesAhead } from "./reserve.ts";

/** One key is lent at most this part of what may still be lent, so that some is left for the others. */
const LENT_PART = 4;

/** A lease that is out. */
export interface Lent {
  /** Its number: that of the take it came with, negated. */
  readonly id: number;
  /** The key's object. */
  readonly holder: string;
  readonly takes: number;
}

/** To whom, and how many. */
export interface Loan {
  readonly holder: string;
  /** Takes the key expects within `AHEAD_MS`. */
  readonly expected: number;
  /** How long the key may spend them, in milliseconds: it is lent what it expects to need until then. */
  readonly forMs: number;
  /** Part of a window's size that restarts may cost it, from 0 to 1. */
  readonly share: number;
  /** Instant from which a lease of which nothing was heard is taken as spent, in Unix milliseconds. */
  readonly untilAt: number;
}

/**
 * Lends more takes like one just made: all of them are charged now.
 *
 * @param op number of the take.
 * @returns how many are lent; 0 where the take holds something, or is paid for, and so cannot be lent.
 */
export function lend(ledger: Ledger, op: number, { holder, expected, forMs, share, untilAt }: Loan): number {
  const items = ledger.recent.get(op)?.items;
  const isLent = ledger.holds.has(op) || ledger.holds.has(-op);
  if (items === undefined || isLent) return 0;
  if (items.some(({ counter }) => counter === CREDITS || isBilling(counter))) return 0;
  const rooms = items.map((item) => ledger.roomOf(item));
  const spare = takesAhead(Number.MAX_SAFE_INTEGER, rooms, share);
  const needed = Math.ceil((expected * forMs) / AHEAD_MS);
  const takes = items.length === 0 ? needed : Math.min(needed, Math.floor(spare / LENT_PART));
  if (takes <= 0) return 0;
  const lent = items.map((item) => ({ ...item, cost: item.cost * takes }));
  for (const item of lent) ledger.charge(item, item.cost);
  ledger.open(-op, { untilAt, lapsed: false, items: lent, lease: { holder, takes } });
  ledger.isUnsaved = true;
  return takes;
}

/** Ends a lease: what was not spent of it is given back. A lease that has lapsed is left alone. */
export function endLease(ledger: Ledger, id: number, spent: number): void {
  const hold = ledger.holds.get(id);
  if (hold?.lease === undefined) return;
  ledger.holds.delete(id);
  const { takes } = hold.lease;
  const left = Math.max(0, takes - spent);
  for (const item of hold.items) {
    ledger.release(item);
    ledger.charge(item, -(item.cost / takes) * left);
    ledger.touch(item);
  }
  if (hold.items.length === 0) ledger.isUnsaved = true;
}

/** The leases that are out. */
export function leasesOf(ledger: Ledger): Lent[] {
  return [...ledger.holds].flatMap(([id, { lease }]) => (lease ? [{ id, ...lease }] : []));
}

/** Instant the first of the windows ends that a take charged, in Unix milliseconds. */
export function endsAt(ledger: Ledger, op: number): number {
  const items = ledger.recent.get(op)?.items ?? [];
  return Math.min(...items.map((item) => ledger.counterOf(item)?.endAt ?? 0));
}
