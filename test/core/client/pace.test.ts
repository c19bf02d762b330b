import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type PaceOptions, paceFetch } from "../../../src/client/index.ts";
import { Server, type ServerOptions } from "./server.ts";

const url = "https://api.example/v1";
const minute = { size: 60, lengthMs: 60_000 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Makes calls at once and runs time until all are answered. */
async function batch(server: Server, calls: number, options: PaceOptions = {}): Promise<number[]> {
  const fetch = paceFetch({ fetch: server.fetch, ...options });
  const answers = Promise.all(Array.from({ length: calls }, () => fetch(url)));
  await vi.runAllTimersAsync();
  return (await answers).map(({ status }) => status);
}

describe("a batch of 500 calls on 60/minute", () => {
  const styles: [string, Partial<ServerOptions>, PaceOptions][] = [
    ["declared, told by X-RateLimit", {}, { windows: ["60/minute"] }],
    ["told by X-RateLimit alone", {}, {}],
    ["told by RateLimit alone", { style: "ietf" }, {}],
    ["told by RateLimit without a Date", { style: "ietf", date: false }, {}],
    ["declared, without a Date", { date: false }, { windows: ["60/minute"] }],
    ["declared, told nothing but the Date", { style: "none" }, { windows: ["60/minute"] }],
    [
      "declared, with a wider window",
      { windows: [minute, { size: 1000, lengthMs: 86_400_000 }] },
      { windows: ["60/minute", "1000/day"] },
    ],
    ["told of two windows, one at a time", { windows: [minute, { size: 1000, lengthMs: 86_400_000 }] }, {}],
    ["over a slow line", { transitMs: 900 }, { windows: ["60/minute"] }],
    ["with ten at a time", {}, { queue: { concurrency: 10 } }],
    ["with answers that take 50 seconds", { workMs: 50_000 }, { windows: ["60/minute"] }],
  ];

  for (const [name, server, options] of styles) {
    it(`takes 9 windows and meets no 429: ${name}`, async () => {
      const exact = new Server({ windows: [minute], ...server });
      expect(await batch(exact, 500, options)).toEqual(Array(500).fill(200));
      expect({ refusals: exact.refusals, periods: exact.periods }).toEqual({ refusals: 0, periods: 9 });
    });
  }

  for (const windows of [[], ["60/minute"]]) {
    it(`takes the rest of a window that others have used, ${windows.length} declared`, async () => {
      const server = new Server({ windows: [minute] });
      server.takeAway(45);
      expect(await batch(server, 495, { windows })).toEqual(Array(495).fill(200));
      expect({ refusals: server.refusals, periods: server.periods }).toEqual({ refusals: 0, periods: 9 });
    });
  }

  for (const [when, offsetMs] of [
    ["opens", 0],
    ["is half over", 30_000],
  ] as const) {
    it(`meets no 429 while another process takes 20 as each window ${when}`, async () => {
      const server = new Server({ windows: [minute] });
      const fetch = paceFetch({ fetch: server.fetch, windows: ["60/minute"] });
      await vi.advanceTimersByTimeAsync(60_000 - (server.now() % 60_000) + offsetMs);
      server.takeAway(20);
      const others = setInterval(() => server.takeAway(20), 60_000);
      const answers = Promise.all(Array.from({ length: 500 }, () => fetch(url)));
      await vi.advanceTimersByTimeAsync(13 * 60_000);
      clearInterval(others);
      expect((await answers).every(({ ok }) => ok)).toBe(true);
      expect(server.refusals).toBe(0);
    });
  }

  for (const [name, hours] of [
    ["ahead", 5],
    ["behind", -300_000],
  ] as const) {
    it(`does not mind a local clock that is hours ${name}`, async () => {
      const server = new Server({ windows: [minute] });
      vi.setSystemTime(server.now() + hours * 3_600_000);
      await batch(server, 500);
      expect({ refusals: server.refusals, periods: server.periods }).toEqual({ refusals: 0, periods: 9 });
    });
  }

  it("does not mind a local clock that steps", async () => {
    const server = new Server({ windows: [minute] });
    const fetch = paceFetch({ fetch: server.fetch });
    const answers = Promise.all(Array.from({ length: 500 }, () => fetch(url)));
    for (const stepMs of [-7_200_000, 90_000, 86_400_000]) {
      await vi.advanceTimersByTimeAsync(100_000);
      vi.setSystemTime(Date.now() + stepMs);
    }
    await vi.runAllTimersAsync();
    await answers;
    expect({ refusals: server.refusals, periods: server.periods }).toEqual({ refusals: 0, periods: 9 });
  });
});

describe("pacing", () => {
  it("never meets a 429 and never wastes a window, whatever the size, phase, clock and line", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          size: fc.integer({ min: 1, max: 40 }),
          lengthMs: fc.constantFrom(10_000, 60_000, 3_600_000),
          phaseMs: fc.integer({ min: 0, max: 3_600_000 }),
          transitMs: fc.integer({ min: 0, max: 400 }),
          calls: fc.integer({ min: 1, max: 150 }),
          style: fc.constantFrom("x-ratelimit" as const, "ietf" as const),
        }),
        async ({ size, lengthMs, phaseMs, calls, ...rest }) => {
          const startsAt = Date.UTC(2026, 0) + phaseMs;
          const server = new Server({ windows: [{ size, lengthMs }], startsAt, ...rest });
          await batch(server, calls);
          expect(server.refusals).toBe(0);
          // The first period may be nearly over when the first call asks.
          expect(server.periods).toBeLessThanOrEqual(Math.ceil(calls / size) + 1);
        },
      ),
      { numRuns: 100 },
    );
  });

  it("never meets a 429 when calls come at any time, over a line of changing speed, in two windows", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ afterMs: fc.nat(9000), transitMs: fc.nat(900) }), {
          minLength: 1,
          maxLength: 120,
        }),
        fc.record({ short: fc.integer({ min: 1, max: 8 }), long: fc.integer({ min: 1, max: 30 }) }),
        fc.record({ startsAt: fc.integer({ min: 0, max: 4e12 }), workMs: fc.nat(40_000) }),
        fc.constantFrom("x-ratelimit" as const, "ietf" as const),
        async (plan, { short, long }, options, style) => {
          let sent = 0;
          const transitMs = () => plan[sent++ % plan.length]?.transitMs ?? 0;
          const windows = [
            { size: short, lengthMs: 20_000 },
            { size: long, lengthMs: 120_000 },
          ];
          const server = new Server({ windows, style, transitMs, ...options });
          const declared = [`${short}/20 seconds`, `${long}/2 minutes`];
          const fetch = paceFetch({ fetch: server.fetch, windows: declared });
          const answers: Promise<Response>[] = [];
          for (const { afterMs } of plan) {
            answers.push(fetch(url));
            await vi.advanceTimersByTimeAsync(afterMs);
          }
          await vi.runAllTimersAsync();
          await Promise.all(answers);
          expect(server.refusals).toBe(0);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("learns from one 429 what time it is where nobody says so", async () => {
    const server = new Server({ windows: [minute], date: false });
    expect(await batch(server, 300)).toEqual(Array(300).fill(200));
    expect({ refusals: server.refusals, periods: server.periods }).toEqual({ refusals: 1, periods: 5 });
  });

  for (const stepMs of [-3_600_000, -20_000, 20_000, 3_600_000]) {
    it(`recovers within a window when the server's clock steps by ${stepMs / 1000} s`, async () => {
      const server = new Server({ windows: [minute] });
      const fetch = paceFetch({ fetch: server.fetch, windows: ["60/minute"] });
      const answers = Promise.all(Array.from({ length: 240 }, () => fetch(url)));
      await vi.advanceTimersByTimeAsync(70_000);
      server.epochAt += stepMs;
      const steppedAt = performance.now();
      await vi.runAllTimersAsync();
      expect((await answers).every(({ ok }) => ok)).toBe(true);
      // The calls that go first in a period, a tenth of it, may find it not to be a new one.
      expect(server.refusals).toBeLessThanOrEqual(6);
      expect(performance.now() - steppedAt).toBeLessThan(4 * 60_000);
    });
  }

  it("gives a plan that was raised its new size at the next answer", async () => {
    const server = new Server({ windows: [{ ...minute }] });
    const fetch = paceFetch({ fetch: server.fetch });
    const answers = Promise.all(Array.from({ length: 300 }, () => fetch(url)));
    await vi.advanceTimersByTimeAsync(70_000);
    server.options.windows = [{ size: 90, lengthMs: 60_000 }];
    await vi.runAllTimersAsync();
    await answers;
    expect({ refusals: server.refusals, periods: server.periods }).toEqual({ refusals: 0, periods: 4 });
    expect(fetch.usage()).toMatchObject([{ limit: 90 }]);
  });

  it("keeps a window of one second", async () => {
    const server = new Server({ windows: [{ size: 10, lengthMs: 1000 }], transitMs: 30 });
    await batch(server, 200, { windows: ["10/second"] });
    expect(server.refusals).toBe(0);
    expect(server.periods).toBeLessThanOrEqual(22);
  });
});
