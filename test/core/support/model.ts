// The reference model: what a subject is admitted, decided from a plain list of all that was ever charged. Slow and
// simple on purpose, and written from the documented semantics alone.

import type { Reason, Standing } from "../../../src/core/decision.ts";
import type { Outcome } from "../../../src/core/holds.ts";
import type { Plan } from "../../../src/core/plan.ts";
import type { Limit } from "../../../src/core/policy.ts";
import type { Span } from "../../../src/core/window.ts";
import { naiveMovedEnd, naiveSpan } from "./naive.ts";

/** One charge of one take, in one window or in the credits. */
interface Charge {
  readonly op: number;
  readonly limit: string;
  /** Name of the window; undefined: credits. */
  readonly window: string | undefined;
  readonly startAt: number;
  readonly size: number;
  readonly asked: number;
  /** What counts of it now. */
  units: number;
  state: "pending" | "held" | "lapsed" | "final";
  /** What a confirm makes of it. */
  readonly confirmed: "held" | "final";
  readonly untilAt: number;
  /** Where this charge was the first of its span: the span before it. */
  readonly replaced?: { readonly span: Span | undefined };
}

interface Fault {
  readonly reason: Reason;
  readonly refusing: number;
  readonly resetAt: number;
}

const order: Reason[] = ["plan", "cost", "credits", "rate"];
const forgottenAfterMs = 600_000;

export class Model {
  charges: Charge[] = [];
  /** The span each window was last charged in. */
  readonly spans = new Map<string, Span>();
  readonly admitted = new Set<number>();
  credits: number | undefined;
  plan: Plan = {};
  readonly #limits: readonly Limit[];

  constructor(limits: readonly Limit[]) {
    this.#limits = limits;
  }

  take(names: readonly string[], op: number, nowMs: number, holdForMs: number, pending: boolean): object {
    this.lapse(nowMs);
    const limits = this.#of(names);
    const { standings, faults } = this.#judge(limits, nowMs);
    if (this.admitted.has(op)) {
      const held = this.charges.filter((one) => one.op === op && one.state === "held");
      const isHeld = ({ limit, window, resetAt, lengthMs }: Standing) =>
        held.some(
          (one) => one.limit === limit && one.window === window && one.startAt === resetAt - lengthMs,
        );
      return {
        admitted: true,
        at: nowMs,
        standings: standings.map((one) => ({ ...one, held: isHeld(one) })),
      };
    }
    if (faults.length > 0) return this.#refusal(standings, faults, nowMs);
    this.admitted.add(op);
    const state = (limit: Limit, isHeld: boolean) => ({
      op,
      limit: limit.name,
      confirmed: isHeld ? ("held" as const) : ("final" as const),
      state: pending ? ("pending" as const) : isHeld ? ("held" as const) : ("final" as const),
      untilAt: nowMs + holdForMs,
    });
    const shadow: string[] = [];
    for (const limit of limits) {
      if (limit.mode === "shadow" && this.#judgeWindows(limit, nowMs).faults.length > 0) {
        shadow.push(limit.name);
        continue;
      }
      for (const window of limit.windows) {
        const span = this.#span(limit, window, nowMs);
        const before = this.spans.get(`${limit.name}/${window.name}`);
        this.spans.set(`${limit.name}/${window.name}`, span);
        this.charges.push({
          ...state(limit, isWindowHeld(limit)),
          window: window.name,
          startAt: span.startAt,
          size: window.size,
          asked: limit.cost,
          units: limit.cost,
          ...(before?.startAt !== span.startAt && { replaced: { span: before } }),
        });
      }
      if (limit.mode === "shadow" || this.credits === undefined || limit.credits === 0) continue;
      this.credits -= limit.credits;
      const asked = limit.credits;
      const isHeld = limit.charge !== "always";
      this.charges.push({
        ...state(limit, isHeld),
        window: undefined,
        startAt: 0,
        size: 0,
        asked,
        units: asked,
      });
    }
    const charged = standings.map((one) => ({
      ...one,
      used: one.used + one.cost,
      held: limits.some((limit) => limit.name === one.limit && isWindowHeld(limit)),
    }));
    return { admitted: true, at: nowMs, standings: charged, ...(shadow.length > 0 && { shadow }) };
  }

