// A subject in its object's storage: loads its one row, writes it no more often than it must, and ends it. Counts nothing.

import type { Amendable, TopUp } from "../core/amend.ts";
import type { Decision } from "../core/decision.ts";
import { History, type HistoryRow } from "../core/history.ts";
import type { Plan } from "../core/plan.ts";
import { type LedgerRow, packExactly, packLedger, unpackLedger } from "../core/row.ts";
import { type Ask, type Rules, Subject } from "../core/subject.ts";
import { isTrustDue, trustedUntil } from "../core/trust.ts";
import { log } from "../log.ts";
import { requireRules, rulesOf } from "../policy/rules.ts";
import type { Take } from "./messages.ts";

/** A Limiter's one row, version 1. */
interface LimiterRow {
  readonly v: 1;
  readonly ledger: LedgerRow;
  readonly plan?: Plan;
  /** Larger with each change of the plan, so that others know whether theirs is the newest. */
  readonly planVersion: number;
  /** Absent: none. */
  readonly topUps?: readonly TopUp[];
  /** Instant until which the origin's 2xx is remembered, in Unix milliseconds; absent: there was none. */
  readonly trustedUntilAt?: number;
  /** Absent in rows of before there was one. Goes along where a row is written anyway; nothing is written for it. */
  readonly history?: HistoryRow;
}

const ROW = "row";

export class StoredSubject implements Amendable {
  subject = new Subject();
  history = new History();
  planVersion = 0;
  topUps: readonly TopUp[] = [];
  #told: { readonly account: string; readonly version: number; readonly plan: Plan } | undefined;
  /** Instant until which the origin's 2xx is remembered, in Unix milliseconds; 0: there was none. */
  #trustedUntilAt = 0;
  readonly #storage: DurableObjectStorage;
  readonly #env: object;
  #rules: Rules | undefined;
  /** True from a burst's beginning until the alarm has found it over. */
  #isSettling = false;
  /** True once an alarm has been asked for in this object's life. */
  #hasAlarm = false;

  /** Reads the row, if there is one; writes nothing. */
  constructor(storage: DurableObjectStorage, env: object) {
    this.#storage = storage;
    this.#env = env;
    const row = storage.kv.get<LimiterRow>(ROW);
    if (row === undefined) return;
    this.subject.plan = row.plan;
    this.planVersion = row.planVersion;
    this.topUps = row.topUps ?? [];
    this.#trustedUntilAt = row.trustedUntilAt ?? 0;
    unpackLedger(this.subject.ledger, row.ledger);
    if (row.history !== undefined) this.history.unpack(row.history);
    noteUnknownTier(env, row.plan);
  }

  /** The rules in force. */
  get rules(): Rules {
    this.#rules ??= requireRules(this.#env);
    return this.#rules;
  }

  /** The account's plan as it last said, in this object's life; undefined too where the key has changed its account. */
  get above(): Plan | undefined {
    return this.#told?.account === this.subject.plan?.account ? this.#told?.plan : undefined;
  }

  /** Version of that plan. */
  get aboveVersion(): number | undefined {
    return this.above && this.#told?.version;
  }

  /** Takes note of what the account says of its plan. */
  hear(account: string, { version, plan }: { readonly version: number; readonly plan: Plan }): void {
    this.#told = { account, version, plan };
  }

  /**
   * Decides about a take, and charges it unless it is only a look.
   *
   * @param pending true: hold everything, for another subject may still refuse.
   */
  decide(take: Take, asks: readonly Ask[], nowMs: number, pending = false): Decision {
    const { rules, above } = this;
    if (take.peek) return this.subject.peek(asks, rules, above, nowMs);
    const holdUntilAt = nowMs + rules.policy.holdForMs;
    return this.subject.take(asks, rules, above, nowMs, { op: take.op, holdUntilAt, pending });
  }

  /** Counts a request in the history. Before the row is written: nothing else would write it. */
  note({ peek }: Pick<Take, "peek">, { admitted, at }: Decision): void {
    if (!peek) this.history.note(admitted, at);
  }

