// The rules in force: the environment's policy, parsed and compiled once per isolate.

import { compileMatcher, type Matcher } from "../core/matcher.ts";
import { perObject } from "../core/per-object.ts";
import type { Policy } from "../core/policy.ts";
import type { Rules } from "../core/subject.ts";
import { parsePolicy } from "./parse.ts";
import { type Problem, problemAt } from "./problems.ts";

/** A policy ready to decide with. */
export interface CompiledRules extends Rules {
  readonly matcher: Matcher;
}

type Outcome = { readonly rules: CompiledRules } | { readonly problems: readonly Problem[] };

/** The rules of an environment, or everything that is wrong with them. */
export const rulesOf: (env: object) => Outcome = perObject(compile);

/** The rules of an environment that the gate has already found valid. */
export function requireRules(env: object): CompiledRules {
  const outcome = rulesOf(env);
  if ("rules" in outcome) return outcome.rules;
  throw new Error(outcome.problems.map(({ path, message }) => `${path}: ${message}`).join("\n"));
}

/** A policy made ready to decide with. */
export function compileRules(policy: Policy): CompiledRules {
  const limits = new Map(policy.limits.map((limit) => [limit.name, limit]));
  return { policy, limits, matcher: compileMatcher(policy.limits) };
}

function compile(env: object): Outcome {
  const parsed = parsePolicy(env as Record<string, unknown>);
  const problems = [...("problems" in parsed ? parsed.problems : []), ...missingSecret(env)];
  if ("problems" in parsed || problems.length > 0) return { problems };
  return { rules: compileRules(parsed.policy) };
}

/** Without its secret weir could tell no key from another. */
function missingSecret(env: object): Problem[] {
  if (Reflect.get(env, "KEY_HASH_SECRET")) return [];
  return [problemAt(["KEY_HASH_SECRET"], "expected a secret that keys are hashed with, got none")];
}
