// How objects are found: by name, in the configured jurisdiction, near the configured place.

import { BoundedMap } from "../core/bounded-map.ts";
import { perObject } from "../core/per-object.ts";
import type { Env } from "../env.ts";
import { requireRules } from "../policy/rules.ts";
import type { Directory } from "./directory.ts";
import type { IpGuard } from "./ipguard.ts";
import type { Limiter } from "./limiter.ts";

/** Shards of the IpGuard. Fixed for good: a changed number would forget every strike, block and count by address. */
export const SHARDS = 64;

/** Ids remembered by environment; to make one takes a hash. Stubs are not: each belongs to its request. */
const IDS_MOST = 10_000;

const idsOf = perObject((_: Env) => new BoundedMap<string, DurableObjectId>(IDS_MOST));

/** The object of a key, by the key's id (its keyed hash). */
export function keyStub(env: Env, id: string): DurableObjectStub<Limiter> {
  return stub(env, env.LIMITER, `key:${id}`);
}

/** The object of an account, by its name. */
export function accountStub(env: Env, account: string): DurableObjectStub<Limiter> {
  return stub(env, env.LIMITER, `account:${account}`);
}

/** The shard that keeps an address. */
export function guardStub(env: Env, address: string): DurableObjectStub<IpGuard> {
  return shardStub(env, shardOf(address));
}

/** A shard of the IpGuard by its number. */
export function shardStub(env: Env, shard: number): DurableObjectStub<IpGuard> {
  return stub(env, env.IP_GUARD, `shard:${shard}`);
}

/** The one Directory. */
export function directoryStub(env: Env): DurableObjectStub<Directory> {
  return stub(env, env.DIRECTORY, "directory");
}

/** The number of the shard that keeps an address: FNV-1a, folded. It spreads well, and is the same for good. */
export function shardOf(address: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < address.length; index++) {
    hash = Math.imul(hash ^ address.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) % SHARDS;
}

function stub<T extends Rpc.DurableObjectBranded>(
  env: Env,
  namespace: DurableObjectNamespace<T>,
  name: string,
): DurableObjectStub<T> {
  const { jurisdiction, locationHint } = requireRules(env).policy;
  const within = jurisdiction === undefined ? namespace : namespace.jurisdiction(jurisdiction);
  const id = idsOf(env).getOrMake(name, () => within.idFromName(name));
  return within.get(id, locationHint === undefined ? undefined : { locationHint });
}
