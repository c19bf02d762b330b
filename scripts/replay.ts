// Replays a log through a policy: who would have been refused, when, by which window, and how much head-room the others had.
//
//   npm run replay -- --config examples/uphunt.toml [--against other.toml] [--env <name>] [--key-field <path>]
//                     [--json <file>] [--html <file>] <log>...
//
// A log is NDJSON, gzip or not; `-` is standard input. docs/replay.md says the rest.

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { parsePolicy } from "../src/policy/parse.ts";
import { renderProblem } from "../src/policy/problems.ts";
import { compileRules } from "../src/policy/rules.ts";
import { orUnusable, readVariables, runTool, Unusable } from "./config.ts";
import { keyIds } from "./replay/keys.ts";
import { linesOf, sizeOf } from "./replay/lines.ts";
import { renderPage } from "./replay/page.ts";
import { Progress } from "./replay/progress.ts";
import { type Candidate, Replay } from "./replay/replay.ts";
import { renderTable } from "./replay/table.ts";

const OPTIONS = {
  config: { type: "string", default: "wrangler.toml" },
  against: { type: "string" },
  env: { type: "string", short: "e" },
  "key-field": { type: "string", default: "key" },
  json: { type: "string" },
  html: { type: "string" },
} as const;

await runTool(async () => {
  const { values, positionals: logs } = orUnusable(() =>
    parseArgs({ options: OPTIONS, allowPositionals: true }),
  );
  if (logs.length === 0) throw new Unusable('expected a log to replay, or "-" for standard input');
  const policy = candidateOf(values.config, values.env);
  const against = values.against === undefined ? undefined : candidateOf(values.against, values.env);
  const idOf = keyIds(process.env.KEY_HASH_SECRET ?? "");
  const replay = new Replay({ keyField: values["key-field"].split("."), idOf }, policy, against);

  const progress = new Progress(sizeOf(logs));
  for (const log of logs) {
    replay.open(log);
    for await (const lines of linesOf(log, (bytes) => progress.read(bytes))) {
      for (const line of lines) replay.line(line);
      progress.show(replay.log.lines);
    }
  }
  progress.end();

  const report = replay.report();
  if (report.log.requests === 0)
    throw new Unusable(`nothing to replay: ${emptiness(report.log.malformedLines)}`);
  if (values.json !== "-") console.log(renderTable(report));
  if (values.json !== undefined) write(values.json, `${JSON.stringify(report, null, 2)}\n`);
  if (values.html !== undefined) write(values.html, await renderPage(report));
});

/** The policy of a wrangler.toml, taken as enforced: what it would refuse is what is asked. */
function candidateOf(config: string, env: string | undefined): Candidate {
  const parsed = parsePolicy(readVariables(config, env));
  if ("policy" in parsed) return { config, rules: compileRules({ ...parsed.policy, enforce: true }) };
  throw new Unusable(parsed.problems.map((problem) => `${config}: ${renderProblem(problem)}`).join("\n"));
}

function emptiness(malformedLines: readonly string[]): string {
  return malformedLines.length === 0
    ? "no line has a request"
    : `no line is sound\n${malformedLines.join("\n")}`;
}

function write(file: string, text: string): void {
  if (file === "-") process.stdout.write(text);
  else orUnusable(() => writeFileSync(file, text));
}
