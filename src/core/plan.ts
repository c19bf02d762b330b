// A plan: what a subject may do. Resolves a limit's windows, cost and characters for it.

import type { Adjustment, Limit, Policy } from "./policy.ts";

/** An adjustment made for one subject; it may expire by itself. */
export interface Override extends Adjustment {
  /** Instant the override ends, in Unix milliseconds. */
  readonly untilAt?: number;
}

/** What a key or an account may do. Absent plan: the limits' own windows. */
export interface Plan {
  readonly label?: string;
  readonly tier?: string;
  /** Name of the account a key belongs to; absent: the key is its own account. */
  readonly account?: string;
  readonly overrides?: { readonly [limit: string]: Override };
  /** End of the current billing period, in Unix milliseconds; null: the calendar month. */
  readonly nextBillingAt?: number | null;
  readonly disabled?: boolean;
  /** Instant from which the key is refused, in Unix milliseconds. */
  readonly expiresAt?: number;
}

/**
 * A limit as it applies to one subject. Order of what counts: key override, account override, key's tier,
 * account's tier, the limit's own.
 *
 * @param plans the plans that are read, the nearest first: `[key, account]` for a key's windows, `[account]` for an
 * account's.
 */
export function applied(
  limit: Limit,
  policy: Policy,
  plans: readonly (Plan | undefined)[],
  nowMs: number,
): Limit {
  const adjustments: Adjustment[] = [];
  for (const plan of plans) {
    const override = plan?.overrides?.[limit.name];
    if (override && (override.untilAt === undefined || nowMs < override.untilAt)) adjustments.push(override);
  }
  for (const plan of plans) {
    const tier = plan?.tier === undefined ? undefined : policy.tiers.get(plan.tier)?.get(limit.name);
    if (tier) adjustments.push(tier);
  }
  if (adjustments.length === 0) return limit;
  // The nearest adjustment wins, field by field: spread the farthest first.
  return Object.assign(
    {},
    limit,
    ...adjustments.reverse().map(({ windows, cost, maxCharacters }) => ({
      ...(windows && { windows }),
      ...(cost !== undefined && { cost }),
      ...(maxCharacters !== undefined && { maxCharacters }),
    })),
  );
}
