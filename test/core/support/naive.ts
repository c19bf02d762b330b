// Spans found the naive way, with Date and by trying: what the reference model counts in. Shares nothing with the core.

import type { Align, Span, Window } from "../../../src/core/window.ts";

const unitMs = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** The span of a window at an instant; `last` is the span it was last charged in. */
export function naiveSpan(
  window: Window,
  align: Align,
  anchorAt: number | null,
  nowMs: number,
  last?: Span,
): Span {
  if (window.unit === "billing period") return naivePeriod(anchorAt, nowMs, last);
  if (last && nowMs < last.endAt) return last;
  if (window.unit === "month") {
    if (align === "first") return { startAt: nowMs, endAt: stepOf(nowMs, window.multiple) };
    const date = new Date(nowMs);
    const months = (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
    const first = Math.floor(months / window.multiple) * window.multiple;
    return { startAt: Date.UTC(1970, first), endAt: Date.UTC(1970, first + window.multiple) };
  }
  const lengthMs = unitMs[window.unit] * window.multiple;
  const startAt = align === "first" ? nowMs : Math.floor(nowMs / lengthMs) * lengthMs;
  return { startAt, endAt: startAt + lengthMs };
}

/** Where a current billing period ends once its anchor has changed. */
export function naiveMovedEnd(anchorAt: number | null, nowMs: number, { startAt, endAt }: Span): number {
  return nextStep(anchorAt, endAt - 1) === endAt ? endAt : nextStep(anchorAt, Math.max(nowMs, startAt));
}

function naivePeriod(anchorAt: number | null, nowMs: number, last?: Span): Span {
  if (last && nowMs < last.endAt) return { ...last, endAt: naiveMovedEnd(anchorAt, nowMs, last) };
  const endAt = nextStep(anchorAt, nowMs);
  const lastStep = lastStepUntil(anchorAt, nowMs);
  if (last) return { startAt: Math.max(last.endAt, lastStep), endAt };
  if (anchorAt === null) return { startAt: lastStep, endAt };
  const thirtyDaysBack = endAt - 30 * 86_400_000;
  return { startAt: thirtyDaysBack <= nowMs ? thirtyDaysBack : lastStep, endAt };
}

/** The same day and time so many calendar months later, or the month's last day. */
function stepOf(fromAt: number, months: number): number {
  const from = new Date(fromAt);
  const target = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + months));
  const lastDay = new Date(Date.UTC(target.getUTCFullYear(), target.getUTCMonth() + 1, 0)).getUTCDate();
  target.setUTCDate(Math.min(from.getUTCDate(), lastDay));
  return target.getTime() + (fromAt % 86_400_000);
}

function nextStep(anchorAt: number | null, nowMs: number): number {
  let months = roughly(anchorAt, nowMs);
  while (stepOf(anchorAt ?? 0, months) <= nowMs) months++;
  return stepOf(anchorAt ?? 0, months);
}

function lastStepUntil(anchorAt: number | null, nowMs: number): number {
  let months = roughly(anchorAt, nowMs);
  while (stepOf(anchorAt ?? 0, months + 1) <= nowMs) months++;
  return stepOf(anchorAt ?? 0, months);
}

/** A number of months that is surely too few. */
function roughly(anchorAt: number | null, nowMs: number): number {
  return Math.floor((nowMs - (anchorAt ?? 0)) / (31 * 86_400_000)) - 2;
}
