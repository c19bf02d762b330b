// The Limiter: one object per API key, and one per account. Loads, calls the core, saves. Between reading and writing its
// own counts there is no await, so every take is atomic.

import { DurableObject } from "cloudflare:workers";
import type { Decision, Reason } from "../core/decision.ts";
import { combine } from "../core/judge.ts";
import type { Plan } from "../core/plan.ts";
import { type LedgerRow, packExactly, packLedger, unpackLedger } from "../core/row.ts";
import { type Ask, Subject } from "../core/subject.ts";
import type { Env } from "../env.ts";
import { requireRules } from "../policy/rules.ts";
import type { Answer, Holders, Join, Joined, Settle, Take } from "./messages.ts";
import { accountStub, guardStub } from "./stubs.ts";

/** A Limiter's one row, version 1. */
interface LimiterRow {
  readonly v: 1;
  readonly ledger: LedgerRow;
  readonly plan?: Plan;
  /** Counts the plan's changes, so that others know whether theirs is the newest. */
  readonly planVersion: number;
}

/** Who else a key's take must be in: asked in this order, each only if all before it admit. */
interface Party {
  readonly kind: "account" | "address";
  readonly name: string;
  readonly asks: readonly Ask[];
}

const ROW = "row";
/** A burst that reserved is settled this long after its last take, in milliseconds. */
const SETTLE_AFTER_MS = 1_000;

export class Limiter extends DurableObject<Env> {
  #subject = new Subject();
  #planVersion = 0;
  /** The account's plan as it last said; asked for anew after every wake. */
  #above: { readonly version: number; readonly plan: Plan } | undefined;
  /** Takes that other objects are being asked about. */
  readonly #underWay = new Map<number, Promise<Answer>>();
  #isSettling = false;
  #hasAlarm = false;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const row = ctx.storage.kv.get<LimiterRow>(ROW);
    if (row === undefined) return;
    this.#subject.plan = row.plan;
    this.#planVersion = row.planVersion;
    unpackLedger(this.#subject.ledger, row.ledger);
  }

  /** Charges a request of this key in every window that governs it, its account's and address's too, or in none. */
  async take(take: Take): Promise<Answer> {
    const nowMs = Date.now();
    const reason = this.#denial(nowMs);
    if (reason !== undefined) return { decision: { admitted: false, at: nowMs, reason, standings: [] } };
    const { own, parties } = this.#split(take);
    if (parties.length === 0) {
      const decision = this.#decide(take, own, nowMs);
      this.#save(nowMs);
      return this.#answer(take.op, decision, {});
    }
    const again = this.#underWay.get(take.op);
    if (again !== undefined) return again;
    const answer = this.#takeTogether(take, own, parties).finally(() => this.#underWay.delete(take.op));
    this.#underWay.set(take.op, answer);
    return answer;
  }

  /** An account taking part in the take of one of its keys. */
  join(join: Join): Joined {
    const nowMs = Date.now();
    const decision = this.#decide(join, join.asks, nowMs);
    this.#save(nowMs);
    return {
      decision,
      holds: this.#subject.ledger.holds.has(join.op),
      ...(join.planVersion !== this.#planVersion && {
        plan: { version: this.#planVersion, plan: this.#subject.plan ?? {} },
      }),
    };
  }

  /** Gives back a take whose request was not let through after all. */
  cancel(op: number): void {
    this.#subject.ledger.cancel(op);
    this.#save(Date.now());
  }

  /** Makes a held take final, here and wherever else it holds something. */
  async settle({ op, outcomes, holders }: Settle): Promise<void> {
    const { account, address } = holders;
    if (holders.key) {
      const nowMs = Date.now();
      this.#subject.ledger.settle(op, outcomes, nowMs);
      this.#save(nowMs);
    }
    await Promise.all([
      account !== undefined &&
        accountStub(this.env, account).settle({ op, outcomes, holders: { key: true } }),
      address !== undefined && guardStub(this.env, address).settle({ op, outcomes, holders: { address } }),
    ]);
  }

  /** Ends the storage of a subject that has no plan once its windows are over. Delivered twice it changes nothing. */
  override async alarm(): Promise<void> {
    const nowMs = Date.now();
    const overAt = this.#subject.ledger.overAt();
    if (this.#subject.plan !== undefined) return;
    if (overAt > nowMs) return this.ctx.storage.setAlarm(overAt);
    this.#subject = new Subject();
    this.#hasAlarm = false;
    await this.ctx.storage.deleteAll();
  }

  #denial(nowMs: number): Reason | undefined {
    const { plan } = this.#subject;
    if (plan === undefined) {
      return requireRules(this.env).policy.unknownKeys === "reject" ? "unknown" : undefined;
    }
    if (plan.disabled) return "disabled";
    return plan.expiresAt !== undefined && plan.expiresAt <= nowMs ? "expired" : undefined;
  }

