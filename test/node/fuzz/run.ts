// `npm run test:fuzz [-- --requests 20000 --seed 1]`: hostile requests against the real Worker. With `--only 17`, that one
// alone, and what it is.

import { parseArgs } from "node:util";
import { fuzz } from "./fuzz.ts";
import { hostile } from "./hostile.ts";

const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "20000" },
    seed: { type: "string", default: String(Date.now() % 1e6) },
    only: { type: "string" },
  },
});
const seed = Number(values.seed);
console.log(`seed ${seed}`);
if (values.only !== undefined) {
  const { head, body } = hostile(seed, Number(values.only));
  console.log(JSON.stringify({ head, body: body.toString("latin1") }, null, 2));
}
const [from, to] =
  values.only === undefined ? [0, Number(values.requests)] : [Number(values.only), Number(values.only) + 1];
const { requests, passed, objects, statuses, faults } = await fuzz(seed, from, to);
console.log(`requests ${requests}, passed ${passed}, objects stored ${objects}`);
console.log(
  [...statuses]
    .map(([status, count]) => `${status}: ${count}`)
    .sort()
    .join(", "),
);
for (const fault of faults) console.error(`FAILED ${fault}`);
process.exitCode = faults.length === 0 ? 0 : 1;
