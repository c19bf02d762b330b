import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as cache from "../../../src/client/cache.ts";
import * as client from "../../../src/client/index.ts";
import { Server } from "./server.ts";

const text = readFileSync(new URL("../../../docs/client.md", import.meta.url), "utf8");
const examples = [...text.matchAll(/^## (.+)$|^```js\n([\s\S]*?)^```$/gm)];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Runs an example against a server with 60/minute and 1000/day; what it printed. */
async function run(code: string): Promise<string[]> {
  const server = new Server({
    windows: [
      { size: 60, lengthMs: 60_000 },
      { size: 1000, lengthMs: 86_400_000 },
    ],
  });
  const send: typeof fetch = async (input, init) => {
    const response = await server.fetch(input, init);
    if (String(input).endsWith("/cached")) response.headers.set("cache-control", "max-age=60");
    return response;
  };
  vi.stubGlobal("fetch", send);
  const printed: string[] = [];
  const log = (...values: unknown[]) => printed.push(values.join(" "));
  const body = code
    .replaceAll(/import (\{.*?\}) from "weir\/client\/cache";/g, "const $1 = cache;")
    .replaceAll(/import (\{.*?\}) from "weir\/client";/g, "const $1 = client;");
  const example = new Function("client", "cache", "console", `return (async () => {${body}})();`);
  const done: Promise<void> = example(client, cache, { log });
  await Promise.all([done, vi.runAllTimersAsync()]);
  return printed;
}

describe("docs/client.md", () => {
  let section = "the start";
  for (const [, heading, code] of examples) {
    if (heading !== undefined) section = heading;
    if (code === undefined) continue;
    it(`prints what it says under ${section}`, async () => {
      expect(await run(code)).toEqual([...code.matchAll(/\/\/=> (.*)$/gm)].map(([, output]) => output));
    });
  }
});
