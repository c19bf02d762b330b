// Strikes and blocks: when an address that hits limits too often is shut out, and until when. Pure: the caller brings
// the clock.

import type { IpBlock } from "./policy.ts";

/** An address shut out for `[fromAt, untilAt)`. */
export interface Block {
  /** Unix milliseconds. */
  readonly fromAt: number;
  /** Unix milliseconds. */
  readonly untilAt: number;
  /** Why an operator made it, if one did and said so. */
  readonly reason?: string;
}

/** What is held against an address. A block has used its strikes up, so there are never both. */
export type Conduct =
  /** Instants of the throttle hits that may still count, the oldest first, in Unix milliseconds. */
  { readonly strikes: readonly number[] } | { readonly block: Block };

/** Nothing is held against the address. */
export const CLEAN: Conduct = { strikes: [] };

/**
 * Holds one throttle hit against an address. The hit that makes `strikes` of them within `[first, first + within)`
 * begins the block.
 *
 * @returns `conduct` itself for an address that is blocked: that does not extend the block.
 */
export function strike(conduct: Conduct, terms: IpBlock, nowMs: number): Conduct {
  if (blockAt(conduct, nowMs) !== undefined) return conduct;
  const strikes = [...strikesAt(conduct, terms, nowMs), nowMs];
  if (strikes.length < terms.strikes) return { strikes };
  return { block: { fromAt: nowMs, untilAt: nowMs + terms.forMs } };
}

/** The block in force at an instant. */
export function blockAt(conduct: Conduct, nowMs: number): Block | undefined {
  return "block" in conduct && nowMs < conduct.block.untilAt ? conduct.block : undefined;
}

/** The strikes that count at an instant. */
export function strikesAt(conduct: Conduct, { withinMs }: IpBlock, nowMs: number): readonly number[] {
  return "strikes" in conduct ? conduct.strikes.filter((at) => nowMs - at < withinMs) : [];
}

/** Instant from which nothing is held against the address any more; 0 where nothing is. */
export function conductOverAt(conduct: Conduct, terms: IpBlock | undefined): number {
  if ("block" in conduct) return conduct.block.untilAt;
  const last = conduct.strikes.at(-1);
  return last === undefined || terms === undefined ? 0 : last + terms.withinMs;
}
