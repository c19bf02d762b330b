// The ledger of one subject: charges a request in one step, and settles what it only held. Pure: the caller brings the
// clock; `row.ts` makes the row.

import { Books } from "./books.ts";
import type { Slot } from "./counter.ts";
import type { Decision, Standing } from "./decision.ts";
import { CREDITS, finalCost, type Hold, type Item, type Outcome } from "./holds.ts";
import { type Claim, isHeld, type Judgement, judge, type Moment } from "./judge.ts";
import type { Limit } from "./policy.ts";
import { RecentTakes } from "./recent.ts";
import { Pace } from "./reserve.ts";

/** How long a lapsed hold is remembered, so that a late settle can still charge, in milliseconds. */
const LAPSED_MS = 600_000;
/** Holds kept at the most, lapsed ones among them: they are part of every row. */
const HOLDS_MOST = 1_000;

/** How a take is charged. */
export interface Terms {
  /** weir's own number of the take: the same one delivered again is charged once. */
  readonly op: number;
  /** Instant a hold that nobody settles is given back, in Unix milliseconds. */
  readonly holdUntilAt: number;
  /** True: hold everything, for another subject may still refuse. `confirm` or `cancel` follows. */
  readonly pending?: boolean;
}

/** Something a take charged, and whether the origin's answer may still change it. */
interface Charge {
  readonly item: Item;
  readonly held: boolean;
  /** The window charged, as it was before; absent for credits. */
  readonly slot?: Slot;
}

/** Counters, credits and holds of one subject. Mutable, and owned by one object. */
export class Ledger extends Books {
  readonly holds = new Map<number, Hold>();
  readonly recent = new RecentTakes();
  readonly pace = new Pace();
  /** What the last take charged in windows: what a reservation would be for. */
  lastTake: readonly Item[] = [];
  readonly #pending = new Map<number, readonly Charge[]>();
  /** Before this instant no hold lapses, and none that lapsed is forgotten. */
  #lapseAt = 0;

