// The takes of a subject that may still be cancelled, or be delivered again. Thousands of them where it is busy, so what is
// kept of each is little. Pure.

import type { Item } from "./holds.ts";

/** How long a take is remembered, so that the same one delivered twice is charged once, in milliseconds. */
const REMEMBERED_MS = 60_000;
/** Takes remembered at the most; the oldest go first. */
const REMEMBERED_MOST = 2_048;

/** A take that may still be cancelled, or be delivered again. */
export interface Recent {
  readonly at: number;
  readonly items: readonly Item[];
}

/** Those takes, by weir's own numbers, the oldest first. */
export class RecentTakes extends Map<number, Recent> {
  #last: readonly Item[] = [];
  /** Before this instant none is forgotten for its age. */
  #forgetAt = 0;

  /** Remembers a take, and forgets those that are too old or too many. */
  remember(op: number, nowMs: number, items: readonly Item[]): void {
    this.set(op, { at: nowMs, items });
    if (this.size <= REMEMBERED_MOST && nowMs < this.#forgetAt) return;
    for (const [oldest, { at }] of this) {
      this.#forgetAt = at + REMEMBERED_MS;
      if (this.size <= REMEMBERED_MOST && this.#forgetAt > nowMs) return;
      this.delete(oldest);
    }
  }

  /** Items that say the same as these: the last take's own, where that charged the same. */
  likeLast(items: readonly Item[]): readonly Item[] {
    const isLike =
      items.length === this.#last.length && items.every((item, at) => isSame(item, this.#last[at]));
    if (!isLike) this.#last = items;
    return this.#last;
  }
}

function isSame(one: Item, other: Item | undefined): boolean {
  return (
    one.counter === other?.counter &&
    one.limit === other.limit &&
    one.startAt === other.startAt &&
    one.size === other.size &&
    one.cost === other.cost
  );
}
