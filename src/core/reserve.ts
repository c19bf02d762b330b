// Writing ahead: how many takes a subject may serve from memory after one row. Pure arithmetic on what was just seen.

/** Time constant of the rate that is remembered, in milliseconds. */
const MEMORY_MS = 15_000;
/** Takes remembered below which a subject is slow: a few at once, or steadily less than one in three seconds. */
const BUSY_FROM = 5;
/** How far ahead takes are reserved, in milliseconds. */
export const AHEAD_MS = 10_000;
/** A burst is over once no take came for this long, in milliseconds. */
const QUIET_MS = 4_000;
/** When to see whether it is: so long after its last take, in milliseconds. An idle object forgets all after ten seconds. */
const SETTLE_AFTER_MS = 8_000;

/** The rate of a subject's takes. */
export class Pace {
  #seen = 0;
  #lastAt = 0;

  /** Notes one take. */
  note(nowMs: number): void {
    this.#seen = this.#seen * Math.exp(Math.min(0, this.#lastAt - nowMs) / MEMORY_MS) + 1;
    this.#lastAt = nowMs;
  }

  /** True where the burst is over, so that what was reserved can be settled. */
  isQuiet(nowMs: number): boolean {
    return nowMs - this.#lastAt >= QUIET_MS;
  }

  /** Instant at which to see whether it is, in Unix milliseconds. */
  settleAt(): number {
    return this.#lastAt + SETTLE_AFTER_MS;
  }

  /** Takes expected within `AHEAD_MS`, beyond the one just noted; 0 for a slow subject. */
  expected(): number {
    return this.#seen < BUSY_FROM ? 0 : Math.floor((this.#seen * AHEAD_MS) / MEMORY_MS) - 1;
  }
}

/** One window that a reservation would cover. */
export interface Room {
  readonly size: number;
  readonly used: number;
  /** Units one take of this window costs. */
  readonly cost: number;
  /** Units a crash would lose already: lost before, or held. */
  readonly exposed: number;
}

/**
 * Takes to reserve ahead: no more than expected, no more than remain in any window, and so few that all a crash can
 * cost a window stays within `share` of its size.
 *
 * @param share of a window's size that restarts may cost it, from 0 (exact even across a crash) to 1.
 */
export function takesAhead(expected: number, rooms: readonly Room[], share: number): number {
  let takes = expected;
  for (const { size, used, cost, exposed } of rooms) {
    const spare = Math.min(size - used, Math.floor(size * share) - exposed);
    takes = Math.min(takes, Math.floor(spare / cost));
  }
  return Math.max(0, takes);
}
