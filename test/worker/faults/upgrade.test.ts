// Upgrades: what the released code stored is read, and what it says is understood, both ways. The recordings are never
// edited: a released shape gets files of its own.

import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { accountStub, guardStub, keyStub } from "../../../src/objects/stubs.ts";
import calls from "../../recorded/calls-v1.json" with { type: "json" };
import rows from "../../recorded/rows-v1.json" with { type: "json" };
import { ask, freshKey, limiterOf, setClock, takeAt } from "../harness.ts";
import { fillAddresses, keyScenes } from "./recording.ts";
import { answering, breakAccount, breakKey, breakShard, freshAddress, sceneOf } from "./scenery.ts";

type Row = keyof typeof keyScenes;

const struck = "192.0.2.77";
/** On the same shard. */
const blocked = "198.18.0.16";

afterEach(() => {
  vi.useRealTimers();
});

/** The object of a key that wakes to a recorded row, the moment after it was recorded. */
async function woken(row: Row): Promise<ReturnType<typeof keyStub>> {
  setClock(rows.at);
  const limiter = keyStub(env, freshKey());
  await runInDurableObject(limiter, (_, { storage }) => storage.kv.put("row", rows.limiter[row]));
  await evictDurableObject(limiter);
  return limiter;
}

/** What is used of the first windows of limits. */
async function usedOf(limiter: ReturnType<typeof keyStub>, ...limits: string[]): Promise<number[]> {
  const { standings } = await limiter.inspect(limits.map((limit) => ({ limit })));
  return standings.map(({ used }) => used);
}

describe("a row of version 1", () => {
  it("keeps its counts, plan and credits", async () => {
    const limiter = await woken("rich");
    expect(await usedOf(limiter, "window", "success", "billed", "credits")).toEqual([1, 1, 1, 1]);
    const { plan } = rows.limiter.rich;
    expect((await limiter.inspect([])).kept).toEqual({ plan, credits: 9 });
  });

  it("keeps its holds: they are settled", async () => {
    const limiter = await woken("rich");
    const holders = { key: true } as const;
    await limiter.settle({ op: 2, outcomes: [{ limit: "success", cost: 0 }], holders });
    const outcomes = [
      { limit: "billed", cost: 0 },
      { limit: "credits", credits: false },
    ];
    await limiter.settle({ op: 3, outcomes, holders });
    expect(await usedOf(limiter, "success", "billed")).toEqual([0, 0]);
    expect((await limiter.inspect([])).kept.credits).toBe(10);
  });

  it("keeps its takes and top-ups: repeated they are one", async () => {
    const limiter = await woken("rich");
    await takeAt(limiter, [{ op: 1, asks: [{ limit: "window" }] }]);
    await limiter.amend({ kind: "credit", add: 3, key: "top-up-1" });
    expect(await usedOf(limiter, "window")).toEqual([1]);
    expect((await limiter.inspect([])).kept.credits).toBe(9);
  });

  it("keeps its trust", async () => {
    const limiter = await woken("trusted");
    const [answer] = await takeAt(limiter, [{ op: 2, asks: [{ limit: "window" }] }]);
    expect(answer).toHaveProperty("isTrustDue", undefined);
  });

  it("counts as used what it was written ahead", async () => {
    expect(await usedOf(await woken("busy"), "wide")).toEqual([20]);
  });

  it("of addresses keeps counts, strikes, new keys and blocks", async () => {
    setClock(rows.at);
    const shard = guardStub(env, struck);
    await runInDurableObject(shard, (_, { storage: { sql } }) => {
      sql.exec(rows.addresses.schema);
      for (const { address, row, over_at, blocked_until } of rows.addresses.rows) {
        sql.exec("insert into addresses values (?, ?, ?, ?)", address, row, over_at, blocked_until);
      }
    });
    await evictDurableObject(shard);
    const { decision } = await shard.join({ op: 9, asks: [{ limit: "of-address" }], address: struck });
    expect(decision).toMatchObject({ admitted: true, standings: [{ used: 2 }] });
    expect(await shard.look(struck)).toEqual({ isStruck: true });
    expect(await shard.strike(struck)).toHaveProperty("block");
    expect(await shard.look(blocked)).toMatchObject({ block: { remainingMs: 3_600_000 } });
    expect(await shard.blocks("", 9)).toHaveLength(2);
  });
});

describe("a row written today", () => {
  it.each<Row>(["rich", "trusted", "busy"])(
    "is the recorded one of %s, but for what was added",
    async (row) => {
      setClock(rows.at);
      const key = freshKey();
      await keyScenes[row](key);
      const written = await runInDurableObject(keyStub(env, key), (_, { storage }) => storage.kv.get("row"));
      expect(written).toMatchObject(rows.limiter[row]);
    },
  );

  it("is the recorded one of an address, but for what was added", async () => {
    setClock(rows.at);
    // A shard of its own, so that it is empty.
    const [one, other] = [freshAddress(), freshAddress()];
    await fillAddresses(one, other);
    const written = await Promise.all(
      [one, other].map((address) =>
        runInDurableObject(guardStub(env, address), (_, { storage: { sql } }) =>
          sql.exec<{ row: string }>("select * from addresses where address = ?", address).one(),
        ),
      ),
    );
    for (const [index, { address: _, row, ...columns }] of rows.addresses.rows.entries()) {
      expect(written[index]).toMatchObject(columns);
      expect(JSON.parse(written[index]?.row ?? "")).toMatchObject(JSON.parse(row));
    }
  });
});

