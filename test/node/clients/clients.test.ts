// Clients that people have, against the real Worker: each comes back when weir said, and no sooner.

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { paceFetch } from "../../../src/client/index.ts";
import { type Caller, commands, octokit, runs, sdks, waiting } from "./callers.ts";
import { type Scene, startScene } from "./scene.ts";

vi.setConfig({ testTimeout: 120_000 });

// Less than the five seconds after which Node.js closes an idle connection: a request sent on it at that very moment is
// counted, and its answer lost on the way, whatever weir does.
const WINDOW_MS = 4000;
let scene: Scene;

beforeAll(async () => {
  scene = await startScene([
    // From the first request: no clock's end comes in between.
    { name: "short", match: "/short/*", windows: [`1/${WINDOW_MS / 1000} seconds`], align: "first" },
    { name: "daily", match: "/daily/*", windows: ["1/day"], align: "first" },
    { name: "endless", match: "/endless/*", windows: ["1/30 days"], align: "first" },
    { name: "free", match: "/free/*", windows: ["1000/day"] },
  ]);
}, 300_000);

afterAll(() => scene?.end());

const statusesOf = async (key: string) => (await scene.seen(key)).map(({ status }) => status);
const keyOf = (name: string) => name.replace(/[^a-z\d]+/gi, "-");

/**
 * Both calls of two pass where there is room for one, the second in the next window. Had it come sooner than weir said, it
 * would have met another 429.
 */
async function expectRecovery(callTwice: Caller, key: string): Promise<void> {
  expect(await callTwice(`${scene.url}/short`, key)).toEqual(["passed", "passed"]);
  const seen = await scene.seen(key);
  expect(seen.map(({ status }) => status)).toEqual([200, 429, 200]);
  const [first, refused, second] = seen.map(({ at }) => at);
  expect(refused).toBeLessThan((first ?? 0) + WINDOW_MS);
  expect(second).toBeLessThan((first ?? 0) + 2 * WINDOW_MS);
}

describe.concurrent("A client that meets a 429", () => {
  const clients = Object.entries({ ...waiting, ...sdks, "octokit's throttling plugin": octokit });

  it.each(clients)("comes back once the window is over, and once only: %s", async (name, call) => {
    await expectRecovery(async (...asked) => [await call(...asked), await call(...asked)], keyOf(name));
  });

  it.for(Object.entries(commands))(
    "comes back once the window is over, and once only: %s",
    async ([name, { needs, callTwice }], { skip }) => {
      if (!(await runs(needs))) skip(`not on this machine: ${needs.join(" ")}`);
      await expectRecovery(callTwice, keyOf(name));
    },
  );
});

describe.concurrent("weir/client", () => {
  it("learns of the limit from the first answer, and meets no 429", async () => {
    const paced = paceFetch();
    const url = `${scene.url}/short`;
    const headers = { "x-api-key": "paced" };
    for (const answer of await Promise.all([paced(url, { headers }), paced(url, { headers })])) {
      expect(answer.status).toBe(200);
    }
    const [first, second, ...others] = await scene.seen("paced");
    expect(others).toEqual([]);
    expect(second?.at).toBeLessThan((first?.at ?? 0) + 2 * WINDOW_MS);
  });
});

describe.concurrent("A client whose day is spent", () => {
  it.each(Object.entries(sdks))("is told at once, and asks no more: %s", async (name, call) => {
    const key = `daily-${keyOf(name)}`;
    await call(`${scene.url}/daily`, key);
    await expect(call(`${scene.url}/daily`, key)).rejects.toMatchObject({ status: 429 });
    expect(await statusesOf(key)).toEqual([200, 429]);
    expect((await scene.seen(key)).at(-1)?.headers).toMatchObject({ "x-should-retry": "false" });
  });
});

describe.concurrent("A client that is told to wait longer than timers hold", () => {
  it.each(Object.entries(waiting))("does not loop: %s", async (name, call) => {
    const key = `endless-${keyOf(name)}`;
    const url = `${scene.url}/endless`;
    await call(url, key);
    const leaving = new AbortController();
    const called = call(url, key, leaving.signal).catch((error: unknown) => error);
    // As many requests as a loop would make many of.
    while ((await scene.seen(key)).length < 2);
    for (let asked = 0; asked < 50; asked++) await waiting.ky?.(`${scene.url}/free`, "free");
    expect(await statusesOf(key)).toEqual([200, 429]);
    leaving.abort();
    expect(await called).toBeInstanceOf(Error);
  });
});
