// ALLOW and DENY: who is let in whatever they do, and who is not.

import { beforeEach, describe, expect, it } from "vitest";
import { ask, askTimes, freshKey, setClock, tally, weirUnder } from "../harness.ts";
import { counted, from, hit, rowOf, throttled } from "./stage.ts";

beforeEach(() => setClock("2036-02-09T00:00:00Z"));

describe("DENY", () => {
  it.each(["192.0.2.99", "198.51.100.66", "::ffff:198.51.100.66", "2001:db8:d::1"])(
    "refuses %s everything",
    async (address) => {
      const paths = ["/many/x", "/free", "/_weir/usage"];
      for (const asking of [from(address), from(address, { key: freshKey() })]) {
        for (const path of paths) {
          const answer = await ask(path, asking);
          expect(answer.status).toBe(403);
          expect(await answer.json()).toMatchObject({ reason: "denied" });
        }
      }
    },
  );

  it("does so before anything else is asked", async () => {
    expect(await counted("/many/x", from("192.0.2.99", { key: freshKey() }))).toEqual({
      status: 403,
      calls: [],
    });
  });

  it("does so with ENFORCE = false too", async () => {
    const answer = await weirUnder({ ENFORCE: false })("/many/x", from("192.0.2.99", { key: freshKey() }));
    expect(answer.status).toBe(403);
  });

  it("refuses nobody else, nor who only claims to be on it", async () => {
    const forged = { "x-forwarded-for": "198.51.100.66" };
    expect((await ask("/many/x", from("198.51.100.67", { key: freshKey(), headers: forged }))).status).toBe(
      200,
    );
    expect((await ask("/many/x", { key: freshKey(), headers: forged })).status).toBe(200);
  });
});

describe("ALLOW", () => {
  it.each(["192.0.2.7", "2001:db8:a::7"])(
    "beats DENY for %s, which is limited but never struck",
    async (address) => {
      expect(await hit(address, 13)).toEqual(throttled(13));
      expect((await ask("/free", from(address))).status).toBe(200);
      expect(await rowOf(address)).toBeUndefined();
      expect(tally(await askTimes(4, "/ip/x", from(address)))).toEqual({ 200: 3, 429: 1 });
    },
  );
});

describe("ENFORCE = false", () => {
  it("neither strikes nor keeps out", async () => {
    const unenforced = weirUnder({ ENFORCE: false });
    const address = "198.51.100.70";
    const key = freshKey();
    for (let asked = 0; asked < 13; asked++) {
      expect((await unenforced("/one/x", from(address, { key }))).status).toBe(200);
    }
    expect(await hit(address, 10)).toEqual(throttled(10));
    expect((await ask("/free", from(address))).status).toBe(403);
    expect((await unenforced("/free", from(address))).status).toBe(200);
  });
});

describe("a limit by address", () => {
  it("that refuses a key at one address does not refuse it at another", async () => {
    const key = freshKey();
    const answers = await askTimes(5, "/ip/x", from("198.51.100.72", { key }));
    expect(tally(answers)).toEqual({ 200: 3, 429: 2 });
    expect((await ask("/ip/x", from("198.51.100.73", { key }))).status).toBe(200);
  });
});

describe("without IP_BLOCK", () => {
  it("asks no shard, and blocks nobody", async () => {
    const free = weirUnder({ IP_BLOCK: undefined });
    const address = "198.51.100.71";
    const key = freshKey();
    await free("/one/x", { key });
    for (let asked = 0; asked < 13; asked++) {
      expect((await free("/one/x", from(address, { key }))).status).toBe(429);
    }
    expect((await free("/free", from(address))).status).toBe(200);
  });
});
