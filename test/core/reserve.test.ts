import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Pace, takesAhead } from "../../src/core/reserve.ts";

/** The pace of takes that come so many milliseconds apart. */
function steady(everyMs: number, takes: number): Pace {
  const pace = new Pace();
  for (let index = 0; index < takes; index++) pace.note(index * everyMs);
  return pace;
}

describe("Pace", () => {
  it("expects nothing after a first take", () => {
    expect(steady(0, 1).expected()).toBe(0);
  });

  it("expects nothing of a few takes at once", () => {
    expect(steady(0, 4).expected()).toBe(0);
    expect(steady(0, 5).expected()).toBe(2);
  });

  it.each([
    [10_000, 0],
    [3_500, 0],
    [3_000, 2],
    [800, 11],
    [100, 99],
    [10, 999],
  ])("expects of takes every %i ms hardly more than ten seconds bring: %i", (everyMs, expected) => {
    expect(steady(everyMs, 20_000).expected()).toBe(expected);
  });

  it("forgets a burst once it is over", () => {
    const pace = steady(10, 1_000);
    pace.note(1_000_000);
    expect(pace.expected()).toBe(0);
  });

  it("takes a burst for over once none came for four seconds, and looks no later than an idle object forgets", () => {
    const pace = steady(100, 3);
    expect([pace.isQuiet(4_199), pace.isQuiet(4_200)]).toEqual([false, true]);
    expect(pace.settleAt()).toBe(8_200);
  });

  it("never counts a take more than once because the clock steps back", () => {
    const pace = new Pace();
    for (const nowMs of [5_000, 4_000, 3_000, 2_000, 1_000]) pace.note(nowMs);
    expect(pace.expected()).toBe(2);
  });
});

describe("takesAhead", () => {
  const room = { size: 1_000, used: 0, cost: 1, exposed: 0 };

  it.each([
    ["what is expected", 7, [room], 0.05, 7],
    ["the share of the size", 500, [room], 0.05, 50],
    ["what remains", 500, [{ ...room, used: 990 }], 0.05, 10],
    ["nothing in a full window", 500, [{ ...room, used: 1_000 }], 0.05, 0],
    ["nothing in a window that a lowered plan has overfilled", 500, [{ ...room, used: 2_000 }], 0.05, 0],
    ["the share less what is exposed already", 500, [{ ...room, exposed: 48 }], 0.05, 2],
    ["nothing where more is exposed than the share", 500, [{ ...room, exposed: 80 }], 0.05, 0],
    ["whole takes by their cost", 500, [{ ...room, cost: 8 }], 0.05, 6],
    ["the tightest of several windows", 500, [room, { ...room, size: 100 }], 0.05, 5],
    ["nothing with a share of 0", 500, [room], 0, 0],
    ["nothing in a window so small that its share is no unit", 500, [{ ...room, size: 19 }], 0.05, 0],
  ])("reserves at the most %s", (_, expected, rooms, share, takes) => {
    expect(takesAhead(expected, rooms, share)).toBe(takes);
  });

  it("keeps within every window's room and share, whatever they are", () => {
    const whole = (max: number) => fc.integer({ min: 0, max });
    const rooms = fc.array(
      fc.record({
        size: whole(5_000),
        used: whole(6_000),
        cost: fc.integer({ min: 1, max: 50 }),
        exposed: whole(300),
      }),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(whole(2_000), rooms, fc.double({ min: 0, max: 1, noNaN: true }), (expected, all, share) => {
        const takes = takesAhead(expected, all, share);
        expect(Number.isSafeInteger(takes) && takes >= 0 && takes <= expected).toBe(true);
        if (takes === 0) return;
        for (const { size, used, cost, exposed } of all) {
          expect(used + takes * cost).toBeLessThanOrEqual(size);
          expect(exposed + takes * cost).toBeLessThanOrEqual(size * share);
        }
      }),
    );
  });
});
