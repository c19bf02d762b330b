import { describe, expect, it } from "vitest";
import { sampleLines } from "../../../scripts/replay/sample.ts";

interface Line {
  readonly time: string;
  readonly key: string;
  readonly ip: string;
  readonly status: number;
}

const read = (lines: number, seed: number): Line[] =>
  Array.from(sampleLines(lines, seed), (line) => JSON.parse(line));
const log = read(60_000, 1);
const of = (kind: string) =>
  Object.groupBy(
    log.filter(({ key }) => key.startsWith(`sk_${kind}-`)),
    ({ key }) => key,
  );
const at = ({ time }: Line) => Date.parse(time);

describe("sampleLines", () => {
  it("makes the same log of the same seed, and another of another", () => {
    expect([...sampleLines(500, 3)]).toEqual([...sampleLines(500, 3)]);
    expect([...sampleLines(500, 3)]).not.toEqual([...sampleLines(500, 4)]);
  });

  it("makes as many lines as are asked, a shorter log being the begin of a longer", () => {
    expect([...sampleLines(700, 3)].slice(0, 500)).toEqual([...sampleLines(500, 3)]);
    expect([...sampleLines(0, 3)]).toEqual([]);
  });

  it("is in the order of its time", () => {
    expect(log.every((line, index) => index === 0 || at(line) >= at(log[index - 1] as Line))).toBe(true);
  });

  it("has cron jobs that begin within the first second of a minute", () => {
    for (const lines of Object.values(of("cron"))) {
      const begins = (lines ?? []).filter(
        (line, index) => index === 0 || at(line) - at(lines?.[index - 1] as Line) > 10_000,
      );
      expect(begins.every((line) => at(line) % 60_000 <= 900)).toBe(true);
    }
  });

  it("has clients that try again at once after a 429", () => {
    const retries = (lines: readonly Line[] = []) =>
      lines.filter((line, index) => {
        const before = lines[index - 1];
        return before?.status === 429 && at(line) - at(before) <= 60;
      }).length;
    expect(Math.min(...Object.values(of("storm")).map(retries))).toBeGreaterThan(100);
  });

  it("has clients that change their key and keep their address", () => {
    const keys = Object.keys(of("rotating"));
    expect(keys.length).toBeGreaterThan(20);
    const addresses = new Set(log.filter(({ key }) => key.startsWith("sk_rotating-1_")).map(({ ip }) => ip));
    expect(addresses.size).toBe(1);
  });

  it("has bursts and pauses", () => {
    const [lines = []] = Object.values(of("bursty"));
    const gaps = lines.slice(1).map((line, index) => at(line) - at(lines[index] as Line));
    expect(gaps.filter((gap) => gap < 1_000).length).toBeGreaterThan(gaps.length * 0.9);
    expect(Math.max(...gaps)).toBeGreaterThan(60_000);
  });
});
