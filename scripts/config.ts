// The variables of a wrangler.toml, for the tools that read a policy from one. Judges no policy.

import { readFileSync } from "node:fs";
import { parse, type TomlTable } from "smol-toml";
import { isTable } from "../src/policy/shapes.ts";

/** Why a tool cannot do what it was asked; told in one line, without a stack. */
export class Unusable extends Error {}

/**
 * The variables of a wrangler.toml, or of one of its environments, with its service bindings beside them.
 *
 * @throws Unusable
 */
export function readVariables(file: string, env: string | undefined): Record<string, unknown> {
  return environmentOf(
    orUnusable(() => parse(readFileSync(file, "utf8"))),
    env,
  );
}

/** What `make` makes. @throws Unusable with one line on why it could not. */
export function orUnusable<Made>(make: () => Made): Made {
  try {
    return make();
  } catch (error) {
    throw new Unusable(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** Runs a tool. Where it cannot be used, says so in one line and sets the exit code to 1. */
export async function runTool(tool: () => void | Promise<void>): Promise<void> {
  try {
    await tool();
  } catch (error) {
    if (!(error instanceof Unusable)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

function environmentOf(config: TomlTable, env: string | undefined): Record<string, unknown> {
  const environments: unknown = config.env;
  const section: unknown = env === undefined ? config : isTable(environments) ? environments[env] : undefined;
  if (!isTable(section)) throw new Unusable(`there is no [env.${env}]`);
  const { services, vars = {} } = section;
  if (!isTable(vars)) throw new Unusable("vars: expected a table");
  const bindings = Array.isArray(services) ? services.filter(isTable) : [];
  return { ...Object.fromEntries(bindings.map((service) => [service.binding, service])), ...vars };
}
