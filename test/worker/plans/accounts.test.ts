// Accounts: what their keys may do together, and the credits they spend.

import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { accountStub } from "../../../src/objects/stubs.ts";
import { ask, askTimes, limitHeadersOf, setClock, tally } from "../harness.ts";
import { done, operate, register } from "../operator.ts";

afterEach(() => {
  vi.useRealTimers();
});

describe("an account", () => {
  it("is created by a key that names it, and listed", async () => {
    const { id } = await register({ account: "named" });
    expect(await done("account", "GET /accounts/named")).toMatchObject({
      id: "named",
      keys: [{ id, account: "named" }],
    });
    const { accounts } = await done("accounts", "GET /accounts?limit=1000");
    expect(accounts).toContainEqual({ id: "named" });
  });

  it("lists a key that moves to another account there, and no longer here", async () => {
    const { id } = await register({ account: "from" });
    await done("subject", `PATCH /keys/${id}`, { account: "to" });
    expect((await done("account", "GET /accounts/from")).keys).toEqual([]);
    expect((await done("account", "GET /accounts/to")).keys).toEqual([{ id, account: "to" }]);
  });

  it("lists its keys a page at a time", async () => {
    const made = await Promise.all([1, 2, 3].map(() => register({ account: "crowd" })));
    const first = await done("account", "GET /accounts/crowd?limit=2");
    const second = await done("account", `GET /accounts/crowd?limit=2&cursor=${first.next}`);
    const found = [...first.keys, ...second.keys].map(({ id }) => id);
    expect(found).toEqual(made.map(({ id }) => id).sort());
    expect(second.next).toBeUndefined();
  });

  it("shows where its windows stand, counted by all of its keys", async () => {
    setClock("2099-05-05T10:00:00Z");
    const made = await Promise.all([register({ account: "both" }), register({ account: "both" })]);
    for (const { key } of made) await askTimes(2, "/shared/x", { key });
    const { windows } = await done("account", "GET /accounts/both");
    expect(windows).toEqual([
      {
        limit: "shared",
        window: "minute",
        size: 5,
        used: 4,
        remaining: 1,
        resetsAt: "2099-05-05T10:01:00.000Z",
      },
      {
        limit: "billed",
        window: "billing period",
        size: 4,
        used: 0,
        remaining: 4,
        resetsAt: "2099-06-01T00:00:00.000Z",
      },
    ]);
    const { windows: ofKey } = await done("key", `GET /keys/${made[0].id}`);
    expect(ofKey.find(({ limit }) => limit === "shared")).toMatchObject({ used: 4 });
  });

  it("gives its keys its tier and overrides from their next request on", async () => {
    setClock("2099-05-05T10:00:00Z");
    const [mine, other] = [
      await register({ account: "tiered" }),
      await register({ account: "tiered", tier: "basic" }),
    ];
    const limitOf = async (key: string) => limitHeadersOf(await ask("/own/x", { key })).limit;
    expect([await limitOf(mine.key), await limitOf(other.key)]).toEqual(["3", "2"]);
    await done("subject", "PUT /accounts/tiered", { tier: "pro" });
    expect([await limitOf(mine.key), await limitOf(other.key)]).toEqual(["6", "2"]);
    await done("subject", "PATCH /accounts/tiered", { overrides: { own: { windows: ["9/minute"] } } });
    expect([await limitOf(mine.key), await limitOf(other.key)]).toEqual(["9", "9"]);
    await done("subject", "PATCH /accounts/tiered", { overrides: { shared: { windows: ["7/minute"] } } });
    expect(await done("account", "GET /accounts/tiered")).toMatchObject({
      tier: "pro",
      overrides: { own: { windows: ["9/minute"] }, shared: { windows: ["7/minute"] } },
      windows: [{ limit: "shared", size: 7 }, { limit: "billed" }],
    });
  });

  it("keeps nothing of an account that the key has left", async () => {
    setClock("2099-05-05T10:00:00Z");
    await done("subject", "PUT /accounts/rich", { overrides: { own: { windows: ["50/minute"] } } });
    const { key, id } = await register({ account: "rich" });
    expect(limitHeadersOf(await ask("/own/x", { key })).limit).toBe("50");
    await done("subject", `PATCH /keys/${id}`, { account: "poor" });
    expect(limitHeadersOf(await ask("/own/x", { key })).limit).toBe("3");
    await done("subject", `PATCH /keys/${id}`, { account: null });
    expect(limitHeadersOf(await ask("/own/x", { key })).limit).toBe("3");
  });

  it("shares one billing period, anchored by its date", async () => {
    setClock("2099-05-05T10:00:00Z");
    await done("subject", "PUT /accounts/billed", { nextBillingAt: "2099-05-31T00:00:00Z" });
    const made = await Promise.all([register({ account: "billed" }), register({ account: "billed" })]);
    const answers = [];
    for (const { key } of made) answers.push(...(await askTimes(3, "/billed/x", { key })));
    expect(tally(answers)).toEqual({ 200: 4, 429: 2 });
    expect(answers.at(-1)?.headers.get("x-ratelimit-reset")).toBe(
      String(Date.parse("2099-05-31T00:00:00Z") / 1000),
    );
  });
});

