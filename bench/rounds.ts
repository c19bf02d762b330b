// Rounds: every line of a workload after the other, again and again, so that what drifts on the machine cancels out of the
// ratios. What a ratio says is said of lines of the same round.

import type { Driver } from "./drive.ts";
import type { Seen } from "./driver.ts";
import type { TimedName } from "./lines.ts";
import type { Workload } from "./workloads.ts";

/** The median of several measurements, and how far they lie apart. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** A line's measurements under a workload. */
export interface Timed {
  readonly line: TimedName;
  readonly perSecond: Spread;
  readonly p50Ms: Spread;
  readonly p99Ms: Spread;
  /** Throughput over that of the lines compared with, by their names. */
  readonly ratios: Readonly<Partial<Record<TimedName, Spread>>>;
  /** Median latency over that of `passthrough`, and milliseconds more, where that is measured too. */
  readonly latency?: { readonly ratio: Spread; readonly addedMs: Spread };
}

/** What a workload came to. */
export interface TimedWorkload {
  readonly id: string;
  readonly title: string;
  readonly connections: number;
  readonly note?: string;
  readonly lines: readonly Timed[];
}

type Round = ReadonlyMap<TimedName, Seen>;

/** Enough that an object that slept is awake. */
const WARM_UP = 100;
/** Enough that the code of a line that has not run before is optimised. */
const FIRST_WARM_UP = 6_000;

/**
 * Times a workload's lines.
 *
 * @param warm the lines that have run before; those of this workload are added.
 */
export async function timeWorkload(
  workload: Workload,
  { drive }: Driver,
  urlOf: (line: TimedName) => string,
  warm: Set<TimedName>,
  { rounds, forMs }: { readonly rounds: number; readonly forMs: number },
): Promise<TimedWorkload> {
  const { id, title, connections, lines, note, longer = 1 } = workload;
  const seen: Round[] = [];
  for (let round = 0; round < rounds / longer; round++) {
    const ofRound = new Map<TimedName, Seen>();
    // There and back, so that no line always follows the same other.
    for (const line of round % 2 === 0 ? lines : lines.toReversed()) {
      const { keys, status = 200, warmUp = WARM_UP } = workload;
      const firstWarmUp = workload.firstWarmUp ?? (warm.has(line) ? warmUp : FIRST_WARM_UP);
      warm.add(line);
      const load = {
        url: `${urlOf(line)}/v1/things`,
        connections,
        status,
        forMs: forMs * longer,
        warmUp: round === 0 ? firstWarmUp : warmUp,
      };
      // What was cold in one round is not in the next.
      const own = keys.kind === "fresh" ? { ...keys, prefix: `${keys.prefix}-${round}-` } : keys;
      ofRound.set(line, await drive({ ...load, keys: own }));
    }
    seen.push(ofRound);
  }
  return {
    id,
    title,
    connections,
    ...(note !== undefined && { note }),
    lines: lines.map((line) => timed(line, workload, seen)),
  };
}

function timed(line: TimedName, { against, lines }: Workload, rounds: readonly Round[]): Timed {
  const of = (measure: (seen: Seen) => number, name = line) =>
    rounds.map((round) => measure(seenIn(round, name)));
  const speed = ({ perSecond }: Seen) => perSecond;
  const middle = ({ p50Ms }: Seen) => p50Ms;
  const passes = lines.includes("passthrough") && line !== "passthrough";
  return {
    line,
    perSecond: spread(of(speed)),
    p50Ms: spread(of(middle)),
    p99Ms: spread(of(({ p99Ms }) => p99Ms)),
    ratios: Object.fromEntries(
      against
        .filter((other) => other !== line)
        .map((other) => [other, overEach(of(speed), of(speed, other), divided)]),
    ),
    ...(passes && {
      latency: {
        ratio: overEach(of(middle), of(middle, "passthrough"), divided),
        addedMs: overEach(of(middle), of(middle, "passthrough"), (one, other) => one - other),
      },
    }),
  };
}

function seenIn(round: Round, line: TimedName): Seen {
  const seen = round.get(line);
  if (seen === undefined) throw new Error(`${line} was not measured`);
  return seen;
}

function divided(one: number, other: number): number {
  return one / other;
}

function overEach(ones: number[], others: number[], over: (one: number, other: number) => number): Spread {
  return spread(ones.map((one, round) => over(one, others[round] ?? Number.NaN)));
}

/** The spread of at least one value. */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (index: number) => sorted[index] ?? Number.NaN;
  const half = sorted.length / 2;
  const median = sorted.length % 2 === 1 ? at(Math.floor(half)) : (at(half - 1) + at(half)) / 2;
  return { median, min: at(0), max: at(sorted.length - 1) };
}
