// Builds what is measured: weir as it is deployed, the others with the same settings.

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { parse } from "smol-toml";
import { bundle } from "../scripts/workerd.ts";
import type { Code } from "./lines.ts";

/** A built Worker. */
export interface Built {
  readonly code: string;
  /** Its object classes, by binding. */
  readonly objects: Readonly<Record<string, string>>;
}

const OBJECTS: Readonly<Partial<Record<Code, Built["objects"]>>> = {
  floor: { COUNTER: "Counter" },
  least: { COUNTER: "Counter" },
  "row-per-window": { COUNTS: "Counts" },
  "hono-rate-limiter": { CACHE: "DurableObjectRateLimiter" },
};

const here = fileURLToPath(new URL(".", import.meta.url));

/** Builds each of them. */
export async function buildAll(codes: Iterable<Code>): Promise<ReadonlyMap<Code, Built>> {
  const built = await Promise.all(
    [...new Set(codes)].map(async (code) => [code, await buildOne(code)] as const),
  );
  return new Map(built);
}

async function buildOne(code: Code): Promise<Built> {
  if (code === "weir") return { code: await bundle("wrangler.toml"), objects: await objectsOfWeir() };
  return { code: await buildModule(`workers/${code}.ts`), objects: OBJECTS[code] ?? {} };
}

/** Bundles a module, relative to this directory, with the settings of weir's own `wrangler.toml`. */
export async function buildModule(path: string): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: here,
    entryPoints: [path],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    loader: { ".html": "text", ".txt": "text" },
    external: ["cloudflare:*"],
    write: false,
  });
  const [output] = outputFiles;
  if (output === undefined) throw new Error(`${path}: nothing was built`);
  return output.text;
}

async function objectsOfWeir(): Promise<Built["objects"]> {
  const text = await readFile(`${here}../wrangler.toml`, "utf8");
  const config = parse(text) as { durable_objects: { bindings: { name: string; class_name: string }[] } };
  return Object.fromEntries(
    config.durable_objects.bindings.map(({ name, class_name }) => [name, class_name]),
  );
}
