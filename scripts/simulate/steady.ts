// Steady loads, and what each costs in calls and rows. Through one isolate, so that nothing is spared or spent by chance of
// which isolate a request meets.

import { seeded } from "../random.ts";
import type { Clock } from "./clock.ts";
import { untilNext } from "./random.ts";
import { World } from "./world.ts";

/** Keys that send on and on. */
export interface Load {
  readonly title: string;
  readonly limits: readonly { readonly per?: "account"; readonly windows: readonly string[] }[];
  /** Where there are several, they are keys of one account. */
  readonly keys: number;
  /** Of each key. Each sends its next request a while after the last one was answered. */
  readonly connections: number;
  /** That while, on the average: the origin's time and the client's own, in milliseconds. */
  readonly pauseMs: number;
  /** Requests counted. */
  readonly requests: number;
}

/** What a load cost for 1,000 requests. */
export interface Counts {
  readonly admitted: number;
  /** Of isolates to objects and of objects to objects. */
  readonly calls: number;
  readonly rows: number;
  /** Alarms set, and storage that they ended; each is billed as a row. */
  readonly alarms: number;
}

const ROUND_TRIP_MS = 5;
/** After which nothing is new about a key. */
const WARM_UP_MS = 20_000;
const HOUR_MS = 3_600_000;

const endless = ["1000000000/minute", "1000000000/hour"];
const busy = ["1000/minute", "10000/hour"];
const slow = { keys: 1, connections: 1, pauseMs: 10_000, requests: 1_000 };

export const LOADS = {
  hot: {
    title: "a hot key, 32 connections, an origin 20 ms away",
    limits: [{ windows: endless }],
    ...{ keys: 1, connections: 32, pauseMs: 20, requests: 10_000 },
  },
  busy: {
    title: "a busy key, 15 requests a second",
    limits: [{ windows: busy }],
    ...{ keys: 1, connections: 32, pauseMs: 2_100, requests: 2_000 },
  },
  slowOne: {
    title: "a slow key, a request in ten seconds, one window",
    limits: [{ windows: ["1000/minute"] }],
    ...slow,
  },
  slowTwo: {
    title: "a slow key, a request in ten seconds, two windows",
    limits: [{ windows: busy }],
    ...slow,
  },
  slowFive: {
    title: "a slow key, a request in ten seconds, five windows",
    limits: [{ windows: [...busy, "5000/5 minutes", "100000/day", "1000000/month"] }],
    ...slow,
  },
  refused: {
    title: "a refused key, 1,000 requests a second",
    limits: [{ windows: ["1/day"] }],
    ...{ keys: 1, connections: 32, pauseMs: 32, requests: 10_000 },
  },
  account: {
    title: "20 keys of an account, 10 requests a second of each",
    limits: [{ windows: busy }, { per: "account", windows: ["20000/minute", "200000/hour"] }],
    ...{ keys: 20, connections: 1, pauseMs: 95, requests: 10_000 },
  },
} as const satisfies Record<string, Load>;

/** Counts what a load costs once it is steady, until all of it is settled. */
export async function countSteady(clock: Clock, load: Load): Promise<Counts> {
  const limits = load.limits.map((limit, place) => ({ name: `limit-${place}`, match: "/*", ...limit }));
  const world = await World.of(clock, { LIMITS: limits, NEW_KEYS: "any" }, 1, ROUND_TRIP_MS);
  const keys = Array.from({ length: load.keys }, (_, place) => `${load.title}: ${place}`);
  if (keys.length > 1) {
    const enrolled = world.enrol(load.title, keys);
    await clock.run();
    await enrolled;
  }
  const startAt = Math.ceil(clock.nowMs / HOUR_MS) * HOUR_MS;
  await clock.run(startAt);
  const random = seeded(1);
  let sent = 0;
  let admitted = 0;
  for (const key of keys) {
    for (let connection = 0; connection < load.connections; connection++) sendAfterPause(key);
  }
  await clock.run(startAt + WARM_UP_MS);
  Object.assign(world.tally, { calls: 0, between: 0, rows: 0, alarms: 0 });
  await clock.run();
  const { calls, between, rows, alarms } = world.tally;
  const per1000 = (count: number) => (1_000 * count) / sent;
  return {
    admitted: per1000(admitted),
    calls: per1000(calls + between),
    rows: per1000(rows),
    alarms: per1000(alarms),
  };

  function sendAfterPause(key: string): void {
    clock.at(clock.nowMs + untilNext(random, load.pauseMs), async () => {
      if (sent === load.requests) return;
      const isCounted = clock.nowMs > startAt + WARM_UP_MS;
      if (isCounted) sent += 1;
      if ((await world.send(0, key)) && isCounted) admitted += 1;
      sendAfterPause(key);
    });
  }
}
