// Leases and refusals of an account, as its keys' objects see them: nothing lent is lost, and nothing refused is written.

import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Ask } from "../../../src/core/subject.ts";
import { accountStub, guardStub, keyStub } from "../../../src/objects/stubs.ts";
import {
  ask,
  askTimes,
  freshKey,
  HOUR_MS,
  limiterOf,
  moveClock,
  SECOND_MS,
  setClock,
  takeAt,
  tally,
} from "../harness.ts";
import { done, operate, register } from "../operator.ts";

type Stub = ReturnType<typeof keyStub>;

let op = 0;
const large = [{ limit: "large" }];

beforeEach(() => {
  setClock("2036-03-01T14:00:00Z");
});

/** A registered key of an account, by its object. */
async function keyOf(account: string): Promise<{ readonly id: string; readonly stub: Stub }> {
  const { id } = await register({ account });
  return { id, stub: keyStub(env, id) };
}

/** Takes the same again and again; how many were admitted. */
async function spend(stub: Stub, asks: readonly Ask[], times: number): Promise<number> {
  let admitted = 0;
  for (let time = 0; time < times; time++) {
    const [answer] = await takeAt(stub, [{ op: ++op, asks }]);
    if (answer?.decision.admitted) admitted += 1;
  }
  return admitted;
}

/** What is used of the account's large window. */
async function usedOf(account: string): Promise<number | undefined> {
  const { standings } = await accountStub(env, account).inspect(large);
  return standings[0]?.used;
}

/** Lets an object do what it puts off until its answer is out. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}

/** Runs an object's alarm if its time has come. */
async function wake(stub: Stub): Promise<void> {
  const at = await runInDurableObject(stub, (_, { storage }) => storage.getAlarm());
  if (at !== null && at <= Date.now()) await runDurableObjectAlarm(stub);
}

/** How many alarms an object sets and rows it writes from here on. */
async function writesOf(stub: Stub): Promise<() => number> {
  const spies = await runInDurableObject(stub, (_, { storage }) => [
    vi.spyOn(storage.kv, "put"),
    vi.spyOn(storage, "setAlarm"),
  ]);
  const before = () => spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
  const start = before();
  return () => before() - start;
}

describe("a lease", () => {
  it.each<[string, Ask, number]>([
    ["whose characters are counted", { limit: "large", characters: 12 }, 1],
    ["of several calls", { limit: "large", calls: 2 }, 2],
  ])("is not made for a take %s: the account's count stays exact", async (name, one, units) => {
    const account = `odd-${units}`;
    const { stub } = await keyOf(account);
    expect(await spend(stub, [one], 40)).toBe(40);
    expect([name, await usedOf(account)]).toEqual([name, 40 * units]);
  });

  it("is not spent at another account that the key was moved to", async () => {
    const { id, stub } = await keyOf("left");
    await spend(stub, large, 120);
    await operate("PUT /accounts/joined", { overrides: { large: { windows: ["0/minute"] } } });
    await operate(`PATCH /keys/${id}`, { account: "joined" });
    expect(await spend(stub, large, 20)).toBe(0);
    expect(await usedOf("left")).toBe(120);
  });

  it("is given back when its time is up, however busy the key is with other requests", async () => {
    const { stub } = await keyOf("mixed");
    await spend(stub, large, 130);
    const both = [{ limit: "large" }, { limit: "joint-trial" }];
    for (let second = 0; second < 24; second++) {
      await turn();
      moveClock(SECOND_MS);
      await wake(stub);
      await spend(stub, both, 1);
    }
    await turn();
    moveClock(8 * SECOND_MS);
    await wake(stub);
    expect(await usedOf("mixed")).toBe(154);
  });
});

describe("a refusal", () => {
  it("by the account writes nothing at the key, and sets no alarm", async () => {
    const [full, hammering] = [await keyOf("shut"), await keyOf("shut")];
    const asks = [{ limit: "small" }, { limit: "own" }];
    expect(await spend(full.stub, asks, 101)).toBe(100);
    const writes = await writesOf(hammering.stub);
    for (let round = 0; round < 5; round++) {
      expect(await spend(hammering.stub, asks, 1)).toBe(0);
      await turn();
      moveClock(5 * SECOND_MS);
      await wake(hammering.stub);
    }
    expect(writes()).toBe(0);
  });

  it("by the address leaves nothing of a key that nobody knows", async () => {
    const address = "203.0.113.41";
    for (let taken = 0; taken < 5; taken++) {
      await takeAt(guardStub(env, address), [{ op: ++op, asks: [{ limit: "address" }], address }]);
    }
    const stub = await limiterOf(freshKey());
    const asks = [{ limit: "own" }, { limit: "address" }];
    const writes = await writesOf(stub);
    const [answer] = await takeAt(stub, [{ op: ++op, asks, address }]);
    expect(answer?.decision.admitted).toBe(false);
    await turn();
    expect(writes()).toBe(0);
  });

  it("of a request without a key is answered from memory", async () => {
    const take = vi.spyOn(
      Object.getPrototypeOf(await runInDurableObject(guardStub(env, "203.0.113.42"), (o) => o)),
      "take",
    );
    const answers = await askTimes(12, "/address", { headers: { "cf-connecting-ip": "203.0.113.42" } });
    expect(tally(answers)).toEqual({ 200: 5, 429: 7 });
    expect(take).toHaveBeenCalledTimes(6);
  });
});

describe("a key that is no longer registered", () => {
  it("leaves no storage once its windows and its trust are over, even if it was new before it was registered", async () => {
    const key = freshKey();
    const stub = await limiterOf(key);
    const alarm = () => runInDurableObject(stub, (_, { storage }) => storage.getAlarm());
    await ask("/tiered", { key });
    await vi.waitFor(async () => expect(await alarm()).not.toBeNull());
    const { id } = await done("subject", "PUT /keys", { key, account: "passing" });
    moveClock(31 * 24 * HOUR_MS);
    await wake(stub);
    await ask("/tiered", { key });
    await operate(`DELETE /keys/${id}`);
    await vi.waitFor(async () => expect(await alarm()).not.toBeNull());
    moveClock(31 * 24 * HOUR_MS);
    await wake(stub);
    expect(await runInDurableObject(stub, (_, { storage }) => [...storage.kv.list()])).toEqual([]);
  });
});
