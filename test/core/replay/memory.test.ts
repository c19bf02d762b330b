// What a replay keeps in memory is bounded by who is alive, not by the log.

import { describe, expect, it } from "vitest";
import { BARS, Book } from "../../../scripts/replay/book.ts";
import { Replay } from "../../../scripts/replay/replay.ts";
import { candidate, line, terms } from "./support/build.ts";

/** Requests between two sweeps. */
const SWEEP = 50_000;

/** Subjects in memory after so many requests, each of another key, so many a second. */
function retained(windows: string, keys: number, perSecond: number, first: readonly string[] = []): number {
  const policy = candidate(
    `NEW_KEYS = "any"\nLIMITS = [{ name = "x", match = "/*", windows = ["${windows}"] }]`,
  );
  const replay = new Replay(terms, policy);
  for (const one of first) replay.line(one);
  for (let key = 0; key < keys; key++) {
    replay.line(line(Math.floor(key / perSecond), { key: `key-${key}` }));
  }
  return replay.retained;
}

describe("the subjects of a replay", () => {
  it("are forgotten once their windows are over", () => {
    // A minute's keys are 6,000; those of the last two sweeps may be there too.
    expect(retained("3/minute", 6 * SWEEP - 1, 100)).toBeLessThanOrEqual(6_000 + 2 * SWEEP);
  });

  it("are kept while a window of theirs is not over", () => {
    expect(retained("3/day", 2 * SWEEP, 100)).toBe(2 * SWEEP);
  });

  it("are not forgotten for a single line of the far future", () => {
    expect(retained("3/day", 2 * SWEEP, 100, [line(1e9, { key: "late" })])).toBe(2 * SWEEP + 1);
  });
});

describe("Book", () => {
  it("keeps whoever was refused most, then whoever has least head-room, and forgets no bar of the histogram", () => {
    const book = new Book(3);
    const peaks = [0.05, 0.15, 0.95, 1, 0.25, 0.35];
    for (const [index, peak] of peaks.entries()) {
      const page = book.page(`key ${index}`);
      page.requests += 1;
      page.peaks[0] = peak;
      if (index === 0) page.refused += 1;
    }
    book.page("key 6");
    expect([...book.pages.keys()].sort()).toEqual(["key 0", "key 2", "key 3", "key 6"]);
    expect(book.closedRequesters).toBe(3);
    expect(book.histogram(0)).toEqual([1, 1, 1, 1, 0, 0, 0, 0, 0, 1, 1]);
  });

  it("never has more than twice the pages it keeps", () => {
    const book = new Book(10);
    for (let index = 0; index < 1_000; index++) {
      book.page(`key ${index}`);
      expect(book.pages.size).toBeLessThanOrEqual(20);
    }
  });

  it("has a histogram of nobody for a window that nobody used", () => {
    expect(new Book().histogram(3)).toEqual(Array(BARS).fill(0));
  });
});
