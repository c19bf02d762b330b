import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { billingSpan } from "../../src/core/billing.ts";
import { dayMs } from "../../src/core/calendar.ts";
import type { Span } from "../../src/core/window.ts";

const at = (text: string) => Date.parse(text);
const iso = (ms: number) => new Date(ms).toISOString().replace("T00:00:00.000Z", "");
const days = (span: Span) => [iso(span.startAt), iso(span.endAt)];

/** The periods seen by a subject that asks every hour, from one instant until another, under one anchor. */
function periods(anchorAt: number | null, fromAt: number, untilAt: number): Span[] {
  const seen: Span[] = [];
  for (let nowMs = fromAt; nowMs < untilAt; nowMs += 3_600_000) {
    const span = billingSpan(anchorAt, nowMs, seen.at(-1));
    if (span !== seen.at(-1)) seen.push(span);
  }
  return seen;
}

/** Independent of the core: the step of an anchor in the calendar month so many months from the anchor's, by Date. */
function step(anchorAt: number, months: number): number {
  const date = new Date(anchorAt);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + months];
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return Date.UTC(year, month, Math.min(date.getUTCDate(), lastDay)) + (anchorAt % dayMs);
}

/** The first step after an instant, found by trying every one. */
function nextStep(anchorAt: number | null, nowMs: number): number {
  let months = -3_000;
  while (step(anchorAt ?? 0, months) <= nowMs) months++;
  return step(anchorAt ?? 0, months);
}

function isStep(anchorAt: number | null, atMs: number): boolean {
  return nextStep(anchorAt, atMs - 1) === atMs;
}

