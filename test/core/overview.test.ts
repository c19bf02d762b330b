// What the overview adds up, and how it stays bounded.

import { describe, expect, test } from "vitest";
import { addNear, type Count, type Near, Overview } from "../../src/core/overview.ts";

const MINUTE_MS = 60_000;
const NOON = Date.parse("2026-06-09T12:00:00Z");

function count(outcome: string, requests: number, limit = "api", tier = ""): Count {
  return { limit, tier, outcome, requests };
}

function near(name: string, used: number, resetAt = NOON + MINUTE_MS): Near {
  return { kind: "key", name, limit: "api", window: "minute", size: 100, used, resetAt };
}

describe("Overview", () => {
  test("adds up by the minute, and tells what was refused most", () => {
    const overview = new Overview();
    overview.add({ counts: [count("admitted", 5), count("rate", 2)], near: [] }, NOON - MINUTE_MS);
    overview.add({ counts: [count("admitted", 1), count("rate", 1, "api", "pro")], near: [] }, NOON);
    overview.add({ counts: [count("rate", 3, "api", "pro"), count("degraded", 4)], near: [] }, NOON);
    const view = overview.view(NOON + 1);
    expect(view.startAt).toBe(NOON - 59 * MINUTE_MS);
    expect(view.admitted.slice(-2)).toEqual([5, 1]);
    expect(view.refused.slice(-2)).toEqual([2, 4]);
    expect(view.degraded).toBe(4);
    expect(view.refusals).toEqual([count("rate", 4, "api", "pro"), count("rate", 2)]);
  });

  test("forgets what is an hour old", () => {
    const overview = new Overview();
    overview.add({ counts: [count("admitted", 5)], near: [] }, NOON);
    expect(overview.view(NOON + 59 * MINUTE_MS).admitted[0]).toBe(5);
    expect(overview.view(NOON + 60 * MINUTE_MS).admitted).not.toContain(5);
  });

  test("tells of a window what it heard last, the fullest first, until it resets", () => {
    const overview = new Overview();
    overview.add({ counts: [], near: [near("a", 80, NOON + 5 * MINUTE_MS), near("b", 90)] }, NOON);
    overview.add({ counts: [], near: [near("a", 99, NOON + 5 * MINUTE_MS)] }, NOON + 1);
    expect(overview.view(NOON + 2).near.map(({ name, used }) => [name, used])).toEqual([
      ["a", 99],
      ["b", 90],
    ]);
    expect(overview.view(NOON + MINUTE_MS).near.map(({ name }) => name)).toEqual(["a"]);
  });

  test("comes back from the rows of its minutes", () => {
    const overview = new Overview();
    overview.add({ counts: [count("admitted", 5), count("rate", 2)], near: [near("a", 80)] }, NOON);
    const { minute, row } = overview.pack(NOON) ?? expect.fail("nothing to store");
    const again = new Overview();
    again.unpack(minute, JSON.parse(JSON.stringify(row)));
    expect(again.view(NOON + 1)).toEqual(overview.view(NOON + 1));
  });

  test("keeps a bounded number of kinds, whatever it is told", () => {
    const overview = new Overview();
    const counts = Array.from({ length: 2_000 }, (_, index) => count("rate", 1, `limit-${index}`));
    overview.add({ counts, near: [] }, NOON);
    expect(overview.pack(NOON)?.row.counts).toHaveLength(500);
  });
});

describe("addNear", () => {
  test("keeps the closest", () => {
    const nears = new Map<string, Near>();
    for (let used = 1; used <= 60; used++) addNear(nears, near(`key-${used}`, used), 10);
    const kept = [...nears.values()].map(({ used }) => used);
    expect(kept.length).toBeLessThan(20);
    expect(kept).toEqual(expect.arrayContaining([51, 52, 53, 54, 55, 56, 57, 58, 59, 60]));
  });
});
