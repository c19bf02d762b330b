import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dayMs } from "../../src/core/calendar.ts";
import { parseWindow, type Span, spanAt, type Window } from "../../src/core/window.ts";

function windowOf(text: string): Window {
  const window = parseWindow(text);
  if (typeof window === "string") throw new Error(window);
  return window;
}

function iso(span: Span): [string, string] {
  return [new Date(span.startAt).toISOString(), new Date(span.endAt).toISOString()];
}

describe("parseWindow", () => {
  it.each<[string, Window]>([
    ["5/second", { size: 5, unit: "second", multiple: 1, name: "second" }],
    ["60/minute", { size: 60, unit: "minute", multiple: 1, name: "minute" }],
    ["500/hour", { size: 500, unit: "hour", multiple: 1, name: "hour" }],
    ["1000/day", { size: 1_000, unit: "day", multiple: 1, name: "day" }],
    ["0/month", { size: 0, unit: "month", multiple: 1, name: "month" }],
    ["300/5 minutes", { size: 300, unit: "minute", multiple: 5, name: "5 minutes" }],
    ["300/5 minute", { size: 300, unit: "minute", multiple: 5, name: "5 minutes" }],
    ["300/1 minutes", { size: 300, unit: "minute", multiple: 1, name: "minute" }],
    ["300/minutes", { size: 300, unit: "minute", multiple: 1, name: "minute" }],
    ["  300 /  5   minutes ", { size: 300, unit: "minute", multiple: 5, name: "5 minutes" }],
    ["10000/billing period", { size: 10_000, unit: "billing period", multiple: 1, name: "billing period" }],
    ["1000000000000/120 months", { size: 1e12, unit: "month", multiple: 120, name: "120 months" }],
    ["1/3650 days", { size: 1, unit: "day", multiple: 3_650, name: "3650 days" }],
  ])("reads %j", (text, window) => {
    expect(parseWindow(text)).toEqual(window);
  });

  it.each([
    ["60/minit", 'expected "<count>/<unit>", got "60/minit" (did you mean "60/minute"?)'],
    ["60/Minute", 'expected "<count>/<unit>", got "60/Minute" (did you mean "60/minute"?)'],
    ["60 / min", 'expected "<count>/<unit>", got "60 / min" (did you mean "60/minute"?)'],
    ["300/5 minits", 'expected "<count>/<unit>", got "300/5 minits" (did you mean "300/5 minutes"?)'],
    [
      "9/billing-period",
      'expected "<count>/<unit>", got "9/billing-period" (did you mean "9/billing period"?)',
    ],
    [
      "60/week",
      'expected "<count>/<unit>", got "60/week" (units: second, minute, hour, day, month, billing period)',
    ],
    ["60/", 'expected "<count>/<unit>", got "60/" (units: second, minute, hour, day, month, billing period)'],
    ["60", 'expected "<count>/<unit>", got "60"'],
    ["", 'expected "<count>/<unit>", got ""'],
    ["60 per\nminute", 'expected "<count>/<unit>", got "60 per\\nminute"'],
    ["300/0 minutes", 'expected a multiple from 1 to 5256000 of "minute", got "300/0 minutes"'],
    ["300/-5 minutes", 'expected a multiple from 1 to 5256000 of "minute", got "300/-5 minutes"'],
    ["300/1.5 hours", 'expected a multiple from 1 to 87600 of "hour", got "300/1.5 hours"'],
    ["300/121 months", 'expected a multiple from 1 to 120 of "month", got "300/121 months"'],
    ["9/2 billing periods", 'expected no multiple of "billing period", got "9/2 billing periods"'],
  ])("says what is wrong with %j", (text, problem) => {
    expect(parseWindow(text)).toBe(problem);
  });

  it.each([
    "-1",
    "+1",
    "NaN",
    "1.5",
    "sixty",
    "1e3",
    "0x10",
    "1,000",
    "1 000",
    "Infinity",
    "1000000000001",
    "٣",
    "",
  ])("case 21: rejects a count of %j", (count) => {
    const text = `${count}/minute`;
    expect(parseWindow(text)).toBe(
      `expected a whole number from 0 to 1000000000000 before "/", got ${JSON.stringify(text)}`,
    );
  });

  it("names a window so that its name reads back as the same window", () => {
    const unit = fc.constantFrom("second", "minute", "hour", "day", "month");
    fc.assert(
      fc.property(fc.nat(1e12), fc.integer({ min: 1, max: 120 }), unit, (size, multiple, word) => {
        const window = windowOf(`${size}/${multiple} ${word}s`);
        expect(window).toMatchObject({ size, multiple, unit: word });
        expect(windowOf(`${size}/${window.name}`)).toEqual(window);
      }),
    );
  });
});

