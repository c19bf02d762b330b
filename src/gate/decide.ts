// The decision about a request: what it asks of its limits, and the one call that charges it.

import type { Limit, Policy } from "../core/policy.ts";
import type { Cause } from "../core/refusal.ts";
import type { Ask } from "../core/subject.ts";
import { type Measured, measure } from "./characters.ts";
import type { MeteredPassage } from "./gate.ts";
import { type Taken, take, Undecided } from "./meter.ts";

/** What was decided; or why a request cannot be decided about. */
export type Verdict =
  | { readonly kind: "taken"; readonly taken: Taken; readonly characters?: number }
  | { readonly kind: "uncountable"; readonly cause: Cause }
  | { readonly kind: "undecided"; readonly error: Undecided };

type Asked =
  | { readonly kind: "asked"; readonly asks: readonly Ask[] }
  | Exclude<Measured, { kind: "measured" }>;

/** Charges a request in every window that governs it, or finds out why not. */
export async function decide(passage: MeteredPassage): Promise<Verdict> {
  try {
    return await charge(passage);
  } catch (error) {
    if (error instanceof Undecided) return { kind: "undecided", error };
    throw error;
  }
}

async function charge(passage: MeteredPassage): Promise<Verdict> {
  const { rules } = passage;
  const asked = await asksOf(passage, (limit) => mostCharacters(rules.policy, limit));
  switch (asked.kind) {
    case "asked":
      return verdict(await take(passage, asked.asks), asked.asks);
    case "over":
      return decideLong(passage);
    case "unsupported":
      return { kind: "uncountable", cause: "encoding" };
    case "malformed":
      return { kind: "uncountable", cause: "invalid" };
  }
}

/** A body longer than any tier allows: its subject's own override may still allow it, and only the object knows. */
async function decideLong(passage: MeteredPassage): Promise<Verdict> {
  const { rules, limits } = passage;
  const asks = limits.map(({ name }) => ({ limit: name, characters: Number.MAX_SAFE_INTEGER }));
  const looked = await take(passage, asks, true);
  const max = looked.decision.admitted ? undefined : looked.decision.maxCharacters;
  if (max === undefined) return verdict(await take(passage, asks), []);
  const asked = await asksOf(passage, (limit) => mostCharacters(rules.policy, limit) && max);
  return asked.kind === "asked" ? verdict(await take(passage, asked.asks), asked.asks) : verdict(looked, []);
}

/** Asks that depend on nothing but the limits: the same array each time, so that it may be compared by identity. */
const plainAsks = new WeakMap<readonly Limit[], readonly Ask[]>();

/** Reads the body only where a limit counts characters, and only as far as the most it may allow. */
async function asksOf(
  { request, limits }: MeteredPassage,
  mostOf: (limit: Limit) => number | undefined,
): Promise<Asked> {
  const plain = plainAsks.get(limits);
  if (plain !== undefined) return { kind: "asked", asks: plain };
  const asks: Ask[] = [];
  for (const limit of limits) {
    const max = mostOf(limit);
    if (max === undefined) {
      asks.push({ limit: limit.name });
      continue;
    }
    const measured = await measure(request, { max, field: limit.charactersIn });
    if (measured.kind !== "measured") return measured;
    asks.push({ limit: limit.name, characters: measured.characters });
  }
  if (asks.every(({ characters }) => characters === undefined)) plainAsks.set(limits, asks);
  return { kind: "asked", asks };
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
