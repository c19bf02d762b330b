import { describe, expect, it } from "vitest";
import { declaredWindow } from "../../../src/client/declare.ts";

const at = Date.parse("2028-02-29T12:34:56.789Z");

describe("declaredWindow", () => {
  it.each([
    ["60/minute", 60, 60_000, "2028-02-29T12:35:00.000Z"],
    ["10/second", 10, 1000, "2028-02-29T12:34:57.000Z"],
    ["300/5 minutes", 300, 300_000, "2028-02-29T12:35:00.000Z"],
    ["100/hour", 100, 3_600_000, "2028-02-29T13:00:00.000Z"],
    ["1000/day", 1000, 86_400_000, "2028-03-01T00:00:00.000Z"],
    ["10000/month", 10_000, 31 * 86_400_000, "2028-03-01T00:00:00.000Z"],
    ["9/3 months", 9, 93 * 86_400_000, "2028-04-01T00:00:00.000Z"],
  ])("%s is %i in at most %i ms, until %s", (name, size, lengthMs, end) => {
    const { endAfter, ...window } = declaredWindow(name, 0);
    expect(window).toEqual({ name, size, lengthMs });
    expect(new Date(endAfter?.(at) ?? Number.NaN).toISOString()).toBe(end);
  });

  it("begins the next window exactly at the end", () => {
    const { endAfter } = declaredWindow("60/minute", 0);
    expect([endAfter?.(59_999), endAfter?.(60_000)]).toEqual([60_000, 120_000]);
  });

  it("does not guess when a billing period ends", () => {
    expect(declaredWindow("10000/billing period", 0)).toEqual({
      name: "10000/billing period",
      size: 10_000,
      lengthMs: 31 * 86_400_000,
    });
  });

  it.each([
    "",
    "60",
    "60/",
    "/minute",
    "-1/minute",
    "1.5/minute",
    "60/minit",
    "60/0 minutes",
    "sixty/minute",
    "60/constructor",
  ])("rejects %j, naming the field, the rule and the value", (text) => {
    expect(() => declaredWindow(text, 3)).toThrow(
      new TypeError(
        `windows[3]: expected "<count>/<unit>", such as "60/minute", got ${JSON.stringify(text)}`,
      ),
    );
  });
});
