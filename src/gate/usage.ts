// Usage: where every window of a caller stands, as JSON. Charges nothing.

import { lookedAt } from "../core/decision.ts";
import { usageOf } from "../core/usage.ts";
import { log } from "../log.ts";
import { answerAtEdge, refuse } from "./answer.ts";
import { guard, strike } from "./guard.ts";
import { take, Undecided } from "./meter.ts";
import { meteringOf } from "./metered.ts";
import type { Passage } from "./passage.ts";
import { Patience } from "./patience.ts";
import { visitorOf } from "./visitor.ts";

/** Answers where every window that could govern the caller stands. */
export async function showUsage(passage: Passage): Promise<Response> {
  const patience = new Patience();
  try {
    return await show(passage, patience);
  } catch (error) {
    if (!(error instanceof Undecided)) throw error;
    log({ event: "decision.degraded", action: "deny", cause: error.message });
    return refuse(passage.request, "unavailable", { policy: passage.rules.policy });
  } finally {
    patience.end();
  }
}

async function show({ request, env, ctx, rules }: Passage, patience: Patience): Promise<Response> {
  const { policy } = rules;
  const visitor = visitorOf(request, policy);
  const visit = { request, env, rules, visitor };
  const keptOut = await guard(visit).refusal;
  if (keptOut !== undefined) return keptOut;
  const metering = await meteringOf(request, visitor, policy.limits, policy, env.KEY_HASH_SECRET);
  if (metering.kind === "refused") return refuse(request, metering.cause, { policy });
  if (metering.kind === "unmetered") return refuse(request, "unauthenticated", { policy });
  const asks = metering.limits.map(({ name }) => ({ limit: name }));
  const { decision } = await take({ env, ctx, rules, patience, metered: metering.metered }, asks, true);
  const isNewcomer = !decision.admitted && decision.reason === "newcomer";
  if (isNewcomer) await strike(visit);
  const isKnown = decision.admitted || (decision.standings.length > 0 && !isNewcomer);
  if (!isKnown) return refuse(request, decision.reason, { policy, decision });
  const content = { windows: lookedAt(decision).map(usageOf) };
  return answerAtEdge(
    request,
    { status: 200, contentType: "application/json", body: JSON.stringify(content) },
    policy.corsOrigins,
  );
}
