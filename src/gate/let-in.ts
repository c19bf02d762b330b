// Letting a request in: onward to its origin, told who asks; then what the answer makes of the charge, and the limit headers.

import type { Admitted, Decision } from "../core/decision.ts";
import { reportOf } from "../core/decision.ts";
import { limitHeaders } from "../core/headers.ts";
import { dated, refuse, withLimitHeaders } from "./answer.ts";
import { type Introduction, OriginUnreachable } from "./forward.ts";
import { strike } from "./guard.ts";
import type { Taken } from "./meter.ts";
import type { MeteredPassage, Passage, VisitPassage } from "./passage.ts";
import { settleWith } from "./settlement.ts";
import { sendWatched } from "./upload.ts";

/** Lets a charged request in. */
export async function letIn(passage: MeteredPassage, taken: Taken, decision: Admitted): Promise<Response> {
  const told = introduction(passage, taken);
  const answer =
    taken.holders === undefined
      ? ask(passage, told)
      : sendWatched(passage.request, (request) => ask({ ...passage, request }, told));
  const final = await settleWith(passage, taken, decision, answer);
  return withLimits(passage, final, await reached(passage, answer));
}

/** Lets a request in that nothing was charged for, though it is known where its windows stand. */
export async function letInFree(passage: MeteredPassage, taken: Taken): Promise<Response> {
  const { at, standings } = taken.decision;
  const answer = await reached(passage, ask(passage, introduction(passage, taken)));
  return withLimits(passage, { admitted: true, at, standings }, answer);
}

/** Lets a request in that no decision was made about: its answer speaks of no limits. */
export async function letPass(passage: VisitPassage | MeteredPassage): Promise<Response> {
  return dated(await reached(passage, ask(passage, introduction(passage))));
}

function ask(passage: VisitPassage, introduction: Introduction): Promise<Response> {
  const answer = passage.onward(passage, introduction);
  if (!passage.rules.policy.ipBlock?.strikeOn401) return answer;
  return answer.then(async (given) => {
    if (given.status === 401) await strike(passage);
    return given;
  });
}

/** The answer, or what is said in place of an origin's that gave none. */
function reached({ request, rules }: Passage, answer: Promise<Response>): Promise<Response> {
  return answer.catch((error: unknown) => {
    if (!(error instanceof OriginUnreachable)) throw error;
    return refuse(request, error.isTimeout ? "timeout" : "unreachable", { policy: rules.policy });
  });
}

function withLimits(
  { rules: { policy }, limits }: MeteredPassage,
  decision: Decision,
  answer: Response,
): Response {
  return withLimitHeaders(
    answer,
    limitHeaders(decision, policy.headers, reportOf(limits)),
    policy.corsOrigins,
  );
}

/** Tells the origin who asks. The proof goes with every request, metered or not: an origin that asks for it gets it. */
function introduction(
  passage: VisitPassage | MeteredPassage,
  { account, tier }: Partial<Taken> = {},
): Introduction {
  const keyId = "metered" in passage && passage.metered.kind === "key" ? passage.metered.keyId : undefined;
  return { keyId, account, tier, originSecret: passage.env.ORIGIN_SECRET };
}
