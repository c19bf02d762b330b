// The body of a refusal, in the format the policy wants. Nothing that the client sent gets in, and nothing here writes to
// the wire.

import { isoTime } from "./calendar.ts";
import { type Refused, remaining, reported, type Standing } from "./decision.ts";
import { policyName, retryAfterSeconds, unixSeconds } from "./headers.ts";
import { isError } from "./jsonrpc.ts";
import type { Limit, RefusalFormat } from "./policy.ts";
import { type Cause, REFUSALS } from "./refusal.ts";
import { type Json, render, type Values } from "./template.ts";

/** What a refusal's body may speak of. */
export interface Facts {
  /** The refused decision; absent where the gate refused by itself. */
  readonly decision?: Refused;
  /** The limits that matched the request; the one that refused may have a body of its own. */
  readonly limits?: readonly Limit[];
  /** Characters of the request, where they were counted to the end. */
  readonly characters?: number;
  /** When the block ends, where `cause` is `blocked`. */
  readonly block?: BlockEnd;
  /** Body of a 429 of the other limits, or of a blocked address's 403. Problem details unless given. */
  readonly format?: RefusalFormat;
  /** True where calls were counted: their client understands a JSON-RPC error and nothing else. */
  readonly isForCalls?: boolean;
}

/** The end of a block. */
export interface BlockEnd {
  /** By the object's clock, in Unix milliseconds. */
  readonly untilAt: number;
  readonly remainingMs: number;
}

/** Causes whose body the policy may choose. */
const FORMATTED: ReadonlySet<Cause> = new Set(["rate", "newcomer", "blocked"]);

/** A refusal's body, and what it is. */
export interface RefusalBody {
  readonly contentType: string;
  readonly value: Json;
}

/**
 * RFC 9457 problem details, or what the policy says of a 429 and of a block; for calls always a JSON-RPC error, if need be
 * with nothing of the policy's but its code.
 */
export function refusalBody(cause: Cause, facts: Facts): RefusalBody {
  const standing = facts.decision && reported(facts.decision);
  const limit = facts.limits?.find((one) => one.name === standing?.limit);
  const wanted = limit?.refusal ?? facts.format ?? "problem";
  const format = facts.isForCalls ? formatForCalls(cause, wanted) : FORMATTED.has(cause) ? wanted : "problem";
  if (format === "problem") {
    return { contentType: "application/problem+json", value: problem(cause, facts, standing) };
  }
  const value =
    format === "jsonrpc"
      ? jsonRpcError(cause, facts, standing, codeOf(wanted))
      : render(format, valuesOf(facts, standing));
  return { contentType: "application/json", value };
}

function formatForCalls(cause: Cause, wanted: RefusalFormat): RefusalFormat {
  return FORMATTED.has(cause) && isError(wanted) ? wanted : "jsonrpc";
}

/** The policy's own, else one of those that JSON-RPC 2.0, section 5.1, leaves to servers. */
function codeOf(wanted: RefusalFormat): number {
  return isError(wanted) ? wanted.error.code : -32002;
}

function problem(cause: Cause, facts: Facts, standing: Standing | undefined): Json {
  const { type, title, status, detail } = REFUSALS[cause];
  return {
    type,
    title,
    status,
    detail: render(detail, valuesOf(facts, standing)),
    reason: cause,
    ...(facts.decision?.refusing !== undefined && {
      "violated-policies": violatedPolicies(facts.decision),
      ...extensions(facts, standing),
    }),
  };
}

function jsonRpcError(cause: Cause, facts: Facts, standing: Standing | undefined, code: number): Json {
  const message =
    cause === "rate" ? "Rate limit exceeded" : render(REFUSALS[cause].detail, valuesOf(facts, standing));
  return { error: { code, message, data: extensions(facts, standing) } };
}

function extensions({ decision }: Facts, standing: Standing | undefined): { readonly [name: string]: Json } {
  return {
    ...(standing && { limit: standing.size, remaining: remaining(standing) }),
    ...(decision?.retryAfterMs !== undefined && {
      retryAfterSeconds: retryAfterSeconds(decision.retryAfterMs),
    }),
    ...(decision?.retryAfterMs !== undefined && standing && { resetsAt: isoTime(standing.resetAt) }),
  };
}

/** Every window without room for what was asked of it. */
function violatedPolicies({ standings }: Refused): string[] {
  return standings.filter((one) => one.used + one.cost > one.size).map(policyName);
}

function valuesOf({ decision, block, characters }: Facts, standing: Standing | undefined): Values {
  return {
    characters: characters ?? "more",
    ...(decision?.maxCharacters !== undefined && { max_characters: decision.maxCharacters }),
    ...(decision?.retryAfterMs !== undefined && { retry_after: retryAfterSeconds(decision.retryAfterMs) }),
    ...(block && {
      retry_after: retryAfterSeconds(block.remainingMs),
      reset: unixSeconds(block.untilAt),
      reset_iso: isoTime(block.untilAt),
    }),
    ...(standing && {
      name: standing.limit,
      limit: standing.size,
      remaining: remaining(standing),
      used: standing.used + standing.cost,
      window: standing.window,
      reset: unixSeconds(standing.resetAt),
      reset_iso: isoTime(standing.resetAt),
    }),
  };
}
