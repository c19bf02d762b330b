// Keys and their plans: what the operator says counts from the next request on, and what was used stays used.

import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { keyId } from "../../../src/gate/keyid.ts";
import { keyStub } from "../../../src/objects/stubs.ts";
import {
  ask,
  askTimes,
  freshKey,
  limiterOf,
  limitHeadersOf,
  MINUTE_MS,
  moveClock,
  setClock,
  tally,
} from "../harness.ts";
import { done, operate, register } from "../operator.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** The key's own windows as `GET /keys/{id}` shows them: limit, window, size, used. */
async function standingOf(id: string) {
  const { windows } = await done("key", `GET /keys/${id}`);
  return windows.map(({ limit, window, size, used }) => [limit, window, size, used]);
}

describe("PUT /keys", () => {
  it("answers the plan under the key's keyed hash, and shows it with where its windows stand", async () => {
    setClock("2099-05-05T10:00:00Z");
    const key = freshKey();
    const id = await keyId(env.KEY_HASH_SECRET, key);
    const plan = {
      label: "Ada's laptop",
      tier: "pro",
      account: "ada",
      nextBillingAt: "2099-06-09T00:00:00.000Z",
      overrides: {
        own: { windows: ["600/minute", "5/2 hours"], cost: 2, until: "2099-12-31T00:00:00.000Z" },
        spoken: { maxCharacters: 50 },
      },
      disabled: false,
      expiresAt: "2099-12-31T23:59:59.000Z",
    };
    const credits = 5;
    expect(await done("subject", "PUT /keys", { key, ...plan, credits })).toEqual({ id, ...plan, credits });
    expect(await done("key", `GET /keys/${id}`)).toEqual({
      id,
      ...plan,
      credits,
      windows: [
        window("own", "minute", 600, "2099-05-05T10:01:00.000Z"),
        window("own", "2 hours", 5, "2099-05-05T12:00:00.000Z"),
        window("apply", "hour", 9, "2099-05-05T11:00:00.000Z"),
        window("shared", "minute", 5, "2099-05-05T10:01:00.000Z"),
        window("billed", "billing period", 4, "2099-06-01T00:00:00.000Z"),
      ],
    });
  });

  it("takes an instant in any offset, and a date", async () => {
    const { id } = await register({ nextBillingAt: "2099-06-09", expiresAt: "2099-06-09T02:00:00+02:00" });
    expect(await done("key", `GET /keys/${id}`)).toMatchObject({
      nextBillingAt: "2099-06-09T00:00:00.000Z",
      expiresAt: "2099-06-09T00:00:00.000Z",
    });
  });

  it("counts from the next request on, and keeps what was used (case 19)", async () => {
    setClock("2099-05-05T10:00:00Z");
    const { key, id } = await register();
    expect(tally(await askTimes(3, "/own/x", { key }))).toEqual({ 200: 3 });
    await done("subject", "PUT /keys", { key, tier: "pro" });
    const raised = await ask("/own/x", { key });
    expect([raised.status, limitHeadersOf(raised)]).toMatchObject([200, { limit: "6", remaining: "2" }]);
    await done("subject", "PUT /keys", { key, tier: "basic" });
    const lowered = await ask("/own/x", { key });
    expect([lowered.status, limitHeadersOf(lowered)]).toMatchObject([429, { limit: "2", remaining: "0" }]);
    expect((await standingOf(id))[0]).toEqual(["own", "minute", 2, 4]);
  });

  it("replaces the plan whole, but for a balance that it does not name", async () => {
    const { key, id } = await register({ tier: "pro", label: "old", credits: 7 });
    expect(await done("subject", "PUT /keys", { key, label: "new" })).toEqual({
      id,
      label: "new",
      credits: 7,
    });
    expect(await done("subject", "PUT /keys", { key, credits: 0 })).toEqual({ id, credits: 0 });
  });

  it("keeps a plan and a balance over an eviction", async () => {
    const { key, id } = await register({ tier: "pro", credits: 7 });
    await evictDurableObject(await limiterOf(key));
    expect(await done("key", `GET /keys/${id}`)).toMatchObject({ tier: "pro", credits: 7 });
  });

  it("stores and says the key nowhere", async () => {
    const log = vi.spyOn(console, "log");
    const { key, id } = await register({ label: "quiet" });
    const stored = await runInDurableObject(await limiterOf(key), (_, { storage }) =>
      JSON.stringify([...storage.kv.list()]),
    );
    const [{ body: audit }, { body: keys }] = [
      await operate("GET /audit"),
      await operate("GET /keys?limit=1000"),
    ];
    expect(JSON.stringify([stored, audit, keys, log.mock.calls])).not.toContain(key);
    expect(JSON.stringify(keys)).toContain(id);
  });

  it("rejects a key of weir's look that weir did not issue", async () => {
    const { status, body } = await operate("PUT /keys", { key: `weir_${"0".repeat(40)}` });
    expect([status, body.problems[0].path]).toEqual([400, "key"]);
  });

  it("rejects a tier that the policy lacks, and changes nothing (case 22)", async () => {
    const { key, id } = await register({ tier: "pro" });
    const { status, body } = await operate("PUT /keys", { key, tier: "gold" });
    expect([status, body.problems]).toEqual([
      400,
      [{ path: "tier", message: 'expected "pro" or "basic", got "gold"' }],
    ]);
    expect(await done("key", `GET /keys/${id}`)).toMatchObject({ tier: "pro" });
  });
});

