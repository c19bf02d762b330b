// A shard that fails keeps nobody out: it serves many addresses.

import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { guardStub } from "../../../src/objects/stubs.ts";
import { ask, freshKey, limiterOf, weirUnder } from "../harness.ts";
import type { Call } from "./entry.ts";
import {
  breakAccount,
  breakKey,
  breakShard,
  eventsLogged,
  faults,
  freshAddress,
  overloaded,
  sceneOf,
  throwing,
  usedOf,
} from "./scenery.ts";

afterEach(() => vi.restoreAllMocks());

const all = [...faults, ["is overloaded", overloaded] as const];

/** A key that its address need not answer for. */
async function registeredKey(): Promise<string> {
  const key = freshKey();
  await (await limiterOf(key)).amend({ kind: "put", plan: {} });
  return key;
}

function from(address: string, key?: string) {
  return { headers: { "cf-connecting-ip": address }, ...(key !== undefined && { key }) };
}

describe.each(all)("where the shard %s (case 36)", (name, fault) => {
  it("admits a key, by its own windows alone", async () => {
    const events = eventsLogged();
    const [key, address] = [await registeredKey(), freshAddress()];
    await breakShard(address, "join", fault);
    const points: AnalyticsEngineDataPoint[] = [];
    const METRICS = { writeDataPoint: (point: AnalyticsEngineDataPoint) => points.push(point) };
    const answer = await weirUnder({ METRICS })("/both", from(address, key));
    expect(answer.status).toBe(200);
    expect(answer.headers.get("x-ratelimit-limit")).toBe("5");
    expect(answer.headers.get("x-ratelimit-remaining")).toBe("4");
    expect(events()).toEqual([{ event: "guard.failed", cause: expect.stringMatching(/./) }]);
    expect(points).toMatchObject([{ blobs: ["of-key", "degraded", "", ""] }]);
  });

  it("still refuses a key whose own window is full", async () => {
    eventsLogged();
    const [key, address] = [await registeredKey(), freshAddress()];
    for (let used = 0; used < 5; used += 1) await ask("/both", { key });
    await breakShard(address, "join", fault);
    expect((await ask("/both", from(address, key))).status).toBe(429);
    expect(await usedOf(key, "of-key")).toBe(5);
  });

  it("admits a request without a key where the choice is to allow, with no headers", async () => {
    const events = eventsLogged();
    const address = freshAddress();
    await breakShard(address, "take", fault);
    const answer = await ask("/address", from(address));
    expect(answer.status).toBe(200);
    expect([...answer.headers.keys()].filter((name) => name.includes("ratelimit"))).toEqual([]);
    expect(events()).toMatchObject([{ event: "decision.degraded", action: "allow" }]);
  });

  it("refuses a request without a key where the choice is to deny", async () => {
    eventsLogged();
    const address = freshAddress();
    await breakShard(address, "take", fault);
    const answer = await weirUnder({ ON_ERROR: "deny" })("/address", from(address));
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "1"]);
  });

  it.each<Call>(["look", "bring"])("lets a new key through at %s", async (call) => {
    const events = eventsLogged();
    const address = freshAddress();
    await breakShard(address, call, fault);
    expect((await ask("/window", from(address, freshKey()))).status).toBe(200);
    // To say nothing of a new key is to let it in.
    const isConsent = call === "bring" && name === "answers nothing";
    expect(events().map(({ event }) => event)).toEqual(isConsent ? [] : ["guard.failed"]);
  });

  it("refuses a throttle hit that it cannot hold against the address", async () => {
    eventsLogged();
    const [key, address] = [await registeredKey(), freshAddress()];
    for (let used = 0; used < 5; used += 1) await ask("/window", { key });
    await breakShard(address, "strike", fault);
    expect((await ask("/window", from(address, key))).status).toBe(429);
  });
});

describe("a shard that is back", () => {
  it("counts on from where it was", async () => {
    eventsLogged();
    const [key, address] = [await registeredKey(), freshAddress()];
    await ask("/both", from(address, key));
    await breakShard(address, "join", throwing);
    await ask("/both", from(address, key));
    const answer = await ask("/both", from(address, key));
    expect(answer.headers.get("x-ratelimit-limit")).toBe("3");
    expect(answer.headers.get("x-ratelimit-remaining")).toBe("1");
  });

  it("gives back what it charged for a key whose account fails", async () => {
    eventsLogged();
    const [key, address] = [freshKey(), freshAddress()];
    await (await limiterOf(key)).amend({ kind: "put", plan: { account: "gone" } });
    await breakAccount("gone", throwing);
    expect((await ask("/both", from(address, key))).status).toBe(503);
    const scene = await sceneOf(guardStub(env, address));
    expect(scene.cancelled).not.toEqual([]);
    const answer = await ask("/both", from(address, key));
    expect(answer.headers.get("x-ratelimit-remaining")).toBe("2");
  });

  it("is not asked again where the key's object fails", async () => {
    eventsLogged();
    const [key, address] = [await registeredKey(), freshAddress()];
    await breakKey(key, throwing);
    expect((await ask("/both", from(address, key))).status).toBe(503);
    const answer = await ask("/both", from(address, key));
    expect(answer.headers.get("x-ratelimit-remaining")).toBe("2");
  });
});
