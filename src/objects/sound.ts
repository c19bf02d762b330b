// Whether what an object said can be meant. An object may run older or newer code than its caller, or be broken; a decision
// that cannot be read is no decision.

import type { Decision, Refused } from "../core/decision.ts";
import { REFUSALS } from "../core/refusal.ts";
import type { Answer, Joined, Watch } from "./messages.ts";

/**
 * What an object said, if it can be meant.
 *
 * @throws where it cannot.
 */
export function understood<Said>(said: unknown, isMeant: (said: unknown) => said is Said): Said {
  if (isMeant(said)) return said;
  throw new Error("the object did not answer the question");
}

/** True for what `take` answers to one take. */
export function isAnswer(said: unknown): said is Answer {
  return isRecord(said) && isDecision(said.decision);
}

/** True for what `join` answers. */
export function isJoined(said: unknown): said is Joined {
  return isRecord(said) && isDecision(said.decision) && typeof said.holds === "boolean";
}

/** True for what `bring` answers. */
export function isConsent(said: unknown): said is Refused | undefined {
  return said === undefined || (isDecision(said) && !said.admitted);
}

/** True for what `look` and `strike` answer. */
export function isWatch(said: unknown): said is Watch {
  if (!isRecord(said) || typeof said.isStruck !== "boolean") return false;
  const { block } = said;
  return block === undefined || (isRecord(block) && isWhole(block.untilAt) && isWhole(block.remainingMs));
}

function isDecision(said: unknown): said is Decision {
  if (!isRecord(said) || !isWhole(said.at)) return false;
  const { admitted, standings, shadowStandings = [], reason, refusing, retryAfterMs } = said;
  if (!areStandings(standings) || !areStandings(shadowStandings)) return false;
  if (admitted !== false) return admitted === true;
  if (typeof reason !== "string" || !Object.hasOwn(REFUSALS, reason)) return false;
  if (refusing !== undefined && !(isWhole(refusing) && refusing in standings)) return false;
  return retryAfterMs === undefined ? reason !== "rate" : isWhole(retryAfterMs);
}

function areStandings(said: unknown): said is readonly unknown[] {
  return Array.isArray(said) && said.every(isStanding);
}

function isStanding(said: unknown): boolean {
  if (!isRecord(said)) return false;
  const { limit, window, size, used, cost, resetAt, lengthMs } = said;
  return (
    typeof limit === "string" &&
    typeof window === "string" &&
    [size, used, cost, resetAt, lengthMs].every(isWhole)
  );
}

function isRecord(said: unknown): said is Readonly<Record<string, unknown>> {
  return typeof said === "object" && said !== null;
}

function isWhole(said: unknown): said is number {
  return Number.isSafeInteger(said);
}
