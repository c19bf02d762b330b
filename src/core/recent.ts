// The takes of a subject that may still be cancelled, or be delivered again. Thousands of them where it is busy, so what is
// kept of each is little. Pure.

import type { Item } from "./holds.ts";

/** How long a take is remembered, so that the same one delivered twice is charged once, in milliseconds. */
const REMEMBERED_MS = 60_000;
/** Takes remembered at the most; the oldest go first. */
const REMEMBERED_MOST = 2_048;
/** How many are the latest. */
const LATEST = 16;

/** A take that may still be cancelled, or be delivered again. */
export interface Recent {
  readonly at: number;
  readonly items: readonly Item[];
}

/** Those takes, by weir's own numbers, the oldest first. */
export class RecentTakes extends Map<number, Recent> {
  #lastItems: readonly Item[] = [];
  #oldest: number | undefined;
  /** Those behind the oldest. Goes on for good: one made anew would step over all that were forgotten before. */
  #younger = this.keys();
  /** The last of them, mostly more than are the latest, so that one may be cancelled. */
  #last: number[] = [];

  /** Numbers of the latest takes, the oldest first. */
  get latest(): readonly number[] {
    if (this.#last.length < Math.min(LATEST, this.size)) this.#last = [...this.keys()];
    return this.#last.slice(-LATEST);
  }

  /** Remembers a take, and forgets those that are too old or too many. */
  remember(op: number, nowMs: number, items: readonly Item[]): void {
    this.set(op, { at: nowMs, items: this.#likeLast(items) });
    while (this.size > REMEMBERED_MOST || this.#isOver(nowMs)) this.delete(this.#oldest as number);
  }

  override set(op: number, take: Recent): this {
    const before = this.size;
    super.set(op, take);
    if (before === 0) {
      this.#younger = this.keys();
      this.#oldest = this.#younger.next().value;
    }
    if (before < this.size && this.#last.push(op) > 4 * LATEST) this.#last = this.#last.slice(-LATEST);
    return this;
  }

  override delete(op: number): boolean {
    const isOldest = op === this.#oldest;
    if (isOldest) this.#oldest = this.#younger.next().value;
    if (!isOldest || op === this.#last[0]) this.#last = this.#last.filter((one) => one !== op);
    return super.delete(op);
  }

  override clear(): void {
    super.clear();
    this.#last = [];
  }

  #isOver(nowMs: number): boolean {
    const oldest = this.get(this.#oldest as number);
    return oldest !== undefined && oldest.at + REMEMBERED_MS <= nowMs;
  }

  /** The last take's own list, where this one charged the very same items. */
  #likeLast(items: readonly Item[]): readonly Item[] {
    const last = this.#lastItems;
    const isLike = items.length === last.length && items.every((item, at) => item === last[at]);
    if (!isLike) this.#lastItems = items;
    return this.#lastItems;
  }
}
