// Lines: takes and their answers as the Worker and its objects say them to each other, one line of text each. Text crosses
// at a fraction of what objects cost, whose every member's name crosses with them, and a take is on the way of every request.
//
// Fields are parted by tabs, for no name has one. New code meets old code for minutes after a deploy: a field is only ever
// added at the end, a flag as a letter of its own, and a reader leaves alone what it does not know.

import type { Standing } from "../core/decision.ts";
import type { Ask } from "../core/subject.ts";
import type { Answer, Take } from "./messages.ts";
import { isAnswer, understood } from "./sound.ts";

const FIELD = "\t";
const ITEM = ";";
const PART = ",";

/** A line with a take: op, flags, address, newcomer, asks. */
export function takeLine({ op, asks, address = "", newcomer = "", peek, brief }: Take): string {
  const flags = (peek ? "p" : "") + (brief ? "b" : "");
  return op + FIELD + flags + FIELD + address + FIELD + newcomer + FIELD + asks.map(askItem).join(ITEM);
}

/** The take of a line. */
export function takeIn(line: string): Take {
  const [op, flags = "", address, newcomer, asks] = line.split(FIELD);
  return {
    op: Number(op),
    asks: asks ? asks.split(ITEM).map(askIn) : [],
    address: address || undefined,
    newcomer: newcomer || undefined,
    peek: flags.includes("p") || undefined,
    brief: flags.includes("b") || undefined,
  };
}

function askItem({ limit, calls, characters }: Ask): string {
  if (calls === undefined && characters === undefined) return limit;
  return [limit, calls, characters].join(PART);
}

function askIn(item: string): Ask {
  if (!item.includes(PART)) return { limit: item };
  const [limit = "", calls, characters] = item.split(PART);
  return {
    limit,
    ...(calls && { calls: Number(calls) }),
    ...(characters && { characters: Number(characters) }),
  };
}

/** A line for each answer. */
export function answerLines(answers: readonly Answer[]): string {
  return answers.map(answerLine).join("\n");
}

/**
 * A line with an answer: instant, flags, tier, account, standings. Then, but only where one of them says something: reason,
 * refusing, retryAfterMs, maxCharacters, the account and the address that hold, shadow, shadowStandings.
 */
export function answerLine(answer: Answer): string {
  const { decision, tier = "", account = "", holders } = answer;
  const { at, standings, shadowStandings } = decision;
  const line = [at, flagsOf(answer), tier, account, standingItems(standings)].join(FIELD);
  if (decision.admitted && !holders && !decision.shadow && !shadowStandings) return line;
  const why = decision.admitted
    ? ["", "", "", ""]
    : [decision.reason, decision.refusing, decision.retryAfterMs, decision.maxCharacters];
  const shadow = decision.admitted ? decision.shadow?.join(ITEM) : "";
  const rest = [holders?.account, holders?.address, shadow, standingItems(shadowStandings ?? [])];
  return [line, ...why, ...rest].join(FIELD);
}

/**
 * The answer of a line.
 *
 * @throws where it cannot be meant.
 */
export function answerIn(line: string): Answer {
  const fields = line.split(FIELD);
  const [, flags = "", tier, account, , , , , , ofAccount, ofAddress] = fields;
  const answer = {
    decision: decisionIn(fields),
    tier: tier || undefined,
    account: account || undefined,
    holders: holdersIn(flags.includes("k"), ofAccount, ofAddress),
    isTrustDue: flags.includes("t") || undefined,
    isUnguarded: flags.includes("u") || undefined,
  };
  return understood(answer, isAnswer);
}

function holdersIn(key: boolean, account: string | undefined, address: string | undefined): unknown {
  if (!key && !account && !address) return undefined;
  return { ...(key && { key }), ...(account && { account }), ...(address && { address }) };
}

function flagsOf({ decision, holders, isTrustDue, isUnguarded }: Answer): string {
  const isFirm = !decision.admitted && decision.firm;
  return (isFirm ? "f" : "") + (holders?.key ? "k" : "") + (isTrustDue ? "t" : "") + (isUnguarded ? "u" : "");
}

function decisionIn(fields: readonly string[]): unknown {
  const [at, flags = "", , , standings, reason, refusing, retryAfterMs, maxCharacters, , , shadow, shadows] =
    fields;
  const plain = { at: numberIn(at), standings: standingsIn(standings) };
  if (!reason && !shadow && !shadows) return { admitted: true, ...plain };
  const common = { ...plain, ...(shadows && { shadowStandings: standingsIn(shadows) }) };
  if (!reason) return { admitted: true, ...common, ...(shadow && { shadow: shadow.split(ITEM) }) };
  return {
    admitted: false,
    ...common,
    reason,
    ...(refusing && { refusing: numberIn(refusing) }),
    ...(retryAfterMs && { retryAfterMs: numberIn(retryAfterMs) }),
    ...(flags.includes("f") && { firm: true }),
    ...(maxCharacters && { maxCharacters: numberIn(maxCharacters) }),
  };
}

function standingItems(standings: readonly Standing[]): string {
  return standings.map(standingItem).join(ITEM);
}

function standingsIn(items: string | undefined): Standing[] {
  return items ? items.split(ITEM).map(standingIn) : [];
}

function standingItem({
  limit,
  window,
  size,
  used,
  cost,
  resetAt,
  lengthMs,
  held,
  isShadow,
}: Standing): string {
  const item = [limit, window, size, used, cost, resetAt, lengthMs].join(PART);
  return held || isShadow ? item + PART + (held ? "h" : "") + (isShadow ? "s" : "") : item;
}

function standingIn(item: string): Standing {
  const [limit = "", window = "", size, used, cost, resetAt, lengthMs, flags = ""] = item.split(PART);
  const standing = {
    limit,
    window,
    size: numberIn(size),
    used: numberIn(used),
    cost: numberIn(cost),
    held: flags.includes("h"),
    resetAt: numberIn(resetAt),
    lengthMs: numberIn(lengthMs),
  };
  return flags.includes("s") ? { ...standing, isShadow: true } : standing;
}

/** NaN for what is no number, an empty field among it. */
function numberIn(text: string | undefined): number {
  return text ? Number(text) : Number.NaN;
}
