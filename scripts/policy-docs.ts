// Writes the limits page of a wrangler.toml as Markdown to standard output: the same that GET /_weir/docs shows.
//
//   npm run --silent policy:docs -- [wrangler.toml] [--env <name>] [--url https://api.example.com] > limits.md

import { parseArgs } from "node:util";
import { limitsPage } from "../src/limits-page/build.ts";
import { markdown } from "../src/limits-page/markdown.ts";
import { parsePolicy } from "../src/policy/parse.ts";
import { renderProblem } from "../src/policy/problems.ts";
import { orUnusable, readVariables, runTool, Unusable } from "./config.ts";

/** A name that is nobody's (RFC 2606). The policy knows the origin, which callers need not. */
const SOME_API = "https://api.example.com";

await runTool(() => {
  const options = { env: { type: "string", short: "e" }, url: { type: "string" } } as const;
  const { values, positionals } = orUnusable(() => parseArgs({ options, allowPositionals: true }));
  const { env, url = SOME_API } = values;
  if (!URL.canParse(url)) throw new Unusable(`--url: expected a URL such as ${SOME_API}, got ${url}`);
  const parsed = parsePolicy(readVariables(positionals[0] ?? "wrangler.toml", env));
  if ("problems" in parsed) throw new Unusable(parsed.problems.map(renderProblem).join("\n"));
  process.stdout.write(markdown(limitsPage(parsed.policy, url)));
});
