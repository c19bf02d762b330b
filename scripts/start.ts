// `npm start`: weir on http://localhost:8787, in front of the demo origin, which runs as a Worker of its own. Arguments go
// on to weir's `wrangler dev`: `npm start -- -c examples/uphunt.toml --port 8788`. Needs no network.

import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
const wrangler = fileURLToPath(new URL("../node_modules/wrangler/bin/wrangler.js", import.meta.url));

/** What wrangler would ask the network for, and does not need here. */
const offline = {
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_HIDE_BANNER: "true",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
};

const given = process.argv.slice(2);
const { values } = parseArgs({ args: given, strict: false, options: { port: { type: "string" } } });
const passedOn = values.port === undefined ? [...given, "--port", "8787"] : given;
const port = Number(values.port ?? 8787);
const running = new Set<ChildProcess>();

for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop(0));

if (!(await isFree(port))) {
  console.error(`Port ${port} is taken. Free it, or choose another: npm start -- --port ${port + 1}`);
  stop(1);
}

const originPort = await serve(["-c", "demo/wrangler.toml", "--port", "0", "--log-level", "warn"]);
const origin = `http://127.0.0.1:${originPort}`;
const adminToken = randomUUID();
await serve(
  ["--var", `ORIGIN:${origin}`, "--var", `ADMIN_TOKEN:${adminToken}`, ...passedOn],
  // The same each time, so that keys find their counters again.
  { KEY_HASH_SECRET: "for-local-use-only" },
);

console.log(`
weir         http://localhost:${port}
demo origin  ${origin}
admin token  ${adminToken}

Try          curl -i http://localhost:${port}/hello -H 'x-api-key: demo'
Stop         Ctrl-C
`);

/** Runs `wrangler dev` until weir's own end; resolves with its port once it serves. */
async function serve(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
  const child = fork(wrangler, ["dev", "--show-interactive-dev-session=false", ...args], {
    cwd: root,
    env: { ...process.env, ...offline, ...env },
  });
  running.add(child);
  child.once("exit", (code) => {
    running.delete(child);
    stop(code ?? 1);
  });
  const [ready] = await once(child, "message");
  return JSON.parse(String(ready)).port;
}

/** Ends what runs, then this. The first reason given is the exit code. */
function stop(code: number): void {
  process.exitCode ??= code;
  for (const child of running) child.kill("SIGTERM");
  if (running.size === 0) process.exit();
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer().listen(port, "localhost");
  try {
    await once(probe, "listening");
    return true;
  } catch {
    return false;
  } finally {
    probe.close();
  }
}
