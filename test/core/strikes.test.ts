import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { blockAt, CLEAN, type Conduct, conductOverAt, strike, strikesAt } from "../../src/core/strikes.ts";

const terms = {
  strikes: 3,
  withinMs: 60_000,
  forMs: 3_600_000,
  strikeOn401: false,
  refusal: "problem",
} as const;
const t0 = Date.UTC(2036, 0, 1);

/** What is held against an address after hits so many milliseconds after `t0`. */
function after(...hits: readonly number[]): Conduct {
  return hits.reduce<Conduct>((conduct, ms) => strike(conduct, terms, t0 + ms), CLEAN);
}

describe("strike", () => {
  it.each([
    ["fewer than it takes", [0, 1], undefined],
    ["the last of them", [0, 1, 2], 2],
    ["all at one instant", [0, 0, 0], 0],
    ["the last just within the time", [0, 1, 59_999], 59_999],
    ["the last as old as the time", [0, 1, 60_000], undefined],
    ["the last past the time", [0, 1, 60_001], undefined],
    ["a rolling time, not one from the first", [0, 50_000, 60_000, 109_999], 109_999],
    ["a clock that steps back", [5_000, 0, 1], 1],
  ])("begins a block with %s: %j", (_, hits, blockedAt) => {
    const conduct = after(...hits);
    const block = blockAt(conduct, t0 + (hits.at(-1) ?? 0));
    expect(block).toEqual(
      blockedAt === undefined ? undefined : { fromAt: t0 + blockedAt, untilAt: t0 + blockedAt + terms.forMs },
    );
  });

  it("changes nothing of an address that is blocked, and so does not extend the block", () => {
    const blocked = after(0, 1, 2);
    expect(strike(blocked, terms, t0 + 3)).toBe(blocked);
    expect(strike(blocked, terms, t0 + 2 + terms.forMs - 1)).toBe(blocked);
  });

  it("begins anew once the block is over", () => {
    const again = strike(after(0, 1, 2), terms, t0 + 2 + terms.forMs);
    expect(again).toEqual({ strikes: [t0 + 2 + terms.forMs] });
  });

  it("blocks at once where one strike is enough", () => {
    expect(blockAt(strike(CLEAN, { ...terms, strikes: 1 }, t0), t0)).toBeDefined();
  });

  it("blocks exactly where some span of the time holds enough hits, and keeps fewer than that", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 300_000 }), { maxLength: 20 }), (unsorted) => {
        const hits = unsorted.toSorted((one, other) => one - other);
        const isBlocked = hits.some((first, index) => {
          const last = hits[index + terms.strikes - 1];
          return last !== undefined && last - first < terms.withinMs;
        });
        const conduct = after(...hits);
        expect("block" in conduct).toBe(isBlocked);
        if ("strikes" in conduct) expect(conduct.strikes.length).toBeLessThan(terms.strikes);
      }),
    );
  });
});

describe("blockAt", () => {
  it("holds up to its last millisecond", () => {
    const conduct = after(0, 0, 0);
    expect(blockAt(conduct, t0 + 3_599_999)).toBeDefined();
    expect(blockAt(conduct, t0 + 3_600_000)).toBeUndefined();
  });
});

describe("strikesAt", () => {
  it("counts the hits that are not too old", () => {
    const conduct = after(0, 30_000);
    expect(strikesAt(conduct, terms, t0 + 59_999)).toHaveLength(2);
    expect(strikesAt(conduct, terms, t0 + 60_000)).toHaveLength(1);
    expect(strikesAt(conduct, terms, t0 + 90_000)).toHaveLength(0);
  });
});

describe("conductOverAt", () => {
  it.each<[string, Conduct, number]>([
    ["nothing", CLEAN, 0],
    ["strikes", after(0, 7), t0 + 7 + terms.withinMs],
    ["a block", after(0, 1, 2), t0 + 2 + terms.forMs],
  ])("says when %s is over", (_, conduct, overAt) => {
    expect(conductOverAt(conduct, terms)).toBe(overAt);
  });
});
