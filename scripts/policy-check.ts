// Checks the policy of a wrangler.toml: prints every problem (exit 1), or the policy as weir understands it, with
// warnings (exit 0).
//
//   npm run policy:check -- [wrangler.toml] [--env <name>]

import { parseArgs } from "node:util";
import { describePolicy, warnings } from "../src/policy/describe.ts";
import { parsePolicy } from "../src/policy/parse.ts";
import { renderProblem } from "../src/policy/problems.ts";
import { orUnusable, readVariables, runTool } from "./config.ts";

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

await runTool(() => {
  const options = { env: { type: "string", short: "e" } } as const;
  const { values, positionals } = orUnusable(() => parseArgs({ options, allowPositionals: true }));
  process.exitCode = check(readVariables(positionals[0] ?? "wrangler.toml", values.env)) ? 0 : 1;
});
