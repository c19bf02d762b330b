// What becomes of a logged request. Plain data.

import type { Reason, Standing } from "../../src/core/decision.ts";

/** Why a request is refused: a decision's reason, or one that needs no decision. */
export type ReplayReason = Reason | "unauthenticated" | "denied" | "blocked";

/** Where the windows of one subject stand after a request. */
export interface Part {
  /** `key 3f2a…`, `account acme`, `address 203.0.113.7`. */
  readonly who: string;
  readonly standings: readonly Standing[];
}

/** What becomes of a request. */
export type Verdict =
  | { readonly kind: "unmetered" }
  | { readonly kind: "admitted"; readonly parts: readonly Part[]; readonly shadow?: readonly string[] }
  | Refusal;

/** Nothing is charged for it. */
export interface Refusal {
  readonly kind: "refused";
  readonly reason: ReplayReason;
  /** Every window that governs the request. */
  readonly parts: readonly Part[];
  /** The window that refused, where one did. */
  readonly refusing?: Standing;
}

/** A refusal that no window is part of. */
export function refusalOf(reason: ReplayReason): Refusal {
  return { kind: "refused", reason, parts: [] };
}
