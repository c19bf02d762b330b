// What tests of abuse need: clients by their address, and what weir does for their requests, counted.

import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { guardStub } from "../../../src/objects/stubs.ts";
import { type Asking, ask, freshKey, weirUnder } from "../harness.ts";

/** How often `until` looks. */
const POLL_MS = 2;

let addresses = 0;

/** An address that no other test of the file uses. */
export function freshAddress(): string {
  addresses += 1;
  return `203.0.113.${addresses}`;
}

/** A request from an address. */
export function from(address: string, asking: Asking = {}): Asking {
  return { ...asking, headers: { ...asking.headers, "cf-connecting-ip": address } };
}

/** Throttle hits of an address, one after the other, with a key whose minute is spent. Gives their statuses. */
export async function hit(address: string, times: number): Promise<number[]> {
  const key = freshKey();
  await ask("/one/x", { key });
  const statuses: number[] = [];
  for (let hits = 0; hits < times; hits++)
    statuses.push((await ask("/one/x", from(address, { key }))).status);
  return statuses;
}

/** So many 429s. */
export const throttled = (times: number) => Array.from({ length: times }, () => 429);

/** What the shard of an address keeps of it, as its row has it; undefined: no row. */
export async function rowOf(address: string): Promise<unknown> {
  return runInDurableObject(guardStub(env, address), (_, { storage }) => {
    const hasTable = storage.sql.exec("select 1 from sqlite_master where name = 'addresses'").toArray();
    if (hasTable.length === 0) return undefined;
    const rows = storage.sql.exec<{ row: string }>("select row from addresses where address = ?", address);
    return [...rows].map(({ row }) => JSON.parse(row) as unknown)[0];
  });
}

/** Runs the alarm of an address's shard, which is set only once the answer before is on its way. */
export async function sweepShardOf(address: string): Promise<void> {
  await until(() => runDurableObjectAlarm(guardStub(env, address)));
}

/** Waits for what weir does after an answer. Not by `vi.waitFor`, which would move the clock on. */
export async function until(isDone: () => Promise<boolean>): Promise<void> {
  while (!(await isDone())) await scheduler.wait(POLL_MS);
}

/** Rows that a shard has written since it woke. */
export async function writesOf(address: string): Promise<number> {
  return runInDurableObject(guardStub(env, address), (_, { storage }) => {
    return storage.sql.exec<{ writes: number }>("select total_changes() as writes").one().writes;
  });
}

/** Asks the Worker, and names the calls of its own that it makes of objects before it answers. */
export async function counted(path: string, asking: Asking) {
  const calls: string[] = [];
  const watched = {
    IP_GUARD: counting(env.IP_GUARD, "guard", calls),
    LIMITER: counting(env.LIMITER, "limiter", calls),
  };
  const { status } = await weirUnder(watched)(path, asking);
  return { status, calls: calls.sort() };
}

type Method = (...given: readonly unknown[]) => unknown;

/** The same namespace; each call of one of its objects is noted. */
function counting<Namespace extends object>(namespace: Namespace, name: string, calls: string[]): Namespace {
  return new Proxy(namespace, {
    get(target, property) {
      const method = Reflect.get(target, property) as Method;
      return (...given: readonly unknown[]) => {
        const made = Reflect.apply(method, target, given);
        return property === "get" ? noting(made as object, name, calls) : made;
      };
    },
  });
}

function noting(stub: object, name: string, calls: string[]): object {
  return new Proxy(stub, {
    get(target, property) {
      return (...given: readonly unknown[]) => {
        calls.push(`${name}.${String(property)}`);
        // A stub's methods are calls to another machine: whatever is read of one is a call too.
        return Reflect.apply(Reflect.get(target, property), target, given);
      };
    },
  });
}
