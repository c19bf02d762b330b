// What a key leaves in storage: as few rows as can be, enough to outlive an eviction, and nothing once it is over.

import {
  abortAllDurableObjects,
  evictDurableObject,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { IpGuard, Limiter } from "../../../src/index.ts";
import {
  ask,
  askTimes,
  freshKey,
  limiterOf,
  limitHeadersOf,
  MINUTE_MS,
  moveClock,
  SECOND_MS,
  setClock,
  tally,
} from "../harness.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** Counts the rows that a key's object writes from now on. */
async function rowsOf(key: string): Promise<() => number> {
  const put = await runInDurableObject(await limiterOf(key), (_, { storage }) => vi.spyOn(storage.kv, "put"));
  return () => put.mock.calls.length;
}

/** All that a key's object stores, and its alarm. */
async function storedOf(key: string) {
  return runInDurableObject(await limiterOf(key), async (_, { storage }) => ({
    rows: [...storage.kv.list()],
    alarm: await storage.getAlarm(),
  }));
}

describe("A take of a slow key", () => {
  it.each([
    ["one window", "/many"],
    ["six windows", "/long"],
  ])("of %s writes one row", async (_, path) => {
    setClock("2036-01-01T00:00:00Z");
    const key = freshKey();
    const rows = await rowsOf(key);
    for (let taken = 1; taken <= 5; taken += 1) {
      await ask(path, { key });
      expect(rows()).toBe(taken);
      moveClock(4 * SECOND_MS);
    }
  });

  it("is one call, to the object of the key alone", async () => {
    const calls = [
      ...(["join", "settle", "cancel"] as const).map((name) => vi.spyOn(Limiter.prototype, name)),
      ...(["take", "join", "settle", "cancel"] as const).map((name) => vi.spyOn(IpGuard.prototype, name)),
    ];
    const take = vi.spyOn(Limiter.prototype, "take");
    await ask("/long", { key: freshKey() });
    expect(take).toHaveBeenCalledTimes(1);
    for (const call of calls) expect(call).not.toHaveBeenCalled();
  });
});

describe("A refusal", () => {
  it("writes nothing", async () => {
    setClock("2036-01-01T00:00:00Z");
    const key = freshKey();
    await askTimes(3, "/few", { key });
    const rows = await rowsOf(key);
    expect(tally(await askTimes(5, "/few", { key }))).toEqual({ 429: 5 });
    expect((await ask("/never", { key })).status).toBe(403);
    expect(rows()).toBe(0);
  });

  it("writes nothing for a key that was never admitted", async () => {
    const key = freshKey();
    expect((await ask("/never", { key })).status).toBe(403);
    expect(await storedOf(key)).toEqual({ rows: [], alarm: null });
  });
});

describe("A burst", () => {
  it("writes fewer rows than it has takes", async () => {
    setClock("2036-01-01T00:00:00Z");
    const key = freshKey();
    const rows = await rowsOf(key);
    expect(tally(await askTimes(500, "/long", { key }))).toEqual({ 200: 500 });
    expect(rows()).toBeLessThan(50);
  });
});

describe("An eviction in mid-window (case 37)", () => {
  it("costs a slow key nothing", async () => {
    setClock("2036-01-01T00:00:00Z");
    const key = freshKey();
    for (const remaining of ["2", "1", "0"]) {
      expect(limitHeadersOf(await ask("/few", { key })).remaining).toBe(remaining);
      await evictDurableObject(await limiterOf(key));
      moveClock(SECOND_MS);
    }
    expect((await ask("/few", { key })).status).toBe(429);
  });

  it("costs a burst nothing, once it has settled", async () => {
    setClock("2036-01-01T00:00:00Z");
    const key = freshKey();
    const rows = await rowsOf(key);
    await askTimes(50, "/many", { key });
    const inBurst = rows();
    await vi.waitFor(async () =>
      expect((await storedOf(key)).alarm).toBe(Date.parse("2036-01-01T00:00:08Z")),
    );
    moveClock(8 * SECOND_MS);
    await runDurableObjectAlarm(await limiterOf(key));
    expect(rows()).toBe(inBurst + 1);
    await evictDurableObject(await limiterOf(key));
    expect(limitHeadersOf(await ask("/many", { key })).remaining).toBe("49");
  });
});

describe("A crash in a burst", () => {
  it("costs at most 5 % of the window, and lets none pass beyond it", async () => {
    setClock("2036-01-01T00:00:00Z");
    const key = freshKey();
    const before = tally(await askTimes(50, "/many", { key }));
    await abortAllDurableObjects();
    const after = tally(await askTimes(60, "/many", { key }));
    const passed = (before[200] ?? 0) + (after[200] ?? 0);
    expect(passed).toBeGreaterThanOrEqual(95);
    expect(passed).toBeLessThanOrEqual(100);
  });
});

describe("The cleanup alarm", () => {
  async function armed(key: string): Promise<void> {
    await vi.waitFor(async () => expect((await storedOf(key)).alarm).not.toBeNull(), { timeout: MINUTE_MS });
  }

  it("is set for the end of the last window", async () => {
    setClock("2036-01-01T00:00:00Z");
    const key = freshKey();
    await ask("/long", { key });
    await armed(key);
    expect((await storedOf(key)).alarm).toBe(Date.parse("2036-02-01T00:00:00Z"));
  });

  it("leaves no storage once all windows are over", async () => {
    setClock("2036-01-01T00:00:00Z");
    const key = freshKey();
    await ask("/few", { key });
    await armed(key);
    moveClock(MINUTE_MS);
    expect(await runDurableObjectAlarm(await limiterOf(key))).toBe(true);
    expect(await storedOf(key)).toEqual({ rows: [], alarm: null });
    expect(limitHeadersOf(await ask("/few", { key })).remaining).toBe("2");
  });

  it("delivered twice changes nothing, before the end and after it (case 39)", async () => {
    setClock("2036-01-01T00:00:00Z");
    const key = freshKey();
    await askTimes(2, "/few", { key });
    await armed(key);
    const stored = await storedOf(key);
    const deliver = async () => runInDurableObject(await limiterOf(key), (limiter) => limiter.alarm());
    await deliver();
    await deliver();
    expect(await storedOf(key)).toEqual(stored);
    expect(limitHeadersOf(await ask("/few", { key })).remaining).toBe("0");
    moveClock(MINUTE_MS);
    await deliver();
    await deliver();
    expect((await storedOf(key)).rows).toEqual([]);
  });
});
