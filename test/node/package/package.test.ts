// The package as others get it: packed, installed into an empty project, type-checked, and run under workerd.

import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { startWorkerd, type Workerd } from "../../../scripts/workerd.ts";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const run = promisify(execFile);
let project: string;
let tarball: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "weir-package-"));
  await run("npm", ["run", "build"]);
  const { stdout } = await run("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", project]);
  tarball = join(project, Object.values<{ filename: string }>(JSON.parse(stdout))[0]?.filename ?? "");
});

afterAll(() => rm(project, { recursive: true }));

describe("The package", () => {
  it("has sound exports, says publint", async () => {
    const { buffer } = new Uint8Array(await readFile(tarball));
    const { messages, pkg } = await publint({ pack: { tarball: buffer } });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  it("has types that agree with its code, says attw", async () => {
    const attw = "node_modules/@arethetypeswrong/cli/dist/index.js";
    const { stdout } = await run(process.execPath, [
      attw,
      tarball,
      "--profile",
      "esm-only",
      "--format",
      "json",
    ]);
    const { analysis } = JSON.parse(stdout);
    expect(analysis.types).toEqual({ kind: "included" });
    expect(Object.keys(analysis.entrypoints)).toEqual([".", "./client", "./client/cache"]);
  });
});

describe("A Worker of one's own", () => {
  let workerd: Workerd | undefined;
  let isOffline = false;

  beforeAll(async () => {
    await cp("test/node/package/project", project, { recursive: true });
    await writeFile(join(project, "package.json"), '{ "private": true, "type": "module" }');
    const { devDependencies } = JSON.parse(await readFile("package.json", "utf8"));
    const types = `@cloudflare/workers-types@${devDependencies["@cloudflare/workers-types"]}`;
    const quietly = ["--prefer-offline", "--no-audit", "--no-fund"];
    await run("npm", ["install", ...quietly, tarball, types], { cwd: project }).catch((error) => {
      isOffline = /ENOTCACHED|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH/.test(error.stderr);
      if (!isOffline) throw error;
    });
  });

  beforeEach(({ skip }) => skip(isOffline, "no package registry can be reached from here"));

  afterAll(() => workerd?.kill("SIGKILL"));

  it("type-checks, the package's types included", async () => {
    const { stdout } = await run("node_modules/.bin/tsc", ["-p", project]).catch((error) => error);
    expect(stdout).toBe("");
  });

  it("runs", async () => {
    const { outputFiles } = await build({
      entryPoints: [join(project, "worker.ts")],
      bundle: true,
      format: "esm",
      target: "es2024",
      external: ["cloudflare:*"],
      write: false,
    });
    workerd = await startWorkerd({
      directory: project,
      services: [
        {
          name: "app",
          code: outputFiles[0]?.text ?? "",
          vars: {
            KEY_HASH_SECRET: "for-tests-only",
            GREETING: "Hello",
            LIMITS: [{ name: "all", match: "/*", windows: ["3/day"], align: "first", charge: "success" }],
          },
          objects: { LIMITER: "Limiter", IP_GUARD: "IpGuard", DIRECTORY: "Directory" },
        },
      ],
    });
  });

  const ask = (path: string, key: string, init: RequestInit = {}) => {
    const headers = { ...init.headers, "x-api-key": key };
    return fetch(`${workerd?.urlOf("app")}${path}`, { ...init, headers });
  };

  it("meets in its handlers who asks, and not what clients say of it", async () => {
    const forged = { "x-weir-key-id": "forged", "x-weir-tier": "forged" };
    const answer = await ask("/hello", "someone", { headers: forged });
    expect(await answer.text()).toMatch(/^Hello, [\da-f]+, tier none$/);
  });

  it("has weir's limit headers on its answers, not its own", async () => {
    const { headers } = await ask("/hello", "headers");
    expect([headers.get("x-ratelimit-limit"), headers.get("x-ratelimit-remaining")]).toEqual(["3", "2"]);
    expect(headers.get("date")).not.toBeNull();
  });

  it("gets bodies whole", async () => {
    const answer = await ask("/echo", "bodies", { method: "POST", body: '{"said":"whole"}' });
    expect(await answer.json()).toEqual({ said: "whole" });
  });

  it("is asked no more once a limit is reached", async () => {
    const statuses: number[] = [];
    for (let asked = 0; asked < 4; asked++) statuses.push((await ask("/hello", "eager")).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
  });

  it("is not charged for where it fails, or has nothing there", async () => {
    const seen = [];
    for (const path of ["/faults", "/nowhere", "/hello"]) {
      const { status, headers } = await ask(path, "unlucky");
      seen.push([status, headers.get("x-ratelimit-remaining")]);
    }
    expect(seen).toEqual([
      [500, "3"],
      [404, "3"],
      [200, "2"],
    ]);
  });

  it("answers at weir's own paths, too", async () => {
    await ask("/hello", "curious");
    expect(await (await ask("/_weir/usage", "curious")).json()).toMatchObject({
      windows: [{ limit: "all", window: "day", used: 1, remaining: 2 }],
    });
  });

  it("can use weir/client", async () => {
    expect(await (await ask("/paced", "paced")).text()).toBe("1 RateLimitError");
  });
});
