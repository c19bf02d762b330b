// An account lending takes to its keys' objects, and calling them back before it refuses anyone. Decides nothing.

import type { Grant, Spent } from "../core/lease.ts";
import { endLease, endsAt, leasesOf, lend } from "../core/lending.ts";
import type { Env } from "../env.ts";
import { within } from "../gate/within.ts";
import { requireRules } from "../policy/rules.ts";
import type { Join } from "./messages.ts";
import type { StoredSubject } from "./stored-subject.ts";

/** How long a key may spend a lease, in milliseconds. */
const LEASE_MS = 5_000;
/**
 * A lease of which nothing is heard this long after its time was up is taken as spent, in milliseconds. A key gives it back
 * when its alarm finds that time up, which is some eight seconds after a take, and again while takes keep coming.
 */
const OVERDUE_MS = 15_000;
/** A key's object that does not answer within this time has spent its lease, in milliseconds. */
const RECALL_WITHIN_MS = 500;

export class Lender {
  readonly #stored: StoredSubject;
  readonly #env: Env;
  #recalling: Promise<void> | undefined;

  constructor(stored: StoredSubject, env: Env) {
    this.#stored = stored;
    this.#env = env;
  }

  /** Takes note of what a key made of its lease. */
  settle({ id, takes }: Spent): void {
    const { ledger } = this.#stored.subject;
    if (!ledger.holds.has(id)) return;
    endLease(ledger, id, takes);
    this.#stored.history.note(true, Date.now(), takes);
  }

  /** Lends to the key whose take was just admitted, if there is anything to lend; never past the end of a window. */
  lend({ op, wants }: Join, nowMs: number): Grant | undefined {
    const { ledger } = this.#stored.subject;
    const share = requireRules(this.#env).policy.writeAheadShare;
    if (wants === undefined || share === 0) return undefined;
    const forMs = Math.min(LEASE_MS, endsAt(ledger, op) - nowMs);
    const untilAt = nowMs + forMs + OVERDUE_MS;
    const { holder, takes: expected } = wants;
    const takes = lend(ledger, op, { holder, expected, forMs, share, untilAt });
    return takes > 0 ? { id: -op, takes, forMs } : undefined;
  }

  /** Calls every lease back, so that what keys have not spent may be given to others. */
  recall(): Promise<void> {
    this.#recalling ??= this.#recallAll().finally(() => {
      this.#recalling = undefined;
    });
    return this.#recalling;
  }

  async #recallAll(): Promise<void> {
    const { ledger } = this.#stored.subject;
    await Promise.all(
      leasesOf(ledger).map(async ({ id, holder, takes }) => {
        const spent = await this.#ask(holder, id).catch(() => undefined);
        this.settle({ id, takes: spent?.takes ?? takes });
      }),
    );
  }

  #ask(holder: string, id: number): Promise<Spent | undefined> {
    const limiter = this.#env.LIMITER.get(this.#env.LIMITER.idFromString(holder));
    return within(RECALL_WITHIN_MS, limiter.recall(id));
  }
}
