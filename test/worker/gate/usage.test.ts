// weir's own endpoint for the bearer of a key: where each of its windows stands.

import { listDurableObjectIds, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { ask, askTimes, freshKey, limiterOf, setClock } from "../harness.ts";

interface Usage {
  readonly windows: readonly { readonly limit: string; readonly window: string; readonly used: number }[];
}

describe("GET /_weir/usage", () => {
  it("says where each window of the key stands, and charges nothing", async () => {
    setClock("2036-01-01T00:00:00Z");
    const key = freshKey();
    await askTimes(2, "/few", { key });
    for (let looked = 0; looked < 5; looked += 1) await ask("/_weir/usage", { key });
    const answer = await ask("/_weir/usage", { key });
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "application/json"]);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const { windows } = await answer.json<Usage>();
    expect(windows[0]).toEqual({
      limit: "few",
      window: "minute",
      size: 3,
      used: 2,
      remaining: 1,
      resetsAt: "2036-01-01T00:01:00.000Z",
    });
    const others = windows.slice(1).map(({ used }) => used);
    expect(others).toEqual(others.map(() => 0));
    expect(new Set(windows.map(({ limit }) => limit)).size).toBe(12);
  });

  it("writes nothing for a key that was never used", async () => {
    const key = freshKey();
    await ask("/_weir/usage", { key });
    await runInDurableObject(await limiterOf(key), async (_, { storage }) => {
      expect([[...storage.kv.list()], await storage.getAlarm()]).toEqual([[], null]);
    });
  });

  it("needs a key", async () => {
    const before = (await listDurableObjectIds(env.LIMITER)).length;
    expect((await ask("/_weir/usage")).status).toBe(401);
    expect((await ask("/_weir/usage", { key: "one two" })).status).toBe(400);
    expect((await listDurableObjectIds(env.LIMITER)).length).toBe(before);
  });

  it("is all there is below /_weir for a client", async () => {
    const key = freshKey();
    expect((await ask("/_weir/nothing", { key })).status).toBe(404);
    expect((await ask("/_weir", { key })).status).toBe(404);
  });
});
