import { describe, expect, it } from "vitest";
import { type Call, Meter, type Sighting } from "../../../src/client/meter.ts";

const minute = { name: "60/minute", size: 60, lengthMs: 60_000 };

/** A window that ends at a local instant, known to the second. */
function seen(left: number, endsBy: number, size = 60): Sighting {
  return { size, left, ends: { from: endsBy - 1000, by: endsBy, resetAt: undefined } };
}

/** A meter that was told of a period that ends at 60 s. */
function told(left: number): Meter {
  const meter = new Meter(minute, false);
  const call = { sentAt: 0 };
  meter.tell(seen(left, 60_000), call, 10, new Set([call]));
  return meter;
}

const nobody: ReadonlySet<Call> = new Set();

describe("Meter", () => {
  it("counts every call under way that an answer may not include", () => {
    const meter = told(50);
    const flying = new Set([{ sentAt: 5 }, { sentAt: 6 }]);
    expect(meter.remaining(flying)).toBe(48);
  });

  it("believes the lowest of answers whose calls overlapped, in whatever order they arrive", () => {
    const meter = told(50);
    const [early, late] = [{ sentAt: 20 }, { sentAt: 21 }];
    meter.tell(seen(48, 60_000), late, 40, new Set([early, late]));
    expect(meter.remaining(new Set([early]))).toBe(47);
    meter.tell(seen(49, 60_000), early, 50, new Set([early]));
    expect(meter.remaining(nobody)).toBe(48);
  });

  it("believes more again when a call that was sent later tells of it: something was given back", () => {
    const meter = told(10);
    const call = { sentAt: 20 };
    meter.tell(seen(12, 60_000), call, 30, new Set([call]));
    expect(meter.remaining(nobody)).toBe(12);
  });

  it("does not count a call twice that has long been under way when another tells what is left", () => {
    const meter = told(60);
    const slow = { sentAt: 1000 };
    const quick = { sentAt: 20_000 };
    meter.tell(seen(58, 60_000), quick, 20_100, new Set([slow, quick]));
    expect(meter.remaining(new Set([slow]))).toBe(58);
  });

  it("ignores an answer of a period that is over", () => {
    const meter = told(30);
    meter.roll(60_000);
    const late = { sentAt: 59_000 };
    meter.tell(seen(0, 60_100), late, 60_500, new Set([late]));
    expect(meter.remaining(nobody)).toBe(60);
  });

  it("counts a call of the old period in the new one only if it may have arrived in it", () => {
    const meter = told(30);
    meter.roll(60_000);
    expect(meter.remaining(new Set([{ sentAt: 40_000 }, { sentAt: 58_000 }]))).toBe(59);
  });

  it("starts the next period when an answer tells of it before this one is surely over", () => {
    const meter = told(0);
    const call = { sentAt: 59_500 };
    meter.tell(seen(59, 120_000), call, 59_600, new Set([call]));
    expect(meter.remaining(nobody)).toBe(59);
    expect(meter.blockedUntil(59_700, nobody)).toBeUndefined();
  });

  it("blocks until the window is over, and lets one call ask where nobody knows when that is", () => {
    expect(told(0).blockedUntil(1000, nobody)).toBe(60_000);
    const lost = new Meter({ name: "1", size: 1 }, true);
    const call = { sentAt: 0 };
    const ends = { from: Number.NEGATIVE_INFINITY, by: Number.POSITIVE_INFINITY, resetAt: 7000 };
    lost.tell({ size: 1, left: 0, ends }, call, 10, new Set([call]));
    expect(lost.blockedUntil(20, nobody)).toBeUndefined();
    expect(lost.blockedUntil(20, new Set([{ sentAt: 15 }]))).toBe(Number.POSITIVE_INFINITY);
  });

  it("sends one call first, and all others once it is answered or has taken 3 seconds", () => {
    const answered = new Meter(minute, false);
    answered.send(0);
    const first = { sentAt: 0 };
    expect(answered.blockedUntil(1, new Set([first]))).toBe(3000);
    answered.miss(first, 50);
    expect(answered.blockedUntil(51, nobody)).toBeUndefined();
    const slow = new Meter(minute, false);
    slow.send(0);
    expect(slow.blockedUntil(3000, new Set([first]))).toBeUndefined();
  });

  it("sends a tenth first in a period that follows one that nobody else used, else one call", () => {
    const firsts = (left: number) => {
      const meter = told(60);
      meter.roll(60_000);
      const call = { sentAt: 60_000 };
      meter.send(60_000);
      meter.tell(seen(left, 120_000), call, 60_010, new Set([call]));
      meter.roll(120_000);
      let sent = 0;
      for (; meter.blockedUntil(120_000, nobody) === undefined; sent += 1) meter.send(120_000);
      return sent;
    };
    expect(firsts(59)).toBe(6);
    expect(firsts(40)).toBe(1);
  });
});
