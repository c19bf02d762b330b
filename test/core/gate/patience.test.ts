// Waits by a clock that the test moves.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Patience } from "../../../src/gate/patience.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const late = () => new Error("late");
/** Work that never comes. */
const never = () => new Promise<never>(() => {});
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** What has become of a wait so far. */
function watched(wait: Promise<unknown>): () => unknown {
  let outcome: unknown = "pending";
  wait.then(
    (result) => {
      outcome = result;
    },
    (error: Error) => {
      outcome = error.message;
    },
  );
  return () => outcome;
}

describe("Patience", () => {
  it("gives the work's result", async () => {
    await expect(new Patience().wait(100, Promise.resolve("done"), late)).resolves.toBe("done");
  });

  it("gives the work's failure", async () => {
    await expect(new Patience().wait(100, Promise.reject(new Error("broken")), late)).rejects.toThrow(
      "broken",
    );
  });

  it("gives up once the time is over, and not before", async () => {
    const outcome = watched(new Patience().wait(100, never(), late));
    await pass(99);
    expect(outcome()).toBe("pending");
    await pass(1);
    expect(outcome()).toBe("late");
  });

  it.each([
    ["shorter", 1_000, 300],
    ["longer", 300, 1_000],
    ["equal", 300, 300],
  ])(
    "gives a second wait that is %s its whole time, the first one's timer still pending",
    async (_, firstMs, secondMs) => {
      const patience = new Patience();
      const { promise, resolve } = Promise.withResolvers<string>();
      const first = watched(patience.wait(firstMs, promise, () => new Error("the first is late")));
      await pass(200);
      resolve("done");
      await pass(0);
      const second = watched(patience.wait(secondMs, never(), late));
      await pass(secondMs - 1);
      expect(second()).toBe("pending");
      await pass(1);
      expect([first(), second()]).toEqual(["done", "late"]);
      await pass(10_000);
      expect([first(), second()]).toEqual(["done", "late"]);
    },
  );

  it("gives each of many waits its whole time, one after the other", async () => {
    const patience = new Patience();
    for (const forMs of [50, 400, 10, 10, 1_000, 3]) {
      const outcome = watched(patience.wait(forMs, never(), late));
      await pass(forMs - 1);
      expect(outcome()).toBe("pending");
      await pass(1);
      expect(outcome()).toBe("late");
    }
  });

  it("has one timer pending at most, and none once it ends", async () => {
    const patience = new Patience();
    expect(vi.getTimerCount()).toBe(0);
    for (const forMs of [500, 100, 1_000, 1_000]) {
      await patience.wait(forMs, Promise.resolve(), late);
      expect(vi.getTimerCount()).toBe(1);
      await pass(60);
      expect(vi.getTimerCount()).toBe(1);
    }
    patience.end();
    expect(vi.getTimerCount()).toBe(0);
    patience.end();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("has none pending once it has given up", async () => {
    const patience = new Patience();
    watched(patience.wait(100, never(), late));
    await pass(100);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("sets no timer for a wait that ends after the one that is pending", async () => {
    const set = vi.spyOn(globalThis, "setTimeout");
    const patience = new Patience();
    await patience.wait(100, Promise.resolve(), late);
    await patience.wait(1_000, Promise.resolve(), late);
    await patience.wait(100, Promise.resolve(), late);
    expect(set).toHaveBeenCalledOnce();
    set.mockRestore();
  });

  it("waits again after it has ended", async () => {
    const patience = new Patience();
    await patience.wait(100, Promise.resolve(), late);
    patience.end();
    const outcome = watched(patience.wait(100, never(), late));
    await pass(100);
    expect(outcome()).toBe("late");
  });

  it.each(["resolve", "reject"] as const)("leaves work alone that comes late (%s)", async (how) => {
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    const patience = new Patience();
    const work = Promise.withResolvers<unknown>();
    const outcome = watched(patience.wait(100, work.promise, late));
    await pass(100);
    work[how](new Error("too late"));
    // Node tells of rejections that nobody handles once microtasks are done; setImmediate is not faked away by this.
    vi.useRealTimers();
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", unhandled);
    expect(outcome()).toBe("late");
    expect(unhandled).not.toHaveBeenCalled();
  });
});
