// Policies for the tests of the limits page.

import { parse } from "smol-toml";
import type { Policy } from "../../../src/core/policy.ts";
import { limitsPage } from "../../../src/limits-page/build.ts";
import { markdown } from "../../../src/limits-page/markdown.ts";
import { parsePolicy } from "../../../src/policy/parse.ts";

/** One limit on everything. */
export const EVERYTHING = { name: "all", match: "/*", windows: ["60/minute"] };

/** The policy of variables, which have to be sound. */
export function policyOf(vars: Readonly<Record<string, unknown>>): Policy {
  const parsed = parsePolicy({ LIMITS: [EVERYTHING], ...vars });
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.policy;
}

/** The page of variables as Markdown. */
export function pageOf(vars: Readonly<Record<string, unknown>>): string {
  return markdown(limitsPage(policyOf(vars), "https://api.example.com"));
}

/** The page of a wrangler.toml as Markdown. */
export function pageOfToml(toml: string): string {
  return pageOf(parse(toml).vars as Record<string, unknown>);
}

/** What stands below a heading, to the next of its kind. */
export function sectionOf(page: string, title: string): string {
  const [, below] = page.split(`\n## ${title}\n`);
  if (below === undefined) throw new Error(`expected a section "${title}"`);
  return below.split("\n## ")[0] ?? "";
}

/** Cells of every row of a page's tables. */
export function rowsOf(page: string): string[][] {
  return [...page.matchAll(/^\| (.*) \|$/gm)].map(([, row = ""]) => row.split(" | "));
}
