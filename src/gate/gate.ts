// The gate: what becomes of one request. Which limits govern it, who is metered, one take; then onward, or a refusal.

import { type Decision, type Refused, reported, reportOf } from "../core/decision.ts";
import { limitHeaders } from "../core/headers.ts";
import { callersOf, type Payload } from "../core/jsonrpc.ts";
import { methodsOf } from "../core/method.ts";
import { onErrorOf } from "../core/on-error.ts";
import { isWithin, type Readings, readingsOf } from "../core/path.ts";
import type { Limit, OnError } from "../core/policy.ts";
import { type Cause, REFUSALS } from "../core/refusal.ts";
import type { Env } from "../env.ts";
import { log } from "../log.ts";
import type { CompiledRules } from "../policy/rules.ts";
import { refuse, withLimitHeaders } from "./answer.ts";
import { waitingFor } from "./calls.ts";
import { isPreflight } from "./cors.ts";
import { decide, type Verdict } from "./decide.ts";
import { type Introduction, OriginUnreachable } from "./forward.ts";
import { type Guarding, guard, strike, type Visit } from "./guard.ts";
import { cancel, type Taken, type Undecided } from "./meter.ts";
import { type Metered, meteringOf } from "./metered.ts";
import { record } from "./metrics.ts";
import { settleWith } from "./settlement.ts";
import { countRefusal, countVerdict } from "./telling.ts";
import { visitorOf } from "./visitor.ts";

/** A request on its way through, and all it needs there. */
export interface Passage {
  readonly request: Request;
  readonly env: Env;
  readonly ctx: Pick<ExecutionContext, "waitUntil">;
  readonly rules: CompiledRules;
}

/**
 * Has an admitted request answered: by the origin, or by the app that weir is part of.
 *
 * @throws OriginUnreachable where there is no answer.
 */
export type Onward = (passage: Passage, introduction: Introduction) => Promise<Response>;

/** A passage at the gate. */
export interface Arrival extends Passage {
  /** Where the request goes if it is admitted. */
  readonly onward: Onward;
}

/** A passage whose request comes from a known place. */
interface VisitPassage extends Arrival, Visit {}

/** A passage whose request is metered. */
export interface MeteredPassage extends VisitPassage {
  readonly metered: Metered;
  readonly limits: readonly Limit[];
}

/** Answers a request: with the answer that comes from onward, or with a refusal. */
export async function passThrough(arrival: Arrival): Promise<Response> {
  const { request, env, rules } = arrival;
  const { policy } = rules;
  const visitor = visitorOf(request, policy);
  const passage = { ...arrival, visitor };
  const { refusal, isFirst } = guard(passage);
  const early = isFirst ? await refusal : undefined;
  if (early !== undefined) return keepOut(passage, early);
  const paths = readingsOf(request.url);
  // A spelling of weir's own paths that its router does not know, or an operator's token would go to the origin.
  if (isWithin(paths, policy.adminPath)) return refuse(request, "missing", { policy });
  const limits = isPreflight(request) ? [] : governing(request, paths, rules);
  const metering = await meteringOf(request, visitor, limits, policy, env.KEY_HASH_SECRET);
  switch (metering.kind) {
    case "unmetered":
      return (await refusal) ?? ask(passage, {}).catch(unreachable(passage));
    case "refused":
      countRefusal(passage, metering.cause);
      return (await refusal) ?? turnBack(passage, metering.cause);
    case "metered":
      return pass({ ...passage, metered: metering.metered, limits: metering.limits }, refusal);
  }
}

/** The limits that govern a request, by every way an origin may read its method and path. */
function governing(request: Request, paths: Readings, rules: CompiledRules): readonly Limit[] {
  const { matcher } = rules;
  const methods = matcher.isByMethod ? methodsOf(request.method, (name) => request.headers.get(name)) : [];
  return matcher.match(methods, paths);
}

async function pass(passage: MeteredPassage, refusal: Guarding["refusal"]): Promise<Response> {
  const askedAt = Date.now();
  const [verdict, keptOut] = await Promise.all([decide(passage), refusal]);
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
  return ask(passage, {}).catch(unreachable(passage));
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
  if (action === "allow") return ask(passage, introduction(passage, {})).catch(unreachable(passage));
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

/** What was looked at for a decision. */
interface Seen {
  readonly characters?: number;
  readonly payload?: Payload;
}

async function conclude(passage: MeteredPassage, taken: Taken, seen: Seen): Promise<Response> {
  const { rules } = passage;
  const { decision } = taken;
  if (decision.admitted) {
    if (decision.shadow) log({ event: "refusal.shadow", ...keyOf(passage), limits: decision.shadow });
    const answer = ask(passage, introduction(passage, taken));
    const final = await settleWith(passage, taken, decision, answer);
    return withLimits(passage, final, await answer.catch(unreachable(passage)));
  }
  if (rules.policy.enforce) return turnAway(passage, decision, seen);
  log({ event: "refusal.unenforced", ...keyOf(passage), reason: decision.reason, ...limitOf(decision) });
  const answer = await ask(passage, introduction(passage, taken)).catch(unreachable(passage));
  return withLimits(passage, { admitted: true, at: decision.at, standings: decision.standings }, answer);
}

async function ask(passage: VisitPassage, introduction: Introduction): Promise<Response> {
  const { env, rules, onward } = passage;
  // The proof goes with every request, metered or not: an origin that asks for it gets it.
  const answer = await onward(passage, { ...introduction, originSecret: env.ORIGIN_SECRET });
  if (answer.status === 401 && rules.policy.ipBlock?.strikeOn401) await strike(passage);
  return answer;
}

/** The answer in place of an origin's that gave none. */
function unreachable({ request, rules }: Passage): (error: unknown) => Response {
  return (error) => {
    if (!(error instanceof OriginUnreachable)) throw error;
    return refuse(request, error.isTimeout ? "timeout" : "unreachable", { policy: rules.policy });
  };
}

async function turnAway(
  passage: MeteredPassage,
  decision: Refused,
  { characters, payload }: Seen,
): Promise<Response> {
  const { request, limits, rules } = passage;
  const { policy } = rules;
  const report = reportOf(limits);
  // Before the answer: whoever asks again after it finds the block that it began.
  if (REFUSALS[decision.reason].isStrike) await strike(passage);
  const callers = payload ? callersOf(payload) : await waitingFor(request);
  return refuse(request, decision.reason === "cost" && payload?.isBatch ? "batch" : decision.reason, {
    decision,
    limits,
    policy,
    callers,
    isForCalls: payload !== undefined && callers !== undefined,
    ...(report !== undefined && { report }),
    ...(characters !== undefined && { characters }),
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

/** Tells the origin who asks. */
function introduction({ metered }: MeteredPassage, { account, tier }: Partial<Taken>): Introduction {
  return {
    keyId: metered.kind === "key" ? metered.keyId : undefined,
    account,
    tier,
  };
}

function keyOf({ metered }: MeteredPassage): { readonly keyId?: string } {
  return metered.kind === "key" ? { keyId: metered.keyId } : {};
}

function limitOf(decision: Refused): { readonly limit?: string } {
  const limit = reported(decision)?.limit;
  return limit === undefined ? {} : { limit };
}
