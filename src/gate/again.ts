// Refusals told again: a refusal from memory says what it said before, until one of its seconds is over. Then it is put
// into words anew, which takes longer than all else that becomes of such a request.

import type { Refused, Standing } from "../core/decision.ts";
import { RETRY_AFTER_MS, retryAfterToTheMs } from "../core/headers.ts";
import type { Limit } from "../core/policy.ts";
import type { RefusalOptions } from "../core/refusal-answer.ts";
import { refusalWords, say, type Words } from "./answer.ts";

/** A refusal as it was last told. */
interface Told {
  readonly words: Words;
  readonly limits: readonly Limit[] | undefined;
  /** The second that its date names. */
  readonly second: number;
  /** By the decision's clock. */
  readonly untilAt: number;
}

/** By the standings that a decision from memory shares with the one it repeats. */
const told = new WeakMap<readonly Standing[], Told>();

/** The answer for a request that a decision refused, and that says nothing which the answer repeats. */
export function refuseAgain(request: Request, decision: Refused, options: RefusalOptions): Response {
  const { limits, policy } = options;
  const { at, retryAfterMs, standings } = decision;
  const second = Math.floor(Date.now() / 1000);
  const last = told.get(standings);
  const isSame = last?.limits === limits && last?.second === second && at < last.untilAt;
  const words = isSame ? last.words : refusalWords(decision.reason, options);
  if (!isSame) told.set(standings, { words, limits, second, untilAt: at + sameForMs(decision) });
  if (retryAfterMs !== undefined) words.headers.set(RETRY_AFTER_MS, retryAfterToTheMs(retryAfterMs));
  return say(request, words, policy?.corsOrigins);
}

/** How long no second is over of those that an answer tells: of its wait, and until each window's reset. */
function sameForMs({ at, retryAfterMs = 0, standings }: Refused): number {
  const rests = [retryAfterMs, ...standings.map(({ resetAt }) => resetAt - at)];
  return Math.min(...rests.map((restMs) => ((restMs - 1) % 1_000) + 1));
}
