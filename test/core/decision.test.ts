import { describe, expect, it } from "vitest";
import { type Decision, remaining, reported, type Standing } from "../../src/core/decision.ts";

const standing = (window: string, size: number, used: number, resetAt = 1_000): Standing => ({
  limit: "all",
  window,
  size,
  used,
  cost: 1,
  held: false,
  resetAt,
  lengthMs: 1_000,
});
const admitted = (...standings: Standing[]): Decision => ({ admitted: true, at: 0, standings });
const refused = (refusing: number | undefined, ...standings: Standing[]): Decision => ({
  admitted: false,
  at: 0,
  reason: "rate",
  standings,
  ...(refusing !== undefined && { refusing }),
});

describe("remaining", () => {
  it.each([
    [5, 0, 5],
    [5, 5, 0],
    [5, 9, 0],
    [0, 0, 0],
  ])("of a size of %i with %i used is %i", (size, used, left) => {
    expect(remaining(standing("minute", size, used))).toBe(left);
  });
});

describe("reported", () => {
  const minute = standing("minute", 60, 50);
  const hour = standing("hour", 100, 95);
  const day = standing("day", 10, 5, 2_000);

  it("is the window with the least remaining, wherever it stands", () => {
    expect(reported(admitted(minute, hour))).toBe(hour);
    expect(reported(admitted(hour, minute))).toBe(hour);
  });

  it("is on a tie the one that resets later", () => {
    expect(reported(admitted(hour, day))).toBe(day);
    expect(reported(admitted(day, hour))).toBe(day);
  });

  it("takes an overfilled window for an empty one", () => {
    const [over, full] = [standing("minute", 5, 9), standing("hour", 5, 5, 3_000)];
    expect(reported(admitted(over, full))).toBe(full);
  });

  it("is the window the policy names, where the request was admitted", () => {
    expect(reported(admitted(minute, hour), "minute")).toBe(minute);
  });

  it("falls back where no window has that name", () => {
    expect(reported(admitted(minute, hour), "month")).toBe(hour);
  });

  it("is always the refusing window of a refusal, whatever the policy names", () => {
    expect(reported(refused(0, minute, hour), "hour")).toBe(minute);
  });

  it("is as if admitted where no window refused", () => {
    expect(reported(refused(undefined, minute, hour))).toBe(hour);
    expect(reported(refused(undefined, minute, hour), "minute")).toBe(minute);
  });

  it("is nothing where no window governs", () => {
    expect(reported(admitted())).toBeUndefined();
    expect(reported(refused(undefined))).toBeUndefined();
  });
});