describe("spanAt", () => {
  const nowMs = Date.UTC(2026, 7, 9, 14, 37, 42, 123);

  it.each([
    ["1/second", "2026-08-09T14:37:42.000Z", "2026-08-09T14:37:43.000Z"],
    ["1/minute", "2026-08-09T14:37:00.000Z", "2026-08-09T14:38:00.000Z"],
    ["1/5 minutes", "2026-08-09T14:35:00.000Z", "2026-08-09T14:40:00.000Z"],
    ["1/hour", "2026-08-09T14:00:00.000Z", "2026-08-09T15:00:00.000Z"],
    ["1/day", "2026-08-09T00:00:00.000Z", "2026-08-10T00:00:00.000Z"],
    ["1/7 days", "2026-08-06T00:00:00.000Z", "2026-08-13T00:00:00.000Z"],
    ["1/month", "2026-08-01T00:00:00.000Z", "2026-09-01T00:00:00.000Z"],
    ["1/3 months", "2026-07-01T00:00:00.000Z", "2026-10-01T00:00:00.000Z"],
    ["1/12 months", "2026-01-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z"],
    ["1/billing period", "2026-08-01T00:00:00.000Z", "2026-09-01T00:00:00.000Z"],
  ])("aligns %j to the clock in UTC", (text, startAt, endAt) => {
    expect(iso(spanAt(windowOf(text), "clock", null, nowMs))).toEqual([startAt, endAt]);
  });

  it.each([
    ["1/second", "2026-08-09T14:37:43.123Z"],
    ["1/5 minutes", "2026-08-09T14:42:42.123Z"],
    ["1/day", "2026-08-10T14:37:42.123Z"],
    ["1/month", "2026-09-09T14:37:42.123Z"],
    ["1/2 months", "2026-10-09T14:37:42.123Z"],
  ])("starts %j at the first request", (text, endAt) => {
    expect(iso(spanAt(windowOf(text), "first", null, nowMs))).toEqual(["2026-08-09T14:37:42.123Z", endAt]);
  });

  it("ends a month from the first request on the next month's last day", () => {
    const span = spanAt(windowOf("1/month"), "first", null, Date.UTC(2027, 0, 31, 12));
    expect(iso(span)).toEqual(["2027-01-31T12:00:00.000Z", "2027-02-28T12:00:00.000Z"]);
  });

  it("follows the subject's billing date, whatever the alignment", () => {
    const anchorAt = Date.UTC(2026, 8, 5);
    for (const align of ["clock", "first"] as const) {
      const span = spanAt(windowOf("1/billing period"), align, anchorAt, nowMs);
      expect(iso(span)).toEqual(["2026-08-06T00:00:00.000Z", "2026-09-05T00:00:00.000Z"]);
    }
  });

  const window = fc
    .tuple(
      fc.integer({ min: 1, max: 120 }),
      fc.constantFrom("second", "minute", "hour", "day", "month", "billing period"),
    )
    .map(([multiple, unit]) => windowOf(unit === "billing period" ? `1/${unit}` : `1/${multiple} ${unit}`));
  const align = fc.constantFrom("clock", "first");
  const instant = fc.integer({ min: 0, max: Date.UTC(2201, 0, 1) });

  it("contains now", () => {
    fc.assert(
      fc.property(window, align, fc.option(instant), instant, (one, how, anchorAt, atMs) => {
        const span = spanAt(one, how, anchorAt, atMs);
        expect(span.startAt).toBeLessThanOrEqual(atMs);
        expect(span.endAt).toBeGreaterThan(atMs);
      }),
      { numRuns: 1_000 },
    );
  });

  it("finds the same span by the clock from each of its instants", () => {
    fc.assert(
      fc.property(window, instant, fc.double({ min: 0, max: 1, noNaN: true }), (one, atMs, part) => {
        const span = spanAt(one, "clock", null, atMs);
        const withinAt = Math.min(
          span.endAt - 1,
          span.startAt + Math.floor(part * (span.endAt - span.startAt)),
        );
        expect(spanAt(one, "clock", null, span.startAt)).toEqual(span);
        expect(spanAt(one, "clock", null, withinAt)).toEqual(span);
        expect(spanAt(one, "clock", null, span.endAt).startAt).toBe(span.endAt);
      }),
      { numRuns: 1_000 },
    );
  });

  it("keeps the previous span, the same object, to its last millisecond", () => {
    fc.assert(
      fc.property(window, align, fc.option(instant), instant, (one, how, anchorAt, atMs) => {
        const span = spanAt(one, how, anchorAt, atMs);
        expect(spanAt(one, how, anchorAt, atMs, span)).toBe(span);
        expect(spanAt(one, how, anchorAt, span.endAt - 1, span)).toBe(span);
      }),
      { numRuns: 1_000 },
    );
  });

  it("keeps the previous span when the clock steps back before it", () => {
    fc.assert(
      fc.property(
        window,
        align,
        fc.option(instant),
        instant,
        fc.nat(400 * dayMs),
        (one, how, anchorAt, atMs, back) => {
          const span = spanAt(one, how, anchorAt, atMs);
          expect(spanAt(one, how, anchorAt, span.startAt - back, span)).toBe(span);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it("case 3: counts a request exactly at the end in the new window", () => {
    fc.assert(
      fc.property(window, align, fc.option(instant), instant, (one, how, anchorAt, atMs) => {
        const span = spanAt(one, how, anchorAt, atMs);
        const next = spanAt(one, how, anchorAt, span.endAt, span);
        expect(next.startAt).toBe(span.endAt);
        expect(next.endAt).toBeGreaterThan(span.endAt);
      }),
      { numRuns: 1_000 },
    );
  });

  it("starts over at the request itself when a window from the first request is over", () => {
    const minute = windowOf("1/minute");
    const span = spanAt(minute, "first", null, nowMs);
    expect(spanAt(minute, "first", null, span.endAt + 7, span)).toEqual({
      startAt: span.endAt + 7,
      endAt: span.endAt + 60_007,
    });
  });

  it.each(["2026-03-08", "2026-03-29", "2026-10-25", "2026-11-01"])(
    "case 18: gives %s, where local clocks change, 86 400 s",
    (date) => {
      const startAt = Date.parse(`${date}T00:00:00Z`);
      const span = spanAt(windowOf("1/day"), "clock", null, startAt + 12 * 3_600_000);
      expect(span).toEqual({ startAt, endAt: startAt + 86_400_000 });
    },
  );
});
