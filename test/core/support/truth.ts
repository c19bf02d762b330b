// What a subject was really admitted, kept outside the ledger and so not lost when it dies: a list of takes.

import type { Limit } from "../../../src/core/policy.ts";
import { Desk, HOLD_MS } from "./desk.ts";

/** A take that was admitted and answered. */
interface Admission {
  readonly op: number;
  readonly at: number;
  readonly limits: readonly Limit[];
  /** Start of the span of each window at the take, by the window's id. */
  readonly startAts: ReadonlyMap<string, number>;
  /** What the held limits cost in the end; undefined until then. */
  finalCost?: number;
  isCancelled?: true;
}

/** One window in its current span: what the ledger says is used, and what was really admitted. */
export interface Account {
  readonly id: string;
  readonly size: number;
  readonly used: number;
  readonly really: number;
  /** Units of cancelled takes that a restart found in the row again, and that will lapse. */
  readonly returning: number;
  /** What the ledger says that restarts have cost the window. */
  readonly lost: number;
}

export class Truth {
  readonly desk: Desk;
  readonly #limits: readonly Limit[];
  readonly #admissions: Admission[] = [];

  constructor(limits: readonly Limit[], share: number) {
    this.#limits = limits;
    this.desk = new Desk("2026-06-15T11:58:30.000Z", share);
  }

  burst(indices: readonly number[], takes: number, everyMs: number): void {
    for (let take = 0; take < takes; take++) {
      this.#take(indices, false);
      this.desk.wait(everyMs);
    }
  }

  pending(indices: readonly number[], confirmed: boolean): void {
    const admission = this.#take(indices, true);
    if (admission === undefined) return;
    // Another request may be answered, and its row written, while others are asked about this one.
    this.#take([0], false);
    if (confirmed) this.desk.confirm(admission.op);
    else {
      this.desk.cancel(admission.op);
      admission.isCancelled = true;
    }
  }

  /** A take whose object dies before its row is written: nobody is told that it was admitted. */
  unanswered(indices: readonly number[]): void {
    const { desk } = this;
    const claims = this.#of(indices).map((limit) => ({ limit, cost: limit.cost }));
    const terms = { op: ++desk.op, holdUntilAt: desk.nowMs + HOLD_MS };
    desk.ledger.take(claims, { nowMs: desk.nowMs, anchorAt: null }, terms);
    desk.crash();
  }

  /** Settles the oldest takes that are still held. */
  settle(takes: number, cost: number): void {
    const held = this.#admissions.filter((one) => this.#isHeld(one)).slice(0, takes);
    for (const admission of held) {
      admission.finalCost = cost;
      this.desk.settle(admission.op, { limit: "held", cost });
    }
  }

  /** Cancels a late take, where the ledger still remembers what it charged. */
  cancel(back: number): void {
    const admission = this.#admissions.at(-1 - back);
    if (admission === undefined || admission.finalCost !== undefined) return;
    if (!this.desk.ledger.recent.get(admission.op)?.items.length || this.#isPartlyForgotten(admission))
      return;
    this.desk.cancel(admission.op);
    admission.isCancelled = true;
  }

  windows(): Account[] {
    // Asks first, so that holds lapse.
    this.desk.peek(this.#limits);
    return this.#limits.flatMap((limit) =>
      limit.windows.flatMap((window) => {
        const id = `${limit.name}/${window.name}`;
        const counter = this.desk.ledger.counters.get(id);
        if (counter === undefined || counter.endAt <= this.desk.nowMs) return [];
        const here = this.#admissions.filter(({ startAts }) => startAts.get(id) === counter.startAt);
        const really = here.reduce((sum, admission) => sum + this.#cost(admission, limit), 0);
        const returning = here.reduce((sum, admission) => sum + this.#returning(admission, id), 0);
        return [{ id, size: window.size, used: counter.used, really, returning, lost: counter.lost }];
      }),
    );
  }

  #returning({ op, isCancelled }: Admission, id: string): number {
    const hold = isCancelled && this.desk.ledger.holds.get(op);
    if (!hold || hold.lapsed) return 0;
    return hold.items.find(({ counter }) => counter === id)?.cost ?? 0;
  }

  #take(indices: readonly number[], pending: boolean): Admission | undefined {
    const limits = this.#of(indices);
    const decision = this.desk.take(limits, { pending });
    if (!decision.admitted) return undefined;
    const startAts = new Map(
      decision.standings.map(({ limit, window, resetAt, lengthMs }) => [
        `${limit}/${window}`,
        resetAt - lengthMs,
      ]),
    );
    const admission = { op: this.desk.op, at: this.desk.nowMs, limits, startAts };
    this.#admissions.push(admission);
    return admission;
  }

  #of(indices: readonly number[]): Limit[] {
    return this.#limits.filter((_, index) => indices.includes(index));
  }

  #isHeld({ limits, finalCost, isCancelled, at }: Admission): boolean {
    const isOpen = finalCost === undefined && !isCancelled && this.desk.nowMs < at + HOLD_MS;
    return isOpen && limits.some(({ charge }) => charge === "success");
  }

  /** After a restart a take remembers only what it still holds, so cancelling it gives back only that. */
  #isPartlyForgotten({ op, startAts }: Admission): boolean {
    return this.desk.ledger.recent.get(op)?.items.length !== startAts.size;
  }

  #cost(admission: Admission, limit: Limit): number {
    if (admission.isCancelled) return 0;
    if (limit.charge !== "success") return limit.cost;
    if (admission.finalCost !== undefined) return admission.finalCost;
    return this.desk.nowMs < admission.at + HOLD_MS ? limit.cost : 0;
  }
}
