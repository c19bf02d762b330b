// UNKNOWN_KEYS = "reject": only registered keys pass, and an invented one leaves nothing behind.

import { listDurableObjectIds, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { keyId } from "../../src/gate/keyid.ts";
import { ask, askTimes, freshKey, limiterOf, tally } from "./harness.ts";
import { done, operate, register } from "./operator.ts";

describe('UNKNOWN_KEYS = "reject"', () => {
  it("admits a key that is registered, and refuses it once it is deleted", async () => {
    const { key, id } = await register();
    expect(tally(await askTimes(1, "/x", { key }))).toEqual({ 200: 1 });
    await done("subject", `DELETE /keys/${id}`);
    const answer = await ask("/x", { key });
    expect([answer.status, await answer.json()]).toMatchObject([
      401,
      { detail: "The API key is not known here." },
    ]);
  });

  it("refuses an unregistered key with a 401 and creates no storage", async () => {
    const key = freshKey();
    for (const path of ["/x", "/_weir/usage"]) {
      const answer = await ask(path, { key });
      expect([answer.status, answer.headers.get("x-ratelimit-limit")]).toEqual([401, null]);
    }
    const tables = await runInDurableObject(await limiterOf(key), async (_, { storage }) => [
      ...[...storage.kv.list()],
      await storage.getAlarm(),
    ]);
    expect(tables).toEqual([null]);
  });

  it("asks no object about a key whose checksum is wrong", async () => {
    const { key } = await done("issued", "POST /keys");
    const before = await listDurableObjectIds(env.LIMITER);
    const last = key.at(-1) === "0" ? "1" : "0";
    const forged = [key.slice(0, -1) + last, key.slice(0, -1), `${key}0`, "weir_", `weir_${"0".repeat(40)}`];
    for (const one of forged) {
      for (const path of ["/x", "/_weir/usage"]) {
        const answer = await ask(path, { key: one });
        expect([one, answer.status]).toEqual([one, 401]);
        expect(answer.headers.get("www-authenticate")).toBe('Bearer realm="api", error="invalid_token"');
      }
    }
    expect(await listDurableObjectIds(env.LIMITER)).toHaveLength(before.length);
    expect((await ask("/x", { key })).status).toBe(200);
  });

  it("creates no storage for a key that the operator only asks about", async () => {
    const id = await keyId(env.KEY_HASH_SECRET, freshKey());
    expect((await operate(`GET /keys/${id}`)).status).toBe(404);
    expect((await operate(`DELETE /keys/${id}`)).status).toBe(404);
    const stub = env.LIMITER.get(env.LIMITER.idFromName(`key:${id}`));
    expect(await runInDurableObject(stub, (_, { storage }) => [...storage.kv.list()])).toEqual([]);
  });
});
