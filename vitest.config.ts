// Tests by where they run: the core in Node; the Worker in workerd, one project for each policy it is tested under, with
// the demo origin as everything outside.

import { globSync } from "node:fs";
import { basename } from "node:path";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import demoOrigin from "./demo/origin.ts";

/** The tests of a policy are in the file of the same name, or the folder. */
const policies = [...globSync("examples/*.toml"), ...globSync("test/policies/*.toml")];

const core = { test: { name: "core", include: ["test/core/**/*.test.ts"], environment: "node" as const } };

const workers = policies.map((configPath) => {
  const name = basename(configPath, ".toml");
  return {
    plugins: [
      cloudflareTest({
        wrangler: { configPath },
        miniflare: {
          bindings: { KEY_HASH_SECRET: "for-tests-only" },
          // biome-ignore lint/suspicious/noExplicitAny: miniflare's and the platform's Request are two types of one thing
          outboundService: (request) => demoOrigin.fetch(request as any) as any,
        },
      }),
    ],
    test: { name, include: [`test/worker/${name}.test.ts`, `test/worker/${name}/**/*.test.ts`] },
  };
});

export default defineConfig({ test: { projects: [core, ...workers] } });
