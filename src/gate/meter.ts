// Metering: the call that decides about a request, and the one that settles it, each within a deadline. Knows objects and
// their faults, not HTTP.

import { type Ask, isByAddress } from "../core/subject.ts";
import type { Env } from "../env.ts";
import { answerIn, takeLine } from "../objects/lines.ts";
import type { Answer, Settle } from "../objects/messages.ts";
import { guardStub, keyStub } from "../objects/stubs.ts";
import type { CompiledRules } from "../policy/rules.ts";
import { type Asking, askAlone, laneOf } from "./lane.ts";
import type { Metered } from "./metered.ts";
import { operation } from "./operation.ts";
import type { Patience } from "./patience.ts";
import { recall, remember } from "./remembered.ts";

/** What a take is made in. */
export interface Context {
  readonly env: Env;
  readonly ctx: Pick<ExecutionContext, "waitUntil">;
  readonly rules: CompiledRules;
  readonly metered: Metered;
  readonly patience: Patience;
}

/** The number of a take that was refused from memory: no object knows of it. */
const NONE = 0;

/** A take that was answered, with weir's own number of it. */
export interface Taken extends Answer {
  readonly op: number;
}

/** When a settle that failed is tried again, in milliseconds; jittered. In all, well within what `waitUntil` grants. */
const SETTLE_AGAIN_AFTER_MS = [100, 500, 2_500, 10_000];

/** There is no decision; `cause` says why. */
export class Undecided extends Error {
  override readonly name = "Undecided";
  /** True where the object has more to do than it can: to ask again, or to let the request through, would feed that. */
  readonly isOverloaded: boolean;
  /** Gives back what the object may still charge, for a request that is refused. */
  readonly giveBack: () => Promise<void>;

  constructor(cause: unknown, giveBack: () => Promise<void>) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.isOverloaded = hasFlag(cause, "overloaded");
    this.giveBack = giveBack;
  }
}

/** The refusal of the like of a request a moment ago, as it is now; undefined: an object has to be asked. */
export function takenBefore(context: Context, asks: readonly Ask[], nowMs: number): Taken | undefined {
  const known = recall(placeOf(context, asks), asks, nowMs);
  return known && { ...known, op: NONE };
}

/**
 * Asks about a request: charges it, or with `peek` only says where it would stand.
 *
 * @throws Undecided where no object decided within `DECISION_TIMEOUT`.
 */
export async function take(context: Context, asks: readonly Ask[], peek = false): Promise<Taken> {
  const { metered, rules } = context;
  const { decisionTimeoutMs, headers, shareCalls } = rules.policy;
  const op = operation();
  const { address } = metered;
  const newcomer = metered.kind === "key" ? metered.newcomer : undefined;
  const brief = !peek && (headers === "x-ratelimit" || headers === "none");
  const question = new Question(context, takeLine({ op, asks, address, newcomer, peek, brief }));
  try {
    const line = shareCalls
      ? await laneOf(nameOf(metered)).ask(question, decisionTimeoutMs)
      : await askAlone(question, decisionTimeoutMs);
    const answer = answerIn(line);
    if (!peek && !answer.decision.admitted) remember(placeOf(context, asks), asks, answer, Date.now());
    return { ...answer, op };
  } catch (error) {
    throw new Undecided(error, async () => {
      if (peek) return;
      // Whatever it says: without an answer it may have charged as well.
      await question.asked?.catch(() => {});
      await cancel(context.env, metered, op);
    });
  }
}

/** The question that a request asks about its take, perhaps with those of others. */
class Question implements Asking {
  readonly line: string;
  readonly #context: Context;
  /** Its own call, where it made one. */
  asked: Promise<unknown> | undefined;

  constructor(context: Context, line: string) {
    this.#context = context;
    this.line = line;
  }

  get patience(): Patience {
    return this.#context.patience;
  }

  call(lines: readonly string[]): Promise<readonly string[]> {
    const { env, metered } = this.#context;
    const answers = ask(env, metered, lines);
    this.asked ??= answers;
    return answers;
  }

  lead(work: Promise<void>): void {
    this.#context.ctx.waitUntil(work);
  }
}

/** Gives back all that a take charged, for a request that is refused after all. */
export async function cancel(env: Env, metered: Metered, op: number): Promise<void> {
  if (metered.kind === "key") await keyStub(env, metered.keyId).cancelEverywhere(op, metered.address);
  else await guardStub(env, metered.address).cancel(op, metered.address);
}

/**
 * Makes final what a take holds, and tells of the origin's 2xx where the key's trust was due.
 *
 * @throws whatever the object throws; the hold lapses then.
 */
export async function settle(env: Env, metered: Metered, message: Settle): Promise<void> {
  const once = async () =>
    metered.kind === "key"
      ? keyStub(env, metered.keyId).settle(message)
      : guardStub(env, metered.address).settle(message);
  for (const waitMs of SETTLE_AGAIN_AFTER_MS) {
    try {
      return await once();
    } catch (error) {
      if (!hasFlag(error, "retryable") && !hasFlag(error, "overloaded")) throw error;
      // Twice is once, so it may be repeated, and it must be: who floods a key would else get its charges back.
      await new Promise((resolve) => setTimeout(resolve, waitMs * (0.5 + Math.random())));
    }
  }
  await once();
}

/** Tries once more where the platform says it may help. The takes' numbers keep them charged once. */
async function ask(env: Env, metered: Metered, lines: readonly string[]): Promise<readonly string[]> {
  const text = lines.join("\n");
  try {
    return (await askOnce(env, metered, text)).split("\n");
  } catch (error) {
    if (!hasFlag(error, "retryable") || hasFlag(error, "overloaded")) throw error;
    // With a stub of its own: one that has thrown stays broken.
    return (await askOnce(env, metered, text)).split("\n");
  }
}

function askOnce(env: Env, metered: Metered, lines: string): Promise<string> {
  return metered.kind === "key"
    ? keyStub(env, metered.keyId).take(lines)
    : guardStub(env, metered.address).take(lines);
}

/** A name that no other subject has. */
function nameOf(metered: Metered): string {
  return metered.kind === "key" ? metered.keyId : `address:${metered.address}`;
}

/** What a refusal is remembered by: a key that a limit by address refuses at one address may be admitted at another. */
function placeOf({ metered, rules }: Context, asks: readonly Ask[]): string {
  const name = nameOf(metered);
  return metered.kind === "key" && isByAddress(asks, rules) ? `${name} ${metered.address}` : name;
}

function hasFlag(error: unknown, flag: "retryable" | "overloaded"): boolean {
  return typeof error === "object" && error !== null && Reflect.get(error, flag) === true;
}