describe("credits", () => {
  it("meter nobody who was never given any, and refuse with a 402 once they are spent", async () => {
    const { key } = await register({ account: "spender" });
    expect((await ask("/burned/x", { key })).status).toBe(200);
    await done("subject", "PUT /accounts/spender", { credits: 0 });
    expect((await ask("/burned/x", { key })).status).toBe(402);
    expect(await done("subject", "POST /accounts/spender/credits", { add: 2 })).toEqual({
      id: "spender",
      credits: 2,
    });
    expect(tally(await askTimes(3, "/burned/x", { key }))).toEqual({ 200: 2, 402: 1 });
    expect(await done("subject", "PUT /accounts/spender", { label: "kept" })).toMatchObject({ credits: 0 });
    expect(await done("subject", "PATCH /accounts/spender", { credits: null })).toEqual({
      id: "spender",
      label: "kept",
    });
    expect((await ask("/burned/x", { key })).status).toBe(200);
  });

  it("top up once for each Idempotency-Key, and answer the same again", async () => {
    const topUp = (add: number, key: string) =>
      operate("POST /accounts/once/credits", { add }, { "idempotency-key": key });
    const first = await topUp(100, "order-1");
    expect(first).toMatchObject({ status: 200, body: { id: "once", credits: 100 } });
    await topUp(50, "order-2");
    await evictDurableObject(accountStub(env, "once"));
    expect((await topUp(100, "order-1")).body).toEqual(first.body);
    expect(await Promise.all([1, 2, 3].map(() => topUp(7, "order-3")))).toMatchObject(
      [1, 2, 3].map(() => ({ body: { credits: 157 } })),
    );
    const conflict = await topUp(101, "order-1");
    expect(conflict).toMatchObject({
      status: 409,
      body: { detail: "Idempotency-Key: a top-up of another amount came with it before." },
    });
    expect(await done("account", "GET /accounts/once")).toMatchObject({ credits: 157 });
  });

  it("remember the last 32 Idempotency-Keys", async () => {
    const topUp = (key: number) =>
      done("subject", "POST /accounts/many/credits", { add: 1 }, { "idempotency-key": `order-${key}` });
    for (let key = 0; key <= 32; key++) await topUp(key);
    expect((await topUp(1)).credits).toBe(2);
    expect((await topUp(0)).credits).toBe(34);
  });

  it("outlast the windows of an account that has nothing else", async () => {
    await done("subject", "POST /accounts/saver/credits", { add: 3 });
    const stub = accountStub(env, "saver");
    await evictDurableObject(stub);
    expect(await done("account", "GET /accounts/saver")).toMatchObject({ credits: 3, keys: [] });
  });

  it.each([
    [{ add: 0 }, "add: expected a whole number from 1 to 1000000000000, got 0"],
    [{ add: 1.5 }, "add: expected a whole number from 1 to 1000000000000, got 1.5"],
    [{}, "add: is required"],
  ])("reject %j", async (body, problem) => {
    const reply = await operate("POST /accounts/refused/credits", body);
    const [{ path, message }] = reply.body.problems;
    expect([reply.status, `${path}: ${message}`]).toEqual([400, problem]);
  });

  it("reject an Idempotency-Key that is none", async () => {
    const { status } = await operate(
      "POST /accounts/refused/credits",
      { add: 1 },
      { "idempotency-key": "a b" },
    );
    expect(status).toBe(400);
    expect((await operate("GET /accounts/refused")).status).toBe(404);
  });
});
