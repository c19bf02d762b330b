// The Limiter: one object per API key, and one per account. Loads, calls the core, saves. Between reading and writing its
// own counts there is no await, so every take is atomic.

import { DurableObject } from "cloudflare:workers";
import { type Amended, type Amendment, amend, keptOf } from "../core/amend.ts";
import { briefly, type Decision, lookedAt, type Reason } from "../core/decision.ts";
import type { Spent } from "../core/lease.ts";
import type { Ask, Subject } from "../core/subject.ts";
import type { Env } from "../env.ts";
import { Borrower } from "./borrower.ts";
import { Introductions } from "./introductions.ts";
import { Lender } from "./lender.ts";
import { answerLines, takeIn } from "./lines.ts";
import type { Answer, Holders, Inspected, Join, Joined, Settle, Take } from "./messages.ts";
import { cancelAt, holdersAmong, type Named, type Party, split } from "./parties.ts";
import { StoredSubject } from "./stored-subject.ts";
import { accountStub, guardStub } from "./stubs.ts";
import { Together } from "./together.ts";

/** The number of a look that is no take: it charges nothing, so any two may share it. */
const LOOK = -1;

function areThere(answers: readonly (Answer | Promise<Answer>)[]): answers is readonly Answer[] {
  return !answers.some((answer) => answer instanceof Promise);
}

/** What is still being put together. */
type Draft<Of> = { -readonly [Field in keyof Of]: Of[Field] };

