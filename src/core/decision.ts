// What a take decides, and which window an answer reports. Plain data; it never leaves the core's words.

import type { Limit } from "./policy.ts";

/** Where one window of one subject stands, after the request that asked. */
export interface Standing {
  /** Name of the limit. */
  readonly limit: string;
  /** Name of the window in its limit: `"minute"`, `"5 minutes"`, `"billing period"`. */
  readonly window: string;
  /** The window's size in units of cost. */
  readonly size: number;
  /** Units charged or held in the current period. May exceed `size` after a plan was lowered. */
  readonly used: number;
  /** Units this request asks here. Charged, and so part of `used`, only where it was admitted. */
  readonly cost: number;
  /** True where `cost` is charged but only held: a settle may still change it. */
  readonly held: boolean;
  /** Instant the period ends, in Unix milliseconds by the object's clock. */
  readonly resetAt: number;
  /** Length of the whole period in milliseconds. */
  readonly lengthMs: number;
  /** True where the limit is a shadow: it counts here and refuses nobody. */
  readonly isShadow?: true;
}

/** Why a request was refused. Only `rate` and `newcomer` go away by waiting, and only they are strikes. */
export type Reason =
  /** A window is full: 429. */
  | "rate"
  /** A window of size 0, so not in the subject's plan: 403. */
  | "plan"
  /** The cost exceeds a window's whole size: 413. */
  | "cost"
  /** The body has more characters than the plan allows: 413. */
  | "characters"
  /** A credit balance is spent: 402. */
  | "credits"
  /** The address has brought too many keys that nobody knows: 429. */
  | "newcomer"
  /** The key is not registered and `UNKNOWN_KEYS = "reject"`: 401. */
  | "unknown"
  /** The key's plan has expired: 401. */
  | "expired"
  /** The key is disabled: 403. */
  | "disabled";

/** Admitted: every window had room and has been charged (or holds the cost). */
export interface Admitted {
  readonly admitted: true;
  /** The object's clock when it decided, in Unix milliseconds. */
  readonly at: number;
  /** Every window that governs the request, in the policy's order. */
  readonly standings: readonly Standing[];
  /** Names of the shadow limits that would have refused it. */
  readonly shadow?: readonly string[];
  /** The windows of shadow limits, where this is but a look. No answer reports them. */
  readonly shadowStandings?: readonly Standing[];
}

/** Refused: nothing was charged anywhere. */
export interface Refused {
  readonly admitted: false;
  readonly at: number;
  readonly reason: Reason;
  /** Every window that governs the request, none of them charged. */
  readonly standings: readonly Standing[];
  /** Index into `standings` of the window that refused (the latest reset of those); absent where no window did. */
  readonly refusing?: number;
  /** Milliseconds until every window that refused has room; only where waiting helps. */
  readonly retryAfterMs?: number;
  /** True where settled counts alone refuse in that window: until its reset nothing but a reset by hand can lift it. */
  readonly firm?: boolean;
  /** The most the subject may ask for, where `reason` is `characters`. */
  readonly maxCharacters?: number;
  /** The windows of shadow limits, where this is but a look. No answer reports them. */
  readonly shadowStandings?: readonly Standing[];
}

export type Decision = Admitted | Refused;

/** Units left in a window; never negative. */
export function remaining(standing: Standing): number {
  return Math.max(0, standing.size - standing.used);
}

/**
 * The window that an answer reports: for a refusal the refusing one; else the one the policy names in
 * `report`, else the one with the least remaining, a tie going to the later reset.
 *
 * @param report name of the window to report on admitted answers, from the policy.
 * @returns undefined only where no window governs the request.
 */
export function reported(decision: Decision, report?: string): Standing | undefined {
  if (!decision.admitted && decision.refusing !== undefined) return decision.standings[decision.refusing];
  const named = report === undefined ? undefined : decision.standings.find((one) => one.window === report);
  return named ?? decision.standings.reduce<Standing | undefined>(tighter, undefined);
}

/** All that a look found: the windows that govern the request, then those of shadow limits. */
export function lookedAt({ standings, shadowStandings = [] }: Decision): readonly Standing[] {
  return [...standings, ...shadowStandings];
}

/** The window that the limits name to report; undefined: none does. */
export function reportOf(limits: readonly Pick<Limit, "report">[]): string | undefined {
  return limits.find(({ report }) => report !== undefined)?.report;
}

/** An admitted decision with only the window that its answer reports. */
export function briefly(decision: Admitted, report?: string): Admitted {
  const standing = reported(decision, report);
  return standing === undefined ? decision : { ...decision, standings: [standing] };
}

function tighter(best: Standing | undefined, next: Standing): Standing {
  if (best === undefined) return next;
  const gap = remaining(next) - remaining(best);
  if (gap !== 0) return gap < 0 ? next : best;
  return next.resetAt > best.resetAt ? next : best;
}