describe("billingSpan", () => {
  describe("steps by calendar months without drifting", () => {
    it("case 14: an anchor on the 31st ends on 31 Jan, 28 Feb, 31 Mar, 30 Apr", () => {
      const seen = periods(at("2027-01-31"), at("2027-01-15"), at("2027-04-29"));
      expect(seen.map(days)).toEqual([
        ["2027-01-01", "2027-01-31"],
        ["2027-01-31", "2027-02-28"],
        ["2027-02-28", "2027-03-31"],
        ["2027-03-31", "2027-04-30"],
      ]);
    });

    it.each([
      ["2028-02-29", "2027-02-10", "2027-02-28"],
      ["2028-02-29", "2028-02-10", "2028-02-29"],
      ["2028-02-29", "2029-02-10", "2029-02-28"],
      ["2028-02-29", "2029-03-10", "2029-03-29"],
      ["2027-02-28", "2028-02-10", "2028-02-28"],
    ])("case 15: an anchor on %s seen on %s ends on %s", (anchor, now, end) => {
      expect(iso(billingSpan(at(anchor), at(now)).endAt)).toBe(end);
    });

    it("case 16: an anchor on the 30th steps across the year's end and through February", () => {
      const seen = periods(at("2026-11-30"), at("2026-11-20"), at("2027-03-20"));
      expect(seen.map(days)).toEqual([
        ["2026-10-31", "2026-11-30"],
        ["2026-11-30", "2026-12-30"],
        ["2026-12-30", "2027-01-30"],
        ["2027-01-30", "2027-02-28"],
        ["2027-02-28", "2027-03-30"],
      ]);
    });

    it("case 17: 2100 is no leap year, 2000 and 2104 are", () => {
      const anchorAt = at("2096-02-29");
      const ends = ["2000-02-10", "2100-02-10", "2104-02-10"].map(
        (now) => billingSpan(anchorAt, at(now)).endAt,
      );
      expect(ends.map(iso)).toEqual(["2000-02-29", "2100-02-28", "2104-02-29"]);
    });

    it.each([
      ["2026-03-20", "2026-04-20", 31],
      ["2026-10-20", "2026-11-20", 31],
    ])(
      "case 18: the period from %s to %s, where local clocks change, has days of 86 400 s",
      (start, end, count) => {
        const previous = { startAt: at(start) - 30 * dayMs, endAt: at(start) };
        const span = billingSpan(at(end), at(start), previous);
        expect(days(span)).toEqual([start, end]);
        expect(span.endAt - span.startAt).toBe(count * 86_400_000);
      },
    );

    it("steps either way, from an anchor long past or far ahead, keeping its time of day", () => {
      const nowMs = at("2026-06-20T12:00:00Z");
      const end = "2026-07-09T17:30:00.250Z";
      expect(iso(billingSpan(at("1999-01-09T17:30:00.250Z"), nowMs).endAt)).toBe(end);
      expect(iso(billingSpan(at("2051-12-09T17:30:00.250Z"), nowMs).endAt)).toBe(end);
    });
  });

  describe("the first period known", () => {
    it("starts 30 days before its end", () => {
      expect(days(billingSpan(at("2026-06-09"), at("2026-05-20")))).toEqual(["2026-05-10", "2026-06-09"]);
      expect(days(billingSpan(at("2027-03-01"), at("2027-02-05")))).toEqual(["2027-01-30", "2027-03-01"]);
    });

    it("starts at the step before where 30 days would leave now's day free", () => {
      expect(days(billingSpan(at("2026-06-09"), at("2026-05-09")))).toEqual(["2026-05-09", "2026-06-09"]);
      expect(days(billingSpan(at("2026-06-09"), at("2026-05-10") - 1))).toEqual(["2026-05-09", "2026-06-09"]);
      expect(days(billingSpan(at("2026-06-09"), at("2026-05-10")))).toEqual(["2026-05-10", "2026-06-09"]);
    });

    it("is the calendar month in UTC where there is no anchor", () => {
      expect(days(billingSpan(null, at("2027-02-14")))).toEqual(["2027-02-01", "2027-03-01"]);
      expect(days(billingSpan(null, at("2026-12-31T23:59:59.999Z")))).toEqual(["2026-12-01", "2027-01-01"]);
      expect(days(billingSpan(null, at("2027-01-01")))).toEqual(["2027-01-01", "2027-02-01"]);
    });
  });

  describe("with a period before", () => {
    const may = { startAt: at("2026-05-10"), endAt: at("2026-06-09") };

    it("keeps it, the same object, until its end", () => {
      expect(billingSpan(at("2026-06-09"), at("2026-06-09") - 1, may)).toBe(may);
    });

    it("keeps it when a renewal is told early", () => {
      expect(billingSpan(at("2026-07-09"), at("2026-06-01"), may)).toBe(may);
    });

    it.each([
      ["later", "2026-06-15", "2026-06-15"],
      ["earlier", "2026-06-03", "2026-06-03"],
      ["to another month's day", "2026-09-20", "2026-06-20"],
    ])("keeps its start and moves its end when the anchor moves %s", (_, anchor, end) => {
      expect(days(billingSpan(at(anchor), at("2026-06-01"), may))).toEqual(["2026-05-10", end]);
    });

    it("keeps its end where that is a step of the new anchor too, even if another comes before", () => {
      const february = { startAt: at("2027-01-28"), endAt: at("2027-02-28") };
      expect(billingSpan(at("2027-01-31"), at("2027-01-29"), february)).toBe(february);
    });

    it("moves its end to the end of the calendar month when the subscription is cancelled", () => {
      expect(days(billingSpan(null, at("2026-05-20"), may))).toEqual(["2026-05-10", "2026-06-01"]);
      expect(days(billingSpan(null, at("2026-06-05"), may))).toEqual(["2026-05-10", "2026-07-01"]);
    });

    it("starts where it ended", () => {
      expect(days(billingSpan(at("2026-06-09"), at("2026-06-09"), may))).toEqual([
        "2026-06-09",
        "2026-07-09",
      ]);
      expect(days(billingSpan(at("2026-07-05"), at("2026-06-20"), may))).toEqual([
        "2026-06-09",
        "2026-07-05",
      ]);
      expect(days(billingSpan(null, at("2026-06-20"), may))).toEqual(["2026-06-09", "2026-07-01"]);
    });

    it("starts at the anchor's last step when periods passed unseen", () => {
      expect(days(billingSpan(at("2026-06-09"), at("2026-10-01"), may))).toEqual([
        "2026-09-09",
        "2026-10-09",
      ]);
      expect(days(billingSpan(null, at("2026-10-15"), may))).toEqual(["2026-10-01", "2026-11-01"]);
    });

    it("keeps its start when the clock steps back before it, and still follows a changed anchor", () => {
      expect(billingSpan(at("2026-06-09"), at("2026-03-01"), may)).toBe(may);
      expect(days(billingSpan(at("2026-06-15"), at("2026-03-01"), may))).toEqual([
        "2026-05-10",
        "2026-05-15",
      ]);
    });
  });

  const instant = fc.integer({ min: at("2000-01-01"), max: at("2120-01-01") });
  // Whole days make steps and requests fall on the same instants; arbitrary ones try the milliseconds between.
  const someInstant = fc.oneof(
    instant,
    instant.map((ms) => ms - (ms % dayMs)),
  );
  const anchor = fc.option(someInstant, { freq: 4 });
  const wait = fc.oneof(
    fc.nat(2),
    fc.nat(dayMs),
    fc.nat(40).map((count) => count * dayMs),
    fc.nat(200 * dayMs),
  );
  // A request's anchor is the new one, null for none; undefined where it stays as it was.
  const requests = fc.array(
    fc.record({ waitMs: wait, anchor: fc.option(anchor, { nil: undefined, freq: 3 }) }),
    {
      minLength: 1,
      maxLength: 40,
    },
  );
  it("contains now and ends at the anchor's first step after it, or stays where it ends at a step", () => {
    fc.assert(
      fc.property(anchor, someInstant, requests, (firstAnchorAt, startAt, steps) => {
        let [anchorAt, nowMs, previous] = [firstAnchorAt, startAt, undefined as Span | undefined];
        for (const request of steps) {
          if (request.anchor !== undefined) anchorAt = request.anchor;
          nowMs += request.waitMs;
          const span = billingSpan(anchorAt, nowMs, previous);
          expect(span.startAt).toBeLessThanOrEqual(nowMs);
          const stays = previous !== undefined && nowMs < previous.endAt && isStep(anchorAt, previous.endAt);
          expect(span.endAt).toBe(stays ? previous?.endAt : nextStep(anchorAt, nowMs));
          expect(billingSpan(anchorAt, nowMs, span)).toBe(span);
          previous = span;
        }
      }),
    );
  });

  it("never overlaps a period with the one before and leaves no instant free between them", () => {
    fc.assert(
      fc.property(anchor, someInstant, requests, (firstAnchorAt, startAt, steps) => {
        let [anchorAt, nowMs, previous] = [firstAnchorAt, startAt, undefined as Span | undefined];
        for (const request of steps) {
          if (request.anchor !== undefined) anchorAt = request.anchor;
          nowMs += request.waitMs;
          const span = billingSpan(anchorAt, nowMs, previous);
          if (previous !== undefined && nowMs < previous.endAt) {
            expect(span.startAt).toBe(previous.startAt);
          } else if (previous !== undefined && span.startAt !== previous.endAt) {
            // Unseen periods fill the gap: it ends at a step, so the steps before that one part it.
            expect(span.startAt).toBeGreaterThan(previous.endAt);
            expect(isStep(anchorAt, span.startAt)).toBe(true);
          }
          previous = span;
        }
      }),
    );
  });

  it("starts the first period 30 days before its end, or at the step before where now is earlier", () => {
    fc.assert(
      fc.property(someInstant, someInstant, (anchorAt, nowMs) => {
        const { startAt, endAt } = billingSpan(anchorAt, nowMs);
        const rewoundAt = endAt - 30 * dayMs;
        if (rewoundAt <= nowMs) expect(startAt).toBe(rewoundAt);
        else expect(nextStep(anchorAt, startAt)).toBe(endAt);
      }),
    );
  });

  it("keeps the period when the clock steps back, by any time and from any instant of it", () => {
    fc.assert(
      fc.property(anchor, requests, someInstant, fc.nat(400 * dayMs), (anchorAt, changes, startAt, back) => {
        let [nowMs, span] = [startAt, billingSpan(changes[0]?.anchor ?? null, startAt)];
        for (const { waitMs } of changes) {
          nowMs += waitMs;
          span = billingSpan(anchorAt, nowMs, span);
          expect(billingSpan(anchorAt, nowMs - back, span)).toBe(span);
        }
      }),
    );
  });

  it("keeps the start and never turns a period inside out when the anchor changes as the clock steps back", () => {
    fc.assert(
      fc.property(anchor, anchor, someInstant, fc.nat(400 * dayMs), (anchorAt, changedTo, nowMs, back) => {
        const span = billingSpan(anchorAt, nowMs);
        const kept = billingSpan(changedTo, nowMs - back, span);
        expect(kept.startAt).toBe(span.startAt);
        expect(kept.endAt).toBeGreaterThan(kept.startAt);
      }),
    );
  });
});