export class Limiter extends DurableObject<Env> {
  readonly #stored: StoredSubject;
  readonly #lender: Lender;
  readonly #borrower: Borrower;
  readonly #together: Together;
  /** Takes that other objects are being asked about. */
  readonly #underWay = new Map<number, Promise<Answer>>();
  readonly #introductions: Introductions;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#introductions = new Introductions(env);
    this.#stored = new StoredSubject(ctx.storage, env);
    this.#lender = new Lender(this.#stored, env);
    this.#borrower = new Borrower(env, ctx.id.toString(), () => this.#stored.settleLater());
    this.#together = new Together(env, this.#stored, this.#borrower);
  }

  get #subject(): Subject {
    return this.#stored.subject;
  }

  /**
   * Charges requests of this key, each in every window that governs it, its account's and address's too, or in none. One
   * row covers all that came in the same call.
   *
   * @param lines the takes as text, a line each (`lines.ts`).
   * @returns their answers, in order, likewise.
   */
  take(lines: string): string | Promise<string> {
    // Even an empty text is a line.
    const takes = lines.split("\n").map(takeIn) as [Take, ...Take[]];
    // Alone at first: what the account lends with its answer serves the others.
    const first = this.#takeOne(takes[0], Date.now());
    return first instanceof Promise
      ? first.then((answer) => this.#takeOthers(answer, takes))
      : this.#takeOthers(first, takes);
  }

  #takeOthers(first: Answer, takes: readonly Take[]): string | Promise<string> {
    const answers = takes.map((take, index) => (index === 0 ? first : this.#takeOne(take, Date.now())));
    this.#stored.save(Date.now());
    return areThere(answers) ? answerLines(answers) : Promise.all(answers).then(answerLines);
  }

  #takeOne(take: Take, nowMs: number): Answer | Promise<Answer> {
    const reason = this.#denial(nowMs);
    if (reason !== undefined) {
      const decision = { admitted: false, at: nowMs, reason, standings: [] } as const;
      this.#stored.note(take, decision);
      return { decision };
    }
    const { address, newcomer } = take;
    const needsNone = this.#stored.isTrusted(nowMs) || newcomer === undefined || address === undefined;
    return needsNone || this.#introductions.isMade(address, nowMs)
      ? this.#takeEverywhere(take, nowMs)
      : this.#introduce(take, address, newcomer);
  }

  /** What the operator keeps of this subject, and where its windows stand, whether it may use them or not. */
  async inspect(asks: readonly Ask[]): Promise<Inspected> {
    const { decision } = await this.#takeEverywhere({ op: LOOK, asks, peek: true }, Date.now());
    const past = this.#stored.history.series(Date.now());
    return { kept: keptOf(this.#stored), standings: lookedAt(decision), past };
  }

  /** Carries out what the operator changes; it counts from the next request on. */
  async amend(amendment: Amendment): Promise<Amended> {
    await Promise.all([this.#lender.recall(), this.#borrower.settle(Number.POSITIVE_INFINITY)]);
    const nowMs = Date.now();
    const amended = amend(this.#stored, amendment, nowMs);
    this.#stored.save(nowMs);
    return amended;
  }

  /** An account taking part in the take of one of its keys. Leases that could make room are called back first. */
  async join(join: Join): Promise<Joined> {
    if (join.spent) this.#lender.settle(join.spent);
    let decision = this.#stored.decide(join, join.asks, Date.now());
    if (!join.peek && !decision.admitted && decision.reason === "rate" && !decision.firm) {
      await this.#lender.recall();
      decision = this.#stored.decide(join, join.asks, Date.now());
    }
    this.#stored.note(join, decision);
    const nowMs = Date.now();
    const lent = decision.admitted && !join.peek ? this.#lender.lend(join, nowMs) : undefined;
    this.#stored.save(nowMs);
    return {
      decision,
      holds: this.#subject.ledger.holds.has(join.op),
      ...(lent && { lent }),
      ...(join.planVersion !== this.#stored.planVersion && {
        plan: { version: this.#stored.planVersion, plan: this.#subject.plan ?? {} },
      }),
    };
  }

  /** An account hearing of a lease whose time was up. */
  repay(spent: Spent): void {
    this.#lender.settle(spent);
    this.#stored.save(Date.now());
  }

  /** A key's object giving back a lease that its account calls back. */
  recall(id: number): Spent | undefined {
    return this.#borrower.recall(id);
  }

  /** Gives back a take whose request was not let through after all. */
  cancel(op: number): void {
    if (this.#subject.ledger.recent.has(op)) this.#stored.history.turn(Date.now());
    this.#subject.ledger.cancel(op);
    this.#stored.save(Date.now());
  }

  /** The same, with what the take charged the key's account and the address. */
  async cancelEverywhere(op: number, address?: string): Promise<void> {
    this.cancel(op);
    const account = this.#subject.plan?.account;
    const parties: Named[] = [];
    if (account !== undefined && !this.#borrower.giveBack(op))
      parties.push({ kind: "account", name: account });
    if (address !== undefined) parties.push({ kind: "address", name: address });
    await cancelAt(this.env, parties, op);
  }

  /** Makes a held take final, here and wherever else it holds something. */
  async settle({ op, outcomes, holders, isTrusted }: Settle): Promise<void> {
    const { account, address } = holders;
    const nowMs = Date.now();
    if (holders.key) this.#subject.ledger.settle(op, outcomes, nowMs);
    if (isTrusted) this.#stored.noteSuccess(nowMs);
    this.#stored.save(nowMs);
    await Promise.all([
      account !== undefined &&
        accountStub(this.env, account).settle({ op, outcomes, holders: { key: true } }),
      address !== undefined && guardStub(this.env, address).settle({ op, outcomes, holders: { address } }),
    ]);
  }

  /** Settles a burst, and ends the storage of a subject whose windows are over. Delivered twice it changes nothing. */
  override async alarm(): Promise<void> {
    const nowMs = Date.now();
    // However busy the key is: it may be with other requests than those of a lease.
    const isQuiet = this.#subject.ledger.pace.isQuiet(nowMs);
    await this.#borrower.settle(isQuiet ? Number.POSITIVE_INFINITY : nowMs);
    await this.#stored.wake(nowMs, this.#borrower.isOwing);
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
    const answer = this.#takeEverywhere(take, nowMs);
    this.#stored.save(nowMs);
    return answer;
  }

  /** At once, where nobody else has to be asked. */
  #takeEverywhere(take: Take, nowMs: number): Answer | Promise<Answer> {
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
    const { tier } = this.#stored;
    const holders: Holders = ledger.holds.has(op) ? { ...others, key: true } : others;
    const isSettled = (holders.key ?? holders.account ?? holders.address) === undefined;
    const isBrief = brief && decision.admitted && isSettled;
    const answer: Draft<Answer> = { decision: isBrief ? briefly(decision, this.#reportOf(asks)) : decision };
    if (tier !== undefined) answer.tier = tier;
    if (plan?.account !== undefined) answer.account = plan.account;
    if (!decision.admitted) return answer;
    if (!isSettled) answer.holders = holders;
    if (this.#stored.isTrustDue(decision.at)) answer.isTrustDue = true;
    return answer;
  }

  /** The window that the limits name to report, of which the first that names one counts. */
  #reportOf(asks: readonly Ask[]): string | undefined {
    const { limits } = this.#stored.rules;
    for (const { limit } of asks) {
      const report = limits.get(limit)?.report;
      if (report !== undefined) return report;
    }
    return undefined;
  }
}
