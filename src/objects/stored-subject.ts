// A subject in its object's storage: loads its one row, writes it no more often than it must, and ends it. Counts nothing.

import type { Amendable, TopUp } from "../core/amend.ts";
import type { Plan } from "../core/plan.ts";
import { type LedgerRow, packExactly, packLedger, unpackLedger } from "../core/row.ts";
import { Subject } from "../core/subject.ts";
import { log } from "../log.ts";
import { requireRules, rulesOf } from "../policy/rules.ts";

/** A Limiter's one row, version 1. */
interface LimiterRow {
  readonly v: 1;
  readonly ledger: LedgerRow;
  readonly plan?: Plan;
  /** Larger with each change of the plan, so that others know whether theirs is the newest. */
  readonly planVersion: number;
  /** Absent: none. */
  readonly topUps?: readonly TopUp[];
}

const ROW = "row";
/** A burst that reserved is settled this long after its last take, in milliseconds. */
const SETTLE_AFTER_MS = 1_000;

export class StoredSubject implements Amendable {
  subject = new Subject();
  planVersion = 0;
  topUps: readonly TopUp[] = [];
  #told: { readonly account: string; readonly version: number; readonly plan: Plan } | undefined;
  readonly #storage: DurableObjectStorage;
  readonly #env: object;
  #isSettling = false;
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
    unpackLedger(this.subject.ledger, row.ledger);
    noteUnknownTier(env, row.plan);
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

  /** Writes where the row no longer covers the subject. The answer waits for the write: that is the output gate. */
  save(nowMs: number): void {
    const { ledger } = this.subject;
    if (ledger.unsaved === "now") {
      this.#write(packLedger(ledger, nowMs, requireRules(this.#env).policy.writeAheadShare));
    }
    if (ledger.isAhead() && !this.#isSettling) {
      this.#isSettling = true;
      setTimeout(() => this.#settleBurst(), SETTLE_AFTER_MS);
    }
  }

  /** Ends the storage of a subject that has no plan once its windows are over; the alarm's work. */
  async endIfOver(nowMs: number): Promise<void> {
    const overAt = this.subject.ledger.overAt();
    if (this.subject.plan !== undefined) return;
    if (overAt > nowMs) return this.#storage.setAlarm(overAt);
    this.subject = new Subject();
    this.#hasAlarm = false;
    await this.#storage.deleteAll();
  }

  /** Once no take has come for a while, writes the exact counts, so that a restart then loses nothing. */
  #settleBurst(): void {
    this.#isSettling = false;
    const nowMs = Date.now();
    const { ledger } = this.subject;
    if (ledger.pace.restMs(nowMs) >= SETTLE_AFTER_MS) this.#write(packExactly(ledger, nowMs));
    else this.save(nowMs);
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
    };
    this.#storage.kv.put(ROW, row);
    if (this.#hasAlarm || plan !== undefined) return;
    this.#hasAlarm = true;
    // A first alarm delays every answer behind it, so it is set once this call's answer is on its way.
    setTimeout(() => this.#arm(), 0);
  }

  async #arm(): Promise<void> {
    if ((await this.#storage.getAlarm()) === null) await this.#storage.setAlarm(this.subject.ledger.overAt());
  }
}

/** The limits' own windows apply to such a plan: that somebody should hear of. */
function noteUnknownTier(env: object, plan: Plan | undefined): void {
  const outcome = rulesOf(env);
  if (plan?.tier === undefined || !("rules" in outcome) || outcome.rules.policy.tiers.has(plan.tier)) return;
  log({ event: "tier.unknown", tier: plan.tier });
}
