// A key's object spending what its account lent it. Every lease is accounted for once: with the next question to the
// account, or else when the key's burst is over.

import type { Admitted } from "../core/decision.ts";
import { Leases, type Spent } from "../core/lease.ts";
import type { Ask } from "../core/subject.ts";
import type { Env } from "../env.ts";
import type { Join, Joined } from "./messages.ts";
import { join, type Party } from "./parties.ts";
import { accountStub } from "./stubs.ts";

export class Borrower {
  readonly #leases = new Leases();
  readonly #env: Env;
  readonly #holder: string;
  readonly #onLent: () => void;
  /** The account that lent. */
  #lender = "";
  #asking: Promise<Joined> | undefined;

  /**
   * @param holder id of the key's object, by which the account finds it.
   * @param onLent called with each lease: `settle` is due once the key's burst is over.
   */
  constructor(env: Env, holder: string, onLent: () => void) {
    this.#env = env;
    this.#holder = holder;
    this.#onLent = onLent;
  }

  /** True while something is lent. */
  get isOwing(): boolean {
    return !this.#leases.isEmpty;
  }

  /** Admits a take at the account's cost without asking it; undefined where it has to be asked. */
  spend(op: number, asks: readonly Ask[], nowMs: number): Admitted | undefined {
    return this.#leases.spend(op, asks, nowMs);
  }

  /** Puts back what a take spent of a lease; false: it may be the account that has charged it. */
  giveBack(op: number): boolean {
    return this.#leases.giveBack(op);
  }

  /**
   * Asks the account, and for a lease where none is being asked for yet: a second one would take the first one's place.
   *
   * @param expected takes that are worth borrowing.
   */
  async ask(party: Party, take: Join, expected: number): Promise<Joined> {
    if (take.peek || expected === 0) return join(this.#env, party, take);
    if (this.#asking !== undefined) {
      // What is being lent to another take may be enough for this one too.
      await this.#asking.catch(() => {});
      const lent = this.spend(take.op, take.asks, Date.now());
      if (lent !== undefined) return { decision: lent, holds: false };
    }
    if (this.#asking !== undefined) return join(this.#env, party, take);
    this.#asking = this.#borrow(party, take, expected);
    return this.#asking.finally(() => {
      this.#asking = undefined;
    });
  }

  async #borrow(party: Party, take: Join, expected: number): Promise<Joined> {
    const askedAt = Date.now();
    const spent = this.#leases.end(take.asks);
    const wants = { holder: this.#holder, takes: expected };
    const joined = await join(this.#env, party, { ...take, wants, ...(spent && { spent }) });
    if (joined.lent) {
      this.#leases.keep(joined.lent, take.asks, joined.decision.standings, askedAt);
      this.#lender = party.name;
      this.#onLent();
    }
    return joined;
  }

  /** Ends a lease for the account that calls it back; undefined: it has been accounted for already. */
  recall(id: number): Spent | undefined {
    return this.#leases.endById(id);
  }

  /** Ends every lease, for the account to know. What is lost on its way lapses there as spent. */
  async settle(): Promise<void> {
    const account = accountStub(this.#env, this.#lender);
    await Promise.all(this.#leases.endAll().map((spent) => account.repay(spent).catch(() => {})));
  }
}