describe("a stored plan whose tier the policy lacks", () => {
  it("has the limits' own windows, never none, and a line in the log (case 22)", async () => {
    const { key, id } = await register();
    const stub = await limiterOf(key);
    await runInDurableObject(stub, (_, { storage }) => {
      storage.kv.put("row", { ...storage.kv.get<object>("row"), plan: { tier: "gold" } });
    });
    await evictDurableObject(stub);
    const log = vi.spyOn(console, "log");
    const answers = await askTimes(4, "/own/x", { key });
    expect(tally(answers)).toEqual({ 200: 3, 429: 1 });
    expect(log.mock.calls).toEqual([['{"event":"tier.unknown","tier":"gold"}']]);
    expect(await done("key", `GET /keys/${id}`)).toMatchObject({ tier: "gold" });
    expect(await done("subject", `PATCH /keys/${id}`, { tier: "pro" })).toEqual({ id, tier: "pro" });
  });
});

describe("a plan", () => {
  it("disabled refuses with a 403 and charges nothing, until it is enabled again", async () => {
    const { key, id } = await register({ disabled: true });
    const answer = await ask("/own/x", { key });
    expect([answer.status, await answer.json()]).toMatchObject([403, { detail: "The API key is disabled." }]);
    expect((await standingOf(id))[0]).toEqual(["own", "minute", 3, 0]);
    await done("subject", `PATCH /keys/${id}`, { disabled: null });
    expect((await ask("/own/x", { key })).status).toBe(200);
  });

  it("expires at its instant, and refuses with a 401 from then on", async () => {
    setClock("2099-05-05T10:00:00Z");
    const { key } = await register({ expiresAt: "2099-05-05T10:00:01Z" });
    expect((await ask("/own/x", { key })).status).toBe(200);
    moveClock(999);
    expect((await ask("/own/x", { key })).status).toBe(200);
    moveClock(1);
    const answer = await ask("/own/x", { key });
    expect([answer.status, await answer.json()]).toMatchObject([401, { detail: "The API key has expired." }]);
  });

  it("overrides a limit until the override ends by itself", async () => {
    setClock("2099-05-05T10:00:00Z");
    const { key } = await register({
      tier: "basic",
      overrides: { own: { windows: ["5/minute"], until: "2099-05-05T10:01:00Z" } },
    });
    expect(tally(await askTimes(6, "/own/x", { key }))).toEqual({ 200: 5, 429: 1 });
    moveClock(MINUTE_MS);
    expect(tally(await askTimes(6, "/own/x", { key }))).toEqual({ 200: 2, 429: 4 });
  });

  it("raises the most characters by tier and by override", async () => {
    const { key, id } = await register({ tier: "pro" });
    const speak = async (length: number) =>
      (await ask("/spoken", { key, method: "POST", body: "x".repeat(length) })).status;
    expect([await speak(20), await speak(21)]).toEqual([200, 413]);
    await done("subject", `PATCH /keys/${id}`, { overrides: { spoken: { maxCharacters: 30 } } });
    expect([await speak(30), await speak(31)]).toEqual([200, 413]);
  });

  it("moves the end of a billing period, and keeps its count", async () => {
    setClock("2099-05-05T10:00:00Z");
    const { key, id } = await register({ nextBillingAt: "2099-05-20T00:00:00Z" });
    await askTimes(3, "/billed/x", { key });
    const billed = async () => {
      const { windows } = await done("key", `GET /keys/${id}`);
      const { used, resetsAt } = windows.find(({ limit }) => limit === "billed") ?? {};
      return [used, resetsAt];
    };
    expect(await billed()).toEqual([3, "2099-05-20T00:00:00.000Z"]);
    await done("subject", `PATCH /keys/${id}`, { nextBillingAt: "2099-06-20T00:00:00Z" });
    expect(await billed()).toEqual([3, "2099-05-20T00:00:00.000Z"]);
    await done("subject", `PATCH /keys/${id}`, { nextBillingAt: "2099-05-11T00:00:00Z" });
    expect(await billed()).toEqual([3, "2099-05-11T00:00:00.000Z"]);
    await done("subject", `PATCH /keys/${id}`, { nextBillingAt: null });
    expect(await billed()).toEqual([3, "2099-06-01T00:00:00.000Z"]);
  });
});

