import { describe, expect, it } from "vitest";
import { nearest } from "../../src/core/nearest.ts";

const words = ["minute", "month", "maxCharacters", "day", "name"];

describe("nearest", () => {
  it.each([
    ["minit", "minute"],
    ["mintue", "minute"],
    ["MINUTE", "minute"],
    ["moth", "month"],
    ["dya", "day"],
    ["max", "maxCharacters"],
    ["max_characters", "maxCharacters"],
    ["m", "minute"],
  ])("takes %j for %j", (word, candidate) => {
    expect(nearest(word, words)).toBe(candidate);
  });

  it.each(["", "week", "rate", "x", "fortnight"])("has no word for %j", (word) => {
    expect(nearest(word, words)).toBeUndefined();
  });
});
