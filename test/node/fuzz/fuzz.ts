// The fuzz: hostile requests against the real Worker in a workerd of its own. Each answer is looked at by itself; what passed
// is counted at the origin, and what was made, on the disk.

import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle, startWorkerd } from "../../../scripts/workerd.ts";
import { exchange, type Reply, type Silence } from "./exchange.ts";
import { type Hostile, hostile } from "./hostile.ts";
import { type CountingOrigin, ORIGIN_MARK, startOrigin } from "./origin.ts";
import { addresses, CANARY, policy, secrets, sizes } from "./scene.ts";

/** What a run came to. */
export interface Findings {
  readonly requests: number;
  readonly passed: number;
  /** Objects of keys with anything in their storage. */
  readonly objects: number;
  /** How many answers there were, by status; `closed` where there was none. */
  readonly statuses: ReadonlyMap<string, number>;
  /** Everything that must not be; each names the request it was found at, if it was at one. */
  readonly faults: readonly string[];
}

const AT_ONCE = 8;

/** Sends the requests `from` up to `to` of a seed. */
export async function fuzz(seed: number, from: number, to: number): Promise<Findings> {
  const directory = await mkdtemp(join(tmpdir(), "weir-fuzz-"));
  const origin = await startOrigin();
  let printed = "";
  const vars = { ...policy, ORIGIN: origin.url };
  const classes = { LIMITER: "Limiter", IP_GUARD: "IpGuard", DIRECTORY: "Directory" };
  const workerd = await startWorkerd({
    directory,
    services: [{ name: "weir", code: await bundle("wrangler.toml"), vars, objects: classes }],
    onPrinted: (text) => {
      printed += text;
    },
  });
  try {
    const port = Number(new URL(workerd.urlOf("weir")).port);
    const statuses = new Map<string, number>();
    const faults: string[] = [];
    let next = from;
    const send = async () => {
      while (next < to) {
        const number = next++;
        const request = hostile(seed, number);
        const reply = await exchange(
          port,
          Buffer.concat([Buffer.from(request.head), request.body]),
          request.method,
        );
        const status = typeof reply === "string" ? reply : String(reply.status);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        faults.push(...faultsOf(request, reply).map((fault) => `${fault} (request ${number})`));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, send));
    await workerd.kill("SIGKILL");
    const objects = await storedObjects(join(directory, "storage", "weir-Limiter"));
    faults.push(...origin.faults, ...faultsOfAll(origin, printed, objects));
    return { requests: to - from, passed: origin.passed(), objects, statuses, faults };
  } finally {
    await workerd.kill("SIGKILL");
    origin.close();
    await rm(directory, { recursive: true });
  }
}

/** What is wrong with one answer. */
function faultsOf({ method, head: asked, isLying }: Hostile, reply: Reply | Silence): string[] {
  if (reply === "hung") return ["no answer"];
  if (reply === "closed") return [];
  const { status, head, body } = reply;
  const faults: string[] = [];
  const isOwn = !head.toLowerCase().includes(`\r\n${ORIGIN_MARK}:`);
  if (isOwn && status >= 500 && !isExcused(reply, isLying)) faults.push(`weir's own ${status}`);
  if (head.includes(CANARY) || /^x-injected/im.test(head)) faults.push("a header repeats what was sent");
  // Of a preflight, which is not metered, they are all there is.
  if (head.includes("of-the-origin") && method !== "OPTIONS")
    faults.push("the origin's limit headers came through");
  for (const secret of [secrets.hash, secrets.admin, secrets.origin, ...secrets.keys]) {
    if ((head + body).includes(secret)) faults.push(`the answer holds ${secret}`);
  }
  // A JSON-RPC call gets its id back, as JSON that no browser takes for a page.
  const isSafeJson =
    /^content-type: application\/(?:[a-z-]+\+)?json/im.test(head) &&
    /^x-content-type-options: nosniff/im.test(head);
  if (isOwn && body.includes(CANARY) && !(isSafeJson && isJson(body)))
    faults.push("a body repeats what was sent");
  if (isOwn && status < 300 && /^\S+ \/_weir\/(?:keys|blocks)/.test(asked) && method !== "OPTIONS") {
    faults.push("an operator's call was let in");
  }
  return faults;
}

/** Not weir's fault: a method the runtime does not know, or a body that ends before its length, which no origin can read. */
function isExcused({ status, body }: Reply, isLying: boolean): boolean {
  return status === 501 ? body.startsWith("ERROR: Unrecognized request method") : status === 502 && isLying;
}

/** What is wrong with all of it together. */
function faultsOfAll({ keyIds }: CountingOrigin, printed: string, objects: number): string[] {
  const faults: string[] = [];
  // Two of the addresses are one subject.
  const most = secrets.keys.length + (addresses.length - 1) * sizes.newKeys;
  if (keyIds.size > most) faults.push(`${keyIds.size} keys passed, expected at most ${most}`);
  if (objects > most) faults.push(`${objects} objects were stored, expected at most ${most}`);
  for (const secret of [secrets.hash, secrets.admin, secrets.origin, ...secrets.keys, CANARY]) {
    if (printed.includes(secret)) faults.push(`the log holds ${secret}`);
  }
  return faults;
}

/** A database of nothing: workerd makes one for any object that was ever asked, and nothing more. */
const EMPTY_BYTES = 4_096;

/** Objects that wrote something. */
async function storedObjects(directory: string): Promise<number> {
  const files = await readdir(directory);
  const sizes = await Promise.all(
    files.map(async (file) => ({ file, size: (await stat(join(directory, file))).size })),
  );
  const written = sizes.filter(
    ({ file, size }) =>
      (file.endsWith(".sqlite") && size > EMPTY_BYTES) || (file.endsWith("-wal") && size > 0),
  );
  return new Set(written.map(({ file }) => file.split(".", 1)[0])).size;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
