// A subject: a key, an account or an address, with its plan and its ledger. Turns limit names into claims.

import { billingSpan } from "./billing.ts";
import { isBilling } from "./counter.ts";
import type { Decision } from "./decision.ts";
import type { Claim, Moment } from "./judge.ts";
import { Ledger, type Terms } from "./ledger.ts";
import { applied, type Plan } from "./plan.ts";
import type { Limit, Policy } from "./policy.ts";

/** A policy with its limits by name. */
export interface Rules {
  readonly policy: Policy;
  readonly limits: ReadonlyMap<string, Limit>;
}

/** What a request asks of one limit. */
export interface Ask {
  /** Name of the limit. */
  readonly limit: string;
  /** Calls the request counts as, where there are several; each costs what the limit says. At least 1. */
  readonly calls?: number;
  /** Unicode code points of the request, where the limit counts them. */
  readonly characters?: number;
}

/** True where one of the limits that are asked counts by address. */
export function isByAddress(asks: readonly Ask[], { limits }: Pick<Rules, "limits">): boolean {
  for (const { limit } of asks) if (limits.get(limit)?.per === "ip") return true;
  return false;
}

/** A plan, its ledger, and what both mean at an instant. */
export class Subject {
  readonly ledger = new Ledger();
  plan: Plan | undefined;

  /**
   * Charges all that is asked, or nothing.
   *
   * @param above plan of the account that a key belongs to.
   */
  take(asks: readonly Ask[], rules: Rules, above: Plan | undefined, nowMs: number, terms: Terms): Decision {
    return this.ledger.take(this.#claims(asks, rules, above, nowMs), this.#moment(above, nowMs), terms);
  }

  /** Decides without charging. */
  peek(asks: readonly Ask[], rules: Rules, above: Plan | undefined, nowMs: number): Decision {
    return this.ledger.peek(this.#claims(asks, rules, above, nowMs), this.#moment(above, nowMs));
  }

  /**
   * Sets the plan. Counts stay; a changed billing date moves the end of the current period.
   *
   * @param above plan of the account that a key belongs to: its billing date counts where the key has none.
   */
  adopt(plan: Plan | undefined, above: Plan | undefined, nowMs: number): void {
    const isMoved = plan?.nextBillingAt !== this.plan?.nextBillingAt;
    this.plan = plan;
    this.ledger.isUnsaved = true;
    if (!isMoved) return;
    const { anchorAt } = this.#moment(above, nowMs);
    for (const [id, counter] of this.ledger.counters) {
      if (!isBilling(id)) continue;
      const span = billingSpan(anchorAt, nowMs, counter);
      if (span.startAt === counter.startAt) counter.endAt = span.endAt;
    }
  }

  #moment(above: Plan | undefined, nowMs: number): Moment {
    return { nowMs, anchorAt: this.plan?.nextBillingAt ?? above?.nextBillingAt ?? null };
  }

  /** A name that this code's policy lacks is skipped: for minutes after a deploy, new Workers meet old objects. */
  #claims(asks: readonly Ask[], { policy, limits }: Rules, above: Plan | undefined, nowMs: number): Claim[] {
    const claims: Claim[] = [];
    const isPlain = this.plan === undefined && above === undefined;
    for (const { limit: name, calls = 1, characters } of asks) {
      const base = limits.get(name);
      if (base === undefined) continue;
      const own = isPlain ? base : applied(base, policy, [this.plan, above], nowMs);
      const limit = timesCredits(own, calls);
      const cost = times(limit.cost, calls);
      claims.push(characters === undefined ? { limit, cost } : { limit, cost, characters });
    }
    return claims;
  }
}

function timesCredits(limit: Limit, calls: number): Limit {
  return calls === 1 || limit.credits === 0 ? limit : { ...limit, credits: times(limit.credits, calls) };
}

/** Units of several calls; never past where whole numbers are exact. */
function times(units: number, calls: number): number {
  return Math.min(units * calls, Number.MAX_SAFE_INTEGER);
}
