// The report of a replay as plain data: what `--json` writes, and what the table and the page show. Counts nothing.

import { isoTime } from "../../src/core/calendar.ts";
import type { Limit } from "../../src/core/policy.ts";
import type { Page } from "./book.ts";
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

/** What a second policy changes. */
export interface Difference {
  readonly refusedByBoth: number;
  /** Refused by the second policy alone. */
  readonly newlyRefused: number;
  /** Refused by the first policy alone. */
  readonly newlyAdmitted: number;
  /** Refusals of each window by either policy, where they differ. Sizes are those that were met. */
  readonly windows: readonly {
    readonly limit: string;
    readonly window: string;
    readonly sizes: readonly [before: readonly number[], after: readonly number[]];
    readonly refused: Pair;
  }[];
  /** For whom most changes. */
  readonly subjects: readonly { readonly who: string; readonly refused: Pair }[];
}

/** A figure under the first and the second policy. */
export type Pair = readonly [before: number, after: number];

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

/** What the second policy changes. Refusals of both are of the same requests, so they can be told apart one by one. */
export function differenceOf({
  refusedByBoth,
  before,
  after,
}: {
  readonly refusedByBoth: number;
  readonly before: Tally;
  readonly after: Tally;
}): Difference {
  const names = new Set(
    [...before.windows, ...after.windows].map(({ limit, window }) => `${limit}\n${window}`),
  );
  const windows = [...names].map((name) => {
    const [limit = "", window = ""] = name.split("\n");
    const of = (tally: Tally) => tally.windows.filter((one) => one.limit === limit && one.window === window);
    const sizes = (tally: Tally) => of(tally).map(({ size }) => size);
    const refused = (tally: Tally) => of(tally).reduce((sum, one) => sum + one.refused, 0);
    return {
      limit,
      window,
      sizes: [sizes(before), sizes(after)] as const,
      refused: [refused(before), refused(after)] as const,
    };
  });
  const whoever = new Set([...before.book.pages.keys(), ...after.book.pages.keys()]);
  const refusedOf = ({ book }: Tally, who: string) => book.pages.get(who)?.refused ?? 0;
  const subjects = Array.from(whoever, (who) => ({
    who,
    refused: [refusedOf(before, who), refusedOf(after, who)] as const,
  }));
  return {
    refusedByBoth,
    newlyRefused: after.refused - refusedByBoth,
    newlyAdmitted: before.refused - refusedByBoth,
    windows: windows.filter(isChanged),
    subjects: most(subjects.filter(isChanged), ({ refused }) => Math.abs(refused[1] - refused[0])),
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

function isChanged({ refused: [before, after] }: { readonly refused: Pair }): boolean {
  return before !== after;
}

/** Those with the most, in order; equal ones as they came. */
function most<Item>(items: readonly Item[], of: (item: Item) => number): Item[] {
  return items.toSorted((one, other) => of(other) - of(one)).slice(0, NAMED);
}
