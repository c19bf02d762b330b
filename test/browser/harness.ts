// What browser tests need: weir served on a real URL in front of the demo origin, and a Chromium that tells of every error
// and of every request that leaves weir. Judges nothing.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { AxeResults } from "axe-core";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { createTestHarness } from "wrangler";

/** Debian's; `.ci/run` installs it. */
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
/** Without what it would ask the network for by itself; without a sandbox, as tests may run as root. */
const ARGS = [
  "--no-sandbox",
  "--disable-background-networking",
  "--disable-quic",
  "--no-first-run",
  "--disable-component-update",
  "--disable-sync",
];

/** The secret of the operator in the tests' policies. */
export const ADMIN_TOKEN = "the-operator's-own";

const root = fileURLToPath(new URL("../..", import.meta.url));
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** weir, served. */
export interface Served {
  readonly url: URL;
  /** Asks as a client does. */
  ask(
    path: string,
    init?: RequestInit & { readonly key?: string; readonly address?: string },
  ): Promise<Response>;
  /** Calls the operator's API: `operate("PUT /keys", { … })`. @throws where it refuses. */
  operate<Answer = unknown>(call: string, body?: unknown): Promise<Answer>;
  /** Changes what the Directory stores, as if it had always been so. */
  rewrite(statements: readonly (readonly [sql: string, ...values: (string | number)[]])[]): Promise<void>;
  close(): Promise<void>;
}

/** Serves weir under a policy, on a free port. @param configPath relative to the project's root. */
export async function serve(configPath = "test/browser/wrangler.toml"): Promise<Served> {
  const server = createTestHarness({
    root,
    workers: [
      { configPath, secrets: { KEY_HASH_SECRET: "for-tests-only" } },
      { configPath: "demo/wrangler.toml" },
    ],
  });
  const { url } = await server.listen();
  // The name, not the address: browsers take cookies that are `Secure` from it, although it has no certificate.
  url.hostname = "localhost";
  const ask: Served["ask"] = (path, { key, address, ...init } = {}) => {
    const headers = new Headers(init.headers);
    if (key !== undefined) headers.set("x-api-key", key);
    if (address !== undefined) headers.set("cf-connecting-ip", address);
    return fetch(new URL(path, url), { redirect: "manual", ...init, headers });
  };
  return {
    url,
    ask,
    async operate<Answer>(call: string, body?: unknown) {
      const [method = "", path = ""] = call.split(" ");
      const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" };
      const sent = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
      const answer = await ask(`/_weir${path}`, sent);
      if (!answer.ok) throw new Error(`${call}: ${answer.status} ${await answer.text()}`);
      return (await answer.json()) as Answer;
    },
    async rewrite(statements) {
      const worker = server.getWorker();
      const directory = { name: "directory" };
      const storage = await worker.getDurableObjectStorage("Directory", directory);
      for (const [sql, ...values] of statements) await storage.exec(sql, ...values);
      await worker.evictDurableObject("Directory", directory);
    },
    close: () => server.close(),
  };
}

/** Starts the browser. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ARGS });
}

/** A page, and what went wrong on it so far. */
export interface Watched {
  readonly page: Page;
  /** Errors that the page logged or threw, a line each. Empty where all is well. */
  readonly errors: string[];
  /** Requests to anywhere but weir. */
  readonly strays: string[];
  /** Bytes that came over the wire, by URL; those from the cache are not among them. */
  readonly transferred: ReadonlyMap<string, number>;
}

/** Opens a page in a context of its own. */
export async function openPage(
  browser: Browser,
  { url }: Served,
  options: BrowserContextOptions = {},
): Promise<Watched> {
  const context = await browser.newContext({ baseURL: url.href, ...options });
  const page = await context.newPage();
  const errors: string[] = [];
  const strays: string[] = [];
  const transferred = new Map<string, number>();
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("request", (request) => {
    const asked = new URL(request.url());
    if (asked.origin !== url.origin && asked.protocol !== "data:") strays.push(request.url());
  });
  page.on("requestfinished", async (request) => {
    const { responseBodySize, responseHeadersSize } = await request.sizes();
    transferred.set(request.url(), responseBodySize + responseHeadersSize);
  });
  return { page, errors, strays, transferred };
}

/** What axe-core finds serious or critical, a line each: the rule, and where. */
export async function seriousFindings(page: Page): Promise<string[]> {
  // Evaluated by the debugger, which the page's policy has no say in.
  await page.evaluate(axe);
  const { violations } = await page.evaluate<AxeResults>("axe.run()");
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`),
    );
}
