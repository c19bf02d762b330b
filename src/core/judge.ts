// The judgement: does a request fit in every window and in the credits of one subject? Changes nothing.

import { type Counter, type Slot, slotAt } from "./counter.ts";
import type { Decision, Reason, Refused, Standing } from "./decision.ts";
import type { Limit } from "./policy.ts";
import type { Window } from "./window.ts";

/** What a request asks of one limit, as that limit applies to the subject. */
export interface Claim {
  readonly limit: Limit;
  /** Units asked; at least 1. */
  readonly cost: number;
  /** Unicode code points of the request, where the limit counts them. */
  readonly characters?: number;
}

/** The instant of a call, and what the subject's plan says of time. */
export interface Moment {
  /** The object's clock, in Unix milliseconds. */
  readonly nowMs: number;
  /** `nextBillingAt` that anchors the subject's billing periods; null: calendar months. */
  readonly anchorAt: number | null;
}

/** A decision with the slots it was made on, one for each of its standings. */
export interface Judgement {
  readonly decision: Decision;
  readonly slots: readonly Slot[];
}

/** What a subject has to be judged by. */
export interface Books {
  readonly counters: ReadonlyMap<string, Counter>;
  /** Balance; undefined: not metered by credits. */
  readonly credits: number | undefined;
}

/**
 * Reasons by what a caller should hear first: those that no waiting mends come before `rate`, or a client would wait for
 * a window only to be refused for good.
 */
const PRECEDENCE: readonly Reason[] = ["plan", "cost", "characters", "credits", "rate"];

/** True where the limit's windows are only held until the origin has answered. */
export function isHeld(limit: Limit): boolean {
  return limit.costFrom !== undefined || (limit.charge !== undefined && limit.charge !== "always");
}

/** Judges the claims together: all must fit. */
export function judge(books: Books, claims: readonly Claim[], moment: Moment): Judgement {
  const slots: Slot[] = [];
  const standings: Standing[] = [];
  const refusals: Refused[] = [];
  const refuse = (reason: Reason, more?: Partial<Refused>) =>
    refusals.push({ admitted: false, at: moment.nowMs, reason, standings, ...more });
  let credits = books.credits;
  for (const { limit, cost, characters } of claims) {
    for (const window of limit.windows) {
      const slot = slotAt(books.counters, limit, window, moment.anchorAt, moment.nowMs);
      const used = slot.counter?.used ?? 0;
      const reason = fault(window, used, cost);
      if (reason === "rate") {
        const firm = used - (slot.counter?.held ?? 0) + cost > window.size;
        refuse(reason, { refusing: slots.length, retryAfterMs: slot.span.endAt - moment.nowMs, firm });
      } else if (reason !== undefined) refuse(reason, { refusing: slots.length });
      slots.push(slot);
      standings.push(standing(slot, used, cost));
    }
    const { maxCharacters } = limit;
    if (maxCharacters !== undefined && characters !== undefined && characters > maxCharacters) {
      refuse("characters", { maxCharacters });
    }
    if (credits !== undefined && limit.credits > 0) {
      credits -= limit.credits;
      if (credits < 0) refuse("credits");
    }
  }
  return { slots, decision: gravest(refusals) ?? { admitted: true, at: moment.nowMs, standings } };
}

/**
 * One decision of several subjects: admitted where all of them admit. Indices and standings are those of the
 * subjects one after the other; where one refuses, what the others charged is about to be given back, and not shown.
 */
export function combine(decisions: readonly Decision[]): Decision {
  const [first, ...others] = decisions;
  if (first !== undefined && others.length === 0) return first;
  const isAdmitted = decisions.every(({ admitted }) => admitted);
  const standings = decisions.flatMap((decision) => (isAdmitted ? decision.standings : uncharged(decision)));
  const shadow = decisions.flatMap((decision) => (decision.admitted ? (decision.shadow ?? []) : []));
  const shadowStandings = decisions.flatMap((decision) => decision.shadowStandings ?? []);
  const looked = shadowStandings.length > 0 && { shadowStandings };
  const refusals: Refused[] = [];
  let offset = 0;
  for (const decision of decisions) {
    if (!decision.admitted) {
      const { refusing } = decision;
      refusals.push({
        ...decision,
        standings,
        ...looked,
        ...(refusing !== undefined && { refusing: refusing + offset }),
      });
    }
    offset += decision.standings.length;
  }
  const at = Math.max(...decisions.map((decision) => decision.at));
  return (
    gravest(refusals) ?? { admitted: true, at, standings, ...(shadow.length > 0 && { shadow }), ...looked }
  );
}

/** The refusal to answer with: the first reason in `PRECEDENCE`, and of its windows the one that resets last. */
function gravest(refusals: readonly Refused[]): Refused | undefined {
  const resetAt = ({ standings, refusing }: Refused) =>
    refusing === undefined ? 0 : (standings[refusing]?.resetAt ?? 0);
  return refusals.reduce<Refused | undefined>((worst, next) => {
    if (worst === undefined) return next;
    const rank = PRECEDENCE.indexOf(next.reason) - PRECEDENCE.indexOf(worst.reason);
    if (rank !== 0) return rank < 0 ? next : worst;
    return resetAt(next) > resetAt(worst) ? next : worst;
  }, undefined);
}

function uncharged({ admitted, standings }: Decision): readonly Standing[] {
  if (!admitted) return standings;
  return standings.map((standing) => ({ ...standing, used: standing.used - standing.cost, held: false }));
}

function fault(window: Window, used: number, cost: number): Reason | undefined {
  if (window.size === 0) return "plan";
  if (cost > window.size) return "cost";
  return used + cost > window.size ? "rate" : undefined;
}

function standing({ limit, window, span }: Slot, used: number, cost: number): Standing {
  return {
    limit: limit.name,
    window: window.name,
    size: window.size,
    used,
    cost,
    held: false,
    resetAt: span.endAt,
    lengthMs: span.endAt - span.startAt,
  };
}
