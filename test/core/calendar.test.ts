import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addMonths, dayMs, isoTime, monthOf, parseIsoTime } from "../../src/core/calendar.ts";

// `Date` is the oracle here: the core itself may not use it.
const instant = fc.integer({ min: 0, max: Date.UTC(2201, 0, 1) - 1 });
const anyInstant = fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 });

describe("monthOf", () => {
  it("counts the months since 1970-01, as Date does", () => {
    fc.assert(
      fc.property(anyInstant, (atMs) => {
        const date = new Date(atMs);
        expect(monthOf(atMs)).toBe((date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth());
      }),
      { numRuns: 2_000 },
    );
  });

  it("starts a month at addMonths(0, month), on every first from 1970 to 2200", () => {
    for (let month = 0; month < 231 * 12; month++) {
      const firstAt = Date.UTC(1970, month, 1);
      expect(addMonths(0, month)).toBe(firstAt);
      expect([monthOf(firstAt - 1), monthOf(firstAt)]).toEqual([month - 1, month]);
    }
  });
});

describe("addMonths", () => {
  it("keeps the time of day and clamps to the month's last day, as Date reckons it", () => {
    fc.assert(
      fc.property(instant, fc.integer({ min: -600, max: 600 }), (atMs, months) => {
        const date = new Date(atMs);
        const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + months];
        const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
        const day = Math.min(date.getUTCDate(), lastDay);
        expect(addMonths(atMs, months)).toBe(Date.UTC(year, month, day) + (atMs % dayMs));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ["2026-01-31T10:00:00.000Z", 1, "2026-02-28T10:00:00.000Z"],
    ["2026-01-31T10:00:00.000Z", 2, "2026-03-31T10:00:00.000Z"],
    ["2026-01-31T10:00:00.000Z", 3, "2026-04-30T10:00:00.000Z"],
    ["2028-02-29T00:00:00.000Z", -12, "2027-02-28T00:00:00.000Z"],
    ["2028-02-29T00:00:00.000Z", 48, "2032-02-29T00:00:00.000Z"],
    ["1970-01-31T23:59:59.999Z", -2, "1969-11-30T23:59:59.999Z"],
  ])("steps %s by %i months to %s", (from, months, to) => {
    expect(isoTime(addMonths(Date.parse(from), months))).toBe(to);
  });
});

describe("isoTime", () => {
  it("writes every instant of the years 0000 to 9999 as Date does", () => {
    fc.assert(
      fc.property(anyInstant, (atMs) => {
        expect(isoTime(atMs)).toBe(new Date(atMs).toISOString());
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("parseIsoTime", () => {
  it("reads back every instant that isoTime writes", () => {
    fc.assert(
      fc.property(anyInstant, (atMs) => {
        expect(parseIsoTime(isoTime(atMs))).toBe(atMs);
      }),
      { numRuns: 2_000 },
    );
  });

  it("accepts a date and a time exactly where they are real", () => {
    const two = (most: number) =>
      fc.integer({ min: 0, max: most }).map((value) => String(value).padStart(2, "0"));
    const year = fc.integer({ min: 1970, max: 2200 });
    fc.assert(
      fc.property(year, two(14), two(33), two(26), two(62), two(62), (...parts) => {
        const [y, month, day, hour, minute, second] = parts;
        const text = `${y}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
        const atMs = Date.UTC(
          y,
          Number(month) - 1,
          Number(day),
          Number(hour),
          Number(minute),
          Number(second),
        );
        const real = new Date(atMs).toISOString() === text;
        expect(parseIsoTime(text)).toBe(real ? atMs : undefined);
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    ["2026-06-09", "2026-06-09T00:00:00.000Z"],
    ["2026-06-09T12:30:00Z", "2026-06-09T12:30:00.000Z"],
    ["2026-06-09t12:30:00z", "2026-06-09T12:30:00.000Z"],
    ["2026-06-09T12:30:00.5Z", "2026-06-09T12:30:00.500Z"],
    ["2026-06-09T12:30:00.123999Z", "2026-06-09T12:30:00.123Z"],
    ["2026-06-09T00:30:00+02:00", "2026-06-08T22:30:00.000Z"],
    ["2026-12-31T23:30:00-01:30", "2027-01-01T01:00:00.000Z"],
    ["2026-06-09T12:30:00-00:00", "2026-06-09T12:30:00.000Z"],
    ["2028-02-29", "2028-02-29T00:00:00.000Z"],
    ["2000-02-29", "2000-02-29T00:00:00.000Z"],
  ])("reads %s as %s", (text, iso) => {
    expect(parseIsoTime(text)).toBe(Date.parse(iso));
  });

  it.each([
    ["", "is empty"],
    ["2026-06-09T12:30:00", "has no offset"],
    ["2026-06-09T12:30Z", "has no seconds"],
    ["2026-06-09 12:30:00Z", "has no T"],
    ["2026-06-09Z", "is a date with an offset"],
    [" 2026-06-09", "begins with a blank"],
    ["2026-06-09\n", "ends with a line feed"],
    ["2026-6-9", "has single digits"],
    ["26-06-09", "has a short year"],
    ["+002026-06-09", "has a signed year"],
    ["2026-00-10", "is in month 0"],
    ["2026-13-10", "is in month 13"],
    ["2026-06-00", "is on day 0"],
    ["2026-06-31", "is on 31 June"],
    ["2027-02-29", "is on 29 Feb of a common year"],
    ["2100-02-29", "is on 29 Feb 2100"],
    ["2026-06-09T24:00:00Z", "is at hour 24"],
    ["2026-06-09T12:60:00Z", "is at minute 60"],
    ["2016-12-31T23:59:60Z", "is a leap second"],
    ["2026-06-09T12:30:00.Z", "has an empty fraction"],
    ["2026-06-09T12:30:00+24:00", "is a day off UTC"],
    ["2026-06-09T12:30:00+01:60", "has an offset of 60 minutes"],
    ["2026-06-09T12:30:00+0100", "has an offset without a colon"],
    ["0000-01-01T00:00:00+00:01", "is before the year 0000 in UTC"],
    ["9999-12-31T23:59:59-00:01", "is after the year 9999 in UTC"],
    ["1780963200", "is a number"],
  ])("rejects %j, which %s", (text) => {
    expect(parseIsoTime(text)).toBeUndefined();
  });
});
