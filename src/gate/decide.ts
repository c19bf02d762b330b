// The decision about a request: what it asks of its limits, and the one call that charges it.

import type { Payload } from "../core/jsonrpc.ts";
import { callsIn } from "../core/jsonrpc-cost.ts";
import type { Limit, Policy } from "../core/policy.ts";
import type { Cause } from "../core/refusal.ts";
import type { Ask } from "../core/subject.ts";
import { countedOf, countsCalls } from "./calls.ts";
import { type Measured, measure } from "./characters.ts";
import { type Taken, take, takenBefore, Undecided } from "./meter.ts";
import type { MeteredPassage } from "./passage.ts";

/** What was decided, and what was looked at for it; or why a request cannot be decided about. */
export type Verdict =
  | {
      readonly kind: "taken";
      readonly taken: Taken;
      readonly characters?: number;
      /** What the body says, where its calls count. */
      readonly payload?: Payload;
    }
  | { readonly kind: "uncountable"; readonly cause: Cause }
  | { readonly kind: "undecided"; readonly error: Undecided };

type Asked =
  | { readonly kind: "asked"; readonly asks: readonly Ask[] }
  | Exclude<Measured, { kind: "measured" }>;

/** A limit that a request has to ask, and as how many calls. */
interface Due {
  readonly limit: Limit;
  readonly calls: number;
}

/** Asks that depend on nothing but the limits: the same array each time, so that it may be compared by identity. */
const plainAsks = new WeakMap<readonly Limit[], readonly Ask[]>();

/** What was decided about the like of a request a moment ago, and holds; undefined: it has to be decided about. */
export function decided(passage: MeteredPassage, nowMs: number): Verdict | undefined {
  const asks = asksBefore(passage);
  const taken = asks && takenBefore(passage, asks, nowMs);
  return taken && takenAlone(taken);
}

/** Charges a request that is not decided about yet in every window that governs it, or finds out why not. */
export function decide(passage: MeteredPassage): Promise<Verdict> {
  const asks = asksBefore(passage);
  const verdict = asks === undefined ? charge(passage) : take(passage, asks).then(takenAlone);
  return verdict.catch(undecided);
}

function takenAlone(taken: Taken): Verdict {
  return { kind: "taken", taken };
}

function undecided(error: unknown): Verdict {
  if (error instanceof Undecided) return { kind: "undecided", error };
  throw error;
}

/** What those asked that came before; undefined where it depends on more than the limits. */
function asksBefore({ limits }: MeteredPassage): readonly Ask[] | undefined {
  return limits.some(({ protocol }) => protocol !== undefined) ? undefined : plainAsks.get(limits);
}

async function charge(passage: MeteredPassage): Promise<Verdict> {
  const { request, limits } = passage;
  if (!limits.some((limit) => countsCalls(limit, request))) {
    return chargeDue(
      passage,
      limits.map((limit) => ({ limit, calls: 1 })),
    );
  }
  const counted = await countedOf(request);
  if (counted.kind !== "counted") return uncountable(counted.kind);
  const { payload } = counted;
  const due = limits
    .map((limit) => ({ limit, calls: countsCalls(limit, request) ? callsIn(payload, limit) : 1 }))
    .filter(({ calls }) => calls > 0);
  const verdict = await chargeDue(passage, due);
  return verdict.kind === "taken" ? { ...verdict, payload } : verdict;
}

/** One take, even where nothing is due: whether the key may be used at all is the object's to say. */
async function chargeDue(passage: MeteredPassage, due: readonly Due[]): Promise<Verdict> {
  const { policy } = passage.rules;
  const asked = await asksOf(passage, due, (limit) => mostCharacters(policy, limit));
  switch (asked.kind) {
    case "asked":
      return verdict(
        takenBefore(passage, asked.asks, Date.now()) ?? (await take(passage, asked.asks)),
        asked.asks,
      );
    case "over":
      return chargeLong(passage, due);
    default:
      return uncountable(asked.kind);
  }
}

function uncountable(kind: "over" | "unsupported" | "malformed" | "foreign"): Verdict {
  const causes = {
    over: "oversized",
    unsupported: "encoding",
    malformed: "invalid",
    foreign: "invalid",
  } as const;
  return { kind: "uncountable", cause: causes[kind] };
}

/** A body longer than any tier allows: its subject's own override may still allow it, and only the object knows. */
async function chargeLong(passage: MeteredPassage, due: readonly Due[]): Promise<Verdict> {
  const { policy } = passage.rules;
  const asks = due.map((one) => askOf(one, Number.MAX_SAFE_INTEGER));
  const looked = await take(passage, asks, true);
  const max = looked.decision.admitted ? undefined : looked.decision.maxCharacters;
  if (max === undefined) return verdict(await take(passage, asks), []);
  const asked = await asksOf(passage, due, (limit) => mostCharacters(policy, limit) && max);
  return asked.kind === "asked" ? verdict(await take(passage, asked.asks), asked.asks) : verdict(looked, []);
}

/** Reads the body only where a limit counts characters, and only as far as the most it may allow. */
async function asksOf(
  { request, limits }: MeteredPassage,
  due: readonly Due[],
  mostOf: (limit: Limit) => number | undefined,
): Promise<Asked> {
  const isPlain = due.length === limits.length && due.every(({ calls }) => calls === 1);
  const plain = isPlain ? plainAsks.get(limits) : undefined;
  if (plain !== undefined) return { kind: "asked", asks: plain };
  const asks: Ask[] = [];
  for (const one of due) {
    const max = mostOf(one.limit);
    if (max === undefined) {
      asks.push(askOf(one));
      continue;
    }
    const measured = await measure(request, { max, field: one.limit.charactersIn });
    if (measured.kind !== "measured") return measured;
    asks.push(askOf(one, measured.characters));
  }
  if (isPlain && asks.every(({ characters }) => characters === undefined)) plainAsks.set(limits, asks);
  return { kind: "asked", asks };
}

function askOf({ limit, calls }: Due, characters?: number): Ask {
  return {
    limit: limit.name,
    ...(calls > 1 && { calls }),
    ...(characters !== undefined && { characters }),
  };
}

/** The most characters the policy allows anyone under a limit; undefined: it counts none. */
function mostCharacters({ tiers }: Policy, { name, maxCharacters }: Limit): number | undefined {
  const ofTiers = [...tiers.values()].map((tier) => tier.get(name)?.maxCharacters);
  const maxima = [maxCharacters, ...ofTiers].filter((max) => max !== undefined);
  return maxima.length === 0 ? undefined : Math.max(...maxima);
}

function verdict(taken: Taken, asks: readonly Ask[]): Verdict {
  const characters = asks.find((ask) => ask.characters !== undefined)?.characters;
  return { kind: "taken", taken, ...(characters !== undefined && { characters }) };
}
