// What a subject's history tells, and what it stores.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { History } from "../../src/core/history.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const NOON = Date.parse("2026-06-09T12:00:00Z");

describe("History", () => {
  test("tells the last hour by minutes and the last day by hours, the oldest first", () => {
    const history = new History();
    history.note(true, NOON - 2 * HOUR_MS);
    history.note(true, NOON - 2 * MINUTE_MS);
    history.note(false, NOON - 2 * MINUTE_MS);
    history.note(true, NOON + 1);
    const { hour, day } = history.series(NOON + 2);
    expect([hour.startAt, hour.stepMs, hour.admitted.length]).toEqual([NOON - 59 * MINUTE_MS, MINUTE_MS, 60]);
    expect(hour.admitted.slice(-3)).toEqual([1, 0, 1]);
    expect(hour.refused.slice(-3)).toEqual([1, 0, 0]);
    expect([day.startAt, day.stepMs, day.admitted.length]).toEqual([NOON - 23 * HOUR_MS, HOUR_MS, 24]);
    expect(day.admitted.slice(-3)).toEqual([1, 1, 1]);
    expect(day.refused.slice(-3)).toEqual([0, 1, 0]);
  });

  test("forgets a minute after an hour, whether or not anything came since", () => {
    const history = new History();
    history.note(true, NOON);
    expect(history.series(NOON + 59 * MINUTE_MS).hour.admitted[0]).toBe(1);
    expect(history.series(NOON + 60 * MINUTE_MS).hour.admitted).not.toContain(1);
    history.note(true, NOON + 60 * MINUTE_MS);
    expect(history.series(NOON + 60 * MINUTE_MS).hour.admitted.filter((count) => count > 0)).toEqual([1]);
  });

  test("counts in the newest minute where the clock steps back", () => {
    const history = new History();
    history.note(true, NOON);
    history.note(true, NOON - 5 * MINUTE_MS);
    expect(history.series(NOON).hour.admitted.at(-1)).toBe(2);
  });

  test("turns an admitted request into a refused one", () => {
    const history = new History();
    history.note(true, NOON);
    history.turn(NOON);
    const { hour } = history.series(NOON);
    expect([hour.admitted.at(-1), hour.refused.at(-1)]).toEqual([0, 1]);
  });

  test("comes back from what was stored", () => {
    const history = new History();
    for (let at = NOON; at < NOON + 2 * HOUR_MS; at += 7 * MINUTE_MS) history.note(at % 2 === 0, at);
    const again = new History();
    again.unpack(structuredClone(history.pack()));
    expect(again.series(NOON + 2 * HOUR_MS)).toEqual(history.series(NOON + 2 * HOUR_MS));
  });

  test("counts every request of the last hour once, at whatever times they come", () => {
    const stepsMs = fc.array(fc.record({ afterMs: fc.nat(20 * MINUTE_MS), isAdmitted: fc.boolean() }));
    fc.assert(
      fc.property(stepsMs, (steps) => {
        const history = new History();
        let nowMs = NOON;
        const noted = steps.map(({ afterMs, isAdmitted }) => {
          nowMs += afterMs;
          history.note(isAdmitted, nowMs);
          return { at: nowMs, isAdmitted };
        });
        const { hour } = history.series(nowMs);
        const recent = noted.filter(({ at }) => at >= hour.startAt);
        const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
        expect(sum(hour.admitted)).toBe(recent.filter(({ isAdmitted }) => isAdmitted).length);
        expect(sum(hour.refused)).toBe(recent.filter(({ isAdmitted }) => !isAdmitted).length);
      }),
    );
  });
});
