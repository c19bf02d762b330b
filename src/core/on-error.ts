// What becomes of a request that could not be decided about.

import type { Limit, OnError, Policy } from "./policy.ts";

/**
 * `deny` where one of the limits says so. What is paid for (credits, billing periods) denies unless its limit says
 * otherwise: an outage must not give it away. A shadow limit never refuses, so it has no say.
 */
export function onErrorOf(limits: readonly Limit[], policy: Pick<Policy, "onError">): OnError {
  const denies = limits
    .filter(({ mode }) => mode === "enforce")
    .some((limit) => (limit.onError ?? (isPaid(limit) ? "deny" : policy.onError)) === "deny");
  return denies ? "deny" : "allow";
}

function isPaid({ credits, windows }: Limit): boolean {
  return credits > 0 || windows.some(({ unit }) => unit === "billing period");
}
