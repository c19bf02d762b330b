// The books of one subject: its counters and credits, changed item by item, and whether its row on disk still covers them.
// Decides nothing.

import { type Counter, openCounter, type Slot } from "./counter.ts";
import { CREDITS, type Item } from "./holds.ts";
import { isHeld } from "./judge.ts";
import type { Room } from "./reserve.ts";

/** Counters and credits. Mutable. */
export class Books {
  readonly counters = new Map<string, Counter>();
  /** Balance; undefined for a subject that was never given one, and so is not metered by credits. */
  credits: number | undefined;
  /** True where the row on disk does not cover the books, so that it is to be written before an answer. */
  isUnsaved = false;

  /** The counter an item charged; undefined once its span is over. */
  counterOf({ counter: id, startAt }: Item): Counter | undefined {
    const counter = this.counters.get(id);
    return counter?.startAt === startAt ? counter : undefined;
  }

  /** Charges a slot: the first charge of a span starts it. Items are kept by the thousand, so those alike are one. */
  chargeSlot(slot: Slot): Item {
    const counter = openCounter(this.counters, slot);
    const { startAt, item: last } = counter;
    const { id, limit, cost } = slot;
    const { size } = slot.window;
    const held = isHeld(limit);
    const isLikeLast = last?.size === size && last.cost === cost && last.held === held;
    const item = isLikeLast ? last : { limit: limit.name, counter: id, startAt, size, cost, held };
    counter.item = item;
    this.charge(item, cost);
    return item;
  }

  /** Charges more, or gives back where `units` is negative: never above the window's size, never below nothing. */
  charge(item: Item, units: number): void {
    if (item.counter === CREDITS) {
      if (this.credits === undefined) return;
      this.credits = Math.max(Math.min(0, this.credits), this.credits - units);
      return;
    }
    const counter = this.counterOf(item);
    if (counter === undefined) return;
    const most = units > 0 ? Math.max(counter.used, item.size) : counter.used;
    counter.used = Math.min(most, Math.max(0, counter.used + units));
  }

  /** Makes an item's charge one that may still be given back. */
  hold(item: Item): void {
    const counter = this.counterOf(item);
    if (counter) counter.held += item.cost;
  }

  /** Ends an item's being held; its charge stands. */
  release(item: Item): void {
    const counter = this.counterOf(item);
    if (counter) counter.held = Math.max(0, counter.held - item.cost);
  }

  /** Takes an item out of what the next row says is used, or what is given back would become written ahead. */
  unstore(item: Item): void {
    const counter = this.counterOf(item);
    if (counter) counter.stored -= item.cost;
  }

  /** Takes back the start of a span in which nothing is used, so that a rolled-back take leaves the window as it was. */
  close({ id, span, last }: Slot): void {
    const started = this.counters.get(id);
    if (started?.startAt !== span.startAt || started.used > 0) return;
    if (last === undefined) this.counters.delete(id);
    else this.counters.set(id, last);
  }

  /** Notes that an item's count or hold changed, which a row that was written ahead of it still covers. */
  touch(item: Item): void {
    const counter = item.counter === CREDITS ? undefined : this.counters.get(item.counter);
    const isCovered = counter !== undefined && counter.ahead > 0 && counter.used <= counter.stored;
    if (!isCovered) this.isUnsaved = true;
  }

  /** True where the row on disk says more than was used, so that a restart would lose the difference. */
  isAhead(): boolean {
    for (const { stored, used } of this.counters.values()) if (stored > used) return true;
    return false;
  }

  /** What is left in an item's window for reservations and leases. */
  roomOf({ counter: id, size, cost }: Item): Room {
    const counter = this.counters.get(id);
    return { size, cost, used: counter?.used ?? 0, exposed: (counter?.lost ?? 0) + (counter?.held ?? 0) };
  }
}
