import { expect, it } from "vitest";
import { fuzz } from "./fuzz/fuzz.ts";

/** Seeds with how many of their requests; every one that ever failed is kept. */
const seeds: readonly [number, number][] = [[1, 2_000]];

it.each(seeds)(
  "weir stands the hostile requests of seed %i",
  async (seed, requests) => {
    const { faults, statuses } = await fuzz(seed, 0, requests);
    expect(faults).toEqual([]);
    expect([...statuses.keys()]).toEqual(expect.arrayContaining(["200", "400", "401", "429"]));
  },
  120_000,
);
