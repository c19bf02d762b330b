// Strikes and blocks of addresses, through the real Worker and its objects.

import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { guardStub } from "../../../src/objects/stubs.ts";
import {
  ask,
  askTimes,
  freshKey,
  HOUR_MS,
  MINUTE_MS,
  moveClock,
  SECOND_MS,
  setClock,
  tally,
} from "../harness.ts";
import { counted, freshAddress, from, hit, rowOf, sweepShardOf, throttled, writesOf } from "./stage.ts";

beforeEach(() => setClock("2036-02-09T00:00:00Z"));

const statusOf = async (address: string, path = "/free") => (await ask(path, from(address))).status;

describe("a strike", () => {
  it("is each 429, of any key or none, and nothing else", async () => {
    const address = freshAddress();
    const key = freshKey();
    expect(tally(await askTimes(13, "/shadow/x", from(address, { key })))).toEqual({ 200: 13 });
    expect(tally(await askTimes(12, "/never/x", from(address, { key })))).toEqual({ 403: 12 });
    expect(tally(await askTimes(12, "/one/x", from(address)))).toEqual({ 401: 12 });
    expect(await hit(address, 3)).toEqual(throttled(3));
    expect(await hit(address, 3)).toEqual(throttled(3));
    expect(tally(await askTimes(6, "/ip/x", from(address)))).toEqual({ 200: 3, 429: 3 });
    expect(await statusOf(address)).toBe(200);
    expect(await statusOf(address, "/ip/x")).toBe(429);
    expect(await statusOf(address)).toBe(403);
  });

  it("is a 401 of the origin too, where the operator says so", async () => {
    const address = freshAddress();
    const metered = await askTimes(5, "/many/x?status=401", from(address, { key: freshKey() }));
    const unmetered = await askTimes(5, "/free?status=401", from(address));
    expect(tally([...metered, ...unmetered])).toEqual({ 401: 10 });
    expect(await statusOf(address)).toBe(403);
  });

  it("is counted exactly where many are made at once", async () => {
    const address = freshAddress();
    const keys = Array.from({ length: 9 }, freshKey);
    await Promise.all(keys.map((key) => ask("/one/x", { key })));
    const atOnce = () => Promise.all(keys.map((key) => ask("/one/x", from(address, { key }))));
    expect(tally(await atOnce())).toEqual({ 429: 9 });
    expect(await rowOf(address)).toHaveProperty("conduct.strikes.length", 9);
    expect(await statusOf(address)).toBe(200);
    expect(tally(await atOnce())).toEqual({ 429: 9 });
    expect(await rowOf(address)).toHaveProperty("conduct.block.fromAt", Date.now());
    expect(await statusOf(address)).toBe(403);
  });

  it("is counted exactly by its shard: of 50 at once ten make a block, in ten rows", async () => {
    const address = freshAddress();
    const shard = guardStub(env, address);
    await shard.strike(address);
    const before = await writesOf(address);
    const said = await Promise.all(Array.from({ length: 49 }, () => shard.strike(address)));
    expect(said.filter(({ block }) => block === undefined)).toHaveLength(8);
    expect((await writesOf(address)) - before).toBe(9);
  });

  it("survives an eviction", async () => {
    const address = freshAddress();
    await hit(address, 9);
    await evictDurableObject(guardStub(env, address));
    expect(await hit(address, 1)).toEqual([429]);
    await evictDurableObject(guardStub(env, address));
    expect(await statusOf(address)).toBe(403);
  });

  it("is never held against a request without an address, nor the address all Workers share", async () => {
    const key = freshKey();
    expect(tally(await askTimes(14, "/one/x", { key }))).toEqual({ 200: 1, 429: 13 });
    const shared = from("2a06:98c0:3600::103", { key });
    expect(tally(await askTimes(13, "/one/x", shared))).toEqual({ 429: 13 });
  });

  it("is held against an IPv6 network, and an IPv4 address however it is written (case 32)", async () => {
    expect(await hit("2001:db8:1:2::1", 5)).toEqual(throttled(5));
    expect(await hit("2001:db8:1:2:ffff::9", 5)).toEqual(throttled(5));
    expect(await statusOf("2001:db8:1:2::77")).toBe(403);
    expect(await statusOf("2001:db8:1:3::1")).toBe(200);
    const address = freshAddress();
    await hit(`::ffff:${address}`, 10);
    expect(await statusOf(address)).toBe(403);
  });

  it("is not moved to another address by headers that a client can forge (case 31)", async () => {
    const address = freshAddress();
    const key = freshKey();
    await ask("/one/x", { key });
    for (let hits = 0; hits < 10; hits++) {
      const forged = {
        "x-forwarded-for": `198.51.100.${hits}`,
        "true-client-ip": `198.51.100.${hits}`,
        "x-real-ip": `198.51.100.${hits}`,
      };
      expect((await ask("/one/x", from(address, { key, headers: forged }))).status).toBe(429);
    }
    expect(await statusOf(address)).toBe(403);
  });
});