  /** Decides without charging: what it admits costs nothing. */
  peek(claims: readonly Claim[], moment: Moment): Decision {
    this.#lapse(moment.nowMs);
    const judged = judge(this, claims.filter(isEnforced), moment);
    const decision = { ...judged.decision, ...this.#shadowStandings(claims, moment) };
    if (!decision.admitted) return decision;
    return { ...decision, standings: decision.standings.map((standing) => ({ ...standing, cost: 0 })) };
  }

  /** Decides, and where every window and the credits have room charges them all; else charges nothing. */
  take(claims: readonly Claim[], moment: Moment, terms: Terms): Decision {
    this.#lapse(moment.nowMs);
    const judgement = judge(this, claims.filter(isEnforced), moment);
    const { decision, slots } = judgement;
    const { at, standings } = decision;
    if (this.recent.has(terms.op)) {
      const held = (index: number) => this.#isHolding(terms.op, slots[index] as Slot);
      return {
        admitted: true,
        at,
        standings: standings.map((one, index) => ({ ...one, held: held(index) })),
      };
    }
    if (!decision.admitted) return decision;
    if (!terms.pending) this.pace.note(moment.nowMs);
    const charges = this.#chargeWindows(judgement);
    const shadow = this.#chargeShadows(claims, moment, charges);
    this.lastTake = charges.map(({ item }) => item);
    charges.push(...this.#chargeCredits(claims));
    this.#keep(charges, moment.nowMs, terms);
    const isKept = this.holds.has(terms.op);
    return {
      admitted: true,
      at,
      standings: standings.map((standing, index) => charged(standing, slots[index] as Slot, isKept)),
      ...(shadow.length > 0 && { shadow }),
    };
  }

  /** Ends a pending take: every subject has admitted it. What the origin's answer decides stays held. */
  confirm(op: number): void {
    const charges = this.#pending.get(op);
    this.#pending.delete(op);
    const taken = this.recent.get(op);
    if (charges !== undefined && taken !== undefined) this.pace.note(taken.at);
    const hold = this.holds.get(op);
    if (charges === undefined || hold === undefined) return;
    const final = charges.filter(({ held }) => !held).map(({ item }) => item);
    const items: Item[] = [];
    for (const item of hold.items) {
      if (final.includes(item)) this.release(item);
      else items.push(item);
      this.touch(item);
    }
    this.holds.delete(op);
    if (items.length > 0 && this.#hasRoom()) this.holds.set(op, { ...hold, items });
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
    for (const { slot } of pending ?? []) if (slot) this.close(slot);
  }

  /**
   * Makes a held take final. Settling twice is once. After the hold has lapsed it still charges, no window above its
   * size. A window that rolled over since is left alone.
   */
  settle(op: number, outcomes: readonly Outcome[], nowMs: number): void {
    this.#lapse(nowMs);
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

  /** Keeps what may still be given back, until it lapses. */
  open(op: number, hold: Hold): void {
    this.holds.set(op, hold);
    this.#lapseAt = Math.min(this.#lapseAt, hold.untilAt);
    for (const item of hold.items) this.hold(item);
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

  #chargeWindows({ decision, slots }: Judgement): Charge[] {
    return slots.map((slot, index) => {
      const { cost } = decision.standings[index] as Standing;
      return { item: this.chargeSlot(slot, cost), held: isHeld(slot.limit), slot };
    });
  }

  #chargeCredits(claims: readonly Claim[]): Charge[] {
    const charges: Charge[] = [];
    for (const { limit } of claims) {
      if (this.credits === undefined || limit.credits === 0 || !isEnforced({ limit })) continue;
      const item = { limit: limit.name, counter: CREDITS, startAt: 0, size: 0, cost: limit.credits };
      this.charge(item, item.cost);
      charges.push({ item, held: limit.charge !== "always" });
    }
    return charges;
  }

  #shadowStandings(claims: readonly Claim[], moment: Moment): Pick<Decision, "shadowStandings"> {
    const shadows = claims.filter((claim) => !isEnforced(claim));
    const { standings } = judge({ counters: this.counters, credits: undefined }, shadows, moment).decision;
    if (standings.length === 0) return {};
    return { shadowStandings: standings.map((standing) => ({ ...standing, cost: 0, isShadow: true })) };
  }

  /** Each shadow limit decides alone, and counts only what it would admit. Names those that would have refused. */
  #chargeShadows(claims: readonly Claim[], moment: Moment, charges: Charge[]): string[] {
    const refused: string[] = [];
    for (const claim of claims) {
      if (isEnforced(claim)) continue;
      const judgement = judge({ counters: this.counters, credits: undefined }, [claim], moment);
      if (judgement.decision.admitted) charges.push(...this.#chargeWindows(judgement));
      else refused.push(claim.limit.name);
    }
    return refused;
  }

  #keep(charges: readonly Charge[], nowMs: number, { op, holdUntilAt, pending = false }: Terms): void {
    const items = charges.map(({ item }) => item);
    const held = pending ? items : charges.filter(({ held }) => held).map(({ item }) => item);
    if (held.length > 0 && (pending || this.#hasRoom())) {
      this.open(op, { untilAt: holdUntilAt, lapsed: false, items: held });
    }
    if (pending) this.#pending.set(op, charges);
    else for (const item of items) this.touch(item);
    // What is held is told from what is not by its very items.
    this.recent.remember(op, nowMs, held.length > 0 ? items : this.recent.likeLast(items));
  }

  /**
   * True where one more hold can be kept. The oldest that lapsed makes room for it; past that, takes are charged for good:
   * that may admit too little, never too much.
   */
  #hasRoom(): boolean {
    if (this.holds.size < HOLDS_MOST) return true;
    for (const [op, { lapsed }] of this.holds) if (lapsed) return this.holds.delete(op);
    return false;
  }

  /**
   * Gives back the holds that nobody settled in time, and forgets those that lapsed long ago. What is pending stays:
   * it is not a request's yet. Writes nothing: a restart finds the hold in its row, and lapsed again.
   */
  #lapse(nowMs: number): void {
    if (nowMs < this.#lapseAt) return;
    this.#lapseAt = Number.POSITIVE_INFINITY;
    for (const [op, hold] of this.holds) {
      const forgetAt = hold.lapsed ? hold.untilAt : hold.untilAt + LAPSED_MS;
      if (hold.untilAt <= nowMs && !this.#pending.has(op)) {
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
  #isHolding(op: number, { id, span }: Slot): boolean {
    const hold = this.holds.get(op);
    if (hold === undefined || hold.lapsed) return false;
    return hold.items.some(({ counter, startAt }) => counter === id && startAt === span.startAt);
  }
}

/** True for a limit that may refuse; a shadow limit only reports. */
export function isEnforced({ limit }: { readonly limit: Limit }): boolean {
  return limit.mode !== "shadow";
}

function charged(standing: Standing, { limit }: Slot, isKept: boolean): Standing {
  return { ...standing, used: standing.used + standing.cost, held: isKept && isHeld(limit) };
}
