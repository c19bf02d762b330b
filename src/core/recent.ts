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
  #lastItems: readonly Item[] = [];
  #oldest: number | undefined;
  /** Those behind the oldest. Goes on for good: one made anew would step over all that were forgotten before. */
  #younger = this.keys();

  /** Remembers a take, and forgets those that are too old or too many. */
  remember(op: number, nowMs: number, items: readonly Item[]): void {
    this.set(op, { at: nowMs, items: this.#likeLast(items) });
    while (this.size > REMEMBERED_MOST || this.#isOver(nowMs)) this.delete(this.#oldest as number);
  }

  override set(op: number, take: Recent): this {
    super.set(op, take);
    if (this.size === 1) this.#younger = this.keys();
    if (this.size === 1) this.#oldest = this.#younger.next().value;
    return this;
  }

  override delete(op: number): boolean {
    if (op === this.#oldest) this.#oldest = this.#younger.next().value;
    return super.delete(op);
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
