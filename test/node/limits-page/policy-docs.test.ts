// npm run policy:docs, as one runs it.

import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";
import { limitsPage } from "../../../src/limits-page/build.ts";
import { markdown } from "../../../src/limits-page/markdown.ts";
import { parsePolicy } from "../../../src/policy/parse.ts";

const EXAMPLE = "examples/uberduck.toml";

async function policyDocs(...args: string[]) {
  return promisify(execFile)(process.execPath, ["scripts/policy-docs.ts", ...args]);
}

function pageOf(file: string, url: string): string {
  const parsed = parsePolicy(parse(readFileSync(file, "utf8")).vars as Record<string, unknown>);
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
  return markdown(limitsPage(parsed.policy, url));
}

describe("npm run policy:docs", () => {
  it("writes the page of a wrangler.toml, and nothing else", async () => {
    const { stdout, stderr } = await policyDocs(EXAMPLE);
    expect([stdout, stderr]).toEqual([pageOf(EXAMPLE, "https://api.example.com"), ""]);
  });

  it("writes code to copy for the API's own address", async () => {
    const { stdout } = await policyDocs(EXAMPLE, "--url", "https://api.uberduck.example");
    expect(stdout).toBe(pageOf(EXAMPLE, "https://api.uberduck.example"));
  });

  it.each([
    [["nowhere.toml"], "nowhere.toml"],
    [[EXAMPLE, "--env", "staging"], "there is no [env.staging]"],
    [[EXAMPLE, "--url", "api"], "--url: expected a URL such as https://api.example.com, got api"],
    [["demo/wrangler.toml"], "LIMITS: is required"],
  ])("says in a line why it cannot (%j)", async (args, words) => {
    const failure = await policyDocs(...args).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(words) });
  });
});
