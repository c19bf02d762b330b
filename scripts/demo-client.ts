// `npm run demo:client`: 150 calls at once through weir/client, against weir at 60 a minute: no 429, and not a moment
// longer than they must take. Uses what `npm start` serves, or starts it for as long as it needs it.

import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { paceFetch } from "../src/client/index.ts";

const CALLS = 150;
const PER_MINUTE = 60;
const MINUTE_MS = 60_000;
const BAR_WIDTH = 40;
const url = "http://localhost:8787";

let server: ChildProcess | undefined;
process.once("SIGINT", () => end(130));

if (!(await isServed())) {
  console.log("Starting weir ...");
  server = await start();
}

// A key of its own: nothing of the minute or the day is used yet.
const headers = { "x-api-key": `demo-${randomUUID()}` };
const statuses: number[] = [];
let answered = 0;
const fetch = paceFetch({
  windows: [`${PER_MINUTE}/minute`],
  fetch: async (...args) => {
    state = "";
    const answer = await globalThis.fetch(...args);
    statuses.push(answer.status);
    return answer;
  },
});
let state = "";
fetch.on("waiting", ({ until }) => {
  state = `waits until ${until.toLocaleTimeString()}`;
  if (!process.stdout.isTTY) console.log(line());
});

console.log(`${CALLS} calls at once to ${url}, which lets ${PER_MINUTE} a minute pass.\n`);
const startedAt = Date.now();
const drawing = setInterval(draw, 100);
await Promise.all(Array.from({ length: CALLS }, (_, number) => call(number)));
const tookMs = Date.now() - startedAt;
clearInterval(drawing);
draw();

const refused = statuses.filter((status) => status === 429).length;
const leastMs = leastMsFrom(startedAt);
console.log(`
answers      ${statuses.filter((status) => status === 200).length}
429s         ${refused}
took         ${seconds(tookMs)}
the minimum  ${seconds(leastMs)}, when minute ${Math.ceil(CALLS / PER_MINUTE)} began
`);
await end(refused === 0 && statuses.length === CALLS ? 0 : 1);

async function call(number: number): Promise<void> {
  const answer = await fetch(`${url}/jobs/${number}`, { headers });
  await answer.text();
  answered += 1;
}

/** So many minutes have to begin before the last calls have room; they begin by the clock. */
function leastMsFrom(at: number): number {
  const minutes = Math.ceil(CALLS / PER_MINUTE) - 1;
  return minutes === 0 ? 0 : minutes * MINUTE_MS - (at % MINUTE_MS);
}

function draw(): void {
  if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${line()}${answered === CALLS ? "\n" : ""}`);
}

function line(): string {
  const full = Math.floor((answered / CALLS) * BAR_WIDTH);
  const bar = `${"█".repeat(full)}${"░".repeat(BAR_WIDTH - full)}`;
  return `${bar} ${String(answered).padStart(3)}/${CALLS}  ${seconds(Date.now() - startedAt)}  ${state}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1).padStart(5)} s`;
}

function isServed(): Promise<boolean> {
  return globalThis.fetch(url).then(
    () => true,
    () => false,
  );
}

/** Resolves once it serves. */
async function start(): Promise<ChildProcess> {
  const script = fileURLToPath(new URL("start.ts", import.meta.url));
  const child = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] });
  for await (const printed of createInterface({ input: child.stdout })) {
    if (printed.startsWith("weir ")) {
      // Read on, or it would have to stop printing.
      child.stdout.resume();
      return child;
    }
  }
  throw new Error("weir could not be started; npm start says why");
}

async function end(code: number): Promise<never> {
  if (server?.exitCode === null) {
    server.kill("SIGTERM");
    await once(server, "exit");
  }
  process.exit(code);
}
