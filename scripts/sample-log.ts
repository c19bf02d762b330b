// Writes a log for a replay to standard output: clients as they are met, the same for the same seed.
//
//   npm run -s sample-log -- --lines 100000 --seed 1 > access.ndjson

import { once } from "node:events";
import { parseArgs } from "node:util";
import { orUnusable, runTool, Unusable } from "./config.ts";
import { sampleLines } from "./replay/sample.ts";

/** Characters written at once. */
const CHUNK = 262_144;

await runTool(async () => {
  const options = {
    lines: { type: "string", default: "100000" },
    seed: { type: "string", default: "1" },
  } as const;
  const { values } = orUnusable(() => parseArgs({ options }));
  let chunk = "";
  for (const line of sampleLines(wholeOf("lines", values.lines), wholeOf("seed", values.seed))) {
    chunk += `${line}\n`;
    if (chunk.length < CHUNK) continue;
    if (!process.stdout.write(chunk)) await once(process.stdout, "drain");
    chunk = "";
  }
  process.stdout.write(chunk);
});

function wholeOf(name: string, value: string): number {
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw new Unusable(`--${name}: expected a whole number up to 9 digits, got ${JSON.stringify(value)}`);
}
