// Every snippet of the limits page, run as it stands there: against the real Worker, by the real language, with a key
// whose limit is full when it first asks.

import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { limitsPage } from "../../../src/limits-page/build.ts";
import type { Code } from "../../../src/limits-page/page.ts";
import { parsePolicy } from "../../../src/policy/parse.ts";
import { type Served, serveWeir } from "../serving.ts";

const run = promisify(execFile);

const SIZE = 2;

/** Policies that put the key wherever it may be, under names that need quoting, and one that is only written to. */
const POLICIES = {
  header: { KEY_FROM: ["header:x-api-key"], LIMITS: limitOn("GET /jobs/:id") },
  "strange-header": { KEY_FROM: ["header:x-$'`|&!key"], LIMITS: limitOn("/it's/$(here)&there/*") },
  bearer: { KEY_FROM: ["bearer"], LIMITS: limitOn("/*") },
  query: { KEY_FROM: ["query:api-key"], LIMITS: limitOn("/*") },
  cookie: { KEY_FROM: ["cookie:session"], LIMITS: limitOn("POST /apply") },
};
type Name = keyof typeof POLICIES;
const names = Object.keys(POLICIES) as Name[];

/** Its windows begin with the first request, so that no end of one comes in between. */
function limitOn(match: string) {
  return [{ name: "few", match, windows: [`${SIZE}/3 seconds`], align: "first" }];
}

/** What runs each language, and what has to be there for it. */
const RUNNERS = {
  sh: { program: "sh", needs: "curl", extension: "sh" },
  js: { program: process.execPath, needs: process.execPath, extension: "mjs" },
  python: { program: "python3", needs: "python3", extension: "py" },
  ruby: { program: "ruby", needs: "ruby", extension: "rb" },
} as const;
type Language = keyof typeof RUNNERS;
const languages = Object.keys(RUNNERS) as Language[];

interface Exchange {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly askedAt: number;
  readonly answeredAt: number;
}

let directory: string;
let served: Served;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "weir-snippets-"));
  served = await serveWeir(POLICIES);
}, 300_000);

afterAll(async () => {
  await served?.stop();
  await rm(directory, { recursive: true });
});

/** A door in front of weir. */
interface Door {
  readonly url: string;
  readonly exchanges: readonly Exchange[];
  close(): void;
}

/** Opens a door that fills the limit of whoever comes first, and notes every exchange. */
async function openDoor(name: Name): Promise<Door> {
  const weirUrl = served.urlOf(name);
  const exchanges: Exchange[] = [];
  const server = createServer(async ({ method = "GET", url = "/", rawHeaders }, answer) => {
    const asking = { method, headers: passedOn(rawHeaders) };
    if (exchanges.length === 0) {
      for (let spent = 0; spent < SIZE; spent += 1) await (await fetch(weirUrl + url, asking)).text();
    }
    const askedAt = performance.now();
    const answered = await fetch(weirUrl + url, asking);
    const body = await answered.text();
    const retryAfter = answered.headers.get("retry-after") ?? undefined;
    exchanges.push({ status: answered.status, retryAfter, askedAt, answeredAt: performance.now() });
    answer.writeHead(answered.status, retryAfter === undefined ? {} : { "retry-after": retryAfter });
    answer.end(body);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, exchanges, close: () => server.close() };
}

/** Headers in pairs, without those of the connection itself. */
function passedOn(raw: readonly string[]): [string, string][] {
  const pairs = raw.flatMap((name, index): [string, string][] =>
    index % 2 === 0 ? [[name, raw[index + 1] ?? ""]] : [],
  );
  return pairs.filter(([name]) => !/^(?:host|connection|accept-encoding|content-length)$/i.test(name));
}

/** The code to copy from a policy's page. */
function codesOf(name: Name, apiUrl: string): Code[] {
  const parsed = parsePolicy(POLICIES[name]);
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
  const { sections } = limitsPage(parsed.policy, apiUrl);
  return sections.flatMap(({ blocks }) => blocks.flatMap((block) => (block.kind === "code" ? [block] : [])));
}

/** Runs code with a key in its environment; what it printed. */
async function runSnippet({ language, code }: Code, key: string): Promise<string> {
  if (language === "http") throw new Error("expected code, got headers");
  const path = join(directory, `${key}.${RUNNERS[language].extension}`);
  await writeFile(path, code);
  const { stdout } = await run(RUNNERS[language].program, [path], { env: { ...process.env, API_KEY: key } });
  return stdout;
}

async function isMissing(program: string): Promise<boolean> {
  return run(program, ["--version"]).then(
    () => false,
    () => true,
  );
}

const missing: Language[] = [];
for (const language of languages) if (await isMissing(RUNNERS[language].needs)) missing.push(language);
if (missing.length > 0) console.warn(`No snippet is run in ${missing.join(", ")}: the language is not here.`);

describe("a snippet of the limits page", () => {
  const cases = languages.flatMap((language) => names.map((name) => [language, name] as const));

  describe.concurrent("that backs off", () => {
    for (const [language, name] of cases) {
      it.skipIf(missing.includes(language))(
        `waits out a 429 in ${language}, with the key in a ${name}`,
        async ({ expect }) => {
          const door = await openDoor(name);
          const snippet = codesOf(name, door.url).find((one) => one.language === language);
          if (snippet === undefined) throw new Error(`expected a snippet in ${language}`);
          const printed = await runSnippet(snippet, `key-of-${language}-${name}`);
          door.close();
          const [refused, passed, ...more] = door.exchanges;
          expect([refused?.status, passed?.status, more]).toEqual([429, 200, []]);
          expect(printed).toContain("passed");
          const waitedMs = (passed?.askedAt ?? 0) - (refused?.answeredAt ?? 0);
          expect(waitedMs).toBeGreaterThanOrEqual(Number(refused?.retryAfter) * 1_000);
        },
        60_000,
      );
    }
  });

  it.skipIf(missing.includes("sh")).each(names)(
    "shows one's usage by curl, with the key in a %s",
    async (name) => {
      const [, usage] = codesOf(name, served.urlOf(name)).filter(({ language }) => language === "sh");
      if (usage === undefined) throw new Error("expected a curl of the usage");
      const { windows } = JSON.parse(await runSnippet(usage, `key-of-usage-${name}`));
      expect(windows).toMatchObject([{ limit: "few", window: "3 seconds", size: SIZE }]);
    },
  );

  it("is on the page in every language, and nothing else is to be run", () => {
    const written = codesOf("header", "https://api.example.com").map(({ language }) => language);
    expect(written).toEqual(["http", "sh", "js", "python", "ruby", "sh"]);
  });
});
