// The gate: what becomes of one request. Which limits govern it, who is metered, one take; then onward, or a refusal.

import { type Decision, type Refused, reported, reportOf } from "../core/decision.ts";
import { limitHeaders } from "../core/headers.ts";
import { callersOf, type Payload } from "../core/jsonrpc.ts";
import type { Location } from "../core/location.ts";
import { methodsOf } from "../core/method.ts";
import { onErrorOf } from "../core/on-error.ts";
import type { Limit, OnError } from "../core/policy.ts";
import { type Cause, REFUSALS } from "../core/refusal.ts";
import type { Env } from "../env.ts";
import { log } from "../log.ts";
import type { CompiledRules } from "../policy/rules.ts";
import { refuseAgain } from "./again.ts";
import { dated, refuse, withLimitHeaders } from "./answer.ts";
import { waitingFor } from "./calls.ts";
import { isPreflight } from "./cors.ts";
import { decide, type Verdict } from "./decide.ts";
import { fieldsOf } from "./fields.ts";
import { type Introduction, OriginUnreachable, type Outbound } from "./forward.ts";
import { type Guarding, guard, strike, type Visit } from "./guard.ts";
import { cancel, type Taken, type Undecided } from "./meter.ts";
import { type Metered, meteringOf } from "./metered.ts";
import { record } from "./metrics.ts";
import { Patience } from "./patience.ts";
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
export type Onward = (outbound: Passage & Outbound, introduction: Introduction) => Promise<Response>;

/** A passage at the gate. */
export interface Arrival extends Passage {
  readonly location: Location;
  /** Where the request goes if it is admitted. */
  readonly onward: Onward;
}

/** A passage whose request comes from a known place. */
interface VisitPassage extends Arrival, Visit, Outbound {}

/** A passage whose request is metered. */
export interface MeteredPassage extends VisitPassage {
  readonly metered: Metered;
  readonly limits: readonly Limit[];
}

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
  const { request, headers, env, rules, visitor } = passage;
  const { refusal, isFirst } = guard(passage);
  const early = isFirst ? await refusal : undefined;
  if (early !== undefined) return keepOut(passage, early);
  const limits = isPreflight(request) ? [] : governing(passage);
  const carrier = { headers, url: request.url };
  const metering = await meteringOf(carrier, visitor, limits, rules.policy, env.KEY_HASH_SECRET);
  switch (metering.kind) {
    case "unmetered":
      return (await refusal) ?? letPass(passage, {});
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
  const [verdict, keptOut] = refusal
    ? await Promise.all([decide(passage), refusal])
    : [await decide(passage), undefined];
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
  return letPass(passage, {});
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
  if (action === "allow") return letPass(passage, introduction(passage, {}));
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

/** Lets a request pass that no decision was made about: its answer speaks of no limits. */
async function letPass(passage: VisitPassage, introduction: Introduction): Promise<Response> {
  return dated(await ask(passage, introduction).catch(unreachable(passage)));
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
  const options = { decision, limits, policy, ...(report !== undefined && { report }) };
  if (payload === undefined && callers === undefined && characters === undefined) {
    return refuseAgain(request, decision, options);
  }
  return refuse(request, decision.reason === "cost" && payload?.isBatch ? "batch" : decision.reason, {
    ...options,
    callers,
    isForCalls: payload !== undefined && callers !== undefined,
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
