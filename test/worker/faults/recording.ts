// How the recorded rows came about. Played again, today's code must write what the released code can read.

import { env } from "cloudflare:workers";
import { guardStub, keyStub } from "../../../src/objects/stubs.ts";
import { takeAt } from "../harness.ts";

/** What fills a key's row, by the name of the recorded row. */
export const keyScenes = {
  async rich(key: string): Promise<void> {
    const limiter = keyStub(env, key);
    const windows = [{ size: 2_000, unit: "minute", multiple: 1, name: "minute" }] as const;
    const nextBillingAt = Date.parse("2026-06-30T00:00:00Z");
    const plan = { label: "Recorded", nextBillingAt, overrides: { wide: { windows } } };
    await limiter.amend({ kind: "put", plan, credits: 7 });
    await limiter.amend({ kind: "credit", add: 3, key: "top-up-1" });
    await takeAt(limiter, [{ op: 1, asks: [{ limit: "window" }] }]);
    await takeAt(limiter, [
      { op: 2, asks: [{ limit: "success" }] },
      { op: 3, asks: [{ limit: "billed" }, { limit: "credits" }] },
    ]);
  },
  async trusted(key: string): Promise<void> {
    const limiter = keyStub(env, key);
    const take = { op: 1, asks: [{ limit: "window" }], address: "192.0.2.1", newcomer: "abcdefgh" };
    await takeAt(limiter, [take]);
    await limiter.settle({ op: 1, outcomes: [], holders: {}, isTrusted: true });
  },
  async busy(key: string): Promise<void> {
    for (let op = 1; op <= 20; op += 1) await takeAt(keyStub(env, key), [{ op, asks: [{ limit: "wide" }] }]);
  },
} as const;

/** What fills the row of an address that is struck, and of one that is blocked. */
export async function fillAddresses(struck: string, blocked: string): Promise<void> {
  const shard = guardStub(env, struck);
  await shard.join({ op: 1, asks: [{ limit: "of-address" }], address: struck });
  await shard.bring(struck, "abcdefgh");
  await shard.strike(struck);
  await shard.strike(struck);
  await guardStub(env, blocked).block(blocked, { forMs: 3_600_000 }, "recorded");
}
