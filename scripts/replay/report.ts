// The report of a replay as plain data: what `--json` writes, and what the table and the page show. Counts nothing.

import { isoTime } from "../../src/core/calendar.ts";
import type { Limit } from "../../src/core/policy.ts";
import type { Page } from "./book.ts";
import type { Difference } from "./difference.ts";
import type { Log } from "./log.ts";
import type { Tally, WindowTally } from "./tally.ts";

/** Subjects that a list names. */
const NAMED = 10;

/** A whole replay. */
export interface Report {
  readonly log: LogReport;
  readonly policy: PolicyReport;
  /** Only where a second policy was replayed. */
  readonly against?: PolicyReport;
  readonly difference?: Difference;
}

/** What there was to replay. Instants are RFC 3339 text. */
export interface LogReport {
  readonly files: readonly string[];
  readonly lines: number;
  readonly requests: number;
  /** Blank lines and subrequests of Workers. */
  readonly skipped: number;
  readonly malformed: number;
  /** The first of them: `access.ndjson:17: time: expected …`. */
  readonly malformedLines: readonly string[];
  readonly firstAt: string | null;
  readonly lastAt: string | null;
  /** Requests that are older than one before them, and the most that one is, in seconds. */
  readonly steppedBack: number;
  readonly furthestBackSeconds: number;
}

/** What one policy makes of a log. */
export interface PolicyReport {
  readonly config: string;
  readonly admitted: number;
  readonly refused: number;
  readonly unmetered: number;
  /** Refusals by reason, the most frequent first. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Requests that shadow limits would have refused, by limit. */
  readonly shadows: Readonly<Record<string, number>>;
  /** Tiers that the log names and the policy has not: the limits' own windows apply there. */
  readonly unknownTiers: readonly string[];
  /** Who made requests. Where `isPartial`, who came back after their page was closed counts twice. */
  readonly requesters: { readonly count: number; readonly refused: number; readonly isPartial: boolean };
  readonly windows: readonly WindowReport[];
  /** Who would have been refused most. */
  readonly worst: readonly Refusee[];
  readonly series: {
    readonly widthSeconds: number;
    readonly from: string | null;
    readonly admitted: readonly number[];
    readonly refused: readonly number[];
  };
}

/** One window of one limit, at one size. */
export interface WindowReport {
  readonly limit: string;
  readonly window: string;
  readonly size: number;
  readonly admitted: number;
  readonly refused: number;
  readonly firstRefusedAt: string | null;
  readonly lastRefusedAt: string | null;
  readonly worst: readonly { readonly who: string; readonly refused: number }[];
  /** Who used most of it at their peak, as a share of its size. */
  readonly fullest: readonly { readonly who: string; readonly peak: number }[];
  /** How many subjects had their peak in each tenth of the size; the last is of those that filled it. */
  readonly peaks: readonly number[];
}

/** Someone who would have been refused. */
export interface Refusee {
  readonly who: string;
  readonly requests: number;
  readonly refused: number;
  readonly firstRefusedAt: string;
  readonly lastRefusedAt: string;
}

/** What there was to replay. */
export function logReport(files: readonly string[], log: Log): LogReport {
  const { lines, requests, skipped, malformed, malformedLines, steppedBack, furthestBackMs } = log;
  const at = (instant: number) => (requests === 0 ? null : isoTime(instant));
  return {
    files,
    ...{ lines, requests, skipped, malformed, malformedLines },
    firstAt: at(log.firstAt),
    lastAt: at(log.lastAt),
    steppedBack,
    furthestBackSeconds: furthestBackMs / 1_000,
  };
}

/** What one policy made of the log. */
export function policyReport(
  config: string,
  limits: readonly Limit[],
  tally: Tally,
  unknownTiers: Iterable<string>,
): PolicyReport {
  const { book, series, admitted, refused, unmetered } = tally;
  const pages = [...book.pages.values()];
  const requesters = pages.filter(({ requests }) => requests > 0);
  const refusees = requesters.filter((page) => page.refused > 0);
  const buckets = series.buckets();
  return {
    config,
    ...{ admitted, refused, unmetered },
    reasons: Object.fromEntries([...tally.reasons].sort(([, one], [, other]) => other - one)),
    shadows: Object.fromEntries(tally.shadows),
    unknownTiers: [...unknownTiers],
    requesters: {
      count: requesters.length + book.closedRequesters,
      refused: refusees.length,
      isPartial: book.closedRequesters > 0,
    },
    windows: inOrder(tally.windows, limits).map((window) =>
      windowReport(window, pages, book.histogram(window.index)),
    ),
    worst: most(refusees, (page) => page.refused).map(
      ({ who, requests, refused, firstRefusedAt, lastRefusedAt }) => ({
        ...{ who, requests, refused },
        firstRefusedAt: isoTime(firstRefusedAt),
        lastRefusedAt: isoTime(lastRefusedAt),
      }),
    ),
    series: {
      widthSeconds: series.widthMs / 1_000,
      from: buckets[0] === undefined ? null : isoTime(buckets[0].at),
      admitted: buckets.map((bucket) => bucket.admitted),
      refused: buckets.map((bucket) => bucket.refused),
    },
  };
}

function windowReport(tally: WindowTally, pages: readonly Page[], peaks: readonly number[]): WindowReport {
  const { index, limit, window, size, admitted, refused, firstRefusedAt, lastRefusedAt } = tally;
  const at = (instant: number) => (refused === 0 ? null : isoTime(instant));
  const refusals = (page: Page) => page.refusals[index] ?? 0;
  const peak = (page: Page) => page.peaks[index] ?? 0;
  return {
    ...{ limit, window, size, admitted, refused },
    firstRefusedAt: at(firstRefusedAt),
    lastRefusedAt: at(lastRefusedAt),
    worst: most(pages.filter(refusals), refusals).map((page) => ({ who: page.who, refused: refusals(page) })),
    fullest: most(pages.filter(peak), peak).map((page) => ({ who: page.who, peak: peak(page) })),
    peaks,
  };
}

/** In the policy's order, whatever the log met first. */
function inOrder(windows: readonly WindowTally[], limits: readonly Limit[]): WindowTally[] {
  const rank = ({ limit, window }: WindowTally) => {
    const index = limits.findIndex(({ name }) => name === limit);
    return [index, limits[index]?.windows.findIndex(({ name }) => name === window) ?? 0] as const;
  };
  return windows.toSorted((one, other) => {
    const [limit, window] = rank(one);
    const [otherLimit, otherWindow] = rank(other);
    return limit - otherLimit || window - otherWindow || one.size - other.size;
  });
}

/** Those with the most, in order; equal ones as they came. */
export function most<Item>(items: readonly Item[], of: (item: Item) => number): Item[] {
  return items.toSorted((one, other) => of(other) - of(one)).slice(0, NAMED);
}
