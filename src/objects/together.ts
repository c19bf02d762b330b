// A take that several subjects must be in: the key, its address, its account. In all of them or in none.

import type { Decision } from "../core/decision.ts";
import { combine } from "../core/judge.ts";
import type { Ask } from "../core/subject.ts";
import type { Env } from "../env.ts";
import type { Borrower } from "./borrower.ts";
import type { Holders, Join, Take } from "./messages.ts";
import { cancelAt, join, type Party, type Said } from "./parties.ts";
import type { StoredSubject } from "./stored-subject.ts";

/** What several subjects decided together. */
export interface Agreed {
  readonly decision: Decision;
  /** Who of the others holds something of it. */
  readonly holders: Holders;
  /** True where the address's shard was not there to have its say. */
  readonly isUnguarded?: true;
}

/** Makes such takes for a key's object. */
export class Together {
  readonly #env: Env;
  readonly #stored: StoredSubject;
  readonly #borrower: Borrower;

  constructor(env: Env, stored: StoredSubject, borrower: Borrower) {
    this.#env = env;
    this.#stored = stored;
    this.#borrower = borrower;
  }

  /**
   * Reserves here in memory, asks the others, then writes; where one refuses, all is given back and nothing written.
   *
   * @param own what is asked of the key itself.
   * @param parties the others, one after the other; once one has refused, the rest are only asked where they stand.
   */
  async take(take: Take, own: readonly Ask[], parties: readonly Party[]): Promise<Agreed> {
    const { ledger } = this.#stored.subject;
    const decisions = [this.#stored.decide(take, own, Date.now(), true)];
    /** Those that may have charged it. */
    const joined: Party[] = [];
    const holders: { account?: string; address?: string } = {};
    let isUnguarded = false;
    try {
      for (const party of parties) {
        const peek = take.peek === true || decisions.some(({ admitted }) => !admitted);
        const lent =
          peek || party.kind === "address"
            ? undefined
            : this.#borrower.spend(party.name, take.op, party.asks, Date.now());
        if (lent !== undefined) {
          decisions.push(lent);
          continue;
        }
        if (!peek) joined.push(party);
        const said = await this.#ask(party, { ...take, asks: party.asks, peek });
        const { decision, holds, plan } = said;
        decisions.push(decision);
        if (!decision.admitted && !peek) joined.pop();
        if (holds) holders[party.kind] = party.name;
        isUnguarded ||= said.isSkipped === true;
        if (plan === undefined) continue;
        this.#stored.hear(party.name, plan);
        // What was decided here was decided on an older plan of the account.
        ledger.cancel(take.op);
        decisions[0] = this.#stored.decide(take, own, Date.now(), true);
        if (peek && !take.peek && decisions[0].admitted) {
          await this.#undo(take.op, joined);
          return await this.take(take, own, parties);
        }
      }
    } catch (error) {
      await this.#undo(take.op, joined);
      throw error;
    }
    const decision = combine(decisions);
    if (take.peek) return { decision, holders: {} };
    this.#stored.note(take, decision);
    if (!decision.admitted) {
      await this.#undo(take.op, joined);
      return { decision, holders: {} };
    }
    ledger.confirm(take.op);
    this.#stored.save(Date.now());
    return { decision, holders, ...(isUnguarded && { isUnguarded }) };
  }

  #ask(party: Party, take: Join): Promise<Said> {
    if (party.kind === "address") return join(this.#env, party, take);
    const planVersion = this.#stored.aboveVersion;
    const message = planVersion === undefined ? take : { ...take, planVersion };
    return this.#borrower.ask(party, message, this.#stored.subject.ledger.pace.expected());
  }

  async #undo(op: number, joined: readonly Party[]): Promise<void> {
    this.#stored.subject.ledger.cancel(op);
    await cancelAt(this.#env, joined, op);
  }
}
