// A window: how much in how long, and the span of time it covers at an instant. Reads no clock and counts nothing.

import { billingSpan } from "./billing.ts";
import { addMonths, dayMs, monthOf } from "./calendar.ts";
import { nearest } from "./nearest.ts";

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

/** Every unit, and the most of it a window may be long: ten years, so that no instant leaves the calendar. */
const mostOf: Readonly<Record<Unit, number>> = {
  second: 3_650 * 86_400,
  minute: 3_650 * 1_440,
  hour: 3_650 * 24,
  day: 3_650,
  month: 120,
  "billing period": 1,
};
const units = Object.keys(mostOf) as Unit[];

/** Lengths of the units that are always equally long. */
const unitMs = { second: 1_000, minute: 60_000, hour: 3_600_000, day: dayMs } as const;

/** Far below the 15 digits of a structured field's integer (RFC 9651, section 3.3.1), so that sums fit there too. */
const mostSize = 1_000_000_000_000;

/**
 * Reads `"<count>/<unit>"`, where the unit may have a multiple and a plural. Blanks between the parts are free.
 *
 * @returns what is wrong with the text, where something is:
 * `expected "<count>/<unit>", got "60/minit" (did you mean "60/minute"?)`.
 */
export function parseWindow(text: string): Window | string {
  const slash = text.indexOf("/");
  if (slash < 0) return wrong('"<count>/<unit>"', text);
  const size = parseWhole(text.slice(0, slash).trim());
  if (!(size <= mostSize)) return wrong(`a whole number from 0 to ${mostSize} before "/"`, text);

  const length = text
    .slice(slash + 1)
    .trim()
    .replace(/\s+/g, " ");
  const [, times = "", words = ""] = /^([-+.,\d]*) ?(.*)$/.exec(length) ?? [];
  const singular = words.replace(/s$/, "");
  const unit = units.find((one) => one === singular) ?? (nearest(singular, units) as Unit | undefined);
  if (unit === undefined) return wrong('"<count>/<unit>"', text, `units: ${units.join(", ")}`);

  const multiple = times === "" ? 1 : parseWhole(times);
  const most = mostOf[unit];
  if (!(multiple >= 1 && multiple <= most)) {
    return wrong(`${most === 1 ? "no multiple" : `a multiple from 1 to ${most}`} of "${unit}"`, text);
  }
  const name = multiple === 1 ? unit : `${multiple} ${unit}s`;
  if (unit !== singular) return wrong('"<count>/<unit>"', text, `did you mean "${size}/${name}"?`);
  return { size, unit, multiple, name };
}

/** The text that {@link parseWindow} reads as this window. */
export function windowText({ size, name }: Window): string {
  return `${size}/${name}`;
}

/** NaN, which no bound admits, for anything but plain digits: no sign, fraction, exponent or grouping. */
function parseWhole(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
}

function wrong(expected: string, text: string, hint?: string): string {
  return `expected ${expected}, got ${JSON.stringify(text)}${hint === undefined ? "" : ` (${hint})`}`;
}

/**
 * The span a counter is in. A span that has not ended is kept, even one that has not begun: a count is never dropped
 * because the clock stepped back. Runs for each window of each request, so a current span costs two comparisons.
 *
 * @param anchorAt the subject's `nextBillingAt`; null: none. Only a billing period asks.
 * @param previous the span the stored count belongs to, of a window of this name.
 * @returns `previous` itself where it is still current and its end stays.
 */
export function spanAt(
  window: Window,
  align: Align,
  anchorAt: number | null,
  nowMs: number,
  previous?: Span,
): Span {
  if (window.unit === "billing period") return billingSpan(anchorAt, nowMs, previous);
  if (previous !== undefined && nowMs < previous.endAt) return previous;
  if (window.unit === "month") return monthSpan(window.multiple, align, nowMs);
  const lengthMs = unitMs[window.unit] * window.multiple;
  const startAt = align === "first" ? nowMs : nowMs - (nowMs % lengthMs);
  return { startAt, endAt: startAt + lengthMs };
}

function monthSpan(multiple: number, align: Align, nowMs: number): Span {
  if (align === "first") return { startAt: nowMs, endAt: addMonths(nowMs, multiple) };
  const month = monthOf(nowMs);
  const first = month - (month % multiple);
  return { startAt: addMonths(0, first), endAt: addMonths(0, first + multiple) };
}
