// What of a ledger is stored: one packed row, its shape and its version. Writing ahead is decided here, because a row
// is the only thing that a crash leaves.

import { type Counter, isBilling } from "./counter.ts";
import type { Hold, Item } from "./holds.ts";
import type { Ledger } from "./ledger.ts";
import type { RecentTakes } from "./recent.ts";
import { takesAhead } from "./reserve.ts";

/**
 * A stored ledger, version 1. Numbers in Unix milliseconds and units; arrays, because names would be most of the bytes.
 * A counter whose `ahead` is not 0 was written ahead: after a restart all of `stored` counts as used, what was held of
 * it is charged, and both are added to `lost`.
 */
export type LedgerRow = readonly [
  counters: readonly [
    id: string,
    startAt: number,
    endAt: number,
    stored: number,
    ahead: number,
    lost: number,
  ][],
  holds: readonly [
    op: number,
    untilAt: number,
    lapsed: 0 | 1,
    items: readonly ItemRow[],
    lease?: readonly [holder: string, takes: number],
  ][],
  recent: readonly [op: number, at: number][],
  credits: number | null,
];
type ItemRow = readonly [limit: string, counter: string, startAt: number, size: number, cost: number];

/** Only takes this young can still be retried, in milliseconds. */
const RETRIED_WITHIN_MS = 30_000;
/** A window is kept this long past its end, so that a clock that steps back finds its count again, in milliseconds. */
const STEP_BACK_MS = 60_000;

/**
 * The row that covers the ledger, with as much reserved ahead for the takes just seen as a crash may cost.
 *
 * @param share of a window's size that restarts may cost it; 0 keeps every count exact even across a crash.
 */
export function packLedger(ledger: Ledger, nowMs: number, share: number): LedgerRow {
  const reserves = reservesOf(ledger, share);
  const counters: LedgerRow[0][number][] = [];
  for (const [id, counter] of ledger.counters) {
    if (counter.endAt + STEP_BACK_MS <= nowMs && !isBilling(id)) {
      ledger.counters.delete(id);
      continue;
    }
    const { startAt, endAt, used, stored, lost } = counter;
    const left = counter.ahead > 0 ? stored - used : 0;
    counter.ahead = Math.max(reserves.get(id) ?? 0, left);
    counter.stored = used + counter.ahead;
    counters.push([id, startAt, endAt, counter.stored, counter.ahead, lost]);
  }
  ledger.isUnsaved = false;
  return [
    counters,
    [...ledger.holds].map(packHold),
    packRecent(ledger.recent, nowMs),
    ledger.credits ?? null,
  ];
}

/** The row that says exactly what was used: what ends a burst that reserved. */
export function packExactly(ledger: Ledger, nowMs: number): LedgerRow {
  ledger.lastTake = [];
  for (const counter of ledger.counters.values()) counter.ahead = 0;
  return packLedger(ledger, nowMs, 0);
}

/** Fills an empty ledger from its row. What was written ahead is taken as used. */
export function unpackLedger(ledger: Ledger, [counters, holds, recent, credits]: LedgerRow): void {
  for (const [id, startAt, endAt, stored, ahead, lost] of counters) {
    ledger.counters.set(id, { startAt, endAt, used: stored, held: 0, stored, ahead: 0, lost: lost + ahead });
  }
  const wasAhead = new Set(counters.filter(([, , , , ahead]) => ahead > 0).map(([id]) => id));
  for (const [op, untilAt, lapsed, rows, lease] of holds) {
    const items: Item[] = [];
    for (const [limit, counter, startAt, size, cost] of rows) {
      const current = currentCounter(ledger, counter, startAt);
      if (wasAhead.has(counter)) {
        // It may have been settled since the row was written, so giving it back could admit too much.
        if (current && lapsed === 0) current.lost += cost;
        continue;
      }
      items.push({ limit, counter, startAt, size, cost, held: true });
      if (current && lapsed === 0) current.held += cost;
    }
    if (items.length === 0 && rows.length > 0) continue;
    const [holder = "", takes = 0] = lease ?? [];
    ledger.holds.set(op, {
      untilAt,
      lapsed: lapsed === 1,
      items,
      ...(lease && { lease: { holder, takes } }),
    });
  }
  for (const [op, at] of recent) ledger.recent.set(op, { at, items: ledger.holds.get(op)?.items ?? [] });
  ledger.credits = credits ?? undefined;
}

/** Units to reserve by counter, for as many takes like the last one as may be served from memory. */
function reservesOf(ledger: Ledger, share: number): Map<string, number> {
  const { lastTake, counters } = ledger;
  // What is paid for is exact: one row a request.
  const isExact =
    ledger.credits !== undefined ||
    lastTake.some(({ counter }) => isBilling(counter) || !counters.has(counter));
  if (isExact || lastTake.length === 0) return new Map();
  const rooms = lastTake.map((item) => ledger.roomOf(item));
  const takes = takesAhead(ledger.pace.expected(), rooms, share);
  return new Map(lastTake.map(({ counter, cost }) => [counter, takes * cost]));
}

function currentCounter(ledger: Ledger, id: string, startAt: number): Counter | undefined {
  const counter = ledger.counters.get(id);
  return counter?.startAt === startAt ? counter : undefined;
}

/** Takes whose numbers are stored, so that a retry after a restart is charged once. */
function packRecent(recent: RecentTakes, nowMs: number): LedgerRow[2] {
  return recent.latest
    .map((op): [number, number] => [op, recent.get(op)?.at ?? 0])
    .filter(([, at]) => at + RETRIED_WITHIN_MS > nowMs);
}

function packHold([op, { untilAt, lapsed, items, lease }]: [number, Hold]): LedgerRow[1][number] {
  const rows = items.map(packItem);
  if (lease) return [op, untilAt, 0, rows, [lease.holder, lease.takes]];
  return [op, untilAt, lapsed ? 1 : 0, rows];
}

function packItem({ limit, counter, startAt, size, cost }: Item): ItemRow {
  return [limit, counter, startAt, size, cost];
}
