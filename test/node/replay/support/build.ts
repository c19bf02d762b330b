// Builders for the tests of a replay: policies as an operator writes them, and lines of a log.

import { parse } from "smol-toml";
import { type Candidate, Replay } from "../../../../scripts/replay/replay.ts";
import type { Report } from "../../../../scripts/replay/report.ts";
import { parsePolicy } from "../../../../src/policy/parse.ts";
import { compileRules } from "../../../../src/policy/rules.ts";

/** How the tests read a log: the ids of keys are the keys. */
export const terms = { keyField: ["key"], idOf: (key: string) => key };

/** A policy from the text of its variables. */
export function candidate(vars: string, config = "policy.toml"): Candidate {
  const parsed = parsePolicy(parse(vars));
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
  return { config, rules: compileRules(parsed.policy) };
}

/** A line of a log: key `a` asks for `/x` in the first minute of 2026-06-15, and gets a 200. */
export function line(second: number, fields: Readonly<Record<string, unknown>> = {}): string {
  const time = new Date(Date.UTC(2026, 5, 15) + second * 1_000).toISOString();
  return JSON.stringify({
    time,
    method: "GET",
    path: "/x",
    key: "a",
    ip: "203.0.113.1",
    status: 200,
    ...fields,
  });
}

/** The report of a replay of these lines. */
export function replayed(lines: readonly string[], policy: Candidate, against?: Candidate): Report {
  const replay = new Replay(terms, policy, against);
  replay.open("access.ndjson");
  for (const one of lines) replay.line(one);
  return replay.report();
}
