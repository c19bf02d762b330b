// The take of a logged request: all its parties charge it, or none does; and its settle, by the answer that the log has of it.

import type { Decision, Standing } from "../../src/core/decision.ts";
import type { Outcome } from "../../src/core/holds.ts";
import { combine } from "../../src/core/judge.ts";
import { outcomesOf, settled } from "../../src/core/outcome.ts";
import type { Limit } from "../../src/core/policy.ts";
import type { Rules } from "../../src/core/subject.ts";
import type { Entry } from "./entry.ts";
import type { Party } from "./parties.ts";
import { type Part, refusalOf, type Verdict } from "./verdict.ts";

/** What a client that left before there was an answer is logged with. It is charged. */
const CLIENT_LEFT = 499;

/**
 * Charges a request as a key's object does: it reserves, asks the others one after the other, and gives all back where one
 * refuses.
 *
 * @param limits every limit that governs the request.
 * @param op a number that no other take of the replay has.
 */
export function takeTogether(
  parties: readonly Party[],
  limits: readonly Limit[],
  entry: Entry,
  rules: Rules,
  op: number,
): Verdict {
  const nowMs = entry.atMs;
  const terms = { op, holdUntilAt: nowMs + rules.policy.holdForMs, pending: parties.length > 1 };
  const decisions: Decision[] = [];
  for (const { subject, asks, above } of parties) {
    const isOpen = decisions.every(({ admitted }) => admitted);
    decisions.push(
      isOpen ? subject.take(asks, rules, above, nowMs, terms) : subject.peek(asks, rules, above, nowMs),
    );
  }
  const decision = combine(decisions);
  if (!decision.admitted) {
    for (const { subject } of parties) subject.ledger.cancel(op);
    const { reason, refusing, standings } = decision;
    const window = refusing === undefined ? undefined : standings[refusing];
    const parts = partsOf(parties, decisions, standings);
    return { ...refusalOf(reason), parts, ...(window && { refusing: window }) };
  }
  const outcomes = outcomesOfEntry(limits, entry);
  for (const party of parties) conclude(party, outcomes, op, nowMs);
  const { shadow } = decision;
  const parts = partsOf(parties, decisions, settled(decision, outcomes).standings);
  return { kind: "admitted", parts, ...(shadow && { shadow }) };
}

function conclude(
  { subject: { ledger } }: Party,
  outcomes: readonly Outcome[],
  op: number,
  nowMs: number,
): void {
  ledger.confirm(op);
  if (ledger.holds.has(op)) ledger.settle(op, outcomes, nowMs);
  // No line is delivered twice: nothing is gained by remembering it.
  ledger.recent.clear();
}

/** Deals out the standings of all parties, which are one after the other. */
function partsOf(
  parties: readonly Party[],
  decisions: readonly Decision[],
  standings: readonly Standing[],
): Part[] {
  let from = 0;
  return parties.map(({ who }, index) => {
    const to = from + (decisions[index]?.standings.length ?? 0);
    const part = { who, standings: standings.slice(from, to) };
    from = to;
    return part;
  });
}

/** How the logged answer settles what is held. Where the log has none, it is charged. */
function outcomesOfEntry(limits: readonly Limit[], { status, cost }: Entry): readonly Outcome[] {
  if (status === undefined || status === CLIENT_LEFT) return [];
  return outcomesOf(limits, { status, header: () => (cost === undefined ? null : String(cost)) });
}
