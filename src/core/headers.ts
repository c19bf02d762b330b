// The limit headers: what a decision says of its windows on the wire. Here alone milliseconds become seconds; no
// platform's header object is touched.

import { type Item, serializeList } from "structured-headers";
import { dayMs } from "./calendar.ts";
import { type Decision, remaining, reported, type Standing } from "./decision.ts";
import type { Policy } from "./policy.ts";

/** A header's name and value. */
export type Header = readonly [name: string, value: string];

/**
 * The longest wait that is ever told: 20 days. Common clients' timers hold 2³¹ milliseconds, past which they fire at once,
 * in a hot loop; and some clients add a fifth to the wait.
 */
const mostRetryAfterSeconds = 1_728_000;

/** The longest wait that the SDKs which know `X-Should-Retry` all obey; past it some try again at once. */
const mostObeyedMs = 60_000;

/** The largest integer of a structured field (RFC 9651, section 3.3.1). */
const mostInteger = 999_999_999_999_999;

/** Every name that means a limit, of any convention: `x-ratelimit-*`, `x-rate-limit-*`, `ratelimit`, `ratelimit-*`. */
const limitHeader = /^(?:x-)?rate-?limit(?:-|$)/;

/** The one header of a refusal that says more than whole seconds. */
export const RETRY_AFTER_MS = "Retry-After-Ms";

/** What weir writes on metered answers, for whoever has to name it (`Access-Control-Expose-Headers`). */
export const LIMIT_HEADER_NAMES: readonly string[] = [
  "X-RateLimit-Limit",
  "X-RateLimit-Remaining",
  "X-RateLimit-Reset",
  "RateLimit",
  "RateLimit-Policy",
];

/**
 * True for a header that speaks of limits, which clients may forge and origins may send. `retry-after` is none of them:
 * an origin's own 503 may carry it.
 *
 * @param name in lower case.
 */
export function isLimitHeader(name: string): boolean {
  return limitHeader.test(name);
}

/** Whole seconds to wait: rounded up, from 1 to 1 728 000, so that a client never comes back too early or in a loop. */
export function retryAfterSeconds(retryAfterMs: number): number {
  return Math.min(Math.max(wholeSeconds(retryAfterMs), 1), mostRetryAfterSeconds);
}

/** The value of `Retry-After-Ms`: the same wait to the millisecond. */
export function retryAfterToTheMs(retryAfterMs: number): string {
  return String(Math.min(Math.max(Math.ceil(retryAfterMs), 1), mostRetryAfterSeconds * 1000));
}

/** An instant in Unix seconds, rounded up: at that second the window is surely over. */
export function unixSeconds(at: number): number {
  return wholeSeconds(at);
}

/**
 * Names a limit's window as a quota policy: `apply-minute`, `apply-5-minutes`. Unique, because no window's name ends in
 * another's, and plain ASCII, because the limit's name is.
 */
export function policyName({ limit, window }: Standing): string {
  return `${limit}-${window.replaceAll(" ", "-")}`;
}

/**
 * The headers of a metered answer, forwarded or refused: where the reported window stands, and on a 429 when to try again.
 *
 * @param report name of the window to report on admitted answers, from the limit.
 */
export function limitHeaders(decision: Decision, style: Policy["headers"], report?: string): Header[] {
  const headers: Header[] = [];
  if (style === "x-ratelimit" || style === "both") pushReported(headers, reported(decision, report));
  if (style === "ietf" || style === "both") pushQuotas(headers, decision);
  if (!decision.admitted && decision.retryAfterMs !== undefined) {
    pushRetry(headers, decision.retryAfterMs, reported(decision));
  }
  return headers;
}

/**
 * `Retry-After`, and two headers that SDKs know: the same to the millisecond; and, where a day or more is spent, that this
 * call is not to wait for it.
 */
function pushRetry(headers: Header[], retryAfterMs: number, refusing: Standing | undefined): void {
  headers.push(
    ["Retry-After", String(retryAfterSeconds(retryAfterMs))],
    [RETRY_AFTER_MS, retryAfterToTheMs(retryAfterMs)],
  );
  if (retryAfterMs > mostObeyedMs && refusing !== undefined && refusing.lengthMs >= dayMs) {
    headers.push(["X-Should-Retry", "false"]);
  }
}

function pushReported(headers: Header[], standing: Standing | undefined): void {
  if (standing === undefined) return;
  headers.push(
    ["X-RateLimit-Limit", String(standing.size)],
    ["X-RateLimit-Remaining", String(remaining(standing))],
    ["X-RateLimit-Reset", String(unixSeconds(standing.resetAt))],
  );
}

/** draft-ietf-httpapi-ratelimit-headers-11: every window that governs, in the policy's order. */
function pushQuotas(headers: Header[], { standings, at }: Decision): void {
  if (standings.length === 0) return;
  const policies = standings.map((one) => item(one, "q", one.size, "w", wholeSeconds(one.lengthMs)));
  const limits = standings.map((one) => item(one, "r", remaining(one), "t", wholeSeconds(one.resetAt - at)));
  headers.push(["RateLimit-Policy", serializeList(policies)], ["RateLimit", serializeList(limits)]);
}

/** One member of either list, its two parameters kept within what a structured field can say. */
function item(standing: Standing, first: string, units: number, second: string, seconds: number): Item {
  const parameters = new Map([
    [first, integer(units)],
    [second, integer(seconds)],
  ]);
  return [policyName(standing), parameters];
}

function wholeSeconds(ms: number): number {
  return Math.ceil(ms / 1000);
}

function integer(value: number): number {
  return Math.min(Math.max(value, 0), mostInteger);
}
