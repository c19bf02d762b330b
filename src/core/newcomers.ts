// Newcomers: the keys that nobody knows yet, and how many of them one address may bring. Pure: the caller brings the clock.

import type { Refused } from "./decision.ts";
import { type Span, spanAt, type Window } from "./window.ts";

/** The untrusted keys an address has brought in one span of the window. Never more than the window's size. */
export interface Newcomers extends Span {
  /** By what `newcomerName` calls them. */
  readonly names: readonly string[];
}

/** The address may bring the key; or it has brought too many others. */
export type Brought =
  | { readonly kind: "welcome"; readonly newcomers: Newcomers }
  | { readonly kind: "refused"; readonly decision: Refused };

/** What stands for the limit's name in the standing of a refused newcomer. */
const LIMIT_NAME = "new-keys";

/** What an address's shard knows a key by: enough to tell a thousand keys apart, too little to be one. */
export function newcomerName(keyId: string): string {
  return keyId.slice(0, 8);
}

/**
 * Lets an address bring a key that nobody knows. It may bring the same one as often as it likes.
 *
 * @param newcomers what the address has brought before; absent: nothing.
 * @returns `newcomers` itself where the key is one of them.
 */
export function bring(
  newcomers: Newcomers | undefined,
  name: string,
  window: Window,
  nowMs: number,
): Brought {
  const { startAt, endAt } = spanAt(window, "clock", null, nowMs, newcomers);
  const known = newcomers?.startAt === startAt ? newcomers : { startAt, endAt, names: [] };
  if (known.names.includes(name)) return { kind: "welcome", newcomers: known };
  if (known.names.length < window.size) {
    return { kind: "welcome", newcomers: { ...known, names: [...known.names, name] } };
  }
  return { kind: "refused", decision: refusal(known, window, nowMs) };
}

/** Not firm: the same key may come from another address. */
function refusal({ startAt, endAt, names }: Newcomers, { name, size }: Window, nowMs: number): Refused {
  const standing = {
    limit: LIMIT_NAME,
    window: name,
    size,
    used: names.length,
    cost: 1,
    held: false,
    resetAt: endAt,
    lengthMs: endAt - startAt,
  };
  const retryAfterMs = endAt - nowMs;
  return { admitted: false, at: nowMs, reason: "newcomer", standings: [standing], refusing: 0, retryAfterMs };
}
