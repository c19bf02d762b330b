// The ledger of one subject: charges a request in one step, and settles what it only held. Pure: the caller brings the
// clock; `row.ts` makes the row.

import type { Slot } from "./counter.ts";
import type { Decision } from "./decision.ts";
import { HeldBooks } from "./held.ts";
import { CREDITS, finalCost, type Item, type Outcome } from "./holds.ts";
import { type Claim, isHeld, type Judgement, judge, type Moment, standingOf } from "./judge.ts";
import { RecentTakes } from "./recent.ts";
import { Pace } from "./reserve.ts";

/** How a take is charged. */
export interface Terms {
  /** weir's own number of the take: the same one delivered again is charged once. */
  readonly op: number;
  /** Instant a hold that nobody settles is given back, in Unix milliseconds. */
  readonly holdUntilAt: number;
  /** True: hold everything, for another subject may still refuse. `confirm` or `cancel` follows. */
  readonly pending?: boolean;
}

/** Counters, credits and holds of one subject. Mutable, and owned by one object. */
export class Ledger extends HeldBooks {
  readonly recent = new RecentTakes();
  readonly pace = new Pace();
  /** What the last take charged in windows: what a reservation would be for. */
  lastTake: readonly Item[] = [];
  /** What pending takes have charged in windows, each as it was before. */
  readonly #pending = new Map<number, readonly Slot[]>();

