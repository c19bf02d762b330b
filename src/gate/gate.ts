// The gate: what becomes of one request. Which limits govern it, who is metered, one take; then onward, or a refusal.

import { type Refused, reported } from "../core/decision.ts";
import { methodsOf } from "../core/method.ts";
import { onErrorOf } from "../core/on-error.ts";
import type { Limit, OnError } from "../core/policy.ts";
import type { Cause } from "../core/refusal.ts";
import { log } from "../log.ts";
import { refuse } from "./answer.ts";
import { isPreflight } from "./cors.ts";
import { decide, decided, type Verdict } from "./decide.ts";
import { fieldsOf } from "./fields.ts";
import { type Guarding, guard } from "./guard.ts";
import { letIn, letInFree, letPass } from "./let-in.ts";
import { cancel, type Taken, type Undecided } from "./meter.ts";
import { meteringOf } from "./metered.ts";
import { record } from "./metrics.ts";
import type { Arrival, MeteredPassage, Passage, VisitPassage } from "./passage.ts";
import { Patience } from "./patience.ts";
import { countRefusal, countVerdict } from "./telling.ts";
import { type Seen, turnAway } from "./turn-away.ts";
import { visitorOf } from "./visitor.ts";

/** Answers a request: with the answer that comes from onward, or with a refusal. */
export async function passThrough(arrival: Arrival): Promise<Response> {
  const headers = fieldsOf(arrival.request);
  const visitor = visitorOf({ headers }, arrival.rules.policy);
  const patience = new Patience();
  try {
    return await enter({ ...arrival, headers, visitor, patience });
  } finally {
    patience.end();
  }
}

async function enter(passage: VisitPassage): Promise<Response> {
  const { request, headers, location, env, rules, visitor } = passage;
  const { refusal, isFirst } = guard(passage);
  const early = isFirst ? await refusal : undefined;
  if (early !== undefined) return keepOut(passage, early);
  const limits = isPreflight(request) ? [] : governing(passage);
  const carrier = { headers, url: location.url };
  const metering = await meteringOf(carrier, visitor, limits, rules.policy, env.KEY_HASH_SECRET);
  switch (metering.kind) {
    case "unmetered":
      return (await refusal) ?? letPass(passage);
    case "refused":
      countRefusal(passage, metering.cause);
      return (await refusal) ?? turnBack(passage, metering.cause);
    case "metered":
      return pass({ ...passage, metered: metering.metered, limits: metering.limits }, refusal);
  }
}

/** The limits that govern a request, by every way an origin may read its method and path. */
function governing({ request, headers, location, rules: { matcher } }: VisitPassage): readonly Limit[] {
  const methods = matcher.isByMethod ? methodsOf(request.method, (name) => headers.get(name)) : [];
  return matcher.match(methods, location.paths);
}

async function pass(passage: MeteredPassage, refusal: Guarding["refusal"]): Promise<Response> {
  const askedAt = Date.now();
  // Known already, it is answered without waiting for anything.
  const known = decided(passage);
  const [verdict, keptOut] = refusal
    ? await Promise.all([known ?? decide(passage), refusal])
    : [known ?? (await decide(passage)), undefined];
  if (keptOut !== undefined) {
    passage.ctx.waitUntil(giveBack(passage, verdict).catch(() => {}));
    return keepOut(passage, keptOut);
  }
  record(passage, verdict, Date.now() - askedAt);
  countVerdict(passage, verdict);
  switch (verdict.kind) {
    case "taken":
      return conclude(passage, verdict.taken, verdict);
    case "uncountable":
      return turnBack(passage, verdict.cause);
    case "undecided":
      return degrade(passage, verdict.error);
  }
}

/** Refuses a request that cannot be metered; where nothing is refused yet, it goes on unmetered. */
async function turnBack(passage: VisitPassage, cause: Cause): Promise<Response> {
  const { request, rules } = passage;
  if (rules.policy.enforce) return refuse(request, cause, { policy: rules.policy });
  log({ event: "refusal.unenforced", reason: cause });
  return letPass(passage);
}

function keepOut(passage: Passage, refusal: Response): Response {
  countRefusal(passage, "blocked");
  return refusal;
}

/** Gives back what was taken for a request that is kept out. */
async function giveBack({ env, metered }: MeteredPassage, verdict: Verdict): Promise<void> {
  if (verdict.kind === "undecided") await verdict.error.giveBack();
  if (verdict.kind === "taken" && verdict.taken.decision.admitted) {
    await cancel(env, metered, verdict.taken.op);
  }
}

/** Goes by the operator's choice where there is no decision, and invents no headers. */
async function degrade(passage: MeteredPassage, error: Undecided): Promise<Response> {
  const { request, ctx, rules } = passage;
  const action = actionOn(error, passage);
  log({ event: "decision.degraded", ...keyOf(passage), action, cause: error.message });
  if (action === "allow") return letPass(passage);
  if (!error.isOverloaded) ctx.waitUntil(error.giveBack().catch(() => {}));
  return refuse(request, "unavailable", { policy: rules.policy });
}

/**
 * An overloaded key is refused, or flooding one's own would switch its limit off. Not so an overloaded shard: who floods it
 * would shut out all whose addresses share it.
 */
function actionOn(error: Undecided, { metered, limits, rules }: MeteredPassage): OnError {
  if (!rules.policy.enforce) return "allow";
  return error.isOverloaded && metered.kind === "key" ? "deny" : onErrorOf(limits, rules.policy);
}

function conclude(passage: MeteredPassage, taken: Taken, seen: Seen): Response | Promise<Response> {
  const { decision } = taken;
  if (decision.admitted) {
    if (decision.shadow) log({ event: "refusal.shadow", ...keyOf(passage), limits: decision.shadow });
    return letIn(passage, taken, decision);
  }
  if (passage.rules.policy.enforce) return turnAway(passage, decision, seen);
  log({ event: "refusal.unenforced", ...keyOf(passage), reason: decision.reason, ...limitOf(decision) });
  return letInFree(passage, taken);
}

function keyOf({ metered }: MeteredPassage): { readonly keyId?: string } {
  return metered.kind === "key" ? { keyId: metered.keyId } : {};
}

function limitOf(decision: Refused): { readonly limit?: string } {
  const limit = reported(decision)?.limit;
  return limit === undefined ? {} : { limit };
}
