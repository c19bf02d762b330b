// The guard: keeps denied and blocked addresses out, and holds throttle hits against them. A shard that fails keeps nobody out.

import type { BlockEnd } from "../core/refusal-body.ts";
import type { Env } from "../env.ts";
import { log } from "../log.ts";
import type { IpGuard } from "../objects/ipguard.ts";
import type { Watch } from "../objects/messages.ts";
import { isWatch, understood } from "../objects/sound.ts";
import { guardStub } from "../objects/stubs.ts";
import type { CompiledRules } from "../policy/rules.ts";
import { refuse } from "./answer.ts";
import { BlockMemory } from "./block-memory.ts";
import type { Visitor } from "./visitor.ts";
import { within } from "./within.ts";

/** A request, and where it comes from. */
export interface Visit {
  readonly request: Request;
  readonly env: Env;
  readonly rules: CompiledRules;
  readonly visitor: Visitor;
}

/** The answer for a visitor who is kept out, once that is known. Never rejects. */
export type Refusal = Promise<Response | undefined>;

/** What the guard says of a visit. */
export interface Guarding {
  /** Absent: nobody has to be asked. */
  readonly refusal?: Refusal;
  /** True: wait for it before anything is taken. Else what is taken meanwhile is given back. */
  readonly isFirst: boolean;
}

const CLEAR: Guarding = { isFirst: false };

const memory = new BlockMemory();

/** Keeps out who is denied or blocked. Asks the visitor's shard, unless the isolate knows. */
export function guard(visit: Visit): Guarding {
  const { request, rules, visitor } = visit;
  const { policy } = rules;
  const { address, isDenied, isGuarded } = visitor;
  const at = (refusal: Response | undefined) => ({ refusal: Promise.resolve(refusal), isFirst: true });
  if (isDenied) return at(refuse(request, "denied", { policy }));
  if (!isGuarded || address === undefined) return CLEAR;
  const blocked = (block: BlockEnd | undefined) => block && refuse(request, "blocked", { policy, block });
  const known = memory.recall(address, Date.now());
  switch (known.kind) {
    case "blocked":
      return at(blocked(known.block));
    case "clear":
      return CLEAR;
    case "suspect":
    case "unknown": {
      const refusal = learn(visit, address, (shard) => shard.look(address)).then(blocked);
      return { refusal, isFirst: known.kind === "suspect" };
    }
  }
}

/** Holds a throttle hit against a visitor. Once it is held, the next request may find a block. */
export async function strike(visit: Visit): Promise<void> {
  const { address, isGuarded } = visit.visitor;
  if (isGuarded && address !== undefined) await learn(visit, address, (shard) => shard.strike(address));
}

async function learn(
  { env, rules }: Visit,
  address: string,
  ask: (shard: DurableObjectStub<IpGuard>) => Promise<Watch>,
): Promise<BlockEnd | undefined> {
  const { blockMemoryMs, decisionTimeoutMs } = rules.policy;
  try {
    const said = await within(decisionTimeoutMs, ask(guardStub(env, address)));
    const watch = understood(said, isWatch);
    memory.learn(address, watch, blockMemoryMs, Date.now());
    return watch.block;
  } catch (error) {
    log({ event: "guard.failed", cause: String(error) });
    return undefined;
  }
}
