// A window: how much in how long, and the span of time it covers at an instant.

/** A unit of time a window may be made of. */
export type Unit = "second" | "minute" | "hour" | "day" | "month" | "billing period";

/** `clock`: aligned to UTC. `first`: from the first request. */
export type Align = "clock" | "first";

/** How much in how long: `"60/minute"`, `"300/5 minutes"`, `"10000/billing period"`. */
export interface Window {
  /** Units of cost that fit; 0: not in the plan. */
  readonly size: number;
  readonly unit: Unit;
  /** How many units long: 5 for `"5 minutes"`. Always 1 for a billing period. */
  readonly multiple: number;
  /** What names it in its limit: `"minute"`, `"5 minutes"`, `"billing period"`. Never depends on `size`. */
  readonly name: string;
}

/** `[startAt, endAt)` in Unix milliseconds. */
export interface Span {
  readonly startAt: number;
  readonly endAt: number;
}
