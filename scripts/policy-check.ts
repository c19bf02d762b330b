// Checks the policy of a wrangler.toml: prints every problem (exit 1), or the policy as weir understands it, with
// warnings (exit 0).
//
//   npm run policy:check -- [wrangler.toml] [--env <name>]

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { parse, type TomlTable } from "smol-toml";
import { describePolicy, warnings } from "../src/policy/describe.ts";
import { parsePolicy } from "../src/policy/parse.ts";
import { renderProblem } from "../src/policy/problems.ts";
import { isTable } from "../src/policy/shapes.ts";

/** Why there is no policy to check; told in one line, without a stack. */
class Unusable extends Error {}

/** The variables of a wrangler.toml, or of one of its environments, with its service bindings beside them. */
function environmentOf(config: TomlTable, env: string | undefined): Record<string, unknown> {
  const environments: unknown = config.env;
  const section: unknown = env === undefined ? config : isTable(environments) ? environments[env] : undefined;
  if (!isTable(section)) throw new Unusable(`there is no [env.${env}]`);
  const { services, vars = {} } = section;
  if (!isTable(vars)) throw new Unusable("vars: expected a table");
  const bindings = Array.isArray(services) ? services.filter(isTable) : [];
  return { ...Object.fromEntries(bindings.map((service) => [service.binding, service])), ...vars };
}

/** True where the policy is sound. */
function check(vars: Readonly<Record<string, unknown>>): boolean {
  const parsed = parsePolicy(vars);
  if ("problems" in parsed) {
    for (const problem of parsed.problems) console.error(renderProblem(problem));
    return false;
  }
  console.log(describePolicy(parsed.policy));
  for (const warning of warnings(parsed.policy, vars)) console.log(`warning: ${warning}`);
  return true;
}

/** What `make` makes, or one line on why it could not. */
function orUnusable<Made>(make: () => Made): Made {
  try {
    return make();
  } catch (error) {
    throw new Unusable(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

try {
  const options = { env: { type: "string", short: "e" } } as const;
  const { values, positionals } = orUnusable(() => parseArgs({ options, allowPositionals: true }));
  const config = orUnusable(() => parse(readFileSync(positionals[0] ?? "wrangler.toml", "utf8")));
  process.exitCode = check(environmentOf(config, values.env)) ? 0 : 1;
} catch (error) {
  if (!(error instanceof Unusable)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
