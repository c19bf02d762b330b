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
import { guard, type Refusal } from "./guard.ts";
import { letIn, letInFree, letPass } from "./let-in.ts";
import { cancel, type Taken, type Undecided } from "./meter.ts";
import { type Metering, meteringOf } from "./metered.ts";
import { record } from "./metrics.ts";
import type { Arrival, MeteredPassage, Passage, VisitPassage } from "./passage.ts";
import { Patience } from "./patience.ts";
import { countRefusal, countVerdict } from "./telling.ts";
import { type Seen, turnAway } from "./turn-away.ts";
import { visitorOf } from "./visitor.ts";

/** An answer, or the promise of one: where nobody has to be asked, an asynchronous step takes longer than all the rest. */
type Answering = Response | Promise<Response>;

/** Answers a request: with the answer that comes from onward, or with a refusal. */
export function passThrough({ request, env, ctx, rules, location, onward }: Arrival): Answering {
  const headers = fieldsOf(request);
  const visitor = visitorOf({ headers }, rules.policy);
  const patience = new Patience();
  const passage = { request, env, ctx, rules, location, onward, headers, visitor, patience };
  const { refusal, isFirst } = guard(passage);
  const answer = isFirst && refusal ? enterAfter(passage, refusal) : enter(passage, refusal);
  return answer instanceof Promise ? awaited(answer, patience) : answer;
}

async function awaited(answer: Promise<Response>, patience: Patience): Promise<Response> {
  try {
    return await answer;
  } finally {
    patience.end();
  }
}

async function enterAfter(passage: VisitPassage, refusal: Refusal): Promise<Response> {
  const known = await refusal;
  return known === undefined ? enter(passage) : keepOut(passage, known);
}

function enter(passage: VisitPassage, refusal?: Refusal): Answering {
  const { request, headers, location, env, rules, visitor } = passage;
  const limits = isPreflight(request) ? [] : governing(passage);
  const carrier = { headers, url: location.url };
  const metering = meteringOf(carrier, visitor, limits, rules.policy, env.KEY_HASH_SECRET);
  return metering instanceof Promise
    ? metering.then((known) => goOn(passage, known, refusal))
    : goOn(passage, metering, refusal);
}

function goOn(passage: VisitPassage, metering: Metering, refusal?: Refusal): Answering {
  switch (metering.kind) {
    case "unmetered":
      return orElse(refusal, () => letPass(passage));
    case "refused":
      countRefusal(passage, metering.cause);
      return orElse(refusal, () => turnBack(passage, metering.cause));
    case "metered":
      return pass({ ...passage, metered: metering.metered, limits: metering.limits }, refusal);
  }
}

async function orElse(refusal: Refusal | undefined, answer: () => Answering): Promise<Response> {
  return (await refusal) ?? answer();
}

/** The limits that govern a request, by every way an origin may read its method and path. */
function governing({ request, headers, location, rules: { matcher } }: VisitPassage): readonly Limit[] {
  const methods = matcher.isByMethod ? methodsOf(request.method, (name) => headers.get(name)) : [];
  return matcher.match(methods, location.paths);
}

function pass(passage: MeteredPassage, refusal?: Refusal): Answering {
  const askedAt = Date.now();
  const known = decided(passage, askedAt);
  return known && !refusal
    ? conclude(passage, known, askedAt)
    : passAfter(passage, known ?? decide(passage), askedAt, refusal);
}

async function passAfter(
  passage: MeteredPassage,
  deciding: Verdict | Promise<Verdict>,
  askedAt: number,
  refusal?: Refusal,
): Promise<Response> {
  const verdict = await deciding;
  const keptOut = refusal && (await refusal);
  if (keptOut === undefined) return conclude(passage, verdict, askedAt);
  passage.ctx.waitUntil(giveBack(passage, verdict).catch(() => {}));
  return keepOut(passage, keptOut);
}

function conclude(passage: MeteredPassage, verdict: Verdict, askedAt: number): Answering {
  record(passage, verdict, askedAt);
  countVerdict(passage, verdict);
  switch (verdict.kind) {
    case "taken":
      return carryOut(passage, verdict.taken, verdict);
    case "uncountable":
      return turnBack(passage, verdict.cause);
    case "undecided":
      return degrade(passage, verdict.error);
  }
}

/** Refuses a request that cannot be metered; where nothing is refused yet, it goes on unmetered. */
function turnBack(passage: VisitPassage, cause: Cause): Answering {
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
function degrade(passage: MeteredPassage, error: Undecided): Answering {
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

function carryOut(passage: MeteredPassage, taken: Taken, seen: Seen): Answering {
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