  peek(names: readonly string[], nowMs: number): object {
    this.lapse(nowMs);
    const limits = this.#of(names);
    const { standings, faults } = this.#judge(limits, nowMs);
    const shadowStandings = limits
      .filter(({ mode }) => mode === "shadow")
      .flatMap((limit) => this.#judgeWindows(limit, nowMs).standings)
      .map((one) => ({ ...one, cost: 0, isShadow: true }));
    const looked = shadowStandings.length > 0 && { shadowStandings };
    if (faults.length > 0) return { ...this.#refusal(standings, faults, nowMs), ...looked };
    return { admitted: true, at: nowMs, standings: standings.map((one) => ({ ...one, cost: 0 })), ...looked };
  }

  confirm(op: number): void {
    for (const charge of this.#open(op)) charge.state = charge.confirmed;
  }

  cancel(op: number): void {
    this.admitted.delete(op);
    const mine = this.charges.filter((one) => one.op === op);
    this.charges = this.charges.filter((one) => one.op !== op);
    for (const { limit, window, units, state, startAt, replaced } of mine) {
      const id = `${limit}/${window}`;
      if (window === undefined) this.#giveCredits(units);
      if (window === undefined || state !== "pending" || replaced === undefined) continue;
      if (this.spans.get(id)?.startAt !== startAt || this.used(limit, window) > 0) continue;
      if (replaced.span) this.spans.set(id, replaced.span);
      else this.spans.delete(id);
    }
  }

  settle(op: number, outcomes: readonly Outcome[], nowMs: number): void {
    this.lapse(nowMs);
    for (const charge of this.#open(op)) {
      const outcome = outcomes.find(({ limit }) => limit === charge.limit);
      if (charge.window === undefined) {
        const units = outcome?.credits === false ? 0 : charge.asked;
        this.#giveCredits(charge.units);
        charge.units = Math.min(units, Math.max(0, this.credits ?? 0));
        this.#giveCredits(-charge.units);
      } else if (this.spans.get(`${charge.limit}/${charge.window}`)?.startAt === charge.startAt) {
        const others = this.used(charge.limit, charge.window) - charge.units;
        const most = Math.max(charge.units, charge.size - others);
        charge.units = Math.min(outcome?.cost ?? charge.asked, most);
      }
      charge.state = "final";
    }
  }

  reset(limit: string | undefined): void {
    this.charges = this.charges.filter(
      (one) => one.window === undefined || (limit ?? one.limit) !== one.limit,
    );
  }

  adopt(plan: Plan, nowMs: number): void {
    this.plan = plan;
    for (const [id, span] of this.spans) {
      if (!id.endsWith("billing period") || nowMs >= span.endAt) continue;
      this.spans.set(id, { ...span, endAt: naiveMovedEnd(this.#anchorAt(), nowMs, span) });
    }
  }

  /** Units used in the span a window was last charged in. */
  used(limit: string, window: string): number {
    return this.#sum(limit, window, (one) => one.units);
  }

  /** Gives back what nobody settled in time, and forgets it ten minutes later. */
  lapse(nowMs: number): void {
    for (const charge of this.charges) {
      if (charge.state === "held" && charge.untilAt <= nowMs) {
        if (charge.window === undefined) this.#giveCredits(charge.units);
        charge.units = 0;
        charge.state = "lapsed";
      }
      if (charge.state === "lapsed" && charge.untilAt + forgottenAfterMs <= nowMs) charge.state = "final";
    }
  }

  #open(op: number): Charge[] {
    return this.charges.filter((one) => one.op === op && one.state !== "final");
  }

  #giveCredits(units: number): void {
    if (this.credits !== undefined) this.credits += units;
  }

  #sum(limit: string, window: string, units: (charge: Charge) => number): number {
    const startAt = this.spans.get(`${limit}/${window}`)?.startAt;
    const here = this.charges.filter(
      (one) => one.limit === limit && one.window === window && one.startAt === startAt,
    );
    return here.reduce((sum, one) => sum + units(one), 0);
  }

  #anchorAt(): number | null {
    return this.plan.nextBillingAt ?? null;
  }

  #span(limit: Limit, window: Limit["windows"][number], nowMs: number): Span {
    const last = this.spans.get(`${limit.name}/${window.name}`);
    return naiveSpan(window, limit.align, this.#anchorAt(), nowMs, last);
  }

  #of(names: readonly string[]): Limit[] {
    const limits = this.#limits.filter(({ name }) => names.includes(name));
    return limits.map((limit) => ({ ...limit, ...this.plan.overrides?.[limit.name] }));
  }

  #judge(limits: readonly Limit[], nowMs: number): { standings: Standing[]; faults: Fault[] } {
    const standings: Standing[] = [];
    const faults: Fault[] = [];
    let asked = 0;
    for (const limit of limits) {
      if (limit.mode === "shadow") continue;
      const of = this.#judgeWindows(limit, nowMs);
      faults.push(...of.faults.map((fault) => ({ ...fault, refusing: fault.refusing + standings.length })));
      standings.push(...of.standings);
      asked += limit.credits;
    }
    if (this.credits !== undefined && asked > 0 && asked > this.credits) {
      faults.push({ reason: "credits", refusing: -1, resetAt: 0 });
    }
    return { standings, faults };
  }

  #judgeWindows(limit: Limit, nowMs: number): { standings: Standing[]; faults: Fault[] } {
    const { name, windows, cost } = limit;
    const standings: Standing[] = [];
    const faults: Fault[] = [];
    for (const [index, window] of windows.entries()) {
      const { startAt, endAt } = this.#span(limit, window, nowMs);
      const isCurrent = this.spans.get(`${name}/${window.name}`)?.startAt === startAt;
      const used = isCurrent ? this.used(name, window.name) : 0;
      const fault = (reason: Reason) => faults.push({ reason, refusing: index, resetAt: endAt });
      if (window.size === 0) fault("plan");
      else if (cost > window.size) fault("cost");
      else if (used + cost > window.size) fault("rate");
      const size = window.size;
      standings.push({
        limit: name,
        window: window.name,
        size,
        used,
        cost,
        held: false,
        resetAt: endAt,
        lengthMs: endAt - startAt,
      });
    }
    return { standings, faults };
  }

  #refusal(standings: readonly Standing[], faults: readonly Fault[], nowMs: number): object {
    const reason = order.find((one) => faults.some((fault) => fault.reason === one));
    const same = faults.filter((fault) => fault.reason === reason);
    const latest = Math.max(...same.map(({ resetAt }) => resetAt));
    const refusing = same.find(({ resetAt }) => resetAt === latest)?.refusing ?? -1;
    const standing = standings[refusing];
    const refusal = { admitted: false, at: nowMs, reason, standings };
    if (standing === undefined) return refusal;
    if (reason !== "rate") return { ...refusal, refusing };
    const { limit, window, cost, size } = standing;
    const settled = this.#sum(limit, window, (one) => (one.state === "final" ? one.units : 0));
    return { ...refusal, refusing, retryAfterMs: latest - nowMs, firm: settled + cost > size };
  }
}

function isWindowHeld({ charge, costFrom }: Limit): boolean {
  return costFrom !== undefined || (charge !== undefined && charge !== "always");
}
