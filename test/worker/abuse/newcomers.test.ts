// Keys that nobody knows: how many of them an address may bring, and how they come to be trusted.

import { evictDurableObject, listDurableObjectIds, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import type { Limiter } from "../../../src/objects/limiter.ts";
import { guardStub } from "../../../src/objects/stubs.ts";
import { ask, freshKey, HOUR_MS, limiterOf, moveClock, setClock, tally } from "../harness.ts";
import { freshAddress, from, rowOf, throttled, until, writesOf } from "./stage.ts";

beforeEach(() => setClock("2036-02-09T00:00:00Z"));

const UNTRUSTED = "/many/x?status=404";

/** Asks with a key of its own each time; gives the statuses. */
async function askAsNew(times: number, address: string, path = UNTRUSTED): Promise<number[]> {
  const statuses: number[] = [];
  for (let asked = 0; asked < times; asked++) {
    statuses.push((await ask(path, from(address, { key: freshKey() }))).status);
  }
  return statuses;
}

/** Waits until the origin's 2xx is noted with a key. */
async function trusted(key: string): Promise<void> {
  const stub = await limiterOf(key);
  await until(async () => (await rowOfKey(stub))?.trustedUntilAt !== undefined);
}

function rowOfKey(stub: DurableObjectStub<Limiter>) {
  return runInDurableObject(stub, (_, { storage }) => storage.kv.get<{ trustedUntilAt?: number }>("row"));
}

const times = <Value>(count: number, value: Value) => Array.from({ length: count }, () => value);

describe("an address", () => {
  it("may bring 20 keys an hour; a further one is a 429 until the hour is over", async () => {
    const address = freshAddress();
    moveClock(60_000);
    expect(await askAsNew(20, address)).toEqual(times(20, 404));
    const refused = await ask("/many/x", from(address, { key: freshKey() }));
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe(String(59 * 60));
    expect(await refused.json()).toMatchObject({
      status: 429,
      reason: "newcomer",
      "violated-policies": ["new-keys-hour"],
      limit: 20,
      remaining: 0,
      resetsAt: "2036-02-09T01:00:00.000Z",
    });
    moveClock(59 * 60_000);
    expect(await askAsNew(1, address)).toEqual([404]);
  });

  it("may use each of them as much as its limits allow, in any other hour too", async () => {
    const address = freshAddress();
    const key = freshKey();
    for (let asked = 0; asked < 50; asked++) {
      expect((await ask(UNTRUSTED, from(address, { key }))).status).toBe(404);
    }
    expect(await askAsNew(19, address)).toEqual(times(19, 404));
    expect((await ask(UNTRUSTED, from(address, { key }))).status).toBe(404);
    moveClock(HOUR_MS);
    expect((await ask(UNTRUSTED, from(address, { key }))).status).toBe(404);
  });

  it("is struck for each further one, at the usage page too, and so comes to be blocked", async () => {
    const address = freshAddress();
    expect(await askAsNew(20, address)).toEqual(times(20, 404));
    expect(await askAsNew(5, address, "/_weir/usage")).toEqual(throttled(5));
    expect(await askAsNew(6, address)).toEqual([...throttled(5), 403]);
    expect(await askAsNew(1, address, "/_weir/usage")).toEqual([403]);
  });

  it("brings a key by looking at its usage", async () => {
    const address = freshAddress();
    expect(await askAsNew(21, address, "/_weir/usage")).toEqual([...times(20, 200), 429]);
  });

  it("is its IPv6 network, and none where Cloudflare names none", async () => {
    const host = (index: number) => `2001:db8:77::${index.toString(16)}`;
    const statuses: number[] = [];
    for (let index = 0; index < 21; index++) statuses.push(...(await askAsNew(1, host(index))));
    expect(statuses).toEqual([...times(20, 404), 429]);
    const unnamed = times(25, undefined).map(() => ask(UNTRUSTED, { key: freshKey() }));
    expect(tally(await Promise.all(unnamed))).toEqual({ 404: 25 });
  });

  it("may bring any number where the operator allows it, but not where it is all Workers' own", async () => {
    expect(await askAsNew(25, "192.0.2.1")).toEqual(times(25, 404));
    expect(await askAsNew(32, "2a06:98c0:3600::103")).toEqual([...times(20, 404), ...throttled(12)]);
  });
});

describe("a key", () => {
  it("is trusted once the origin has answered it with a 2xx, at any address", async () => {
    const [mine, spent] = [freshAddress(), freshAddress()];
    const key = freshKey();
    expect((await ask("/many/x", from(mine, { key }))).status).toBe(200);
    await trusted(key);
    await evictDurableObject(await limiterOf(key));
    await askAsNew(20, spent);
    expect((await ask(UNTRUSTED, from(spent, { key }))).status).toBe(404);
    expect(await askAsNew(1, spent)).toEqual([429]);
  });

  it("is trusted for 30 days after its last 2xx or half of that time before, at the cost of one row", async () => {
    const dayMs = 24 * HOUR_MS;
    const address = freshAddress();
    const key = freshKey();
    const untilAt = async () => (await rowOfKey(await limiterOf(key)))?.trustedUntilAt;
    await ask("/many/x", from(address, { key }));
    await trusted(key);
    const firstAt = Date.now() + 30 * dayMs;
    expect(await untilAt()).toBe(firstAt);
    moveClock(14 * dayMs);
    await ask("/many/x", from(address, { key }));
    moveClock(2 * dayMs);
    await ask("/many/x?status=404", from(address, { key }));
    expect(await untilAt()).toBe(firstAt);
    await ask("/many/x", from(address, { key }));
    await until(async () => (await untilAt()) !== firstAt);
    expect(await untilAt()).toBe(Date.now() + 30 * dayMs);
    await askAsNew(20, address);
    moveClock(30 * dayMs);
    await askAsNew(20, address);
    expect((await ask(UNTRUSTED, from(address, { key }))).status).toBe(429);
  });

  it("is trusted once it is registered", async () => {
    const address = freshAddress();
    const key = freshKey();
    await (await limiterOf(key)).amend({ kind: "put", plan: {} });
    await askAsNew(20, address);
    expect((await ask(UNTRUSTED, from(address, { key }))).status).toBe(404);
  });
});

describe("500 random keys from one address (case 27)", () => {
  it("make 20 objects with storage, a bounded row, and a block", async () => {
    const address = freshAddress();
    const objects = (await listDurableObjectIds(env.LIMITER)).length;
    const statuses = await askAsNew(500, address);
    expect(statuses).toEqual([...times(20, 404), ...throttled(10), ...times(470, 403)]);
    expect((await listDurableObjectIds(env.LIMITER)).length - objects).toBeLessThanOrEqual(30);
    expect(JSON.stringify(await rowOf(address)).length).toBeLessThan(500);
    expect(await writesOf(address)).toBeLessThanOrEqual(32);
  });

  it("store nothing of those that are refused, and nothing of the address for them", async () => {
    const address = freshAddress();
    const shard = guardStub(env, address);
    await askAsNew(20, address);
    const before = await writesOf(address);
    for (let brought = 0; brought < 500; brought++) await shard.bring(address, String(brought));
    expect(await writesOf(address)).toBe(before);
    const key = freshKey();
    expect((await ask("/many/x", from(address, { key }))).status).toBe(429);
    expect((await ask("/many/x", from(address, { key }))).status).toBe(429);
    expect(await rowOfKey(await limiterOf(key))).toBeUndefined();
  });
});
