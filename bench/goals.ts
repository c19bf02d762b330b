// What weir has to reach, and whether it did. Ratios within one run, counts exact.

import type { Counted, Counts } from "./counts.ts";
import type { CountedName, TimedName } from "./lines.ts";
import type { Results } from "./results.ts";
import type { Timed } from "./rounds.ts";

/** A goal, and what came of it. */
export interface Goal {
  readonly what: string;
  /** The bound; `value` may lie on it. */
  readonly least?: number;
  readonly most?: number;
  readonly value: number;
  readonly reached: boolean;
}

type Check = Omit<Goal, "value" | "reached"> & { readonly of: (results: Results) => number };

const CHECKS: readonly Check[] = [
  { what: "hot key, against floor", least: 1.15, of: ratio("hot", "weir", "floor") },
  { what: "… with calls not shared", least: 0.9, of: ratio("hot", "weir, calls not shared", "floor") },
  { what: "hot key, against row per window", least: 2, of: ratio("hot", "weir", "row per window") },
  { what: "hot key, against hono-rate-limiter", least: 2.2, of: ratio("hot", "weir", "hono-rate-limiter") },
  { what: "hot key, against passthrough", least: 0.62, of: ratio("hot", "weir", "passthrough") },
  { what: "refused, against static 429", least: 0.95, of: ratio("refused", "weir, full", "static 429") },
  { what: "2,000 warm keys, against floor", least: 0.85, of: ratio("warm", "weir", "floor") },
  {
    what: "five windows against one",
    least: 0.9,
    of: ratio("windows", "weir, five windows", "weir, one window"),
  },
  { what: "calls per 1,000 admitted, hot key", most: 400, of: count("busy", "weir", "calls") },
  { what: "rows written per 1,000 admitted, busy key", most: 40, of: count("busy", "weir", "rowsWritten") },
  { what: "rows written per 1,000 admitted, slow key, its alarms apart", most: 1_000, of: slowRows("weir") },
  { what: "… with five windows", most: 1_000, of: slowRows("weir, five windows") },
  { what: "calls per 1,000 refused", most: 5, of: count("refused", "weir, full", "calls") },
  {
    what: "calls per 1,000 admitted, account included",
    most: 1_100,
    of: count("account", "weir, account", "calls"),
  },
  {
    what: "dollars for a million admitted, busy key, calls not shared",
    most: 0.3,
    of: (results) => counted(results, "busy", "weir, calls not shared").dollars.total,
  },
  { what: "KiB of the request path, gzip", most: 60, of: ({ size }) => size.requestPath.gzipBytes / 1024 },
];

/** Checks every goal. */
export function goalsOf(results: Results): Goal[] {
  return CHECKS.map(({ of, ...check }) => {
    const { least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY } = check;
    const value = of(results);
    return { ...check, value, reached: value >= least && value <= most };
  });
}

function ratio(workload: string, line: TimedName, against: TimedName): Check["of"] {
  return ({ timed }) => {
    const found = timed.find(({ id }) => id === workload)?.lines.find((one: Timed) => one.line === line);
    return found?.ratios[against]?.median ?? Number.NaN;
  };
}

function count(scenario: string, line: CountedName, what: keyof Counts): Check["of"] {
  return (results) => counted(results, scenario, line).per1000[what];
}

function slowRows(line: CountedName): Check["of"] {
  return (results) => {
    const { rowsWritten, alarmsSet } = counted(results, "slow", line).per1000;
    return rowsWritten - alarmsSet;
  };
}

function counted({ counted }: Results, scenario: string, line: CountedName): Counted {
  const found = counted.find(({ id }) => id === scenario)?.lines.find((one) => one.line === line);
  if (found === undefined) throw new Error(`${line} was not counted in ${scenario}`);
  return found;
}
