// What the crash test makes of its notes: how many passed in each window, and whether that is too many or too few.

import type { Asked } from "./load.ts";
import { clockWindows, type Kind, nameOf } from "./scene.ts";

/** How a kind of subject fared, in all of its windows. */
export interface Tally {
  readonly kind: string;
  readonly size: number;
  readonly windows: number;
  /** Most that passed in one window. */
  readonly worst: number;
  /** The most that a spent window missed of its size, less what a kill may cost it; absent: its windows were not spent. */
  readonly missed?: number;
}

/** A charge-on-success request that failed this shortly before a kill may not have been given back, in milliseconds. */
const SETTLES_WITHIN_MS = 1_000;

/** Tallies every window of a kind. */
export function tallies(kind: Kind, all: readonly Asked[], kills: readonly number[]): Tally[] {
  const asked = all.filter(({ subject }) => subject.kind === kind);
  if (!kind.isSpent)
    return [...clockWindows].map(([size, lengthMs]) => tallyClock(kind, asked, size, lengthMs));
  const windows = Map.groupBy(asked, ({ subject }) => nameOf(subject));
  const passes = [...windows.values()].map((ofWindow) => ofWindow.filter(isPass).length);
  const missed = [...windows.values()].map((ofWindow) => {
    const excused =
      Math.floor(kind.size * kind.slack) + ofWindow.filter((one) => isInFlight(one, kills)).length;
    return Math.max(0, kind.size - ofWindow.filter(isPass).length - excused);
  });
  return [
    {
      kind: kind.name,
      size: kind.size,
      windows: windows.size,
      worst: Math.max(0, ...passes),
      missed: Math.max(0, ...missed),
    },
  ];
}

function tallyClock(kind: Kind, asked: readonly Asked[], size: number, lengthMs: number): Tally {
  const windows = Map.groupBy(
    asked.filter(isPass),
    (one) => `${nameOf(one.subject)} ${windowOf(one, lengthMs)}`,
  );
  // Those that may belong to either of two windows count in neither.
  const counts = [...windows].filter(([name]) => !name.endsWith(" either")).map(([, { length }]) => length);
  return { kind: kind.name, size, windows: counts.length, worst: Math.max(0, ...counts) };
}

/** The window a request was charged in: by its answer; where that was lost, by when it must have been decided. */
function windowOf({ sentAt, arrivedAt = sentAt, answer }: Asked, lengthMs: number): number | "either" {
  const at = (instant: number) => Math.floor(instant / lengthMs);
  if (answer !== undefined) return at(answer.resetAt - 1);
  return at(sentAt) === at(arrivedAt) ? at(sentAt) : "either";
}

/** Let through, and charged for good: the origin saw it and did not fail it. */
export function isPass({ originStatus }: Asked): boolean {
  return originStatus === 200;
}

/** Its charge, or its refund, may have been cut off by a kill. */
function isInFlight({ answer, originStatus }: Asked, kills: readonly number[]): boolean {
  if (originStatus === 200) return false;
  if (answer === undefined) return true;
  return originStatus === 500 && kills.some((at) => at >= answer.at && at < answer.at + SETTLES_WITHIN_MS);
}
