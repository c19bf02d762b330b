// `npm run simulate`: weir's own code in many isolates, some milliseconds away from its objects, for a minute of simulated
// time: is it exact, is anyone refused too early, and how many calls and rows does it take? And what does a steady load
// cost? The same every time.

import { seeded } from "./random.ts";
import { Clock } from "./simulate/clock.ts";
import { untilNext } from "./simulate/random.ts";
import { countSteady, LOADS } from "./simulate/steady.ts";
import { World } from "./simulate/world.ts";

interface Scenario {
  readonly name: string;
  readonly limit: { readonly per: "key" | "account"; readonly size: number };
  readonly keys: number;
  readonly isolates: number;
  readonly roundTripMs: number;
  readonly requestsPerSecond: number;
}

const MINUTE_MS = 60_000;
const key = { name: "one key", limit: { per: "key", size: 1_000 }, keys: 1, requestsPerSecond: 50 } as const;
const account = {
  name: "20 keys of an account",
  limit: { per: "account", size: 5_000 },
  keys: 20,
  requestsPerSecond: 150,
} as const;

const scenarios: Scenario[] = [key, account].flatMap((what) =>
  [1, 10, 50].flatMap((isolates) => [5, 50, 150].map((roundTripMs) => ({ ...what, isolates, roundTripMs }))),
);

const clock = new Clock();
clock.install();
const rows = [];
for (const [seed, scenario] of scenarios.entries()) rows.push(await run(scenario, seed));
print(rows);
console.log(
  "never given: requests refused although the window still had room for them, by the end of its minute.",
);
const steady = [];
for (const load of Object.values(LOADS)) {
  const { admitted, calls, rows, alarms } = await countSteady(clock, load);
  steady.push({ "per 1,000, steady": load.title, admitted, calls, rows, alarms });
}
print(steady);

function print(table: readonly object[]): void {
  // biome-ignore lint/suspicious/noConsole: the table is what it is for
  console.table(table);
}

async function run(scenario: Scenario, seed: number) {
  const { name, limit, isolates, roundTripMs, requestsPerSecond } = scenario;
  const vars = {
    LIMITS: [{ name: "all", match: "/*", per: limit.per, windows: [`${limit.size}/minute`] }],
    NEW_KEYS: "any",
  };
  const world = await World.of(clock, vars, isolates, roundTripMs);
  const keys = Array.from({ length: scenario.keys }, (_, index) => `key-${seed}-${index}`);
  if (limit.per === "account") {
    const enrolled = world.enrol(`account-${seed}`, keys);
    await clock.run(clock.nowMs + MINUTE_MS);
    await enrolled;
  }
  const startAt = Math.ceil(clock.nowMs / MINUTE_MS) * MINUTE_MS;
  Object.assign(world.tally, { calls: 0, between: 0, rows: 0, alarms: 0 });
  const random = seeded(seed + 1);
  let offered = 0;
  let admitted = 0;
  // Those sent in the minute's last moments would be counted in the next.
  const endAt = startAt + MINUTE_MS - 2 * roundTripMs - 1_000;
  for (let at = startAt + roundTripMs; at < endAt; at += untilNext(random, 1_000 / requestsPerSecond)) {
    offered++;
    const isolate = Math.floor(random() * isolates);
    const sender = keys[Math.floor(random() * keys.length)] ?? "";
    clock.at(at, () => void world.send(isolate, sender).then((passed) => (admitted += passed ? 1 : 0)));
  }
  await clock.run(startAt + MINUTE_MS - 1);
  const { tally } = world;
  const per1000 = (count: number) => Math.round((1_000 * count) / offered);
  await clock.run(startAt + 3 * MINUTE_MS);
  return {
    scenario: name,
    isolates,
    "round trip ms": roundTripMs,
    offered,
    limit: limit.size,
    admitted,
    "over-admitted": Math.max(0, admitted - limit.size),
    "never given": Math.max(0, Math.min(offered, limit.size) - admitted),
    "calls per 1,000": per1000(tally.calls),
    "object to object": per1000(tally.between),
    "rows per 1,000": per1000(tally.rows + tally.alarms),
  };
}
