// What a replay keeps in memory is bounded by who is alive, not by the log.

import { readFileSync } from "node:fs";
import { parse, stringify, type TomlTable } from "smol-toml";
import { describe, expect, it } from "vitest";
import { BARS, Book } from "../../../scripts/replay/book.ts";
import { Edge } from "../../../scripts/replay/edge.ts";
import { type Entry, readEntry } from "../../../scripts/replay/entry.ts";
import { sampleLines } from "../../../scripts/replay/sample.ts";
import { type Kept, Subjects } from "../../../scripts/replay/subjects.ts";
import { candidate, terms } from "./support/build.ts";

const SWEEP = 1_000;
const FEW = 500;
const T = Date.UTC(2026, 5, 15);

/** Subjects of which each makes one request, 100 of them a second, and fills a window that is so long. */
function meet(subjects: Subjects, count: number, lengthMs: number): Subjects {
  for (let index = 0; index < count; index++) {
    const nowMs = T + index * 10;
    subjects.pass(nowMs);
    charge(subjects.get(`key ${index}`), nowMs, lengthMs);
  }
  return subjects;
}

function countersOf({ subject }: Kept) {
  return subject.ledger.counters;
}

function charge({ subject }: Kept, startAt: number, lengthMs: number): void {
  const counter = { startAt, endAt: startAt + lengthMs, used: 1, held: 0, stored: 1, ahead: 0, lost: 0 };
  subject.ledger.counters.set("x/minute", counter);
}

describe("Subjects", () => {
  it("are forgotten once their windows are over, however many there were", () => {
    // A minute's are 6,000, a day's more than there are requests.
    const counts = (requests: number, lengthMs: number) =>
      meet(new Subjects(undefined, SWEEP, FEW), requests, lengthMs).counts;
    for (const requests of [20_000, 50_000, 99_999]) {
      const { whole, packed } = counts(requests, 60_000);
      expect(whole).toBeLessThanOrEqual(2 * SWEEP);
      expect(packed).toBeLessThanOrEqual(2 * (6_000 + SWEEP) + FEW);
    }
    const { whole, packed } = counts(20_000, 86_400_000);
    expect(whole).toBeLessThanOrEqual(2 * SWEEP);
    expect(whole + packed).toBe(20_000);
  });

  it("come back as they were", () => {
    const subjects = new Subjects(undefined, SWEEP, FEW);
    charge(subjects.get("early"), T, 86_400_000);
    subjects.get("early").conduct = { strikes: [T] };
    subjects.get("early").newcomers = { startAt: T, endAt: T + 86_400_000, names: ["a"] };
    subjects.get("early").isTrusted = true;
    const before = structuredClone({ ...subjects.get("early"), subject: countersOf(subjects.get("early")) });
    meet(subjects, 20_000, 1_000);
    const back = subjects.get("early");
    expect({ ...back, subject: countersOf(back) }).toEqual(before);
  });

  it("are kept while something is held against them", () => {
    const subjects = new Subjects(undefined, SWEEP, FEW);
    subjects.get("address").conduct = { block: { fromAt: T, untilAt: T + 86_400_000 } };
    meet(subjects, 20_000, 1_000);
    expect(subjects.get("address").conduct).toHaveProperty("block");
  });

  it("are not forgotten for one request of the far future", () => {
    const subjects = new Subjects(undefined, SWEEP, FEW);
    charge(subjects.get("early"), T, 86_400_000);
    meet(subjects, 500, 60_000);
    subjects.pass(T + 1e12);
    meet(subjects, 5_000, 60_000);
    expect(countersOf(subjects.get("early")).size).toBe(1);
  });

  it.each(["onboardinghub", "uberduck"])("change no decision of %s by being packed", (name) => {
    const { vars } = parse(readFileSync(`examples/${name}.toml`, "utf8"));
    const { rules } = candidate(stringify(vars as TomlTable));
    const fates = (sweepEvery: number) => {
      const edge = new Edge(rules, new Subjects(rules.policy.ipBlock, sweepEvery, 0));
      return Array.from(sampleLines(10_000, 2), (text) => edge.decide(readEntry(text, terms) as Entry));
    };
    expect(fates(5)).toEqual(fates(10_001));
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
