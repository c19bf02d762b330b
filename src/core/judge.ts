// The judgement: does a request fit in every window and in the credits of one subject? Changes nothing.

import { type Counter, type Slot, slotAt } from "./counter.ts";
import type { Decision, Reason, Refused, Standing } from "./decision.ts";
import type { Limit } from "./policy.ts";

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

/** What became of the claims. */
export interface Judgement {
  /** Every window they ask, in the policy's order. */
  readonly slots: readonly Slot[];
  /** Absent where all of them fit. */
  readonly refusal: Refused | undefined;
}

/** Why something does not fit. */
type Fault = Omit<Refused, "admitted" | "at" | "standings">;

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

/**
 * Judges the claims together: all must fit.
 *
 * @param mode claims on limits of another one are left out.
 */
export function judge(
  { counters, credits }: Books,
  claims: readonly Claim[],
  { nowMs, anchorAt }: Moment,
  mode: Limit["mode"] = "enforce",
): Judgement {
  const slots: Slot[] = [];
  const faults: Fault[] = [];
  let balance = credits;
  for (const { limit, cost, characters } of claims) {
    if (limit.mode !== mode) continue;
    for (const window of limit.windows) {
      const slot = slotAt(counters, limit, window, cost, anchorAt, nowMs);
      const reason = faultOf(slot);
      if (reason === "rate") {
        const firm = slot.used - (slot.counter?.held ?? 0) + cost > window.size;
        faults.push({ reason, refusing: slots.length, retryAfterMs: slot.span.endAt - nowMs, firm });
      } else if (reason !== undefined) faults.push({ reason, refusing: slots.length });
      slots.push(slot);
    }
    const { maxCharacters } = limit;
    if (maxCharacters !== undefined && characters !== undefined && characters > maxCharacters) {
      faults.push({ reason: "characters", maxCharacters });
    }
    if (balance !== undefined && limit.credits > 0) {
      balance -= limit.credits;
      if (balance < 0) faults.push({ reason: "credits" });
    }
  }
  if (faults.length === 0) return { slots, refusal: undefined };
  const standings = slots.map((slot) => standingOf(slot, slot.used, slot.cost));
  const refusals = faults.map((fault) => ({ admitted: false, at: nowMs, standings, ...fault }) as const);
  return { slots, refusal: gravest(refusals) };
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

function faultOf({ window: { size }, used, cost }: Slot): Reason | undefined {
  if (size === 0) return "plan";
  if (cost > size) return "cost";
  return used + cost > size ? "rate" : undefined;
}

/** Where a slot's window stands, after so many units used. */
export function standingOf(
  { limit, window, span }: Slot,
  used: number,
  cost: number,
  held = false,
): Standing {
  return {
    limit: limit.name,
    window: window.name,
    size: window.size,
    used,
    cost,
    held,
    resetAt: span.endAt,
    lengthMs: span.endAt - span.startAt,
  };
}
