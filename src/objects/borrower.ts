// A key's object spending what its account lent it. Every lease is accounted for once: with the next question to the
// account, or else by the key's alarm, once its time is up or the burst is over.

import type { Admitted } from "../core/decision.ts";
import { isLendable, Leases, type Spent } from "../core/lease.ts";
import type { Ask } from "../core/subject.ts";
import type { Env } from "../env.ts";
import type { Join, Joined } from "./messages.ts";
import { join, type Party } from "./parties.ts";
import { accountStub } from "./stubs.ts";

export class Borrower {
  /** By the account that lent: a key may be moved to another. */
  readonly #leases = new Map<string, Leases>();
  readonly #env: Env;
  readonly #holder: string;
  readonly #onLent: () => void;
  #asking: Promise<Joined> | undefined;

  /**
   * @param holder id of the key's object, by which the account finds it.
   * @param onLent called with each lease: `settle` is due once its time is up.
   */
  constructor(env: Env, holder: string, onLent: () => void) {
    this.#env = env;
    this.#holder = holder;
    this.#onLent = onLent;
  }

  /** True while something is lent. */
  get isOwing(): boolean {
    for (const leases of this.#leases.values()) if (!leases.isEmpty) return true;
    return false;
  }

  /** Admits a take at an account's cost without asking it; undefined where it has to be asked. */
  spend(account: string, op: number, asks: readonly Ask[], nowMs: number): Admitted | undefined {
    return this.#leases.get(account)?.spend(op, asks, nowMs);
  }

  /** Puts back what a take spent of a lease; false: it may be the account that has charged it. */
  giveBack(op: number): boolean {
    for (const leases of this.#leases.values()) if (leases.giveBack(op)) return true;
    return false;
  }

  /**
   * Asks the account, and for a lease where none is being asked for yet: a second one would take the first one's place.
   *
   * @param expected takes that are worth borrowing.
   */
  async ask(party: Party, take: Join, expected: number): Promise<Joined> {
    if (take.peek || expected === 0 || !isLendable(take.asks)) return join(this.#env, party, take);
    if (this.#asking !== undefined) {
      // What is being lent to another take may be enough for this one too.
      await this.#asking.catch(() => {});
      const lent = this.spend(party.name, take.op, take.asks, Date.now());
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
    const leases = this.#leasesOf(party.name);
    const spent = leases.end(take.asks);
    const wants = { holder: this.#holder, takes: expected };
    const joined = await join(this.#env, party, { ...take, wants, ...(spent && { spent }) });
    if (joined.lent) {
      leases.keep(joined.lent, take.asks, joined.decision.standings, askedAt);
      this.#onLent();
    }
    return joined;
  }

  /** Ends a lease for the account that calls it back; undefined: it has been accounted for already. */
  recall(id: number): Spent | undefined {
    for (const leases of this.#leases.values()) {
      const spent = leases.endById(id);
      if (spent !== undefined) return spent;
    }
    return undefined;
  }

  /** Ends the leases whose time is up by an instant, for their account to know. What is lost on its way lapses as spent. */
  async settle(at: number): Promise<void> {
    const repaid: Promise<void>[] = [];
    for (const [name, leases] of this.#leases) {
      const account = accountStub(this.#env, name);
      for (const spent of leases.endBy(at)) repaid.push(account.repay(spent).catch(() => {}));
      if (leases.isEmpty) this.#leases.delete(name);
    }
    await Promise.all(repaid);
  }

  #leasesOf(account: string): Leases {
    const known = this.#leases.get(account);
    if (known !== undefined) return known;
    const leases = new Leases();
    this.#leases.set(account, leases);
    return leases;
  }
}
