// Weir in a workerd of its own, built as it is deployed, for tests that need a process. Judges nothing.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle, startWorkerd } from "../../scripts/workerd.ts";

/** Weir under one policy or several, each a service by its name. */
export interface Served {
  /** Base URL of a service, without a trailing slash. */
  urlOf(name: string): string;
  stop(): Promise<void>;
}

/** The code of an origin that answers whatever passes. */
const PASSED = 'export default { fetch: () => new Response("passed") };';

/**
 * Serves weir.
 *
 * @param policies the variables of each service; one that names an `ORIGIN` stands in front of that.
 * @param origin the code of the Worker that all others stand in front of.
 */
export async function serveWeir(
  policies: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  origin = PASSED,
): Promise<Served> {
  const directory = await mkdtemp(join(tmpdir(), "weir-served-"));
  const code = await bundle("wrangler.toml");
  const workerd = await startWorkerd({
    directory,
    services: [
      ...Object.entries(policies).map(([name, vars]) => ({
        name,
        code,
        vars: { KEY_HASH_SECRET: "for-tests-only", ...vars },
        objects: { LIMITER: "Limiter", IP_GUARD: "IpGuard", DIRECTORY: "Directory" },
        services: "ORIGIN" in vars ? {} : { ORIGIN_SERVICE: "origin" },
      })),
      { name: "origin", code: origin },
    ],
  });
  return {
    urlOf: (name) => workerd.urlOf(name),
    async stop() {
      await workerd.kill("SIGKILL");
      await rm(directory, { recursive: true });
    },
  };
}