describe("a block", () => {
  it("keeps out everything the address asks, with the body the operator wrote", async () => {
    const address = freshAddress();
    await hit(address, 10);
    moveClock(MINUTE_MS);
    const answer = await ask("/many/x", from(address, { key: freshKey() }));
    expect(answer.status).toBe(403);
    expect(answer.headers.has("retry-after")).toBe(false);
    expect(await answer.json()).toEqual({
      error: "blocked",
      retry_after: 59 * 60,
      until: "2036-02-09T01:00:00.000Z",
    });
    const preflight = { origin: "https://app.example", "access-control-request-method": "POST" };
    const asked = [
      ask("/free", from(address)),
      ask("/one/x", from(address, { headers: { "x-api-key": "a, b" } })),
      ask("/_weir/usage", from(address, { key: freshKey() })),
      ask("/many/x", from(address, { method: "OPTIONS", headers: preflight })),
    ];
    expect(tally(await Promise.all(asked))).toEqual({ 403: 4 });
  });

  it("is swept out when it is over, and the shard's storage with the last of it", async () => {
    const address = freshAddress();
    await hit(address, 10);
    moveClock(HOUR_MS - 1);
    await sweepShardOf(address);
    expect(await rowOf(address)).toHaveProperty("conduct.block");
    moveClock(1);
    await sweepShardOf(address);
    expect(await rowOf(address)).toBeUndefined();
    expect(await statusOf(address)).toBe(200);
  });

  it("takes nothing of a key, nor of its address, in an isolate that did not know of it", async () => {
    const address = freshAddress();
    const key = freshKey();
    await ask("/both/x", { key });
    // Nobody told this isolate.
    await guardStub(env, address).block(address, { forMs: HOUR_MS }, "by hand");
    expect((await ask("/both/x", from(address, { key }))).status).toBe(403);
    const { windows } = await (await ask("/_weir/usage", { key })).json<{ windows: object[] }>();
    expect(windows).toContainEqual(expect.objectContaining({ limit: "both-key", used: 1 }));
    await guardStub(env, address).lift(address);
    moveClock(3 * SECOND_MS);
    const usage = await ask("/_weir/usage", from(address, { key }));
    expect((await usage.json<{ windows: object[] }>()).windows).toContainEqual(
      expect.objectContaining({ limit: "both", used: 0 }),
    );
  });

  it("is lifted with its strikes, everywhere within BLOCK_MEMORY", async () => {
    const address = freshAddress();
    await hit(address, 10);
    expect(await statusOf(address)).toBe(403);
    await guardStub(env, address).lift(address);
    expect(await statusOf(address)).toBe(403);
    moveClock(3 * SECOND_MS);
    expect(await statusOf(address)).toBe(200);
    expect(await hit(address, 9)).toEqual(throttled(9));
    expect(await statusOf(address)).toBe(200);
  });
});

describe("the work for an address", () => {
  it("is one call while the isolate does not know it, and none while it does", async () => {
    const address = freshAddress();
    const key = freshKey();
    await ask("/many/x", { key });
    const asking = from(address, { key });
    expect(await counted("/free", asking)).toEqual({ status: 200, calls: ["guard.look"] });
    expect(await counted("/free", asking)).toEqual({ status: 200, calls: [] });
    moveClock(3 * SECOND_MS);
    expect(await counted("/many/x", asking)).toEqual({ status: 200, calls: ["guard.look", "limiter.take"] });
    expect(await counted("/many/x", asking)).toEqual({ status: 200, calls: ["limiter.take"] });
  });

  it("is one call more for a strike, and one for each request while strikes count", async () => {
    const address = freshAddress();
    const key = freshKey();
    await ask("/one/x", { key });
    const calls = ["guard.look", "guard.strike", "limiter.take"];
    expect(await counted("/one/x", from(address, { key }))).toEqual({ status: 429, calls });
    expect(await counted("/free", from(address))).toEqual({ status: 200, calls: ["guard.look"] });
  });

  it("is nothing once the isolate knows the block, and then one call in BLOCK_MEMORY", async () => {
    const address = freshAddress();
    await hit(address, 10);
    const asking = from(address, { key: freshKey() });
    expect(await counted("/many/x", asking)).toEqual({ status: 403, calls: [] });
    moveClock(3 * SECOND_MS);
    expect(await counted("/many/x", asking)).toEqual({ status: 403, calls: ["guard.look"] });
    expect(await counted("/many/x", asking)).toEqual({ status: 403, calls: [] });
  });

  it("writes a row for each strike of a block, and none for a request of a blocked address", async () => {
    const address = freshAddress();
    await statusOf(address);
    const before = await writesOf(address);
    await hit(address, 10);
    expect((await writesOf(address)) - before).toBe(10);
    for (let asked = 0; asked < 30; asked++) {
      moveClock(SECOND_MS);
      await ask("/both/x", from(address, { key: freshKey() }));
    }
    expect((await writesOf(address)) - before).toBe(10);
  });
});
