// What a key's object and its account's keep of requests: their number by the minute, in the row that is written anyway.

import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Limiter } from "../../../src/index.ts";
import { accountStub } from "../../../src/objects/stubs.ts";
import { ask, askTimes, limiterOf, moveClock, setClock } from "../harness.ts";
import { register } from "../operator.ts";

afterEach(() => {
  vi.useRealTimers();
});

/** Requests of the last two minutes: admitted and refused, in the minute before and in this one. */
async function lastMinutes(limiter: DurableObjectStub<Limiter>) {
  const { past } = await limiter.inspect([]);
  return { admitted: past?.hour.admitted.slice(-2), refused: past?.hour.refused.slice(-2) };
}

describe("The past of a subject", () => {
  it("counts what was admitted and refused, and outlives the object's memory", async () => {
    setClock("2036-03-01T00:00:30Z");
    const { key } = await register();
    await askTimes(2, "/own/x", { key });
    moveClock(60_000);
    await askTimes(3, "/own/x", { key });
    await ask("/own/x", { key });
    const limiter = await limiterOf(key);
    expect(await lastMinutes(limiter)).toEqual({ admitted: [2, 3], refused: [0, 1] });
    await evictDurableObject(limiter);
    expect((await lastMinutes(limiter)).admitted).toEqual([2, 3]);
  });

  it("is the account's too, and counts no look", async () => {
    setClock("2036-03-02T00:00:30Z");
    const account = `past-${crypto.randomUUID()}`;
    const { key } = await register({ account });
    await askTimes(6, "/shared/x", { key });
    await ask("/_weir/usage", { key });
    const shared = accountStub(env, account);
    expect(await lastMinutes(shared)).toEqual({ admitted: [0, 5], refused: [0, 1] });
    expect(await lastMinutes(await limiterOf(key))).toEqual({ admitted: [0, 5], refused: [0, 1] });
  });
});
