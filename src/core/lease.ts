// Leases: takes that an account lends to one of its keys, so that the key need not ask for each. What is lent is charged
// at the account beforehand, so nothing is ever over-admitted; this is the key's side. Pure.

import type { Admitted, Standing } from "./decision.ts";
import type { Ask } from "./subject.ts";

/** What an account lends. */
export interface Grant {
  /** Number of the lease. */
  readonly id: number;
  /** Takes of the same asks. */
  readonly takes: number;
  /** How long it may be spent, counted from when it was asked for, in milliseconds. */
  readonly forMs: number;
}

/** What became of a lease, for the account that lent it. */
export interface Spent {
  readonly id: number;
  readonly takes: number;
}

/** The leases a key's object holds, by what was asked for. */
export class Leases {
  readonly #byAsks = new Map<string, Held>();

  /**
   * Keeps a grant.
   *
   * @param standings where the account's windows stood after the take that it came with.
   * @param askedAt instant the account was asked, by the key's clock: so the key's time is up before the account's.
   */
  keep(grant: Grant, asks: readonly Ask[], standings: readonly Standing[], askedAt: number): void {
    const name = nameOf(asks);
    if (name !== undefined)
      this.#byAsks.set(name, { grant, standings, untilAt: askedAt + grant.forMs, spent: new Set() });
  }

  /** Spends one take of a lease, as the account would have admitted it; undefined where the account has to be asked. */
  spend(op: number, asks: readonly Ask[], nowMs: number): Admitted | undefined {
    const name = nameOf(asks);
    const held = name === undefined ? undefined : this.#byAsks.get(name);
    if (held === undefined || held.spent.size >= held.grant.takes || nowMs >= held.untilAt) return undefined;
    held.spent.add(op);
    const { spent, standings } = held;
    return {
      admitted: true,
      at: nowMs,
      standings: standings.map((standing) => ({
        ...standing,
        used: standing.used + spent.size * standing.cost,
      })),
    };
  }

  /** Puts back what a take spent of a lease; false where none that is still out was spent for it. */
  giveBack(op: number): boolean {
    for (const { spent } of this.#byAsks.values()) if (spent.delete(op)) return true;
    return false;
  }

  /** Ends the lease of these asks; undefined: there is none. */
  end(asks: readonly Ask[]): Spent | undefined {
    const name = nameOf(asks);
    return this.#endWhere((_, heldBy) => heldBy === name)[0];
  }

  /** Ends those whose time is up by an instant. */
  endBy(at: number): Spent[] {
    return this.#endWhere(({ untilAt }) => untilAt <= at);
  }

  /** Ends a lease by its number; undefined: it has ended already. */
  endById(id: number): Spent | undefined {
    return this.#endWhere(({ grant }) => grant.id === id)[0];
  }

  /** True where none is out. */
  get isEmpty(): boolean {
    return this.#byAsks.size === 0;
  }

  #endWhere(isOver: (held: Held, name: string) => boolean): Spent[] {
    const ended: Spent[] = [];
    for (const [name, held] of this.#byAsks) {
      if (!isOver(held, name)) continue;
      this.#byAsks.delete(name);
      ended.push({ id: held.grant.id, takes: held.spent.size });
    }
    return ended;
  }
}

interface Held {
  readonly grant: Grant;
  readonly standings: readonly Standing[];
  readonly untilAt: number;
  /** Numbers of the takes it was spent for. */
  readonly spent: Set<number>;
}

/** True for asks that are alike each time: takes of no others are lent. */
export function isLendable(asks: readonly Ask[]): boolean {
  return asks.every(({ calls, characters }) => calls === undefined && characters === undefined);
}

/** What tells asks apart; undefined for those that cannot be lent. */
function nameOf(asks: readonly Ask[]): string | undefined {
  return isLendable(asks) ? asks.map(({ limit }) => limit).join() : undefined;
}
