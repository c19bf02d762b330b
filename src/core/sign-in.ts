// The limit on signing in to the console: weir's own, so no policy can lift it. Counted as any limit by address is.

import type { Limit } from "./policy.ts";
import type { Rules } from "./subject.ts";

/** Attempts by one address. A policy's limit cannot have this name, so its counts are never another's. */
export const SIGN_IN: Limit = {
  name: "weir: sign-in",
  match: [],
  per: "ip",
  windows: [{ size: 5, unit: "minute", multiple: 1, name: "minute" }],
  align: "first",
  cost: 1,
  credits: 0,
  mode: "enforce",
};

/** Rules that know that limit beside their own. */
export function withSignIn({ policy, limits }: Rules): Rules {
  return { policy, limits: new Map([...limits, [SIGN_IN.name, SIGN_IN]]) };
}
