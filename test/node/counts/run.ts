// Counts every steady load, as JSON. A process of its own: the simulation's clock takes the place of the runtime's.

import { Clock } from "../../../scripts/simulate/clock.ts";
import { countSteady, LOADS } from "../../../scripts/simulate/steady.ts";

const clock = new Clock();
clock.install();
const counted: [string, unknown][] = [];
for (const [name, load] of Object.entries(LOADS)) counted.push([name, await countSteady(clock, load)]);
process.stdout.write(JSON.stringify(Object.fromEntries(counted)));
