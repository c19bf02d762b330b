// A client that leaves, in a workerd of its own: only there is a request really broken off.

import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type Served, serveWeir } from "./serving.ts";

const origin = `export default {
  async fetch(request) {
    await scheduler.wait(500);
    return new Response("done", { status: Number(new URL(request.url).searchParams.get("status")) });
  }
};`;

let served: Served;

beforeAll(async () => {
  const limit = { name: "success", match: "/*", windows: ["5/day"], align: "first", charge: "success" };
  served = await serveWeir({ weir: { LIMITS: [limit] } }, origin);
}, 60_000);

afterAll(() => served?.stop());

/** Asks as a key; the origin answers with the status after half a second. */
function ask(key: string, path: string, signal?: AbortSignal): Promise<Response> {
  return fetch(served.urlOf("weir") + path, { headers: { "x-api-key": key }, ...(signal && { signal }) });
}

/** What is used of the window of a key, held or for good. */
async function usedOf(key: string): Promise<number | undefined> {
  const { windows } = (await (await ask(key, "/_weir/usage")).json()) as { windows: { used: number }[] };
  return windows[0]?.used;
}

it.each([
  [200, 1],
  [500, 0],
])("is charged by the origin's %i all the same: %i", async (status, used) => {
  const key = `leaving-${status}`;
  const leaving = new AbortController();
  const asked = ask(key, `/?status=${status}`, leaving.signal);
  await vi.waitFor(async () => expect(await usedOf(key)).toBe(1));
  leaving.abort();
  await expect(asked).rejects.toThrow();
  // Asked later, so answered later: the origin is done with the first by then.
  await ask(key, "/?status=500");
  await vi.waitFor(async () => expect(await usedOf(key)).toBe(used));
});
