// Lines: takes and their answers as the Worker and its objects say them to each other, one line of text each. Text crosses
// at a fraction of what objects cost, whose every member's name crosses with them, and a take is on the way of every request.
//
// Fields are parted by tabs, for no name has one. New code meets old code for minutes after a deploy: a field is only ever
// added at the end, a flag as a letter of its own, and a reader leaves alone what it does not know.

import type { Admitted, Standing } from "../core/decision.ts";
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
    ...(address && { address }),
    ...(newcomer && { newcomer }),
    ...(flags.includes("p") && { peek: true }),
    ...(flags.includes("b") && { brief: true }),
  };
}

function askItem({ limit, calls, characters }: Ask): string {
  if (calls === undefined && characters === undefined) return limit;
  return [limit, calls, characters].join(PART);
}

function askIn(item: string): Ask {
  const [limit = "", calls, characters] = item.split(PART);
  return {
    limit,
    ...(calls && { calls: Number(calls) }),
    ...(characters && { characters: Number(characters) }),
  };
}

/**
 * A line with an answer: instant, flags, tier, account, standings. A refusal, or what has still to be settled, is more
 * than these fields hold, and a line of JSON.
 */
export function answerLine(answer: Answer): string {
  const { decision, tier = "", account = "", holders, isTrustDue, isUnguarded } = answer;
  if (holders !== undefined || !isPlain(decision)) return JSON.stringify(answer);
  const flags = (isTrustDue ? "t" : "") + (isUnguarded ? "u" : "");
  const standings = decision.standings.map(standingItem).join(ITEM);
  return decision.at + FIELD + flags + FIELD + tier + FIELD + account + FIELD + standings;
}

/**
 * The answer of a line.
 *
 * @throws where it cannot be meant.
 */
export function answerIn(line: string): Answer {
  return understood(line.startsWith("{") ? JSON.parse(line) : plainAnswerIn(line), isAnswer);
}

function isPlain(decision: Answer["decision"]): decision is Admitted {
  return (
    decision.admitted &&
    decision.shadow === undefined &&
    decision.shadowStandings === undefined &&
    decision.standings.every(({ held }) => !held)
  );
}

function plainAnswerIn(line: string): Answer {
  const [at, flags = "", tier, account, standings] = line.split(FIELD);
  return {
    decision: {
      admitted: true,
      at: numberIn(at),
      standings: standings ? standings.split(ITEM).map(standingIn) : [],
    },
    ...(tier && { tier }),
    ...(account && { account }),
    ...(flags.includes("t") && { isTrustDue: true }),
    ...(flags.includes("u") && { isUnguarded: true }),
  };
}

function standingItem({ limit, window, size, used, cost, resetAt, lengthMs }: Standing): string {
  return `${limit},${window},${size},${used},${cost},${resetAt},${lengthMs}`;
}

function standingIn(item: string): Standing {
  const [limit = "", window = "", size, used, cost, resetAt, lengthMs] = item.split(PART);
  return {
    limit,
    window,
    size: numberIn(size),
    used: numberIn(used),
    cost: numberIn(cost),
    held: false,
    resetAt: numberIn(resetAt),
    lengthMs: numberIn(lengthMs),
  };
}

/** A field that is missing or empty is no number, where `Number` would make a 0 of it: of an empty line, an admission. */
function numberIn(field: string | undefined): number {
  return Number(field || Number.NaN);
}
