// The overview: what all isolates decided in the last hour, by limit, tier and outcome, and who is close to a limit. Pure,
// and bounded whatever it is told.

import type { Series } from "./history.ts";

/** Requests of one kind. */
export interface Count {
  /** Name of the limit that an answer reported; empty: none. */
  readonly limit: string;
  /** Empty: the limits' own windows. */
  readonly tier: string;
  /** `admitted`, `degraded`, or why it was refused. */
  readonly outcome: string;
  readonly requests: number;
}

/** A key or an account that has little left of a window. */
export interface Near {
  readonly kind: "key" | "account";
  /** The key's id, or the account's name. */
  readonly name: string;
  readonly limit: string;
  readonly window: string;
  readonly size: number;
  readonly used: number;
  /** Unix milliseconds. */
  readonly resetAt: number;
}

/** What an isolate tells of the requests it saw since it told last. */
export interface Summary {
  readonly counts: readonly Count[];
  readonly near: readonly Near[];
}

/** The last hour. */
export interface OverviewView extends Pick<Series, "startAt" | "stepMs" | "admitted" | "refused"> {
  /** Requests that could not be decided about, over the hour. Those let through are not among the admitted. */
  readonly degraded: number;
  /** What was refused, most first. */
  readonly refusals: readonly Count[];
  /** Who is close to a limit, the closest first. */
  readonly near: readonly Near[];
}

/** What is stored of one minute, version 1. */
export interface MinuteRow extends Summary {
  readonly v: 1;
}

const MINUTE_MS = 60_000;
const MINUTES = 60;
/** Different kinds of requests told apart in one minute; the others are not counted by kind. */
const MOST_KINDS = 500;
/** Of whoever is close to a limit: the closest are kept. */
const MOST_NEAR = 50;
/** Rows of a list in the view. */
const SHOWN = 15;

interface Minute {
  readonly counts: Map<string, Count>;
  readonly near: Map<string, Near>;
}

/** The outcomes that are no refusals. */
const NO_REFUSALS = new Set(["admitted", "degraded"]);

/** Adds up summaries by the minute they came in. */
export class Overview {
  readonly #minutes = new Map<number, Minute>();

  /** Counts in what an isolate tells. */
  add(summary: Summary, nowMs: number): void {
    this.#expire(nowMs);
    const number = Math.floor(nowMs / MINUTE_MS);
    const minute = this.#minutes.get(number) ?? { counts: new Map(), near: new Map() };
    this.#minutes.set(number, minute);
    for (const count of summary.counts) addCount(minute.counts, count, MOST_KINDS);
    for (const near of summary.near) addNear(minute.near, near, MOST_NEAR);
  }

  /** The row of the minute that an instant is in; undefined where nothing was told in it. */
  pack(nowMs: number): { readonly minute: number; readonly row: MinuteRow } | undefined {
    const minute = Math.floor(nowMs / MINUTE_MS);
    const kept = this.#minutes.get(minute);
    if (kept === undefined) return undefined;
    return { minute, row: { v: 1, counts: [...kept.counts.values()], near: [...kept.near.values()] } };
  }

  /** Fills in a minute that was stored. */
  unpack(minute: number, row: MinuteRow): void {
    this.add(row, minute * MINUTE_MS);
  }

  /** The last hour, as far as it has been told. */
  view(nowMs: number): OverviewView {
    this.#expire(nowMs);
    const last = Math.floor(nowMs / MINUTE_MS);
    const first = last - MINUTES + 1;
    const minutes = Array.from({ length: MINUTES }, (_, index) => this.#minutes.get(first + index));
    const sum = (minute: Minute | undefined, isCounted: (outcome: string) => boolean) =>
      total([...(minute?.counts.values() ?? [])].filter(({ outcome }) => isCounted(outcome)));
    const refusals = new Map<string, Count>();
    const near = new Map<string, Near>();
    for (const minute of minutes) {
      for (const count of minute?.counts.values() ?? []) {
        if (!NO_REFUSALS.has(count.outcome)) addCount(refusals, count, MOST_KINDS);
      }
      // A later minute knows better: what was used since, or that counts were reset.
      for (const [name, one] of minute?.near ?? []) near.set(name, one);
    }
    return {
      startAt: first * MINUTE_MS,
      stepMs: MINUTE_MS,
      admitted: minutes.map((minute) => sum(minute, (outcome) => outcome === "admitted")),
      refused: minutes.map((minute) => sum(minute, (outcome) => !NO_REFUSALS.has(outcome))),
      degraded: minutes.reduce((all, one) => all + sum(one, (outcome) => outcome === "degraded"), 0),
      refusals: [...refusals.values()].sort((a, b) => b.requests - a.requests).slice(0, SHOWN),
      near: [...near.values()]
        .filter(({ resetAt }) => resetAt > nowMs)
        .sort(byCloseness)
        .slice(0, SHOWN),
    };
  }

  #expire(nowMs: number): void {
    const last = Math.floor(nowMs / MINUTE_MS);
    for (const minute of this.#minutes.keys()) if (minute <= last - MINUTES) this.#minutes.delete(minute);
  }
}

/** Adds a count to the others of its kind. */
export function addCount(counts: Map<string, Count>, count: Count, most: number): void {
  const { limit, tier, outcome, requests } = count;
  const kind = [limit, tier, outcome].join("\n");
  const before = counts.get(kind);
  if (before === undefined && counts.size >= most) return;
  counts.set(kind, { limit, tier, outcome, requests: (before?.requests ?? 0) + requests });
}

/** Keeps what is newest of one window, and of all windows the `most` that are closest to being full. */
export function addNear(nears: Map<string, Near>, near: Near, most: number): void {
  const { kind, name, limit, window } = near;
  nears.set([kind, name, limit, window].join("\n"), near);
  // Sorting half of the time it grows is enough to stay bounded.
  if (nears.size < 2 * most) return;
  const closest = [...nears].sort(([, a], [, b]) => byCloseness(a, b)).slice(0, most);
  nears.clear();
  for (const [id, one] of closest) nears.set(id, one);
}

function byCloseness(a: Near, b: Near): number {
  return b.used / b.size - a.used / a.size || a.resetAt - b.resetAt;
}

function total(counts: readonly Count[]): number {
  return counts.reduce((sum, { requests }) => sum + requests, 0);
}
