// Which refusals a policy can give, and a case of each. What its answer is, the core says.

import { type Refused, reportOf } from "../core/decision.ts";
import { bring, type Newcomers } from "../core/newcomers.ts";
import type { Limit, Policy } from "../core/policy.ts";
import type { Cause } from "../core/refusal.ts";
import type { RefusalOptions } from "../core/refusal-answer.ts";
import { spanAt } from "../core/window.ts";
import { EXAMPLE_AT, type Example, fullWindow, refusalFor } from "./example.ts";
import { type Text, text } from "./page.ts";
import { listedTexts, nameOf } from "./words.ts";

/** A refusal, when it is given, and what it tells of. */
export interface Case {
  readonly cause: Cause;
  readonly when: Text;
  readonly facts: Omit<RefusalOptions, "policy">;
}

/** A case of every refusal that a caller may meet, those first that say most. @param limits those that are enforced. */
export function casesOf(limits: readonly Limit[], policy: Policy): Case[] {
  return [
    ...(policy.enforce ? [...full(limits, policy), ...hopeless(limits, policy), ...newcomer(policy)] : []),
    ...addresses(policy),
    ...keys(limits, policy),
    ...bodies(limits, policy),
    ...faults(),
  ];
}

/** One for each body that a 429 may have. */
function full(limits: readonly Limit[], policy: Policy): Case[] {
  const windowed = limits.filter((limit) => fullWindow(limit, policy) !== undefined);
  const byBody = Map.groupBy(windowed, ({ refusal }) => JSON.stringify(refusal ?? policy.refusal));
  return [...byBody.values()].flatMap((alike) => {
    const example = firstOf(alike, (limit) => fullWindow(limit, policy));
    if (example === undefined) return [];
    const of = text`A limit is reached: ${listedTexts(
      alike.map((limit) => [nameOf(limit)]),
      "or",
    )}.`;
    const when = byBody.size > 1 ? of : text`A limit is reached.`;
    return [{ cause: "rate", when, facts: factsOf(example) }];
  });
}

/** Those that no waiting mends. */
function hopeless(limits: readonly Limit[], policy: Policy): Case[] {
  const cases = [
    ["plan", "plan", text`The request is not in the key's plan.`],
    ["cost", "cost", text`The request counts as more than fits into the whole limit.`],
    ["batch", "cost", text`The calls of a batch count as more than fits into the whole limit.`],
    [
      "credits",
      "credits",
      text`No credits are left. Only keys and accounts that were ever given any spend them.`,
    ],
    ["characters", "characters", text`The request has too many characters.`],
  ] as const;
  const changes = [...policy.tiers.values()].flatMap((tier) => [...tier.values()]);
  const tools = limits.flatMap((limit) => Object.values(limit.tools ?? {}));
  const possible = {
    plan: true,
    cost: [...limits, ...changes].some(({ cost = 1 }) => cost > 1) || tools.some((calls) => calls > 1),
    batch: limits.some(countsCalls),
    credits: limits.some(({ credits }) => credits > 0),
    characters: [...limits, ...changes].some(({ maxCharacters }) => maxCharacters !== undefined),
  };
  return cases.flatMap(([cause, reason, when]) => {
    if (!possible[cause]) return [];
    const example = firstOf(limits, (limit) => refusalFor(reason, limit, policy));
    if (example === undefined) return [];
    const most = example.decision.maxCharacters;
    return [
      { cause, when, facts: { ...factsOf(example), ...(most !== undefined && { characters: most + 1 }) } },
    ];
  });
}

function firstOf(limits: readonly Limit[], make: (limit: Limit) => Example<Refused> | undefined) {
  for (const limit of limits) {
    const example = make(limit);
    if (example !== undefined) return example;
  }
  return undefined;
}

function factsOf({ decision, limits }: Example<Refused>): Case["facts"] {
  const report = reportOf(limits);
  return { decision, limits, ...(report !== undefined && { report }) };
}

function newcomer({ newKeys, unknownKeys }: Policy): Case[] {
  if (newKeys === undefined || unknownKeys !== "allow") return [];
  const names = Array.from({ length: newKeys.size }, (_, index) => String(index));
  const brought: Newcomers = { ...spanAt(newKeys, "clock", null, EXAMPLE_AT), names };
  const answer = bring(brought, "one more", newKeys, EXAMPLE_AT);
  if (answer.kind === "welcome") return [];
  const when = text`Too many keys that were never used with success came from this IP address.`;
  return [{ cause: "newcomer", when, facts: { decision: answer.decision } }];
}

function addresses({ ipBlock, deny, enforce }: Policy): Case[] {
  const cases: Case[] = [];
  if (ipBlock !== undefined && enforce) {
    const remainingMs = ipBlock.forMs;
    cases.push({
      cause: "blocked",
      when: text`The IP address is blocked.`,
      facts: { block: { untilAt: EXAMPLE_AT + remainingMs, remainingMs } },
    });
  }
  if (deny.length > 0) {
    cases.push({ cause: "denied", when: text`The IP address may not use the API.`, facts: {} });
  }
  return cases;
}

function keys(limits: readonly Limit[], { anonymous, unknownKeys, enforce }: Policy): Case[] {
  if (limits.every(({ per }) => per === "ip")) return [];
  const cases: Case[] = [];
  if (anonymous === "reject") {
    cases.push({ cause: "unauthenticated", when: text`There is no API key.`, facts: {} });
  }
  if (anonymous !== "ip") {
    cases.push({ cause: "malformed", when: text`The API key cannot be one, or there are two.`, facts: {} });
  }
  if (unknownKeys === "reject") {
    cases.push({ cause: "unknown", when: text`The API key is not known.`, facts: {} });
  }
  if (enforce) {
    cases.push(
      { cause: "expired", when: text`The API key has expired.`, facts: {} },
      { cause: "disabled", when: text`The API key is disabled.`, facts: {} },
    );
  }
  return cases;
}

const countsCalls = ({ protocol }: Limit) => protocol !== undefined;

/** Of bodies that cannot be looked into. */
function bodies(limits: readonly Limit[], { tiers }: Policy): Case[] {
  const changes = [...tiers.values()].flatMap((tier) => [...tier.values()]);
  const isCharacters = [...limits, ...changes].some(({ maxCharacters }) => maxCharacters !== undefined);
  if (!isCharacters && !limits.some(countsCalls)) return [];
  const unreadable = limits.some(countsCalls)
    ? text`The body is not what the request's headers say, or no JSON where calls are counted.`
    : text`The body is not what the request's headers say.`;
  return [
    { cause: "oversized", when: text`The body is too large for what it asks to be counted.`, facts: {} },
    {
      cause: "encoding",
      when: text`The body is encoded so that what it asks cannot be counted.`,
      facts: {},
    },
    { cause: "invalid", when: unreadable, facts: {} },
  ];
}

function faults(): Case[] {
  return [
    { cause: "unavailable", when: text`Whether there is room cannot be told right now.`, facts: {} },
    { cause: "unreachable", when: text`The API behind the limits cannot be reached.`, facts: {} },
    { cause: "timeout", when: text`The API behind the limits did not answer in time.`, facts: {} },
  ];
}
