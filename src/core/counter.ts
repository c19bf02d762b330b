// A counter: what one window of one subject has used in its current span. Knows spans and sizes, nothing of holds.

import { BoundedMap } from "./bounded-map.ts";
import type { Item } from "./holds.ts";
import type { Limit } from "./policy.ts";
import { type Span, spanAt, type Window } from "./window.ts";

/** The count of one window, in memory, beside what its row on disk says of it. */
export interface Counter {
  readonly startAt: number;
  /** May move: a billing period ends where its anchor says. */
  endAt: number;
  /** Units charged or held in this span. */
  used: number;
  /** The part of `used` that holds may still give back. */
  held: number;
  /** What the row on disk says is used: never less than what may be served without writing. */
  stored: number;
  /** Units of `stored` that were reserved ahead of use when the row was written; 0: the row is exact. */
  ahead: number;
  /** Units of this span lost to restarts, because they were reserved or held when the object died. */
  lost: number;
  /** What the last take charged here: the next one most often charges the same. */
  item?: Item;
}

/** One window that a request asks: the span it is in at that instant and the counter of that span, if there is one. */
export interface Slot {
  readonly id: string;
  readonly limit: Limit;
  readonly window: Window;
  /** Units asked. */
  readonly cost: number;
  readonly span: Span;
  /** Units used in `span` before. */
  readonly used: number;
  /** Absent until something is charged in `span`. */
  readonly counter: Counter | undefined;
  /** The window's counter as it was found, of `span` or of one that is over. */
  readonly last: Counter | undefined;
}

/** Names that are remembered at the most, of limits and of the windows of each. */
const NAMES_MOST = 1_000;
/** Ids by the names of limit and window. An id made anew would have to be hashed, each time it is looked up. */
const ids = new BoundedMap<string, BoundedMap<string, string>>(NAMES_MOST);

/** Names a counter among those of its subject. Holds no size, so that a limit changed mid-window keeps its counts. */
export function counterId(limit: Limit, window: Window): string {
  return ids.get(limit.name)?.get(window.name) ?? makeId(limit.name, window.name);
}

function makeId(limit: string, window: string): string {
  const id = `${limit}/${window}`;
  ids.getOrMake(limit, () => new BoundedMap(NAMES_MOST)).set(window, id);
  return id;
}

/** True for a counter whose periods follow each other: where the next one starts depends on it even once it is over. */
export function isBilling(id: string): boolean {
  return id.endsWith("/billing period");
}

/** Finds the slot of a window at `nowMs` without changing anything. */
export function slotAt(
  counters: ReadonlyMap<string, Counter>,
  limit: Limit,
  window: Window,
  cost: number,
  anchorAt: number | null,
  nowMs: number,
): Slot {
  const id = counterId(limit, window);
  const last = counters.get(id);
  const span = spanAt(window, limit.align, anchorAt, nowMs, last);
  const counter = span.startAt === last?.startAt ? last : undefined;
  return { id, limit, window, cost, span, used: counter?.used ?? 0, counter, last };
}

/** The counter of a slot, made if this is the first charge of its span, its end moved to the slot's. */
export function openCounter(counters: Map<string, Counter>, slot: Slot): Counter {
  const { startAt, endAt } = slot.span;
  if (slot.counter === undefined) {
    const counter = { startAt, endAt, used: 0, held: 0, stored: 0, ahead: 0, lost: 0 };
    counters.set(slot.id, counter);
    return counter;
  }
  slot.counter.endAt = endAt;
  return slot.counter;
}