  /** Decides without charging: what it admits costs nothing. */
  peek(claims: readonly Claim[], moment: Moment): Decision {
    this.lapse(moment.nowMs, this.#pending);
    const { slots, refusal } = judge(this, claims, moment);
    const shadowStandings = this.#judgeShadow(claims, moment).slots.map((slot) => ({
      ...standingOf(slot, slot.used, 0),
      isShadow: true as const,
    }));
    const looked = shadowStandings.length > 0 && { shadowStandings };
    if (refusal !== undefined) return { ...refusal, ...looked };
    const standings = slots.map((slot) => standingOf(slot, slot.used, 0));
    return { admitted: true, at: moment.nowMs, standings, ...looked };
  }

  /** Decides, and where every window and the credits have room charges them all; else charges nothing. */
  take(claims: readonly Claim[], moment: Moment, terms: Terms): Decision {
    const { nowMs: at } = moment;
    const { op, pending } = terms;
    this.lapse(at, this.#pending);
    const { slots, refusal } = judge(this, claims, moment);
    if (this.recent.has(op)) {
      const standings = slots.map((slot) => standingOf(slot, slot.used, slot.cost, this.isHolding(op, slot)));
      return { admitted: true, at, standings };
    }
    if (refusal !== undefined) return refusal;
    if (!pending) this.pace.note(at);
    const shadows = this.#judgeShadows(claims, moment);
    const charged = both(slots, shadows.slots);
    this.lastTake = charged.map((slot) => this.chargeSlot(slot));
    if (pending) this.#pending.set(op, charged);
    this.#keep(both(this.lastTake, this.#chargeCredits(claims)), at, terms);
    const isKept = this.holds.has(op);
    const standings = slots.map((slot) =>
      standingOf(slot, slot.used + slot.cost, slot.cost, isKept && isHeld(slot.limit)),
    );
    const admitted = { admitted: true, at, standings } as const;
    return shadows.refused.length > 0 ? { ...admitted, shadow: shadows.refused } : admitted;
  }

  /** Ends a pending take: every subject has admitted it. What the origin's answer decides stays held. */
  confirm(op: number): void {
    const isPending = this.#pending.delete(op);
    const taken = this.recent.get(op);
    if (isPending && taken !== undefined) this.pace.note(taken.at);
    const hold = this.holds.get(op);
    if (!isPending || hold === undefined) return;
    for (const item of hold.items) {
      if (!item.held) this.release(item);
      this.touch(item);
    }
    this.holds.delete(op);
    const items = hold.items.filter(({ held }) => held);
    if (items.length > 0 && this.hasRoom()) this.holds.set(op, { ...hold, items });
    else for (const item of items) this.release(item);
  }

  /** Gives back all that a take charged, held or not. A take that is settled or not remembered is left as it is. */
  cancel(op: number): void {
    const pending = this.#pending.get(op);
    const hold = this.holds.get(op);
    const items = pending ? (hold?.items ?? []) : this.recent.get(op)?.items;
    if (items === undefined) return;
    this.#pending.delete(op);
    this.recent.delete(op);
    this.holds.delete(op);
    for (const item of items) {
      const wasHeld = hold?.items.includes(item);
      if (wasHeld && hold?.lapsed) continue;
      if (wasHeld) this.release(item);
      else this.unstore(item);
      this.charge(item, -item.cost);
      // What is pending was not written yet, or only as an excess: a rollback writes nothing.
      if (!pending) this.isUnsaved = true;
    }
    for (const slot of pending ?? []) this.close(slot);
  }

  /**
   * Makes a held take final. Settling twice is once. After the hold has lapsed it still charges, no window above its
   * size. A window that rolled over since is left alone.
   */
  settle(op: number, outcomes: readonly Outcome[], nowMs: number): void {
    this.lapse(nowMs, this.#pending);
    const hold = this.holds.get(op);
    if (hold === undefined) return;
    this.holds.delete(op);
    const recent = this.recent.get(op);
    if (recent) this.recent.set(op, { ...recent, items: [] });
    for (const item of hold.items) {
      if (!hold.lapsed) this.release(item);
      this.charge(item, finalCost(item, outcomes) - (hold.lapsed ? 0 : item.cost));
      this.touch(item);
    }
  }

  /** Clears the counts of one limit, or of all; what was held of them can no longer be given back. */
  reset(limit?: string): void {
    const isCleared = (name: string) => limit === undefined || name === limit;
    const isKept = (item: Item) => item.counter === CREDITS || !isCleared(item.limit);
    for (const [op, hold] of this.holds) this.holds.set(op, { ...hold, items: hold.items.filter(isKept) });
    for (const [op, recent] of this.recent) {
      this.recent.set(op, { ...recent, items: recent.items.filter(isKept) });
    }
    for (const [id, counter] of this.counters) {
      if (!isCleared(id.slice(0, id.indexOf("/")))) continue;
      Object.assign(counter, { used: 0, held: 0, stored: 0, ahead: 0, lost: 0 });
    }
    this.isUnsaved = true;
  }

  /** Instant the last of the windows and holds is over, in Unix milliseconds; 0 where there is none. */
  overAt(): number {
    let overAt = 0;
    for (const { endAt } of this.counters.values()) overAt = Math.max(overAt, endAt);
    for (const { untilAt } of this.holds.values()) overAt = Math.max(overAt, untilAt);
    return overAt;
  }

  #chargeCredits(claims: readonly Claim[]): Item[] {
    const items: Item[] = [];
    for (const { limit } of claims) {
      if (this.credits === undefined || limit.credits === 0 || limit.mode === "shadow") continue;
      const { name, credits: cost, charge } = limit;
      const item = { limit: name, counter: CREDITS, startAt: 0, size: 0, cost, held: charge !== "always" };
      this.charge(item, cost);
      items.push(item);
    }
    return items;
  }

  /** Each shadow limit decides alone: the windows of those that would admit, and the names of those that would not. */
  #judgeShadows(claims: readonly Claim[], moment: Moment): { slots: Slot[]; refused: string[] } {
    const slots: Slot[] = [];
    const refused: string[] = [];
    for (const claim of claims) {
      if (claim.limit.mode !== "shadow") continue;
      const judgement = this.#judgeShadow([claim], moment);
      if (judgement.refusal === undefined) slots.push(...judgement.slots);
      else refused.push(claim.limit.name);
    }
    return { slots, refused };
  }

  /** Shadow limits ask no credits. */
  #judgeShadow(claims: readonly Claim[], moment: Moment): Judgement {
    return judge({ counters: this.counters, credits: undefined }, claims, moment, "shadow");
  }

  #keep(items: readonly Item[], nowMs: number, { op, holdUntilAt, pending = false }: Terms): void {
    const held = pending ? items : items.filter((item) => item.held);
    if (held.length > 0 && (pending || this.hasRoom())) {
      this.open(op, { untilAt: holdUntilAt, lapsed: false, items: held });
    }
    if (!pending) for (const item of items) this.touch(item);
    this.recent.remember(op, nowMs, items);
  }
}

/** The items of both lists: the first itself, where there are no others. */
function both<Of>(first: readonly Of[], others: readonly Of[]): readonly Of[] {
  return others.length === 0 ? first : [...first, ...others];
}
