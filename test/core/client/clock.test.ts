import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ServerClock } from "../../../src/client/clock.ts";

/** How far the server's clock is ahead in these tests. */
const aheadMs = 1_000_000_250;

/** What an answer shows that was made at a local instant: the server's clock, in whole seconds. */
function date(madeAt: number): [number, number] {
  const secondAt = Math.floor((madeAt + aheadMs) / 1000) * 1000;
  return [secondAt, secondAt + 1000];
}

describe("ServerClock", () => {
  it("knows nothing at first", () => {
    const clock = new ServerClock();
    expect(clock.earliest(5)).toBe(Number.NEGATIVE_INFINITY);
    expect(clock.latest(5)).toBe(Number.POSITIVE_INFINITY);
    expect(clock.latestNow(5)).toBeUndefined();
  });

  it("encloses every instant, and more closely with every answer", () => {
    const answer = fc.record({ sentAt: fc.nat(100_000), upMs: fc.nat(2000), downMs: fc.nat(2000) });
    fc.assert(
      fc.property(fc.array(answer, { minLength: 1 }), fc.nat(1_000_000), (answers, localAt) => {
        const clock = new ServerClock();
        let widthMs = Number.POSITIVE_INFINITY;
        for (const { sentAt, upMs, downMs } of answers) {
          const madeAt = sentAt + upMs;
          expect(clock.observe(...date(madeAt), sentAt, madeAt + downMs)).toBe(true);
          const [from, by] = [clock.earliest(localAt + aheadMs), clock.latest(localAt + aheadMs)];
          expect(from).toBeLessThanOrEqual(localAt);
          expect(by).toBeGreaterThanOrEqual(localAt);
          expect(by - from).toBeLessThanOrEqual(widthMs);
          widthMs = by - from;
        }
      }),
    );
  });

  it("leaves a tenth of a second for the clocks of one server to differ", () => {
    const clock = new ServerClock();
    clock.observe(5000, 5000, 0, 0);
    expect(clock.latest(6000)).toBe(1100);
  });

  it("starts again when a clock has stepped", () => {
    const clock = new ServerClock();
    clock.observe(...date(0), 0, 50);
    expect(clock.observe(70_000_000, 70_001_000, 100, 150)).toBe(false);
    expect(clock.earliest(70_000_000)).toBe(-900);
    expect(clock.latest(70_001_000)).toBe(1250);
  });
});
