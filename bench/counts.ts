// Counts what lines ask of the platform, and what that costs. By the deployed bundle, under a clock of its own, so that
// nothing here depends on how fast the machine is.

import { serialize } from "node:v8";
import type { Built } from "./build.ts";
import type { Driver } from "./drive.ts";
import type { CountedName } from "./lines.ts";
import { type Dollars, dollarsPerMillion } from "./prices.ts";
import type { Wrap } from "./serve.ts";
import type { Tally } from "./workers/tally.ts";
import type { Scenario } from "./workloads.ts";

/** What a line asked of the platform for 1,000 requests. */
export interface Counts {
  readonly calls: number;
  readonly rowsWritten: number;
  readonly rowsRead: number;
  /** Bytes of the calls' arguments and answers, as V8 serialises them. */
  readonly bytes: number;
  /** Setting one is a row, too. */
  readonly alarmsSet: number;
  /** Running one is billed as a call. */
  readonly alarmRuns: number;
}

/** A line's counts in a scenario. */
export interface Counted {
  readonly line: CountedName;
  readonly per1000: Counts;
  /** Of a million requests. */
  readonly dollars: Dollars;
}

/** What a scenario came to. */
export interface CountedScenario {
  readonly id: string;
  readonly title: string;
  readonly lines: readonly Counted[];
}

/** Long enough on the counted clock for a burst to be over. */
const REST_MS = 10_000;

/** Puts the counting module around a bundle. */
export function wrapCounted(counting: string): Wrap {
  return ({ code, objects }: Built) => {
    const classes = [...new Set(Object.values(objects))];
    const entry = `import * as worker from "worker-itself.js";
import { countedClass, countedHandler } from "counted.js";
export default countedHandler(worker.default);
${classes.map((name) => `export const ${name} = countedClass(worker.${name});\n`).join("")}`;
    return { code: entry, modules: { "worker-itself.js": code, "counted.js": counting } };
  };
}

/** Counts a scenario's lines. */
export async function countScenario(
  scenario: Scenario,
  { drive }: Driver,
  urlOf: (line: CountedName) => string,
): Promise<CountedScenario> {
  const { id, title, keys, connections, status = 200, warmUp = 0, requests, stepMs } = scenario;
  for (const line of scenario.lines) {
    const url = urlOf(line);
    const load = { url: `${url}/v1/things`, keys, connections, status };
    await read(`${url}/__hour`);
    await read(`${url}/__tally?ms=${stepMs}`);
    if (warmUp > 0) {
      // No pause follows it: what is counted goes on as it was.
      await drive({ ...load, warmUp, requests: 1 });
      await read(`${url}/__tally?ms=${stepMs}`);
    }
    await drive({ ...load, warmUp: 0, requests });
    // What is due by then is done before the next request of each key.
    await read(`${url}/__clock?ms=${REST_MS}`);
    await drive({ ...load, warmUp: 0, requests: connections });
  }
  const lines: Counted[] = [];
  for (const line of scenario.lines) {
    const per1000 = countsOf(JSON.parse(await read(`${urlOf(line)}/__tally`)));
    lines.push({ line, per1000, dollars: dollarsPerMillion(per1000, stepMs) });
  }
  return { id, title, lines };
}

async function read(url: string): Promise<string> {
  const answer = await fetch(url);
  return answer.text();
}

function countsOf({ requests, calls, rowsWritten, rowsRead, alarmsSet, alarmRuns, said }: Tally): Counts {
  const per1000 = (count: number) => (1000 * count) / requests;
  const bytes = said.reduce<number>((sum, one) => sum + serialize(one).byteLength, 0);
  return {
    calls: per1000(calls),
    rowsWritten: per1000(rowsWritten),
    rowsRead: per1000(rowsRead),
    bytes: per1000(bytes),
    alarmsSet: per1000(alarmsSet),
    alarmRuns: per1000(alarmRuns),
  };
}
