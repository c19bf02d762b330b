// Runs what is measured: every line as a service of one plain workerd, its objects on disk, before an origin that is a
// process of its own.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Miniflare } from "miniflare";
import { type Service, startWorkerd } from "../scripts/workerd.ts";
import { type Built, buildModule } from "./build.ts";
import { ADMIN_TOKEN, type Code, type Line } from "./lines.ts";

/** Lines that answer. */
export interface Served {
  urlOf(name: string): string;
  stop(): Promise<void>;
}

/** How a line becomes a service. */
export type Wrap = (built: Built) => Pick<Service, "code" | "modules">;

/** Serves lines by their names. */
export async function serve(
  lines: Readonly<Record<string, Line>>,
  built: ReadonlyMap<Code, Built>,
  wrap: Wrap = asItIs,
): Promise<Served> {
  const directory = await mkdtemp(join(tmpdir(), "weir-bench-"));
  const code = await buildModule("workers/origin.ts");
  const origin = await startWorkerd({
    directory: join(directory, "origin"),
    services: [{ name: "origin", code }],
  });
  const ORIGIN = origin.urlOf("origin");

  const services: Service[] = [];
  const simulated = new Map<string, Miniflare>();
  for (const [name, line] of Object.entries(lines)) {
    if (line.code === "binding") simulated.set(name, simulate(builtOf(built, line.code).code, { ORIGIN }));
    else services.push(serviceOf(name, { ...line, vars: { ...line.vars, ORIGIN } }, built, wrap));
  }
  const workerd = await startWorkerd({ directory: join(directory, "lines"), services });
  const urls = new Map<string, string>();
  for (const [name, miniflare] of simulated) urls.set(name, (await miniflare.unsafeGetDirectURL()).origin);
  const urlOf = (name: string) => urls.get(name) ?? workerd.urlOf(name);
  for (const [name, { accountKeys = [] }] of Object.entries(lines)) {
    for (const key of accountKeys) await register(urlOf(name), key);
  }

  return {
    urlOf,
    async stop() {
      await Promise.all([
        workerd.kill(),
        origin.kill(),
        ...[...simulated.values()].map((one) => one.dispose()),
      ]);
      await rm(directory, { recursive: true });
    },
  };
}

/** A line as a service. */
export function serviceOf(
  name: string,
  { code, vars }: Line,
  built: ReadonlyMap<Code, Built>,
  wrap: Wrap = asItIs,
): Service {
  const one = builtOf(built, code);
  return { name, ...wrap(one), objects: one.objects, vars: { KEY_HASH_SECRET: "for the bench", ...vars } };
}

function asItIs({ code }: Built): ReturnType<Wrap> {
  return { code };
}

/** Registers a key to the account, as an operator would. */
async function register(url: string, key: string): Promise<void> {
  const answer = await fetch(`${url}/_weir/keys`, {
    method: "PUT",
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" },
    body: JSON.stringify({ key, account: "acme" }),
  });
  if (!answer.ok) throw new Error(`${key} was not registered: ${answer.status} ${await answer.text()}`);
}

function builtOf(built: ReadonlyMap<Code, Built>, code: Code): Built {
  const one = built.get(code);
  if (one === undefined) throw new Error(`${code} was not built`);
  return one;
}

/** Cloudflare's binding exists only in its simulation, and that only in Miniflare; its proxy is left out of the way. */
function simulate(code: string, vars: Readonly<Record<string, string>>): Miniflare {
  const text = Object.entries(vars).map(([name, value]) => [name, { type: "text" as const, value }]);
  return new Miniflare({
    workers: [
      {
        config: {
          name: "binding",
          compatibilityDate: "2026-10-01",
          manifest: { mainModule: "worker.js", modules: { "worker.js": { type: "esm", contents: code } } },
          env: {
            ...Object.fromEntries(text),
            LIMITER: { type: "rate-limit", namespace: "1", simple: { limit: 1_000_000_000, period: 60 } },
          },
        },
        dev: { unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }] },
      },
    ],
  });
}
