// Takes of one key: whether they may be asked at all, whose windows they are charged to, and what is answered. Writes no row
// for a take that is decided here alone: many may come in one call.

import { briefly, type Decision, type Reason, reportOf } from "../core/decision.ts";
import type { Ask, Subject } from "../core/subject.ts";
import type { Env } from "../env.ts";
import type { Borrower } from "./borrower.ts";
import { Introductions } from "./introductions.ts";
import type { Answer, Holders, Take } from "./messages.ts";
import { holdersAmong, type Party, split } from "./parties.ts";
import type { StoredSubject } from "./stored-subject.ts";
import { Together } from "./together.ts";

export class Taker {
  readonly #stored: StoredSubject;
  readonly #introductions: Introductions;
  readonly #together: Together;
  /** Takes that other objects are being asked about. */
  readonly #underWay = new Map<number, Promise<Answer>>();

  constructor(env: Env, stored: StoredSubject, borrower: Borrower) {
    this.#stored = stored;
    this.#introductions = new Introductions(env);
    this.#together = new Together(env, stored, borrower);
  }

  get #subject(): Subject {
    return this.#stored.subject;
  }

  /** Answers a take: at once, where nobody else has to be asked. */
  take(take: Take, nowMs: number): Answer | Promise<Answer> {
    const reason = this.#denial(nowMs);
    if (reason !== undefined) {
      const decision = { admitted: false, at: nowMs, reason, standings: [] } as const;
      this.#stored.note(take, decision);
      return { decision };
    }
    const { address, newcomer } = take;
    const needsNone = this.#stored.isTrusted(nowMs) || newcomer === undefined || address === undefined;
    return needsNone || this.#introductions.isMade(address, nowMs)
      ? this.decide(take, nowMs)
      : this.#introduce(take, address, newcomer);
  }

  /** The same for whoever brings it, be the key denied or new. */
  decide(take: Take, nowMs: number): Answer | Promise<Answer> {
    const { own, parties } = split(take, this.#subject.plan?.account, this.#stored.rules);
    // Delivered again, it has been admitted everywhere.
    const isKnown = !take.peek && this.#subject.ledger.recent.has(take.op) && !this.#underWay.has(take.op);
    if (parties.length === 0 || isKnown) {
      const decision = this.#stored.decide(take, own, nowMs);
      if (!isKnown) this.#stored.note(take, decision);
      // What the others hold of it is not known any more; to settle what they do not hold changes nothing.
      return this.#answer(take, decision, holdersAmong(parties));
    }
    return this.#underWay.get(take.op) ?? this.#takeTogether(take, own, parties);
  }

  #denial(nowMs: number): Reason | undefined {
    const { plan } = this.#subject;
    if (plan === undefined) {
      return this.#stored.rules.policy.unknownKeys === "reject" ? "unknown" : undefined;
    }
    if (plan.disabled) return "disabled";
    return plan.expiresAt !== undefined && plan.expiresAt <= nowMs ? "expired" : undefined;
  }

  /** Takes for a key that nobody knows, if its address may bring it; else nothing is kept of the key. */
  async #introduce(take: Take, address: string, newcomer: string): Promise<Answer> {
    const refusal = await this.#introductions.make(address, newcomer);
    if (refusal !== undefined) {
      this.#stored.note(take, refusal);
      return { decision: refusal };
    }
    const nowMs = Date.now();
    const answer = this.decide(take, nowMs);
    this.#stored.save(nowMs);
    return answer;
  }

  #takeTogether(take: Take, own: readonly Ask[], parties: readonly Party[]): Promise<Answer> {
    const answer = this.#together.take(take, own, parties).then(({ decision, holders, isUnguarded }) => ({
      ...this.#answer(take, decision, holders),
      ...(isUnguarded && { isUnguarded }),
    }));
    this.#underWay.set(take.op, answer);
    return answer.finally(() => this.#underWay.delete(take.op));
  }

  #answer({ op, asks, brief }: Take, decision: Decision, others: Holders): Answer {
    const { plan, ledger } = this.#subject;
    const { limits, policy } = this.#stored.rules;
    const { tiers } = policy;
    const tier = [plan?.tier, this.#stored.above?.tier].find((one) => one !== undefined && tiers.has(one));
    const holders: Holders = ledger.holds.has(op) ? { ...others, key: true } : others;
    const isSettled = (holders.key ?? holders.account ?? holders.address) === undefined;
    const isBrief = brief && decision.admitted && isSettled;
    const report = isBrief ? reportOf(asks.map(({ limit }) => limits.get(limit) ?? {})) : undefined;
    const answer: { -readonly [Field in keyof Answer]: Answer[Field] } = {
      decision: isBrief ? briefly(decision, report) : decision,
    };
    if (tier !== undefined) answer.tier = tier;
    if (plan?.account !== undefined) answer.account = plan.account;
    if (!decision.admitted) return answer;
    if (!isSettled) answer.holders = holders;
    if (this.#stored.isTrustDue(decision.at)) answer.isTrustDue = true;
    return answer;
  }
}
