// What steady loads cost in calls and rows, by weir's own code over a simulated network and clock: the same on every machine.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import type { Counts, LOADS } from "../../../scripts/simulate/steady.ts";

let counts: Record<keyof typeof LOADS, Counts>;

beforeAll(async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ["test/node/counts/run.ts"], {
    timeout: 100_000,
  });
  counts = JSON.parse(stdout);
}, 120_000);

describe("1,000 requests", () => {
  it("of a hot key over 32 connections are admitted by no more than 400 calls", () => {
    expect(counts.hot.admitted).toBe(1_000);
    expect(counts.hot.calls).toBeLessThanOrEqual(400);
  });

  it("of a busy key, under 1,000 a minute and 10,000 an hour, are admitted by no more than 40 rows, alarms included", () => {
    expect(counts.busy.admitted).toBe(1_000);
    expect(counts.busy.rows + counts.busy.alarms).toBeLessThanOrEqual(40);
  });

  it.each([
    ["one window", "slowOne"],
    ["two windows", "slowTwo"],
    ["five windows", "slowFive"],
  ] as const)(
    "of a slow key, hours of them, under %s, are admitted by no more than 1,000 rows",
    (_, load) => {
      expect(counts[load].admitted).toBe(1_000);
      expect(counts[load].rows).toBeLessThanOrEqual(1_000);
    },
  );

  it("of a key whose window is full are refused by no more than 5 calls", () => {
    expect(counts.refused.admitted).toBe(0);
    expect(counts.refused.calls).toBeLessThanOrEqual(5);
  });

  it("of an account's keys are admitted by no more than 1,100 calls, those to the account among them", () => {
    expect(counts.account.admitted).toBe(1_000);
    expect(counts.account.calls).toBeLessThanOrEqual(1_100);
  });
});
