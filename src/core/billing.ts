// Billing periods: the span of a quota that follows a subscription's billing date. Says when, never how much.

import { addMonths, dayMs, monthOf } from "./calendar.ts";
import type { Span } from "./window.ts";

const firstPeriodMs = 30 * dayMs;

/** Without a billing date the steps are those of the epoch, a first of the month at 00:00 UTC. */
const epochAt = 0;

/**
 * The billing period a count at this instant belongs to. Its end is the first step of the anchor after now (an anchor
 * steps by calendar months either way, see {@link addMonths}); its start follows from the period before, so periods
 * never overlap and leave no instant free:
 *
 * - the period before has not ended: the same one. It keeps its start, and its end moves only if it is no step of
 *   the anchor, that is if the anchor has changed. So no clock that steps back can cut it short, and an end that is
 *   a step of the new anchor too (28 Feb, of one on the 28th and of one on the 31st) stays.
 * - it is over: the new one starts where it ended, or at the anchor's last step, if that is later: the periods
 *   between them passed unseen.
 * - there is none: the first starts 30 days before its end, or at the anchor's last step where now is earlier than
 *   that (31 days lie between the steps, and the first of them would be free). A calendar month starts on the 1st.
 *
 * @param anchorAt the subject's `nextBillingAt`, past or future; null: the calendar month in UTC.
 * @param previous the period the stored count belongs to.
 * @returns `previous` itself where it is still current and its end stays.
 */
export function billingSpan(anchorAt: number | null, nowMs: number, previous?: Span): Span {
  if (previous !== undefined && nowMs < previous.endAt) {
    if (stepsAround(anchorAt, previous.endAt).startAt === previous.endAt) return previous;
    const { endAt } = stepsAround(anchorAt, Math.max(nowMs, previous.startAt));
    return { startAt: previous.startAt, endAt };
  }
  const steps = stepsAround(anchorAt, nowMs);
  if (previous !== undefined) {
    return { startAt: Math.max(previous.endAt, steps.startAt), endAt: steps.endAt };
  }
  const rewoundAt = steps.endAt - firstPeriodMs;
  return anchorAt !== null && rewoundAt <= nowMs ? { startAt: rewoundAt, endAt: steps.endAt } : steps;
}

/** The anchor's last step at or before an instant, and its first after it. Each calendar month holds one step. */
function stepsAround(anchorAt: number | null, atMs: number): Span {
  const anchor = anchorAt ?? epochAt;
  const months = monthOf(atMs) - monthOf(anchor);
  const stepAt = addMonths(anchor, months);
  return stepAt > atMs
    ? { startAt: addMonths(anchor, months - 1), endAt: stepAt }
    : { startAt: stepAt, endAt: addMonths(anchor, months + 1) };
}
