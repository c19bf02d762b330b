// What is delivered again, and what is tried again.

import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { accountStub } from "../../../src/objects/stubs.ts";
import { ask, freshKey, limiterOf } from "../harness.ts";
import {
  breakKey,
  breakShard,
  disconnectingLate,
  freshAddress,
  overloaded,
  sceneOf,
  throwing,
} from "./scenery.ts";

async function register(key: string, account?: string): Promise<void> {
  await (await limiterOf(key)).amend({ kind: "put", plan: account === undefined ? {} : { account } });
}

describe("A take delivered again", () => {
  it("is settled at its account too", async () => {
    const key = freshKey();
    await register(key, "again");
    await ask("/shared-success", { key });
    await breakKey(key, disconnectingLate);
    await ask("/shared-success?status=500", { key });
    await vi.waitFor(async () => {
      const { standings } = await accountStub(env, "again").inspect([{ limit: "shared-success" }]);
      expect(standings[0]?.used).toBe(1);
    });
  });
});

describe("A settle that meets an overloaded object", () => {
  it("is made again", async () => {
    const key = freshKey();
    await register(key);
    (await sceneOf(await limiterOf(key))).faults.push({ call: "settle", fault: overloaded });
    expect((await ask("/success", { key })).status).toBe(200);
    await vi.waitFor(async () => {
      expect((await sceneOf(await limiterOf(key))).settled).toHaveLength(2);
    });
    const { standings } = await (await limiterOf(key)).inspect([{ limit: "success" }]);
    expect(standings[0]?.used).toBe(1);
  });
});

describe('A limit by address that says on_error = "deny"', () => {
  it("denies a request with a key too, while its shard fails", async () => {
    const address = freshAddress();
    const key = freshKey();
    await register(key);
    await breakShard(address, "join", throwing);
    const answer = await ask("/strict-address", { key, headers: { "cf-connecting-ip": address } });
    expect(answer.status).toBe(503);
  });
});
