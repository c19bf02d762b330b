// Tests by where they run: the core in Node; the Worker in workerd, one project for each policy it is tested under, with
// the demo origin as everything outside; and from Node, what needs a workerd of its own.

import { globSync } from "node:fs";
import { basename } from "node:path";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { build } from "esbuild";
import { defineConfig } from "vitest/config";

/** The tests of a policy are in the file of the same name, or the folder. */
const policies = [...globSync("examples/*.toml"), ...globSync("test/policies/*.toml")];

const { outputFiles } = await build({
  entryPoints: ["demo/origin.ts"],
  bundle: true,
  format: "esm",
  write: false,
});
const demoOrigin = {
  name: "demo-origin",
  compatibilityDate: "2026-10-01",
  modules: outputFiles.map(({ text }) => ({ type: "ESModule" as const, path: "origin.js", contents: text })),
};

const node = { test: { name: "node", include: ["test/node/**/*.test.ts"], environment: "node" as const } };
const core = { test: { name: "core", include: ["test/core/**/*.test.ts"], environment: "node" as const } };

const workers = policies.map((configPath) => {
  const name = basename(configPath, ".toml");
  return {
    plugins: [
      cloudflareTest({
        wrangler: { configPath },
        miniflare: {
          // Promises of one request that another resolves do not work here, as they do in workerd (test/node).
          bindings: {
            KEY_HASH_SECRET: "for-tests-only",
            ADMIN_TOKEN: "the-operator's-own",
            SHARE_CALLS: false,
          },
          outboundService: demoOrigin.name,
          workers: [demoOrigin],
        },
      }),
    ],
    test: { name, include: [`test/worker/${name}.test.ts`, `test/worker/${name}/**/*.test.ts`] },
  };
});

export default defineConfig({ test: { projects: [core, node, ...workers] } });
