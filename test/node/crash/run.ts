// `npm run test:crash [-- --kills 25 --seed 1]`: workerd with objects on disk, under load, killed with SIGKILL at random
// moments and started again (case 40). In no window may more pass than its size, and a restart may cost one only its slack.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { seeded } from "../../../scripts/random.ts";
import { bundle, startWorkerd, type Workerd } from "../../../scripts/workerd.ts";
import { type Load, startLoad } from "./load.ts";
import { ACCOUNT_KEYS, type Kind, keyOf, kinds, nameOf, policy, type Subject } from "./scene.ts";
import { isPass, tallies } from "./verdict.ts";

const CLIENTS = 12;
/** A kill comes this long after a start, at the least and at the most, in milliseconds. */
const UP_MS = [100, 1_300] as const;
/** The longest window of `clock`, in milliseconds. */
const FRESH_EVERY_MS = 30_000;

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "25" },
    seed: { type: "string", default: String(Date.now() % 1e6) },
  },
});
const random = seeded(Number(values.seed));
const directory = await mkdtemp(join(tmpdir(), "weir-crash-"));
const code = await bundle("wrangler.toml");
const load = await startLoad(({ kind }) => kind.name === "success" && random() < 0.3);
const spent = new Map<Kind, number>();
const kills: number[] = [];
let workerd: Promise<Workerd> = start();
let isLoading = true;

console.log(`seed ${values.seed}`);
try {
  await register(0);
  const clients = Array.from({ length: CLIENTS }, client);
  while (kills.length < Number(values.kills)) {
    const running = await workerd;
    await sleep(UP_MS[0] + random() * (UP_MS[1] - UP_MS[0]));
    kills.push(Date.now());
    workerd = running.kill("SIGKILL").then(start);
  }
  const last = await workerd;
  isLoading = false;
  await Promise.all(clients);
  await spendTheRest(last);
  const fresh = await spendFreshWindows(last);
  await last.kill();
  process.exitCode = report(load, fresh) ? 0 : 1;
} finally {
  load.close();
  await (await workerd).kill("SIGKILL");
  await rm(directory, { recursive: true });
}

function start(): Promise<Workerd> {
  const vars = { ...policy, ORIGIN: load.originUrl };
  const objects = { LIMITER: "Limiter", IP_GUARD: "IpGuard", DIRECTORY: "Directory" };
  return startWorkerd({ directory, services: [{ name: "weir", code, vars, objects }] });
}

/** Asks without a break, for whichever subject; a new one takes the place of one that is refused. */
async function client(): Promise<void> {
  while (isLoading) {
    const kind = kinds[Math.floor(random() * kinds.length)] as Kind;
    const first = spent.get(kind) ?? 0;
    const subject = { kind, number: first + Math.floor(random() * kind.subjects) };
    const status = await load.ask((await workerd).urlOf("weir"), subject);
    if (status !== 429 || !kind.isSpent || first !== (spent.get(kind) ?? 0)) continue;
    if (kind.name === "account") await register(first + 1);
    spent.set(kind, first + 1);
  }
}

/** Makes keys of an account, however often that is cut off. */
async function register(number: number): Promise<void> {
  const kind = kinds.find(({ name }) => name === "account") as Kind;
  const account = { kind, number };
  for (let index = 0; index < ACCOUNT_KEYS; ) {
    const body = JSON.stringify({ key: keyOf(account, index), account: nameOf(account) });
    const headers = { authorization: `Bearer ${policy.ADMIN_TOKEN}`, "content-type": "application/json" };
    const url = `${(await workerd).urlOf("weir")}/_weir/keys`;
    const made = await fetch(url, { method: "PUT", headers, body }).catch(() => undefined);
    if (made?.ok) index += 1;
    else if (made !== undefined && made.status < 500) throw new Error(`PUT /keys answered ${made.status}`);
    await made?.arrayBuffer().catch(() => {});
  }
}

/** Asks for every subject until it has nothing left; what was held when it was left may have been given back since. */
async function spendTheRest(running: Workerd): Promise<void> {
  for (const kind of kinds.filter(({ isSpent }) => isSpent)) {
    for (let number = 0; number <= (spent.get(kind) ?? 0); number += 1)
      await spend(running, { kind, number });
  }
}

/** Asks until three refusals in a row, for a refund takes effect a moment after its answer. */
async function spend(running: Workerd, subject: Subject): Promise<void> {
  for (let refusals = 0; refusals < 3; ) {
    refusals = (await load.ask(running.urlOf("weir"), subject)) === 429 ? refusals + 1 : 0;
  }
}

/** How many pass of each subject whose windows go by the clock, once all of them have begun anew. */
async function spendFreshWindows(running: Workerd): Promise<number[]> {
  await sleep(FRESH_EVERY_MS - (Date.now() % FRESH_EVERY_MS));
  const kind = kinds[0] as Kind;
  const begun = load.asked.length;
  const subjects = Array.from({ length: kind.subjects }, (_, number) => ({ kind, number }));
  await Promise.all(subjects.map((subject) => spend(running, subject)));
  const asked = load.asked.slice(begun);
  return subjects.map(
    ({ number }) => asked.filter((one) => isPass(one) && one.subject.number === number).length,
  );
}

/** Prints what happened; true where all of it is as it must be. */
function report({ asked, unexplained }: Load, fresh: readonly number[]): boolean {
  const lost = asked.filter(({ answer }) => answer === undefined);
  const statuses = Map.groupBy(asked, ({ answer }) => answer?.status);
  const odd = [...statuses.keys()].filter((status) => ![undefined, 200, 429, 500].includes(status));
  const results = kinds.flatMap((kind) => tallies(kind, asked, kills));
  console.log(`kills ${kills.length}, requests ${asked.length}, admitted ${asked.filter(isPass).length}`);
  console.log(`answers lost ${lost.length}, of which ${lost.filter(isPass).length} had passed`);
  for (const { kind, size, windows, worst, missed } of results) {
    const short = missed === undefined ? "" : `, short by ${missed}`;
    console.log(`${kind}: ${windows} windows of ${size}, the worst admitted ${worst}${short}`);
  }
  const [{ size = 0 } = {}] = kinds;
  console.log(`a fresh window of ${size} admits ${fresh.join(", ")}`);
  const faults = [
    ...results
      .filter(({ worst, size }) => worst > size)
      .map(({ kind }) => `${kind}: more passed than its size`),
    ...results.filter(({ missed = 0 }) => missed > 0).map(({ kind }) => `${kind}: restarts cost it too much`),
    ...fresh.filter((passes) => passes !== size).map(() => "a fresh window is not whole"),
    ...odd.map((status) => `unexpected status ${status}`),
    ...(unexplained() > 0 ? [`${unexplained()} arrivals at the origin that nobody asked for`] : []),
  ];
  for (const fault of faults) console.error(`FAILED ${fault}`);
  return faults.length === 0;
}
