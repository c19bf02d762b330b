// Looking at a subject: its plan, and where all windows stand that it may use. Changes nothing.

import type { Rules } from "../core/subject.ts";
import type { Env } from "../env.ts";
import type { SubjectName } from "../objects/directory.ts";
import type { Inspected } from "../objects/messages.ts";
import { accountStub, keyStub } from "../objects/stubs.ts";

/** What the operator sees of a key or an account. A name that nobody ever used looks like an empty one. */
export function look(env: Env, rules: Rules, { kind, name }: SubjectName): Promise<Inspected> {
  const stub = kind === "key" ? keyStub(env, name) : accountStub(env, name);
  return stub.inspect(limitsOf(rules, kind).map((limit) => ({ limit: limit.name })));
}

/** The limits a subject counts in. Windows by address are nobody's plan. */
export function limitsOf({ policy }: Pick<Rules, "policy">, kind: SubjectName["kind"]) {
  return policy.limits.filter(({ per }) => per === "account" || (kind === "key" && per === "key"));
}
