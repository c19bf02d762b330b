// What is held in the books of one subject: charges that may still be given back, until somebody settles them or they lapse.
// Decides nothing.

import { Books } from "./books.ts";
import type { Slot } from "./counter.ts";
import type { Hold, Item } from "./holds.ts";

/** How long a lapsed hold is remembered, so that a late settle can still charge, in milliseconds. */
const LAPSED_MS = 600_000;
/** Holds kept at the most, lapsed ones among them: they are part of every row. */
const HOLDS_MOST = 1_000;

/** Books, and the holds of their takes. Mutable. */
export class HeldBooks extends Books {
  readonly holds = new Map<number, Hold>();
  /** Before this instant no hold lapses, and none that lapsed is forgotten. */
  #lapseAt = 0;

  /** Keeps what may still be given back, until it lapses. */
  open(op: number, hold: Hold): void {
    this.holds.set(op, hold);
    this.#lapseAt = Math.min(this.#lapseAt, hold.untilAt);
    for (const item of hold.items) this.hold(item);
  }

  /**
   * True where one more hold can be kept. The oldest that lapsed makes room for it; past that, takes are charged for good:
   * that may admit too little, never too much.
   */
  protected hasRoom(): boolean {
    if (this.holds.size < HOLDS_MOST) return true;
    for (const [op, { lapsed }] of this.holds) if (lapsed) return this.holds.delete(op);
    return false;
  }

  /**
   * Gives back the holds that nobody settled in time, and forgets those that lapsed long ago. What is pending stays:
   * it is not a request's yet. Writes nothing: a restart finds the hold in its row, and lapsed again.
   */
  protected lapse(nowMs: number, pending: { has(op: number): boolean }): void {
    if (nowMs < this.#lapseAt) return;
    this.#lapseAt = Number.POSITIVE_INFINITY;
    for (const [op, hold] of this.holds) {
      const forgetAt = hold.lapsed ? hold.untilAt : hold.untilAt + LAPSED_MS;
      if (hold.untilAt <= nowMs && !pending.has(op)) {
        if (hold.lease !== undefined) {
          this.#lose(hold.items);
          this.holds.delete(op);
          continue;
        }
        if (!hold.lapsed) this.#giveBack(hold.items);
        if (forgetAt <= nowMs) this.holds.delete(op);
        else this.holds.set(op, { ...hold, lapsed: true, untilAt: forgetAt });
      }
      const next = this.holds.get(op);
      if (next) this.#lapseAt = Math.min(this.#lapseAt, next.untilAt);
    }
  }

  /** A lease of which nothing is heard any more is taken as spent. */
  #lose(items: readonly Item[]): void {
    for (const item of items) {
      this.release(item);
      const counter = this.counterOf(item);
      if (counter) counter.lost += item.cost;
    }
  }

  #giveBack(items: readonly Item[]): void {
    for (const item of items) {
      this.release(item);
      this.charge(item, -item.cost);
    }
  }

  /** True where a take holds something of the span that a slot is in. */
  protected isHolding(op: number, { id, span }: Slot): boolean {
    const hold = this.holds.get(op);
    if (hold === undefined || hold.lapsed) return false;
    return hold.items.some(({ counter, startAt }) => counter === id && startAt === span.startAt);
  }
}
