// What the origin's answer makes of what a take holds. Pure: reads a status and a header's value, changes nothing.

import type { Admitted, Standing } from "./decision.ts";
import type { Outcome } from "./holds.ts";
import type { ChargeOn, Limit } from "./policy.ts";

/** The part of the origin's answer that a charge depends on. */
export interface OriginAnswer {
  readonly status: number;
  /** Reads an answer header by its lower-case name. */
  readonly header: (name: string) => string | null;
}

/**
 * How an answer settles what each limit holds.
 *
 * @param answer undefined where the origin gave none: a failure.
 */
export function outcomesOf(limits: readonly Limit[], answer: OriginAnswer | undefined): Outcome[] {
  return limits.map((limit) => {
    const isWindowCharged = answer !== undefined && isCharged(limit.charge ?? "always", answer.status);
    const areCreditsCharged = answer !== undefined && isCharged(limit.charge ?? "success", answer.status);
    const cost = isWindowCharged ? trueCost(limit, answer) : failedCost(limit);
    return { limit: limit.name, ...(cost !== undefined && { cost }), credits: areCreditsCharged };
  });
}

/** The standings as they are once the outcomes are applied, for the headers of the very answer that settles them. */
export function settled(decision: Admitted, outcomes: readonly Outcome[]): Admitted {
  if (!decision.standings.some(({ held }) => held)) return decision;
  return {
    ...decision,
    standings: decision.standings.map((standing) => settledStanding(standing, outcomes)),
  };
}

function settledStanding(standing: Standing, outcomes: readonly Outcome[]): Standing {
  if (!standing.held) return standing;
  const cost = outcomes.find(({ limit }) => limit === standing.limit)?.cost ?? standing.cost;
  return { ...standing, used: standing.used - standing.cost + cost, cost, held: false };
}

/** True for a 2xx, and for a WebSocket that the origin accepts (101). */
export function isSuccess(status: number): boolean {
  return (status >= 200 && status < 300) || status === 101;
}

function isCharged(charge: ChargeOn, status: number): boolean {
  if (charge === "always") return true;
  if (charge === "success") return isSuccess(status);
  return charge.includes(status);
}

/** Windows that are charged always keep their estimate where there is no answer to correct it. */
function failedCost(limit: Limit): number | undefined {
  return limit.charge === undefined || limit.charge === "always" ? undefined : 0;
}

/** The origin's own figure; anything but a whole number leaves the estimate. */
function trueCost({ costFrom }: Limit, { header }: OriginAnswer): number | undefined {
  const value = costFrom === undefined ? null : header(costFrom);
  return value !== null && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}
