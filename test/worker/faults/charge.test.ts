// Charge on success: the take holds, and the origin's status makes it final.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ask, freshKey, limiterOf, moveClock, setClock, weirUnder } from "../harness.ts";
import { breakKey, disconnectingLate, eventsLogged, sceneOf, usedOf } from "./scenery.ts";

const MINUTE_MS = 60_000;

beforeEach(() => {
  // Some wait for a second of the origin's: no minute may end meanwhile.
  setClock("2027-01-01T00:00:00Z");
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** A key whose settles are those of its charges alone. */
async function registeredKey(): Promise<string> {
  const key = freshKey();
  await (await limiterOf(key)).amend({ kind: "put", plan: {} });
  return key;
}

function remainingOf(answer: Response): string | null {
  return answer.headers.get("x-ratelimit-remaining");
}

/** Waits until the settles of a key's takes are done; then what is used. */
async function usedAfterSettles(key: string, limit: string, settles = 1): Promise<number | undefined> {
  const scene = await sceneOf(await limiterOf(key));
  await vi.waitFor(() => expect(scene.settled).toHaveLength(settles));
  return usedOf(key, limit);
}

describe("a limit that charges on success (case 38)", () => {
  it.each([200, 201, 204, 299])("charges a %i", async (status) => {
    const key = await registeredKey();
    const answer = await ask(`/success?status=${status}`, { key });
    expect([answer.status, remainingOf(answer)]).toEqual([status, "4"]);
    expect(await usedAfterSettles(key, "success")).toBe(1);
  });

  it.each([300, 304, 400, 401, 404, 429, 500, 503])(
    "gives a %i back, and its headers show it",
    async (status) => {
      const key = await registeredKey();
      const answer = await ask(`/success?status=${status}`, { key });
      expect([answer.status, remainingOf(answer)]).toEqual([status, "5"]);
      expect(await usedAfterSettles(key, "success")).toBe(0);
    },
  );

  it("gives back an origin's timeout, and answers it with a 504", async () => {
    const key = await registeredKey();
    const answer = await ask("/success?delay=1500", { key });
    expect([answer.status, remainingOf(answer)]).toEqual([504, "5"]);
    expect(await usedAfterSettles(key, "success")).toBe(0);
  });

  it("keeps charged a timeout where the charge is made always", async () => {
    const key = await registeredKey();
    const answer = await ask("/window?delay=1500", { key });
    expect([answer.status, remainingOf(answer)]).toEqual([504, "4"]);
    expect(await usedOf(key, "window")).toBe(1);
  });

  it("judges on the status, not on how the body ends", async () => {
    const key = await registeredKey();
    const answer = await ask("/success?stream=100&every=50", { key });
    expect(await usedAfterSettles(key, "success")).toBe(1);
    await answer.body?.cancel();
    expect(await usedOf(key, "success")).toBe(1);
  });

  it("refuses what is held by others, and admits again once it is given back", async () => {
    const key = await registeredKey();
    for (let asked = 0; asked < 4; asked += 1) await ask("/success", { key });
    const failing = ask("/success?status=500&delay=300", { key });
    const scene = await sceneOf(await limiterOf(key));
    await vi.waitFor(() => expect(scene.ops).toHaveLength(5));
    const refused = await ask("/success", { key });
    expect([refused.status, remainingOf(refused)]).toEqual([429, "0"]);
    await failing;
    expect(await usedAfterSettles(key, "success", 5)).toBe(4);
    expect((await ask("/success", { key })).status).toBe(200);
  });

  it("settles once, however often it is told", async () => {
    const key = await registeredKey();
    await ask("/success", { key });
    const limiter = await limiterOf(key);
    const { ops } = await sceneOf(limiter);
    expect(await usedAfterSettles(key, "success")).toBe(1);
    const outcomes = [{ limit: "success", cost: 0 }];
    for (const op of ops) await limiter.settle({ op, outcomes, holders: { key: true } });
    expect(await usedOf(key, "success")).toBe(1);
  });

  it("gives back once what was taken by two deliveries of one take", async () => {
    const key = await registeredKey();
    await ask("/success", { key });
    await breakKey(key, disconnectingLate);
    expect(remainingOf(await ask("/success?status=500", { key }))).toBe("4");
    expect(await usedAfterSettles(key, "success", 2)).toBe(1);
  });

  it("changes nothing where the window rolled over meanwhile", async () => {
    setClock("2026-06-08T12:00:30Z");
    const key = await registeredKey();
    const failing = ask("/success?status=500&delay=300", { key });
    const scene = await sceneOf(await limiterOf(key));
    await vi.waitFor(() => expect(scene.ops).toHaveLength(1));
    moveClock(MINUTE_MS);
    await ask("/success", { key });
    await failing;
    expect(await usedAfterSettles(key, "success", 2)).toBe(1);
  });

  it("lets a settle that fails lapse, and says so", async () => {
    const events = eventsLogged();
    setClock("2026-06-08T12:00:00Z");
    const key = await registeredKey();
    const scene = await sceneOf(await limiterOf(key));
    scene.faults.push({
      call: "settle",
      fault: () => {
        throw new Error("broken");
      },
    });
    await ask("/billed?status=500", { key });
    await vi.waitFor(() => expect(events()).toEqual([{ event: "settle.failed", cause: "Error: broken" }]));
    expect(await usedOf(key, "billed")).toBe(1);
    moveClock(5 * MINUTE_MS);
    expect(await usedOf(key, "billed")).toBe(0);
  });
});

describe("a client that leaves (case 38)", () => {
  // As patient as production: else the origin's timeout comes first.
  const patient = weirUnder({ ORIGIN_TIMEOUT: "100 seconds" });

  it("is charged once after 25 s, though the origin fails later", async () => {
    vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"], now: Date.now() });
    const key = await registeredKey();
    const leaving = new AbortController();
    const asked = patient("/success?status=500&delay=1000", { key, signal: leaving.signal });
    const scene = await sceneOf(await limiterOf(key));
    await vi.waitFor(() => expect(scene.ops).toHaveLength(1));
    leaving.abort();
    vi.advanceTimersByTime(24_999);
    expect(await usedOf(key, "success")).toBe(1);
    expect(scene.settled).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(await usedAfterSettles(key, "success")).toBe(1);
    await asked;
    expect(scene.settled).toHaveLength(1);
    expect(await usedOf(key, "success")).toBe(1);
  });

  it("is charged as well where it left before its take was answered", async () => {
    vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"], now: Date.now() });
    const key = await registeredKey();
    const leaving = new AbortController();
    const { promise: left, resolve: leave } = Promise.withResolvers<void>();
    await breakKey(key, async (call) => {
      await left;
      return call();
    });
    const asked = patient("/success?status=500&delay=1000", { key, signal: leaving.signal });
    leaving.abort();
    leave();
    const scene = await sceneOf(await limiterOf(key));
    await vi.waitFor(() => expect(scene.ops).toHaveLength(1));
    await vi.waitFor(() => expect(vi.getTimerCount()).toBeGreaterThan(1));
    vi.advanceTimersByTime(25_000);
    expect(await usedAfterSettles(key, "success")).toBe(1);
    await asked;
  });

  it.each([
    [200, 1],
    [500, 0],
  ])("is charged by the origin's %i where that comes sooner", async (status, used) => {
    const key = await registeredKey();
    const leaving = new AbortController();
    const asked = patient(`/success?status=${status}&delay=200`, { key, signal: leaving.signal });
    const scene = await sceneOf(await limiterOf(key));
    await vi.waitFor(() => expect(scene.ops).toHaveLength(1));
    leaving.abort();
    await asked;
    expect(await usedAfterSettles(key, "success")).toBe(used);
  });
});

describe("cost_from", () => {
  it.each([
    ["more than the estimate", "x-cost:8", 8],
    ["less than the estimate", "x-cost:2", 2],
    ["nothing", "x-cost:0", 0],
    ["more than the window has room for, up to its size", "x-cost:99", 20],
    ["the estimate where the origin says nothing", "x-other:8", 5],
    ["the estimate where the origin's figure is none", "x-cost:-8", 5],
  ])("charges %s", async (_, header, used) => {
    const key = await registeredKey();
    const answer = await ask(`/cost?header=${header}`, { key });
    expect(remainingOf(answer)).toBe(String(20 - used));
    expect(await usedAfterSettles(key, "cost")).toBe(used);
  });

  it("refuses where the estimate has no room", async () => {
    const key = await registeredKey();
    await ask("/cost?header=x-cost:16", { key });
    expect(await usedAfterSettles(key, "cost")).toBe(16);
    expect((await ask("/cost?header=x-cost:1", { key })).status).toBe(429);
  });
});

describe("credits", () => {
  it.each([
    [200, 1],
    [500, 2],
  ])("are spent by a %i: of 2 they leave %i", async (status, left) => {
    const key = await registeredKey();
    const limiter = await limiterOf(key);
    await limiter.amend({ kind: "credit", add: 2 });
    await ask(`/credits?status=${status}`, { key });
    await usedAfterSettles(key, "credits");
    expect((await limiter.inspect([])).kept.credits).toBe(left);
  });
});