  #split(take: Take): { own: readonly Ask[]; parties: readonly Party[] } {
    const { limits } = requireRules(this.env);
    const account = this.#subject.plan?.account;
    const { address } = take;
    const own: Ask[] = [];
    const ofAccount: Ask[] = [];
    const ofAddress: Ask[] = [];
    for (const ask of take.asks) {
      const per = limits.get(ask.limit)?.per;
      if (per === "ip") ofAddress.push(ask);
      else if (per === "account" && account !== undefined) ofAccount.push(ask);
      else own.push(ask);
    }
    const parties: Party[] = [];
    if (address !== undefined && ofAddress.length > 0)
      parties.push({ kind: "address", name: address, asks: ofAddress });
    // Asked on every take of a key that has one, even for none of its limits: its plan changes the key's windows.
    if (account !== undefined) parties.push({ kind: "account", name: account, asks: ofAccount });
    return { own, parties };
  }

  #decide(take: Take, asks: readonly Ask[], nowMs: number, pending = false): Decision {
    const rules = requireRules(this.env);
    const above = this.#above?.plan;
    if (take.peek) return this.#subject.peek(asks, rules, above, nowMs);
    const holdUntilAt = nowMs + rules.policy.holdForMs;
    return this.#subject.take(asks, rules, above, nowMs, { op: take.op, holdUntilAt, pending });
  }

  /** Reserves here in memory, asks the others, then writes; where one refuses, all is given back and nothing written. */
  async #takeTogether(take: Take, own: readonly Ask[], parties: readonly Party[]): Promise<Answer> {
    const decisions = [this.#decide(take, own, Date.now(), true)];
    const joined: Party[] = [];
    const holders: { account?: string; address?: string } = {};
    try {
      for (const party of parties) {
        const peek = take.peek === true || decisions.some(({ admitted }) => !admitted);
        const { decision, holds, plan } = await this.#join(party, { ...take, asks: party.asks, peek });
        decisions.push(decision);
        if (decision.admitted && !peek) joined.push(party);
        if (holds) holders[party.kind] = party.name;
        if (plan === undefined) continue;
        this.#above = plan;
        // What was decided here was decided on an older plan of the account.
        this.#subject.ledger.cancel(take.op);
        decisions[0] = this.#decide(take, own, Date.now(), true);
        if (peek && !take.peek && decisions[0].admitted) return await this.#again(take, own, parties, joined);
      }
    } catch (error) {
      await this.#undo(take.op, joined);
      throw error;
    }
    const decision = combine(decisions);
    if (take.peek) return this.#answer(take.op, decision, {});
    if (!decision.admitted) {
      await this.#undo(take.op, joined);
      return this.#answer(take.op, decision, {});
    }
    this.#subject.ledger.confirm(take.op);
    this.#save(Date.now());
    return this.#answer(take.op, decision, holders);
  }

  async #join(party: Party, join: Join): Promise<Joined> {
    if (party.kind === "address")
      return guardStub(this.env, party.name).join({ ...join, address: party.name });
    const planVersion = this.#above?.version;
    return accountStub(this.env, party.name).join(
      planVersion === undefined ? join : { ...join, planVersion },
    );
  }

  async #undo(op: number, joined: readonly Party[]): Promise<void> {
    this.#subject.ledger.cancel(op);
    await Promise.all(
      joined.map(({ kind, name }) =>
        kind === "account"
          ? accountStub(this.env, name).cancel(op)
          : guardStub(this.env, name).cancel(op, name),
      ),
    );
  }

  async #again(
    take: Take,
    own: readonly Ask[],
    parties: readonly Party[],
    joined: readonly Party[],
  ): Promise<Answer> {
    await this.#undo(take.op, joined);
    return this.#takeTogether(take, own, parties);
  }

  #answer(op: number, decision: Decision, others: Holders): Answer {
    const { plan, ledger } = this.#subject;
    const tier = plan?.tier ?? this.#above?.plan.tier;
    const holders: Holders = { ...others, ...(ledger.holds.has(op) && { key: true }) };
    return {
      decision,
      ...(tier !== undefined && { tier }),
      ...(plan?.account !== undefined && { account: plan.account }),
      ...(decision.admitted && Object.keys(holders).length > 0 && { holders }),
    };
  }

  /** Writes where the row no longer covers the counts. The answer waits for the write: that is the output gate. */
  #save(nowMs: number): void {
    if (this.#subject.ledger.unsaved === "now") {
      this.#write(packLedger(this.#subject.ledger, nowMs, requireRules(this.env).policy.writeAheadShare));
    }
    if (this.#subject.ledger.isAhead() && !this.#isSettling) {
      this.#isSettling = true;
      setTimeout(() => this.#settleBurst(), SETTLE_AFTER_MS);
    }
  }

  /** Once no take has come for a while, writes the exact counts, so that a restart then loses nothing. */
  #settleBurst(): void {
    this.#isSettling = false;
    const nowMs = Date.now();
    const { ledger } = this.#subject;
    if (ledger.pace.restMs(nowMs) >= SETTLE_AFTER_MS) this.#write(packExactly(ledger, nowMs));
    else this.#save(nowMs);
  }

  #write(ledger: LedgerRow): void {
    const { plan } = this.#subject;
    const row: LimiterRow = { v: 1, ledger, planVersion: this.#planVersion, ...(plan && { plan }) };
    this.ctx.storage.kv.put(ROW, row);
    if (this.#hasAlarm || plan !== undefined) return;
    this.#hasAlarm = true;
    // A first alarm delays every answer behind it, so it is set once this call's answer is on its way.
    setTimeout(() => this.#arm(), 0);
  }

  async #arm(): Promise<void> {
    if ((await this.ctx.storage.getAlarm()) === null)
      await this.ctx.storage.setAlarm(this.#subject.ledger.overAt());
  }
}
