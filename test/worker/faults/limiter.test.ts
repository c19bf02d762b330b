// An object that fails: what was configured comes, in time, and nothing is made up.

import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ask, freshKey, limiterOf, weirUnder } from "../harness.ts";
import {
  breakAccount,
  breakKey,
  disconnecting,
  disconnectingLate,
  eventsLogged,
  faults,
  late,
  overloaded,
  sceneOf,
  usedOf,
} from "./scenery.ts";

afterEach(() => vi.restoreAllMocks());

describe.each(faults)("where the object %s (cases 36, 37)", (_, fault) => {
  it.each([
    ["/window", "allow"],
    ["/guarded", "deny"],
    ["/open", "allow"],
    ["/credits", "deny"],
    ["/billing", "deny"],
  ])("%s goes by its own choice: %s", async (path, action) => {
    const events = eventsLogged();
    const key = freshKey();
    await breakKey(key, fault);
    const answer = await ask(path, { key });
    expect(answer.status).toBe(action === "allow" ? 200 : 503);
    expect(answer.headers.get("retry-after")).toBe(action === "allow" ? null : "1");
    expect([...answer.headers.keys()].filter((name) => name.includes("ratelimit"))).toEqual([]);
    expect(events()).toEqual([
      {
        event: "decision.degraded",
        keyId: expect.stringMatching(/./),
        action,
        cause: expect.stringMatching(/./),
      },
    ]);
    expect(JSON.stringify(events())).not.toContain(`"${key}"`);
  });

  it("takes the policy's choice where the limit has none", async () => {
    eventsLogged();
    const key = freshKey();
    await breakKey(key, fault);
    expect((await weirUnder({ ON_ERROR: "deny" })("/window", { key })).status).toBe(503);
  });

  it("counts it among the degraded", async () => {
    eventsLogged();
    const points: AnalyticsEngineDataPoint[] = [];
    const METRICS = { writeDataPoint: (point: AnalyticsEngineDataPoint) => points.push(point) };
    const key = freshKey();
    await breakKey(key, fault);
    await weirUnder({ METRICS })("/window", { key });
    expect(points).toEqual([
      { indexes: ["window"], blobs: ["window", "degraded", "", ""], doubles: [0, expect.any(Number)] },
    ]);
    expect(JSON.stringify(points)).not.toContain(key);
  });

  it("charges nothing to a request that it refuses", async () => {
    eventsLogged();
    const key = freshKey();
    await ask("/guarded", { key });
    await breakKey(key, fault);
    expect((await ask("/guarded", { key })).status).toBe(503);
    await vi.waitFor(async () => expect(await usedOf(key, "guarded")).toBe(1), { timeout: 5_000 });
  });

  it("refuses nothing where nothing is enforced", async () => {
    eventsLogged();
    const key = freshKey();
    await breakKey(key, fault);
    expect((await weirUnder({ ENFORCE: false })("/guarded", { key })).status).toBe(200);
  });
});

describe("an object that answers late", () => {
  it("is not waited for", async () => {
    eventsLogged();
    const key = freshKey();
    let isAnswered = false;
    await breakKey(key, async (call, storage) => {
      const answer = await late(call, storage);
      isAnswered = true;
      return answer;
    });
    await ask("/window", { key });
    expect(isAnswered).toBe(false);
  });

  it("gives back what it charged a request that was refused meanwhile", async () => {
    eventsLogged();
    const key = freshKey();
    await breakKey(key, late);
    expect((await ask("/guarded", { key })).status).toBe(503);
    const scene = await sceneOf(await limiterOf(key));
    await vi.waitFor(() => expect(scene.cancelled).toEqual(scene.ops), { timeout: 5_000 });
    expect(await usedOf(key, "guarded")).toBe(0);
  });

  it("keeps charged a request that was let through meanwhile", async () => {
    eventsLogged();
    const key = freshKey();
    await breakKey(key, late);
    expect((await ask("/window", { key })).status).toBe(200);
    expect(await usedOf(key, "window")).toBe(1);
  });
});

describe("an object that the platform says to ask again (case 10)", () => {
  it.each([
    ["before it charged", disconnecting],
    ["after it charged", disconnectingLate],
  ])("%s is asked once more, with the same number, and charges once", async (_, fault) => {
    const events = eventsLogged();
    const key = freshKey();
    await breakKey(key, fault);
    const answer = await ask("/window", { key });
    expect([answer.status, answer.headers.get("x-ratelimit-remaining")]).toEqual([200, "4"]);
    const { ops } = await sceneOf(await limiterOf(key));
    expect(ops).toEqual([ops[0], ops[0]]);
    expect(events()).toEqual([]);
  });

  it("is asked on a stub of its own", async () => {
    const stubs: DurableObjectStub[] = [];
    const LIMITER = new Proxy(env.LIMITER, {
      get(namespace, name) {
        const own: unknown = Reflect.get(namespace, name);
        if (typeof own !== "function") return own;
        return (...given: unknown[]) => {
          const got = own.apply(namespace, given);
          if (name === "get") stubs.push(got);
          return got;
        };
      },
    });
    const key = freshKey();
    // A key that is registered need not be settled: its takes are all that asks for a stub.
    await (await limiterOf(key)).amend({ kind: "put", plan: {} });
    await breakKey(key, disconnecting);
    expect((await weirUnder({ LIMITER })("/window", { key })).status).toBe(200);
    expect(stubs).toHaveLength(2);
    expect(stubs[1]).not.toBe(stubs[0]);
  });

  it("is not asked a third time", async () => {
    eventsLogged();
    const key = freshKey();
    await breakKey(key, disconnecting, disconnecting);
    expect((await ask("/guarded", { key })).status).toBe(503);
    expect((await sceneOf(await limiterOf(key))).ops).toHaveLength(2);
  });
});

describe("an overloaded object (case 36)", () => {
  it.each(["/window", "/guarded", "/open", "/credits", "/billing"])(
    "is not asked again, and %s is refused",
    async (path) => {
      const events = eventsLogged();
      const key = freshKey();
      await breakKey(key, overloaded);
      const answer = await weirUnder({ ON_ERROR: "allow" })(path, { key });
      expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "1"]);
      const { ops, cancelled } = await sceneOf(await limiterOf(key));
      expect([ops.length, cancelled]).toEqual([1, []]);
      expect(events()).toMatchObject([{ event: "decision.degraded", action: "deny" }]);
    },
  );
});

describe("/_weir/usage", () => {
  it.each(faults)("answers 503 where the object %s", async (_, fault) => {
    eventsLogged();
    const key = freshKey();
    await breakKey(key, fault);
    const answer = await ask("/_weir/usage", { key });
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "1"]);
  });
});

describe("an account that fails", () => {
  it.each(faults)(
    "that %s leaves the key to its limit's choice, and charges it nothing",
    async (_, fault) => {
      eventsLogged();
      const [key, account] = [freshKey(), freshKey()];
      const limiter = await limiterOf(key);
      await limiter.amend({ kind: "put", plan: { account } });
      await breakAccount(account, fault);
      expect((await ask("/guarded", { key })).status).toBe(503);
      await vi.waitFor(async () => expect(await usedOf(key, "guarded")).toBe(0), { timeout: 5_000 });
    },
  );
});
