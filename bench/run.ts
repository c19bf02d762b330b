// `npm run bench`: how fast weir is and what it costs, beside what it is compared with, in under five minutes.
// Writes results.json and results.svg beside this file. `-- --rounds 1 --ms 200` is a quick look; `--only hot` is one part.

import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { buildAll, buildModule } from "./build.ts";
import { chart } from "./chart.ts";
import { countScenario, wrapCounted } from "./counts.ts";
import { startDriver } from "./drive.ts";
import { goalsOf } from "./goals.ts";
import { COUNTED, TIMED, type TimedName } from "./lines.ts";
import { countTable, goalTable, sizeText, speedTable } from "./print.ts";
import { machine, type Results } from "./results.ts";
import { timeWorkload } from "./rounds.ts";
import { serve, serviceOf } from "./serve.ts";
import { measureSize } from "./size.ts";
import { SCENARIOS, WORKLOADS } from "./workloads.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "15" },
    ms: { type: "string", default: "200" },
    only: { type: "string" },
  },
});
const rounds = Number(values.rounds);
const forMs = Number(values.ms);
const isWanted = ({ id }: { readonly id: string }) => values.only === undefined || values.only === id;

const built = await buildAll([...Object.values(TIMED), ...Object.values(COUNTED)].map(({ code }) => code));
const driver = startDriver();

const fast = await serve(TIMED, built);
const timed: Results["timed"][number][] = [];
const warm = new Set<TimedName>();
for (const workload of WORKLOADS.filter(isWanted)) {
  const measured = await timeWorkload(workload, driver, fast.urlOf, warm, { rounds, forMs });
  timed.push(measured);
  console.log(speedTable(measured));
}
await fast.stop();

const exact = await serve(COUNTED, built, wrapCounted(await buildModule("workers/counted.ts")));
const counted: Results["counted"][number][] = [];
for (const scenario of SCENARIOS.filter(isWanted)) {
  const measured = await countScenario(scenario, driver, exact.urlOf);
  counted.push(measured);
  console.log(countTable(measured));
}
await exact.stop();
driver.stop();

if (values.only === undefined) {
  const requestPath = await buildModule("workers/request-path.ts");
  const empty = serviceOf("empty", TIMED["static 429"], built);
  const size = await measureSize(serviceOf("weir", TIMED.weir, built), requestPath, empty);
  const results: Results = { machine: machine(), rounds, roundMs: forMs, timed, counted, size };
  const goals = goalsOf(results);
  console.log(`${sizeText(size)}\n${goalTable(goals)}`);
  await write("results.json", `${JSON.stringify({ ...results, goals }, null, 2)}\n`);
  await write("results.svg", chart(results));
}

function write(file: string, text: string): Promise<void> {
  return writeFile(new URL(file, import.meta.url), text);
}
