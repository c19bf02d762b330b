// The edge in one process: the way of a request through gate and objects, by the very core that decides there, at the time
// that the log says. Counts nothing itself.

import type { Decision, Reason, Standing } from "../../src/core/decision.ts";
import { combine } from "../../src/core/judge.ts";
import { methodsOf } from "../../src/core/method.ts";
import { outcomesOf, settled } from "../../src/core/outcome.ts";
import { candidatePaths } from "../../src/core/path.ts";
import type { Limit } from "../../src/core/policy.ts";
import { REFUSALS } from "../../src/core/refusal.ts";
import { blockAt, strike } from "../../src/core/strikes.ts";
import type { CompiledRules } from "../../src/policy/rules.ts";
import type { Entry } from "./entry.ts";
import { type Party, partiesOf } from "./parties.ts";
import { pathnameOf } from "./pathname.ts";
import { Subjects } from "./subjects.ts";
import { type Visitor, visitorsOf } from "./visitors.ts";

/** Why a request is refused: a decision's reason, or one that needs no decision. */
export type ReplayReason = Reason | "unauthenticated" | "denied" | "blocked";

/** Where the windows of one subject stand after a request. */
export interface Part {
  /** `key 3f2a…`, `account acme`, `address 203.0.113.7`. */
  readonly who: string;
  readonly standings: readonly Standing[];
}

/** What becomes of a request. */
export type Verdict =
  | { readonly kind: "unmetered" }
  | { readonly kind: "admitted"; readonly parts: readonly Part[]; readonly shadow?: readonly string[] }
  | {
      readonly kind: "refused";
      readonly reason: ReplayReason;
      /** Every window that governs it, none of them charged. */
      readonly parts: readonly Part[];
      /** The window that refused, where one did. */
      readonly refusing?: Standing;
    };

/** What a client that left before there was an answer is logged with. It is charged. */
const CLIENT_LEFT = 499;

/** The subject of a request: its key, else its address. */
export function whoOf(entry: Entry, { address }: Visitor): string {
  return entry.keyId === undefined ? `address ${address ?? "unknown"}` : `key ${entry.keyId}`;
}

export class Edge {
  readonly #rules: CompiledRules;
  readonly #subjects: Subjects;
  readonly #visitorOf: (ip: string | undefined) => Visitor;
  #op = 0;

  constructor(rules: CompiledRules) {
    this.#rules = rules;
    this.#subjects = new Subjects(rules.policy.ipBlock);
    this.#visitorOf = visitorsOf(rules.policy);
  }

  /** Subjects in memory. */
  get retained(): number {
    return this.#subjects.count;
  }

  /** Who asks, and what becomes of the request: decided, charged, and settled by the answer that the log has of it. */
  decide(entry: Entry): { readonly who: string; readonly verdict: Verdict } {
    const visitor = this.#visitorOf(entry.ip);
    return { who: whoOf(entry, visitor), verdict: this.#pass(entry, visitor) };
  }

  #pass(entry: Entry, visitor: Visitor): Verdict {
    const path = pathnameOf(entry.target);
    const { adminPath, ipBlock } = this.#rules.policy;
    // weir's own endpoints are never metered.
    if (path === adminPath || path.startsWith(`${adminPath}/`)) return { kind: "unmetered" };
    if (visitor.isDenied) return refused("denied");
    const guarded =
      visitor.isGuarded && visitor.address !== undefined ? `address ${visitor.address}` : undefined;
    if (guarded === undefined || ipBlock === undefined) return this.#meter(entry, path, visitor);
    const address = this.#subjects.get(guarded, entry.atMs);
    if (blockAt(address.conduct, entry.atMs) !== undefined) return refused("blocked");
    const verdict = this.#meter(entry, path, visitor);
    const isStrike =
      verdict.kind === "refused"
        ? REFUSALS[verdict.reason].isStrike
        : ipBlock.strikeOn401 && entry.status === 401;
    if (isStrike) address.conduct = strike(address.conduct, ipBlock, entry.atMs);
    return verdict;
  }

  #meter(entry: Entry, path: string, visitor: Visitor): Verdict {
    const limits = this.#rules.matcher.match(
      methodsOf(entry.method, () => null),
      candidatePaths(path),
    );
    const parties = partiesOf(entry, limits, visitor, this.#rules.policy, this.#subjects);
    if (parties.kind !== "metered") return parties.kind === "unmetered" ? parties : refused(parties.kind);
    return this.#take(parties.parties, limits, entry);
  }

  /** As a key's object does: it reserves, asks the others one after the other, and gives all back where one refuses. */
  #take(parties: readonly Party[], limits: readonly Limit[], entry: Entry): Verdict {
    const nowMs = entry.atMs;
    const op = ++this.#op;
    const pending = parties.length > 1;
    const terms = { op, holdUntilAt: nowMs + this.#rules.policy.holdForMs, pending };
    const decisions: Decision[] = [];
    let isAdmitted = true;
    for (const { subject, asks, above } of parties) {
      const decision: Decision = isAdmitted
        ? subject.take(asks, this.#rules, above, nowMs, terms)
        : subject.peek(asks, this.#rules, above, nowMs);
      decisions.push(decision);
      isAdmitted &&= decision.admitted;
    }
    const decision = combine(decisions);
    const parts = (each: (one: Decision) => readonly Standing[]) =>
      decisions.map((one, index) => ({ who: (parties[index] as Party).who, standings: each(one) }));
    if (!decision.admitted) {
      for (const { subject } of parties) subject.ledger.cancel(op);
      const { reason, refusing, standings } = decision;
      const window = refusing === undefined ? undefined : standings[refusing];
      return {
        ...refused(
          reason,
          parts((one) => one.standings),
        ),
        ...(window && { refusing: window }),
      };
    }
    const outcomes = outcomesOfEntry(limits, entry);
    for (const {
      subject: { ledger },
    } of parties) {
      if (pending) ledger.confirm(op);
      if (ledger.holds.has(op)) ledger.settle(op, outcomes, nowMs);
      // No log line comes twice as the same take.
      ledger.recent.clear();
    }
    const { shadow } = decision;
    return {
      kind: "admitted",
      parts: parts((one) => (one.admitted ? settled(one, outcomes).standings : one.standings)),
      ...(shadow && { shadow }),
    };
  }
}

function refused(reason: ReplayReason, parts: readonly Part[] = []): Verdict & { readonly kind: "refused" } {
  return { kind: "refused", reason, parts };
}

/** How the logged answer settles what is held. Where the log has none, it is charged. */
function outcomesOfEntry(limits: readonly Limit[], { status, cost }: Entry): ReturnType<typeof outcomesOf> {
  if (status === undefined || status === CLIENT_LEFT) return [];
  return outcomesOf(limits, { status, header: () => (cost === undefined ? null : String(cost)) });
}
