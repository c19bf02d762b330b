// Metrics: one Analytics Engine data point a decision, where the binding is there. Never a key, nor its id.

import { reported } from "../core/decision.ts";
import type { Verdict } from "./decide.ts";
import type { MeteredPassage } from "./passage.ts";

/**
 * Writes the data point of a decision: index1 and blob1 the limit, blob2 the outcome (`admitted`, a refusal's cause, or
 * `degraded`), blob3 the tier, blob4 the colo; double1 the cost, double2 the milliseconds it took.
 *
 * @param askedAt instant the decision was asked for, in Unix milliseconds.
 */
export function record({ env, request, limits }: MeteredPassage, verdict: Verdict, askedAt: number): void {
  if (env.METRICS === undefined) return;
  const decision = verdict.kind === "taken" ? verdict.taken.decision : undefined;
  const standing = decision && reported(decision);
  const limit = standing?.limit ?? limits[0]?.name ?? "";
  const tier = verdict.kind === "taken" ? (verdict.taken.tier ?? "") : "";
  const colo = typeof request.cf?.colo === "string" ? request.cf.colo : "";
  env.METRICS.writeDataPoint({
    indexes: [limit],
    blobs: [limit, outcomeOf(verdict), tier, colo],
    doubles: [standing?.cost ?? 0, Date.now() - askedAt],
  });
}

/** What came of a request, in a word: `admitted`, a refusal's cause, or `degraded`. */
export function outcomeOf(verdict: Verdict): string {
  switch (verdict.kind) {
    case "taken":
      if (!verdict.taken.decision.admitted) return verdict.taken.decision.reason;
      return verdict.taken.isUnguarded ? "degraded" : "admitted";
    case "uncountable":
      return verdict.cause;
    case "undecided":
      return "degraded";
  }
}