describe("a call of the released code", () => {
  it("to a key that nobody knows is answered as it was", async () => {
    setClock(calls.at);
    const limiter = keyStub(env, freshKey());
    for (const { given, answer } of calls.newKey) {
      for (const line of given) expect(await limiter.take(line)).toBe(answer);
    }
  });

  it("to a key of an account is answered as it was", async () => {
    setClock(calls.at);
    const [limiter, account] = [keyStub(env, freshKey()), freshKey()];
    await limiter.amend({ kind: "put", plan: { account } });
    for (const { given, answer } of calls.keyOfAccount) {
      for (const line of given) expect(await limiter.take(line)).toBe(answer.replace("acme", account));
    }
    for (const { given } of calls.settles) for (const settle of given) await limiter.settle(settle as never);
    expect(await usedOf(limiter, "success", "of-key")).toEqual([1, 3]);
  });

  it("to an account is answered as it was", async () => {
    setClock(calls.at);
    const account = accountStub(env, freshKey());
    await account.amend({ kind: "put", plan: { label: "Acme" } });
    for (const { given, answer } of calls.accountJoins) {
      for (const join of given) {
        const { decision, holds } = await account.join(join as never);
        expect({ decision, holds }).toMatchObject({ decision: answer.decision, holds: answer.holds });
      }
    }
  });

  it("to a shard is answered as it was", async () => {
    setClock(calls.at);
    const address = freshAddress();
    const shard = guardStub(env, address);
    for (const { given, answer } of calls.shardJoins) {
      for (const join of given) expect(await shard.join({ ...join, address })).toMatchObject(answer);
    }
    for (const { given, answer } of calls.shardTakes) {
      for (const line of given) expect(await shard.take(line.replace("192.0.2.9", address))).toBe(answer);
    }
  });

  it("that knows none of the fields added since is answered in full", async () => {
    setClock(calls.at);
    const answers = await takeAt(keyStub(env, freshKey()), [{ op: 1, asks: [{ limit: "window" }] }]);
    expect(answers).toMatchObject([{ decision: { admitted: true, standings: [{ used: 1, cost: 1 }] } }]);
  });
});

describe("a call made today", () => {
  const from = (address: string, key: string) => ({ key, headers: { "cf-connecting-ip": address } });

  it("says to a key's object, an account and a shard what the released code must hear", async () => {
    setClock(calls.at);
    const [key, account, address] = [freshKey(), freshKey(), freshAddress()];
    const limiter = await limiterOf(key);
    await limiter.amend({ kind: "put", plan: { account } });
    await ask("/both", from(address, key));
    const asks = [{ limit: "of-key" }, { limit: "of-address" }];
    const { heard, ops } = await sceneOf(limiter);
    const newcomer = expect.stringMatching(/^[0-9a-f]{8}$/);
    expect(heard.map(({ call }) => call)).toEqual(["take"]);
    expect(String(heard[0]?.given).split("\t").slice(0, 5)).toEqual([
      String(ops[0]),
      "b",
      address,
      newcomer,
      "of-key;of-address",
    ]);
    expect((await sceneOf(accountStub(env, account))).heard).toMatchObject([
      { call: "join", given: [{ op: ops[0], asks: [], peek: false }] },
    ]);
    expect((await sceneOf(guardStub(env, address))).heard).toContainEqual({
      call: "join",
      given: [expect.objectContaining({ op: ops[0], asks: asks.slice(1), peek: false, address })],
    });
  });

  it.each([
    ["an admission", 0, 200, "2"],
    ["a refusal", 5, 429, "0"],
  ])("understands %s of the released object", async (_, index, status, remaining) => {
    setClock(calls.at);
    const key = freshKey();
    await breakKey(key, answering(calls.keyOfAccount[index]?.answer));
    const answer = await ask("/both", { key });
    expect([answer.status, answer.headers.get("x-ratelimit-remaining")]).toEqual([status, remaining]);
    expect(answer.headers.get("retry-after")).toBe(status === 429 ? "60" : null);
  });

  it("understands a released account", async () => {
    setClock(calls.at);
    const [key, account] = [freshKey(), freshKey()];
    await (await limiterOf(key)).amend({ kind: "put", plan: { account } });
    await breakAccount(account, answering(calls.accountJoins[1]?.answer));
    const answer = await ask("/account", { key });
    expect([answer.status, answer.headers.get("x-ratelimit-remaining")]).toEqual([200, "4"]);
  });

  it("understands a released shard", async () => {
    setClock(calls.at);
    const [key, address] = [freshKey(), freshAddress()];
    await (await limiterOf(key)).amend({ kind: "put", plan: {} });
    await breakShard(address, "join", answering(calls.shardJoins[3]?.answer));
    const answer = await ask("/both", from(address, key));
    expect([answer.status, answer.headers.get("x-ratelimit-limit")]).toEqual([429, "3"]);
  });
});
