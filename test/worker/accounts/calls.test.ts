// What a request costs in calls of objects, counted exactly: one take, and no other call without its reason.

import { createExecutionContext, runInDurableObject, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import worker from "../../../src/index.ts";
import { guardStub } from "../../../src/objects/stubs.ts";
import { type Asking, freshKey, limiterOf, MINUTE_MS, moveClock, requestFor, setClock } from "../harness.ts";
import { register } from "../operator.ts";

const ADDRESS = "203.0.113.7";

/** Weir without an operator: nothing is told to the Directory, which is a call once in a while whoever asks. */
const unwatched = { ...env, ADMIN_TOKEN: "" };

/** Calls of objects since the last request, in the order of the alphabet. */
let calls: string[] = [];

/** From here on every call of an object is noted, the Worker's and those of other objects. */
async function noteCalls(name: string, stub: DurableObjectStub, methods: readonly string[]): Promise<void> {
  await runInDurableObject(stub, (object: object) => {
    const shared = Object.getPrototypeOf(object);
    for (const method of methods) {
      const made = shared[method];
      vi.spyOn(shared, method).mockImplementation(function call(this: object, ...given: unknown[]) {
        calls.push(`${name}.${method}`);
        return made.apply(this, given);
      });
    }
  });
}

beforeEach(async () => {
  setClock("2036-02-09T12:00:00Z");
  await noteCalls("limiter", await limiterOf("anyone"), ["take", "join", "settle", "cancelEverywhere"]);
  await noteCalls("shard", guardStub(env, ADDRESS), ["take", "join", "bring", "look", "strike", "settle"]);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** Asks, waits for all that weir does in the background too, and says what it called. */
async function callsOf(path: string, asking: Asking): Promise<(number | string)[]> {
  calls = [];
  const ctx = createExecutionContext();
  const request = requestFor(path, asking) as Parameters<NonNullable<typeof worker.fetch>>[0];
  const answer = await worker.fetch?.(request, unwatched, ctx);
  await answer?.body?.cancel();
  await waitOnExecutionContext(ctx);
  return [answer?.status ?? 0, ...calls.toSorted()];
}

function from(address: string, asking: Asking): Asking {
  return { ...asking, headers: { "cf-connecting-ip": address } };
}

describe("A request of a registered key", () => {
  it.each<[string, string, object, string[]]>([
    ["is one take", "/tiered", {}, ["limiter.take"]],
    ["is one take where the account is the key itself", "/small", {}, ["limiter.take"]],
    ["is one take and its account's part", "/small", { account: "a" }, ["limiter.join", "limiter.take"]],
    ["is settled where the charge depends on success", "/success", {}, ["limiter.settle", "limiter.take"]],
    ["is settled where the cost depends on the answer", "/cost", {}, ["limiter.settle", "limiter.take"]],
    ["is not settled for credits that nobody counts", "/paid", {}, ["limiter.take"]],
    ["is settled for credits that are counted", "/paid", { credits: 5 }, ["limiter.settle", "limiter.take"]],
    ["is nothing where no limit governs it", "/free", {}, []],
  ])("%s", async (_, path, plan, expected) => {
    const { key } = await register(plan);
    expect(await callsOf(path, { key })).toEqual([200, ...expected]);
  });

  it("asks the shard of its address once in a while, and no more", async () => {
    const { key } = await register();
    const asking = from(ADDRESS, { key });
    expect(await callsOf("/tiered", asking)).toEqual([200, "limiter.take", "shard.look"]);
    expect(await callsOf("/tiered", asking)).toEqual([200, "limiter.take"]);
    expect(await callsOf("/tiered", asking)).toEqual([200, "limiter.take"]);
    moveClock(MINUTE_MS);
    expect(await callsOf("/tiered", asking)).toEqual([200, "limiter.take", "shard.look"]);
  });

  it("asks it where a limit is by address", async () => {
    const { key } = await register();
    const asking = from("203.0.113.8", { key });
    await callsOf("/free", asking);
    expect(await callsOf("/address", asking)).toEqual([200, "limiter.take", "shard.join"]);
  });

  it("is one take where it is refused, then none while the isolate remembers", async () => {
    const { key } = await register({ overrides: { tiered: { windows: ["1/minute"] } } });
    expect(await callsOf("/tiered", { key })).toEqual([200, "limiter.take"]);
    expect(await callsOf("/tiered", { key })).toEqual([429, "limiter.take"]);
    expect(await callsOf("/tiered", { key })).toEqual([429]);
  });
});

describe("A request of a key that nobody knows", () => {
  it("is introduced, and settled so that it is trusted: once", async () => {
    const asking = from("203.0.113.9", { key: freshKey() });
    expect(await callsOf("/tiered?status=401", asking)).toEqual([
      401,
      "limiter.take",
      "shard.bring",
      "shard.look",
    ]);
    expect(await callsOf("/tiered", asking)).toEqual([200, "limiter.settle", "limiter.take"]);
    expect(await callsOf("/tiered", asking)).toEqual([200, "limiter.take"]);
  });
});

describe("A request without a key", () => {
  it("is no call where a key is needed", async () => {
    expect(await callsOf("/tiered", {})).toEqual([401]);
  });

  it("is one take of the shard where the limit is by address", async () => {
    const asking = from("203.0.113.10", {});
    await callsOf("/free", asking);
    expect(await callsOf("/address", asking)).toEqual([200, "shard.take"]);
  });
});
