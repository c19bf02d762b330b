// Holds: what takes have charged but an answer of the origin, or another subject, may still change. Plain data.

/** Id that stands for the credit balance where a counter's id would stand. */
export const CREDITS = "credits";

/** One thing a take charged: units in one counter, or credits. */
export interface Item {
  /** Name of the limit that asked. */
  readonly limit: string;
  /** The counter's id, or `CREDITS`. */
  readonly counter: string;
  /** Start of the span that was charged: a refund after the span rolled over changes nothing. */
  readonly startAt: number;
  /** The window's size at the take; a later charge fills the window up to it. */
  readonly size: number;
  readonly cost: number;
  /** True where the origin's answer may still change it. */
  readonly held: boolean;
}

/** What one take holds until its settle. */
export interface Hold {
  /** Instant it lapses and is given back; once lapsed, the instant it is forgotten. */
  readonly untilAt: number;
  /** Given back already; a settle that still comes charges anew. */
  readonly lapsed: boolean;
  readonly items: readonly Item[];
  /** Present where the takes are lent, for a key to spend: what lapses then is spent, not given back. */
  readonly lease?: { readonly holder: string; readonly takes: number };
}

/** How the origin's answer changes what one limit holds. What is absent stays as it was held. */
export interface Outcome {
  readonly limit: string;
  /** Units to charge in the end; 0 gives all back. */
  readonly cost?: number;
  /** False gives the credits back. */
  readonly credits?: boolean;
}

/** Units or credits that an item costs in the end. */
export function finalCost({ limit, counter, cost }: Item, outcomes: readonly Outcome[]): number {
  const outcome = outcomes.find((one) => one.limit === limit);
  if (counter === CREDITS) return outcome?.credits === false ? 0 : cost;
  return outcome?.cost ?? cost;
}
