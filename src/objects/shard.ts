// Asking the shard of an address from a key's object. A shard that fails keeps nobody out: it serves many addresses, and a
// flood of one of them must not shut out the keys of the others.

import type { Env } from "../env.ts";
import { within } from "../gate/within.ts";
import { log } from "../log.ts";
import { requireRules } from "../policy/rules.ts";
import type { IpGuard } from "./ipguard.ts";
import { guardStub } from "./stubs.ts";

/** Part of `DECISION_TIMEOUT` that one question may take: a take may ask two, and must itself be answered in time. */
const SHARE_OF_DEADLINE = 1 / 3;

/**
 * Asks the shard of an address.
 *
 * @returns undefined where it failed, or did not answer in time; that is logged.
 */
export async function askShard<Result>(
  env: Env,
  address: string,
  ask: (shard: DurableObjectStub<IpGuard>) => Promise<Result>,
): Promise<{ readonly answer: Result } | undefined> {
  const timeoutMs = requireRules(env).policy.decisionTimeoutMs * SHARE_OF_DEADLINE;
  try {
    return { answer: await within(timeoutMs, ask(guardStub(env, address))) };
  } catch (error) {
    log({ event: "guard.failed", cause: String(error) });
    return undefined;
  }
}
