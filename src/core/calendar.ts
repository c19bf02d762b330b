// UTC calendar arithmetic on Unix milliseconds, without a clock: months, and RFC 3339 text. Proleptic Gregorian,
// and no leap seconds: every day has 86 400 s.

/** Length of every UTC day in milliseconds. */
export const dayMs = 86_400_000;

/** First and last instant that RFC 3339's four digits of a year can write. */
const earliestAt = -62_167_219_200_000;
const latestAt = 253_402_300_799_999;

/** Months from 0000-03, where the algorithm's years begin (so that 29 Feb is a year's last day), to 1970-01. */
const epochMonth = 1970 * 12 - 2;
/** Days from 0000-03-01 to 1970-01-01. */
const epochDay = 719_468;

interface Civil {
  /** Months since 1970-01. */
  readonly month: number;
  /** Day of the month, from 1. */
  readonly day: number;
  /** Milliseconds since midnight. */
  readonly timeMs: number;
}

/** Days from 1970-01-01 to the first of a month: `days_from_civil` of Howard Hinnant's date algorithms. */
function firstDay(month: number): number {
  const months = month + epochMonth;
  const year = Math.floor(months / 12);
  const leapDays = Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400);
  return 365 * year + leapDays + daysBefore(months - 12 * year) - epochDay;
}

/** Days of a year before one of its months, counted from March: 31, 30, 31, 30, 31 and again. */
function daysBefore(marchMonth: number): number {
  return Math.floor((153 * marchMonth + 2) / 5);
}

/** `civil_from_days` of the same algorithms; an era is the 400 years after which the calendar repeats. */
function civil(atMs: number): Civil {
  const unixDay = Math.floor(atMs / dayMs);
  const days = unixDay + epochDay;
  const era = Math.floor(days / 146_097);
  const eraDay = days - era * 146_097;
  const leapDays = Math.floor(eraDay / 1_460) - Math.floor(eraDay / 36_524) + Math.floor(eraDay / 146_096);
  const eraYear = Math.floor((eraDay - leapDays) / 365);
  const yearDay = eraDay - (365 * eraYear + Math.floor(eraYear / 4) - Math.floor(eraYear / 100));
  const marchMonth = Math.floor((5 * yearDay + 2) / 153);
  return {
    month: (era * 400 + eraYear) * 12 + marchMonth - epochMonth,
    day: yearDay - daysBefore(marchMonth) + 1,
    timeMs: atMs - unixDay * dayMs,
  };
}

function daysIn(month: number): number {
  return firstDay(month + 1) - firstDay(month);
}

/** The calendar month an instant lies in, as months since 1970-01; it starts at `addMonths(0, month)`. */
export function monthOf(atMs: number): number {
  return civil(atMs).month;
}

/**
 * The instant so many calendar months later (earlier, if negative), at the same time of day, on the same day or the
 * month's last. Step from the original instant, never from a step: 31 Jan + 1 is 28 Feb, and 31 Jan + 2 is 31 Mar.
 */
export function addMonths(atMs: number, months: number): number {
  const { month, day, timeMs } = civil(atMs);
  const target = month + months;
  return (firstDay(target) + Math.min(day, daysIn(target)) - 1) * dayMs + timeMs;
}

/** An instant of the years 0000 to 9999 as RFC 3339 text in UTC: `2026-06-09T00:00:00.000Z`. */
export function isoTime(atMs: number): string {
  const { month, day, timeMs } = civil(atMs);
  const year = Math.floor(month / 12);
  const date = `${digits(1970 + year, 4)}-${digits(month - year * 12 + 1)}-${digits(day)}`;
  const [hour, minute, second] = [timeMs / 3_600_000, (timeMs / 60_000) % 60, (timeMs / 1_000) % 60];
  return `${date}T${digits(hour)}:${digits(minute)}:${digits(second)}.${digits(timeMs % 1_000, 3)}Z`;
}

function digits(value: number, length = 2): string {
  return String(Math.floor(value)).padStart(length, "0");
}

const isoPattern = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d)))?$/i;

/**
 * The instant that RFC 3339 text names, in Unix milliseconds; a date alone is its first instant in UTC. Digits past
 * the millisecond are cut off.
 *
 * @returns undefined where the text is no such instant: a day the month does not have, a time without `Z` or an
 * offset, a leap second (which Unix time cannot tell apart), or a year that is not 0000 to 9999 in UTC.
 */
export function parseIsoTime(text: string): number | undefined {
  const parts = isoPattern.exec(text);
  if (parts === null) return undefined;
  const part = (index: number) => Number(parts[index] ?? 0);
  const month = (part(1) - 1970) * 12 + part(2) - 1;
  const real =
    within(part(2), 1, 12) &&
    within(part(3), 1, daysIn(month)) &&
    within(part(4), 0, 23) &&
    within(part(5), 0, 59) &&
    within(part(6), 0, 59) &&
    within(part(9), 0, 23) &&
    within(part(10), 0, 59);
  if (!real) return undefined;
  const milliseconds = Number((parts[7] ?? "").slice(0, 3).padEnd(3, "0"));
  const offsetMinutes = (part(9) * 60 + part(10)) * (parts[8] === "-" ? -1 : 1);
  const minutes = part(4) * 60 + part(5) - offsetMinutes;
  const atMs = (firstDay(month) + part(3) - 1) * dayMs + (minutes * 60 + part(6)) * 1_000 + milliseconds;
  return within(atMs, earliestAt, latestAt) ? atMs : undefined;
}

function within(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}
