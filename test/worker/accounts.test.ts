// Keys of an account: exact to the request, with and without what the account lends its keys.

import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Plan } from "../../src/core/plan.ts";
import { keyId } from "../../src/gate/keyid.ts";
import type { Limiter } from "../../src/objects/limiter.ts";
import { answerIn, takeLine } from "../../src/objects/lines.ts";
import { accountStub, keyStub } from "../../src/objects/stubs.ts";

const noon = Date.UTC(2026, 10, 22, 12);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(noon);
});
afterEach(() => vi.useRealTimers());

function get(path: string, key: string): Promise<Response> {
  return exports.default.fetch(`https://weir.test${path}`, { headers: { "x-api-key": key } });
}

async function stubOf(key: string): Promise<DurableObjectStub<Limiter>> {
  return keyStub(env, await keyId(env.KEY_HASH_SECRET, key));
}

/** Puts keys into an account, and says what they are. */
async function keysOf(account: string, count: number, plan: Plan = {}): Promise<string[]> {
  const keys = Array.from({ length: count }, (_, index) => `${account}-${index}`);
  await amend(accountStub(env, account), {});
  for (const key of keys) await amend(await stubOf(key), { ...plan, account });
  return keys;
}

async function amend(stub: DurableObjectStub<Limiter>, plan: Plan): Promise<void> {
  await stub.amend({ kind: "put", plan });
}

/** Sends requests with the keys in turn, `atOnce` at a time; how many were admitted. */
async function spend(path: string, keys: readonly string[], count: number, atOnce = count): Promise<number> {
  let admitted = 0;
  for (let sent = 0; sent < count; sent += atOnce) {
    const group = Array.from({ length: Math.min(atOnce, count - sent) }, (_, index) =>
      get(path, keys[(sent + index) % keys.length] as string),
    );
    for (const { status } of await Promise.all(group)) if (status === 200) admitted += 1;
  }
  return admitted;
}

/** Counts how often keys asked the account from here on. */
async function countJoins(account: string): Promise<() => number> {
  const join = await runInDurableObject(accountStub(env, account), (limiter) =>
    vi.spyOn(Object.getPrototypeOf(limiter), "join"),
  );
  const before = join.mock.calls.length;
  return () => join.mock.calls.length - before;
}

describe("an account's limit", () => {
  it("passes exactly 100 in all when two keys ask at once (case 8)", async () => {
    expect(await spend("/small", await keysOf("two", 2), 300)).toBe(100);
  });

  it("passes exactly 100 of 200 requests at once over 10 keys", async () => {
    expect(await spend("/small", await keysOf("ten", 10), 200)).toBe(100);
  });

  it("passes exactly 5,000 over 20 keys, however much of it is lent", async () => {
    expect(await spend("/large", await keysOf("twenty", 20), 5_300, 106)).toBe(5_000);
  }, 60_000);

  it("leaves the key's windows unchanged when it refuses (case 9)", async () => {
    const [key = "", other = ""] = await keysOf("full", 2);
    await spend("/small", [other], 100);
    expect((await get("/small", key)).status).toBe(429);
    const usage = await get("/_weir/usage", key);
    expect(await usage.json()).toMatchObject({
      windows: expect.arrayContaining([expect.objectContaining({ limit: "own", used: 0 })]),
    });
  });

  it("loses at most 5 % when account and keys die with leases out, and never admits more", async () => {
    const keys = await keysOf("dying", 4);
    const before = await spend("/large", keys, 400, 40);
    await abortAllDurableObjects();
    const after = await spend("/large", keys, 5_000, 100);
    expect(before + after).toBeLessThanOrEqual(5_000);
    expect(before + after).toBeGreaterThanOrEqual(4_750);
  }, 60_000);
});

describe("leases", () => {
  it("spare most questions to the account", async () => {
    const keys = await keysOf("lent", 20);
    await spend("/large", keys, 400, 40);
    const joins = await countJoins("lent");
    await spend("/large", keys, 1_000, 40);
    expect(joins()).toBeLessThanOrEqual(100);
  }, 30_000);

  it("are called back before the account refuses anyone", async () => {
    const [hoarder = "", other = ""] = await keysOf("hoard", 2);
    await spend("/large", [hoarder], 500, 20);
    const rest = await spend("/large", [other], 4_600, 100);
    expect(rest).toBe(4_500);
  }, 60_000);

  it("are given back once the key's burst is over", async () => {
    const [key = ""] = await keysOf("rested", 1);
    await spend("/large", [key], 40, 1);
    const used = async () => {
      const { standings } = await accountStub(env, "rested").inspect([{ limit: "large" }]);
      return standings[0]?.used;
    };
    expect(await used()).toBeGreaterThan(40);
    const stub = await stubOf(key);
    const alarm = () => runInDurableObject(stub, (_, { storage }) => storage.getAlarm());
    await vi.waitFor(async () => expect(await alarm()).not.toBeNull());
    vi.setSystemTime(Date.now() + 8_000);
    await runDurableObjectAlarm(stub);
    expect(await used()).toBe(40);
  });

  it("are given back what was spent of them for a request that is refused after all", async () => {
    const [key = ""] = await keysOf("undone", 1);
    await spend("/large", [key], 40, 1);
    const joins = await countJoins("undone");
    const asks = [{ limit: "own" }, { limit: "large" }];
    const [op, stub] = [1, await stubOf(key)];
    expect(answerIn(await stub.take(takeLine({ op, asks })))).toMatchObject({ decision: { admitted: true } });
    await stub.cancelEverywhere(op);
    await stub.cancelEverywhere(op);
    expect(joins()).toBe(0);
    // A changed plan calls them back, so that what is used is what was let through.
    await amend(accountStub(env, "undone"), {});
    const { standings } = await accountStub(env, "undone").inspect([{ limit: "large" }]);
    expect(standings).toMatchObject([{ used: 40 }]);
  });

  it("end when the account's plan changes", async () => {
    const [key = ""] = await keysOf("raised", 1);
    await spend("/tiered", [key], 5, 1);
    await amend(accountStub(env, "raised"), { tier: "pro" });
    expect((await get("/tiered", key)).headers.get("x-ratelimit-limit")).toBe("50");
  });

  it("are not made for a key that asks slowly", async () => {
    const [key = ""] = await keysOf("slow", 1);
    const joins = await countJoins("slow");
    for (let second = 0; second < 10; second++) {
      vi.setSystemTime(noon + second * 5_000);
      await get("/large", key);
    }
    expect(joins()).toBe(10);
  });
});
