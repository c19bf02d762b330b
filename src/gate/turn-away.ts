// Turning a request away: the strike against its address, and the refusal.

import { type Refused, reportOf } from "../core/decision.ts";
import { callersOf, type Payload } from "../core/jsonrpc.ts";
import { REFUSALS } from "../core/refusal.ts";
import { refuseAgain } from "./again.ts";
import { refuse } from "./answer.ts";
import { isJson, waitingFor } from "./calls.ts";
import { strike } from "./guard.ts";
import type { MeteredPassage } from "./passage.ts";

/** What was looked at for a decision. */
export interface Seen {
  readonly characters?: number;
  readonly payload?: Payload;
}

/** The answer for a request that a decision refused. At once, where nothing is held against its address or repeated. */
export function turnAway(
  passage: MeteredPassage,
  decision: Refused,
  seen: Seen,
): Response | Promise<Response> {
  const { request, headers, visitor, limits, rules } = passage;
  const isStrike = REFUSALS[decision.reason].isStrike && visitor.isGuarded;
  const isLookedAt = seen.payload !== undefined || seen.characters !== undefined || isJson(headers);
  if (isStrike || isLookedAt) return turnAwayAfter(passage, decision, seen);
  return refuseAgain(request, decision, { decision, limits, policy: rules.policy, ...reportIn(passage) });
}

async function turnAwayAfter(
  passage: MeteredPassage,
  decision: Refused,
  { characters, payload }: Seen,
): Promise<Response> {
  const { request, limits, rules } = passage;
  // Before the answer: whoever asks again after it finds the block that it began.
  if (REFUSALS[decision.reason].isStrike) await strike(passage);
  const callers = payload ? callersOf(payload) : await waitingFor(request);
  return refuse(request, decision.reason === "cost" && payload?.isBatch ? "batch" : decision.reason, {
    decision,
    limits,
    policy: rules.policy,
    callers,
    isForCalls: payload !== undefined && callers !== undefined,
    ...reportIn(passage),
    ...(characters !== undefined && { characters }),
  });
}

function reportIn({ limits }: MeteredPassage): { readonly report?: string } {
  const report = reportOf(limits);
  return report === undefined ? {} : { report };
}