describe("POST /keys", () => {
  it("issues a key that works, and shows it this once", async () => {
    const answer = await operate("POST /keys", { label: "issued", tier: "basic" });
    expect(answer.status).toBe(201);
    const { key, id, ...plan } = answer.body;
    expect(key).toMatch(/^weir_[0-9a-f]{40}$/);
    expect([id, plan]).toEqual([await keyId(env.KEY_HASH_SECRET, key), { label: "issued", tier: "basic" }]);
    expect(tally(await askTimes(3, "/own/x", { key }))).toEqual({ 200: 2, 429: 1 });
    expect(JSON.stringify(await done("key", `GET /keys/${id}`))).not.toContain(key);
    expect(await done("subject", "PUT /keys", { key, tier: "pro" })).toEqual({ id, tier: "pro" });
  });

  it("issues another one each time, whatever is asked", async () => {
    const keys = new Set<string>();
    for (let time = 0; time < 5; time++) keys.add((await done("issued", "POST /keys")).key);
    expect(keys.size).toBe(5);
    expect((await operate("POST /keys", { key: "mine" })).body.problems[0]).toEqual({
      path: "key",
      message: "unknown field",
    });
  });
});

describe("PATCH /keys/{id}", () => {
  it("changes the fields it names, overrides limit by limit; null clears", async () => {
    const own = { windows: ["9/minute"] };
    const { id } = await register({ label: "a", tier: "pro", overrides: { own } });
    const patch = async (body: object) => (await done("subject", `PATCH /keys/${id}`, body)) as object;
    expect(await patch({ label: "b", overrides: { spoken: { maxCharacters: 5 } } })).toEqual({
      id,
      label: "b",
      tier: "pro",
      overrides: { own, spoken: { maxCharacters: 5 } },
    });
    expect(await patch({ tier: null, credits: 3, overrides: { own: null } })).toEqual({
      id,
      label: "b",
      credits: 3,
      overrides: { spoken: { maxCharacters: 5 } },
    });
    expect(await patch({ label: null, credits: null, overrides: null })).toEqual({ id });
  });

  it("answers 404 where no key is registered, and makes no object's storage", async () => {
    const id = await keyId(env.KEY_HASH_SECRET, freshKey());
    for (const call of [
      `PATCH /keys/${id}`,
      `DELETE /keys/${id}`,
      `GET /keys/${id}`,
      `POST /keys/${id}/reset`,
    ]) {
      const { status, body } = await operate(call, call.startsWith("GET") ? undefined : {});
      expect([call, status, body.detail]).toEqual([call, 404, "No key is registered under this id."]);
    }
    const size = await runInDurableObject(
      keyStub(env, id),
      (_, { storage }) => [...storage.kv.list()].length,
    );
    expect(size).toBe(0);
  });
});

