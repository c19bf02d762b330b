// The other objects that a key's take must be in: its account, and the shard of its address. Asks them, and gives back what
// they charged. Decides nothing for them, but that a shard that fails admits.

import { type Ask, isByAddress, type Rules } from "../core/subject.ts";
import type { Env } from "../env.ts";
import { log } from "../log.ts";
import { requireRules } from "../policy/rules.ts";
import type { Holders, Join, Joined, Take } from "./messages.ts";
import { askShard } from "./shard.ts";
import { isJoined, understood } from "./sound.ts";
import { accountStub } from "./stubs.ts";

/** One of them. */
export interface Named {
  readonly kind: "account" | "address";
  readonly name: string;
}

/** One of them, and what is asked of it. */
export interface Party extends Named {
  readonly asks: readonly Ask[];
}

const NONE: readonly Party[] = [];
const NOBODY: Holders = {};

/** Parts what a take asks of a key by whose windows it is charged to; those of an account it has not are its own. */
export function split(
  { asks, address }: Take,
  account: string | undefined,
  rules: Rules,
): { readonly own: readonly Ask[]; readonly parties: readonly Party[] } {
  if (account === undefined && !isByAddress(asks, rules)) return { own: asks, parties: NONE };
  const own: Ask[] = [];
  const ofAccount: Ask[] = [];
  const ofAddress: Ask[] = [];
  for (const ask of asks) {
    const per = rules.limits.get(ask.limit)?.per;
    if (per === "ip") ofAddress.push(ask);
    else if (per === "account" && account !== undefined) ofAccount.push(ask);
    else own.push(ask);
  }
  const parties: Party[] = [];
  if (address !== undefined && ofAddress.length > 0)
    parties.push({ kind: "address", name: address, asks: ofAddress });
  // Asked on every take of a key that has one, even for none of its limits: its plan changes the key's windows.
  if (account !== undefined) parties.push({ kind: "account", name: account, asks: ofAccount });
  return { own, parties };
}

/** Those of them that may hold something of a take: all. */
export function holdersAmong(parties: readonly Named[]): Holders {
  return parties.length === 0 ? NOBODY : Object.fromEntries(parties.map(({ kind, name }) => [kind, name]));
}

/** What a party says; `isSkipped` where it was not there to say it. */
export type Said = Joined & { readonly isSkipped?: true };

/**
 * Asks a party to be part of a take.
 *
 * @throws whatever an account's object throws; and where a shard fails, if a limit asked of it says `on_error = "deny"`.
 */
export async function join(env: Env, { kind, name }: Party, take: Join): Promise<Said> {
  if (kind === "account") return understood(await accountStub(env, name).join(take), isJoined);
  const said = await askShard(env, name, async (shard) =>
    understood(await shard.join({ ...take, address: name }), isJoined),
  );
  const { limits } = requireRules(env);
  const isDenied = take.asks.some(({ limit }) => limits.get(limit)?.onError === "deny");
  if (said === undefined && isDenied) throw new Error("the address's shard gave no answer");
  const admitted = { admitted: true, at: Date.now(), standings: [] } as const;
  return said?.answer ?? { decision: admitted, holds: false, isSkipped: true };
}

/** Gives back what parties charged for a take. One that fails keeps its charge: the take's answer stands all the same. */
export async function cancelAt(env: Env, parties: readonly Named[], op: number): Promise<void> {
  await Promise.all(
    parties.map(({ kind, name }) =>
      kind === "account"
        ? accountStub(env, name).cancel(op).catch(noteKept)
        : askShard(env, name, (shard) => shard.cancel(op, name)),
    ),
  );
}

function noteKept(error: unknown): void {
  log({ event: "cancel.failed", cause: String(error) });
}
