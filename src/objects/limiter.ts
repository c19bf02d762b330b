// The Limiter: one object per API key, and one per account. Loads, calls the core, saves. Between reading and writing its
// own counts there is no await, so every take is atomic.

import { DurableObject } from "cloudflare:workers";
import { type Amended, type Amendment, amend, keptOf } from "../core/amend.ts";
import { lookedAt } from "../core/decision.ts";
import type { Spent } from "../core/lease.ts";
import type { Ask, Subject } from "../core/subject.ts";
import type { Env } from "../env.ts";
import { Borrower } from "./borrower.ts";
import { Lender } from "./lender.ts";
import { answerLines, takeIn } from "./lines.ts";
import type { Answer, Inspected, Join, Joined, Settle, Take } from "./messages.ts";
import { cancelAt, type Named } from "./parties.ts";
import { StoredSubject } from "./stored-subject.ts";
import { accountStub, guardStub } from "./stubs.ts";
import { Taker } from "./taker.ts";

/** The number of a look that is no take: it charges nothing, so any two may share it. */
const LOOK = -1;

export class Limiter extends DurableObject<Env> {
  readonly #stored: StoredSubject;
  readonly #lender: Lender;
  readonly #borrower: Borrower;
  readonly #taker: Taker;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#stored = new StoredSubject(ctx.storage, env);
    this.#lender = new Lender(this.#stored, env);
    this.#borrower = new Borrower(env, ctx.id.toString(), () => this.#stored.settleLater());
    this.#taker = new Taker(env, this.#stored, this.#borrower);
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
    const first = this.#taker.take(takes[0], Date.now());
    return first instanceof Promise
      ? first.then((answer) => this.#takeOthers(answer, takes))
      : this.#takeOthers(first, takes);
  }

  /** What the operator keeps of this subject, and where its windows stand, whether it may use them or not. */
  async inspect(asks: readonly Ask[]): Promise<Inspected> {
    const { decision } = await this.#taker.decide({ op: LOOK, asks, peek: true }, Date.now());
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

  #takeOthers(first: Answer, takes: readonly Take[]): string | Promise<string> {
    const answers = takes.map((take, index) => (index === 0 ? first : this.#taker.take(take, Date.now())));
    this.#stored.save(Date.now());
    return areThere(answers) ? answerLines(answers) : Promise.all(answers).then(answerLines);
  }
}

function areThere(answers: readonly (Answer | Promise<Answer>)[]): answers is readonly Answer[] {
  return !answers.some((answer) => answer instanceof Promise);
}
