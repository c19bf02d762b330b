import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type PaceEvents, paceFetch, QueueFullError } from "../../../src/client/index.ts";
import { Server } from "./server.ts";

const url = "https://api.example/v1";
const minute = { size: 60, lengthMs: 60_000 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("the queue", () => {
  /** A fetch whose answers come when told, and the URLs it was asked for. */
  function manual() {
    const asked: string[] = [];
    const answers: (() => void)[] = [];
    const fetch = (input: RequestInfo | URL) => {
      asked.push(String(input));
      return new Promise<Response>((resolve) => answers.push(() => resolve(new Response())));
    };
    const answer = async () => {
      answers.shift()?.();
      await vi.advanceTimersByTimeAsync(0);
    };
    return { fetch, asked, answer };
  }

  it("lets as many calls out at once as its concurrency", async () => {
    const { fetch, asked, answer } = manual();
    const paced = paceFetch({ fetch, queue: { concurrency: 2 } });
    for (const name of ["a", "b", "c", "d"]) void paced(name);
    await answer();
    expect(asked).toEqual(["a", "b", "c"]);
  });

  it("lets high priority go before, and low priority after, in order", async () => {
    const { fetch, asked, answer } = manual();
    const paced = paceFetch({ fetch, queue: { concurrency: 1 } });
    void paced("first");
    for (const priority of ["low", "auto", "high"] as const) {
      void paced(`${priority} 1`, { priority });
      void paced(`${priority} 2`, { priority });
    }
    for (let answered = 0; answered < 7; answered += 1) await answer();
    expect(asked).toEqual(["first", "high 1", "high 2", "auto 1", "auto 2", "low 1", "low 2"]);
  });

  it("orders the calls that wait for a window, not only those that wait for a place", async () => {
    const server = new Server({ windows: [{ size: 2, lengthMs: 60_000 }] });
    const order: string[] = [];
    const paced = paceFetch({
      fetch: (input, init) => {
        order.push(String(input));
        return server.fetch(input, init);
      },
    });
    for (const name of ["a", "b", "c", "d"]) void paced(name);
    await vi.advanceTimersByTimeAsync(10_000);
    void paced("urgent", { priority: "high" });
    await vi.runAllTimersAsync();
    expect(order).toEqual(["a", "b", "urgent", "c", "d"]);
  });

  it("sends a refused call before others of its priority", async () => {
    const order: string[] = [];
    const paced = paceFetch({
      queue: { concurrency: 1 },
      fetch: async (input) => {
        order.push(String(input));
        return new Response(null, order.length === 1 ? { status: 429, headers: { "retry-after": "1" } } : {});
      },
    });
    for (const name of ["a", "b", "c"]) void paced(name);
    await vi.runAllTimersAsync();
    expect(order).toEqual(["a", "a", "b", "c"]);
  });

  it("turns away a call that finds as many waiting as its size", async () => {
    const { fetch, answer } = manual();
    const paced = paceFetch({ fetch, queue: { concurrency: 1, size: 1 } });
    void paced("under way");
    void paced("waits");
    await expect(paced("too much")).rejects.toThrow(new QueueFullError(1));
    await answer();
    void paced("waits now");
    await expect(paced("too much")).rejects.toBeInstanceOf(QueueFullError);
  });

  it("goes on after a call that failed without an answer", async () => {
    let calls = 0;
    const paced = paceFetch({
      windows: ["2/minute"],
      fetch: async () => {
        calls += 1;
        if (calls === 1) throw new TypeError("fetch failed");
        return new Response();
      },
    });
    const answers = Promise.allSettled([paced(url), paced(url), paced(url)]);
    await vi.runAllTimersAsync();
    expect((await answers).map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
  });
});

describe("usage", () => {
  it("is of the declared windows before anything is known", () => {
    expect(paceFetch({ windows: ["60/minute", "1000/day"] }).usage()).toEqual([
      { window: "60/minute", limit: 60, remaining: 60, used: 0, percent: 0 },
      { window: "1000/day", limit: 1000, remaining: 1000, used: 0, percent: 0 },
    ]);
  });

  it("is what the answers tell, the end by the local clock however wrong that is", async () => {
    const server = new Server({ windows: [minute] });
    server.takeAway(29);
    vi.setSystemTime(0);
    const paced = paceFetch({ fetch: server.fetch });
    void paced(url);
    await vi.advanceTimersByTimeAsync(1000);
    const [usage] = paced.usage();
    expect(usage).toMatchObject({ window: "60", limit: 60, remaining: 30, used: 30, percent: 50 });
    // The window has 50.75 s left; the Date header tells the time to the second.
    const endsInMs = usage?.resetAt?.getTime() ?? 0;
    expect(endsInMs).toBeGreaterThanOrEqual(50_750);
    expect(endsInMs).toBeLessThanOrEqual(52_000);
  });

  it("names windows as RateLimit does, and recognises declared ones by size and length", async () => {
    const server = new Server({ windows: [minute, { size: 1000, lengthMs: 86_400_000 }], style: "ietf" });
    const paced = paceFetch({ fetch: server.fetch, windows: ["60/minute"] });
    void paced(url);
    await vi.advanceTimersByTimeAsync(1000);
    expect(paced.usage().map(({ window, remaining }) => [window, remaining])).toEqual([
      ["60/minute", 59],
      ["w86400000", 999],
    ]);
  });

  it("counts calls under way as used, and starts afresh with the window", async () => {
    const server = new Server({ windows: [minute] });
    const paced = paceFetch({ fetch: server.fetch, windows: ["60/minute"] });
    void paced(url);
    expect(paced.usage()).toMatchObject([{ used: 1 }]);
    await vi.advanceTimersByTimeAsync(61_000);
    expect(paced.usage()).toMatchObject([{ used: 0 }]);
  });

  it("learns nothing from an answer out of a cache", async () => {
    const told = {
      "x-ratelimit-limit": "9",
      "x-ratelimit-remaining": "0",
      "x-ratelimit-reset": "1936076949",
    };
    const paced = paceFetch({ fetch: async () => new Response(null, { headers: { ...told, age: "12" } }) });
    await paced(url);
    expect(paced.usage()).toEqual([]);
  });
});

describe("events", () => {
  function heard(server: Server, windows: string[] = []) {
    const paced = paceFetch({ fetch: server.fetch, windows });
    const events: { [Name in keyof PaceEvents]: PaceEvents[Name][] } = { waiting: [], retry: [], low: [] };
    paced.on("waiting", (event) => events.waiting.push(event));
    paced.on("retry", (event) => events.retry.push(event));
    paced.on("low", (event) => events.low.push(event));
    return { paced, events };
  }

  it("say once a period that less than a tenth is left", async () => {
    const { paced, events } = heard(new Server({ windows: [minute] }));
    for (let call = 0; call < 54; call += 1) void paced(url);
    await vi.advanceTimersByTimeAsync(1000);
    expect(events.low).toEqual([]);
    for (let call = 0; call < 3; call += 1) void paced(url);
    await vi.advanceTimersByTimeAsync(1000);
    expect(events.low).toMatchObject([{ window: "60", limit: 60, percent: 95 }]);
  });

  it("say once for each wait how many wait, for what, until when", async () => {
    const { paced, events } = heard(new Server({ windows: [minute] }), ["60/minute"]);
    for (let call = 0; call < 130; call += 1) void paced(url);
    await vi.runAllTimersAsync();
    expect(events.waiting.map(({ calls, limit }) => [calls, limit?.window])).toEqual([
      [70, "60/minute"],
      [10, "60/minute"],
    ]);
    const [first, second] = events.waiting;
    expect(Number(second?.until) - Number(first?.until)).toBeGreaterThan(58_000);
  });

  it("say what is sent again, and when", async () => {
    const server = new Server({ windows: [minute], startsAt: Date.UTC(2031, 0) });
    const { paced, events } = heard(server);
    server.takeAway(60);
    void paced(url, { method: "post" });
    await vi.runAllTimersAsync();
    expect(events.retry).toEqual([{ method: "POST", url, status: 429, retry: 1, waitMs: 60_000 }]);
  });

  it("stop when told so", async () => {
    const server = new Server({ windows: [{ size: 1, lengthMs: 60_000 }] });
    const paced = paceFetch({ fetch: server.fetch });
    const listener = vi.fn();
    const stop = paced.on("low", listener);
    stop();
    void paced(url);
    await vi.runAllTimersAsync();
    expect(listener).not.toHaveBeenCalled();
  });
});