  /** True for a key that is registered, or that the origin has answered with a 2xx. */
  isTrusted(nowMs: number): boolean {
    return this.subject.plan !== undefined || nowMs < this.#trustedUntilAt;
  }

  /** True where a 2xx of the origin is worth to be told. */
  isTrustDue(nowMs: number): boolean {
    const { unknownKeys, newKeys } = this.rules.policy;
    const isBounded = unknownKeys === "allow" && newKeys !== undefined;
    return isBounded && this.subject.plan === undefined && isTrustDue(this.#trustedUntilAt, nowMs);
  }

  /** Notes such a 2xx. */
  noteSuccess(nowMs: number): void {
    if (!this.isTrustDue(nowMs)) return;
    this.#trustedUntilAt = trustedUntil(nowMs);
    this.subject.ledger.isUnsaved = true;
  }

  /** Writes where the row no longer covers the subject. The answer waits for the write: that is the output gate. */
  save(nowMs: number): void {
    const { ledger } = this.subject;
    if (ledger.isUnsaved) {
      this.#write(packLedger(ledger, nowMs, this.rules.policy.writeAheadShare));
    }
    if (!this.#isSettling && ledger.isAhead()) this.settleLater();
  }

  /** Has the alarm look, some seconds from now, whether the burst is over. */
  settleLater(): void {
    if (this.#isSettling) return;
    this.#isSettling = true;
    this.#armSoon();
  }

  /**
   * The alarm's work: settles a burst that is over, and ends the storage of a subject that has no plan once its windows and
   * its trust are over. No timer does either: it would keep the object awake, which costs more than an alarm's row.
   *
   * @param isOwing true where something else is to be settled with the burst.
   */
  async wake(nowMs: number, isOwing: boolean): Promise<void> {
    const { ledger } = this.subject;
    this.#isSettling = (isOwing || ledger.isAhead()) && !ledger.pace.isQuiet(nowMs);
    if (this.#isSettling) return this.#storage.setAlarm(ledger.pace.settleAt());
    if (ledger.isAhead()) this.#write(packExactly(ledger, nowMs));
    this.#hasAlarm = this.subject.plan === undefined && this.#overAt() > nowMs;
    if (this.#hasAlarm) return this.#storage.setAlarm(this.#overAt());
    if (this.subject.plan !== undefined) return;
    this.subject = new Subject();
    this.history = new History();
    this.#trustedUntilAt = 0;
    await this.#storage.deleteAll();
  }

  #write(ledger: LedgerRow): void {
    const { planVersion, topUps } = this;
    const { plan } = this.subject;
    const row: LimiterRow = {
      v: 1,
      ledger,
      planVersion,
      ...(plan && { plan }),
      ...(topUps.length > 0 && { topUps }),
      ...(this.#trustedUntilAt > 0 && { trustedUntilAt: this.#trustedUntilAt }),
      history: this.history.pack(),
    };
    this.#storage.kv.put(ROW, row);
    if (this.#hasAlarm || plan !== undefined) return;
    this.#hasAlarm = true;
    this.#armSoon();
  }

  /** A first or earlier alarm delays every answer behind it, so it is set once this call's answer is on its way. */
  #armSoon(): void {
    setTimeout(() => this.#arm(), 0);
  }

  async #arm(): Promise<void> {
    const dueAt = this.#isSettling ? this.subject.ledger.pace.settleAt() : this.#overAt();
    const setAt = await this.#storage.getAlarm();
    if (setAt === null || (this.#isSettling && dueAt < setAt)) {
      await this.#storage.setAlarm(Math.max(dueAt, Date.now()));
    }
  }

  /** Instant from which nothing that is stored is of use; 0 where nothing ever was. */
  #overAt(): number {
    return Math.max(this.subject.ledger.overAt(), this.#trustedUntilAt);
  }
}

/** The limits' own windows apply to such a plan: that somebody should hear of. */
function noteUnknownTier(env: object, plan: Plan | undefined): void {
  const outcome = rulesOf(env);
  if (plan?.tier === undefined || !("rules" in outcome) || outcome.rules.policy.tiers.has(plan.tier)) return;
  log({ event: "tier.unknown", tier: plan.tier });
}