describe("DELETE /keys/{id}", () => {
  it("leaves the key in the default tier with its counts, and without balance", async () => {
    setClock("2099-05-05T10:00:00Z");
    const { key, id } = await register({ tier: "pro", credits: 4, disabled: true });
    await done("subject", `PATCH /keys/${id}`, { disabled: false });
    await askTimes(2, "/own/x", { key });
    expect(await done("subject", `DELETE /keys/${id}`)).toEqual({ id });
    expect((await operate(`GET /keys/${id}`)).status).toBe(404);
    expect(tally(await askTimes(2, "/own/x", { key }))).toEqual({ 200: 1, 429: 1 });
    const { keys } = await done("keys", "GET /keys?limit=1000");
    expect(keys.map((one) => one.id)).not.toContain(id);
    expect(await done("subject", "PUT /keys", { key })).toEqual({ id });
  });

  it("ends the object's storage once its windows are over", async () => {
    const { key, id } = await register({ tier: "pro" });
    await done("subject", `DELETE /keys/${id}`);
    const stub = await limiterOf(key);
    // Nothing is counted, so the alarm is due at once.
    await vi.waitFor(async () => {
      const left = await runInDurableObject(stub, (_, { storage }) => [...storage.kv.list()].length);
      expect(left).toBe(0);
    });
  });
});

describe("POST /keys/{id}/reset", () => {
  it("clears the counts of one limit, or of all", async () => {
    setClock("2099-05-05T10:00:00Z");
    const { key, id } = await register({ label: "again" });
    const spend = async () => [
      ...(await askTimes(3, "/own/x", { key })),
      ...(await askTimes(2, "/apply/x", { key })),
    ];
    const used = async () => (await standingOf(id)).filter(([, , , count]) => count !== 0);
    await spend();
    const apply = ["apply", "hour", 9, 2];
    expect(await used()).toEqual([["own", "minute", 3, 3], ["own", "day", 1000, 3], apply]);
    expect(await done("subject", `POST /keys/${id}/reset`, { limit: "own" })).toEqual({ id, label: "again" });
    expect(await used()).toEqual([apply]);
    expect((await ask("/own/x", { key })).status).toBe(200);
    await done("subject", `POST /keys/${id}/reset`);
    expect(await used()).toEqual([]);
  });

  it("rejects a limit that the policy lacks", async () => {
    const { id } = await register();
    const { status, body } = await operate(`POST /keys/${id}/reset`, { limit: "owm" });
    expect([status, body.problems]).toEqual([
      400,
      [{ path: "limit", message: 'no limit has this name (did you mean "own"?)' }],
    ]);
  });
});

describe("GET /keys", () => {
  it("pages through all in the order of ids, and by account and tier", async () => {
    const made = await Promise.all(
      [..."abcdefg"].map((label, place) =>
        register({ label, account: place < 4 ? "pages" : "others", tier: place % 2 === 0 ? "pro" : "basic" }),
      ),
    );
    const ids = made.map(({ id }) => id);
    const list = async (query: string) => {
      const found: string[] = [];
      let next: string | undefined = "";
      while (next !== undefined) {
        const page: Awaited<ReturnType<typeof done<"keys">>> = await done(
          "keys",
          `GET /keys?${query}${next && `&cursor=${next}`}`,
        );
        expect(page.keys.length).toBeLessThanOrEqual(2);
        found.push(...page.keys.map(({ id }) => id));
        next = page.next;
      }
      return found;
    };
    const all = await list("limit=2");
    expect(all).toEqual([...all].sort());
    expect(all).toEqual(expect.arrayContaining(ids));
    expect(await list("limit=2&account=pages")).toEqual(ids.slice(0, 4).sort());
    expect(await list("limit=2&account=pages&tier=pro")).toEqual([ids[0], ids[2]].sort());
    expect(await list("limit=2&account=nobody")).toEqual([]);
  });
});

function window(limit: string, name: string, size: number, resetsAt: string) {
  return { limit, window: name, size, used: 0, remaining: size, resetsAt };
}
