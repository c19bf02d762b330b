// What an isolate remembers of blocks: hints that are wrong for seconds at the most, and never for longer than the policy
// lets them be. Asks nobody; the caller brings the clock.

import type { BlockEnd } from "../core/refusal-body.ts";
import type { Watch } from "../objects/messages.ts";

/** What is known of an address. */
export type Known =
  | { readonly kind: "blocked"; readonly block: BlockEnd }
  /** It was blocked when last seen: nothing is to be taken for it before its shard has been asked. */
  | { readonly kind: "suspect" }
  | { readonly kind: "clear" }
  | { readonly kind: "unknown" };

interface Entry {
  /** Instant until which it is true, by the isolate's clock. */
  readonly untilAt: number;
  /** The block by the object's clock, and its end by the isolate's. Absent: there is none. */
  readonly block?: { readonly untilAt: number; readonly endAt: number };
}

/** Addresses remembered, at about 200 bytes each; the oldest go first. */
const ADDRESSES_MOST = 10_000;
/** The last of a block is never answered from memory, for clocks are not that exact; in milliseconds. */
const LAST_MS = 1_000;

/** Blocks, and the absence of them, by address. */
export class BlockMemory {
  readonly #entries = new Map<string, Entry>();

  /** What is known of an address now. */
  recall(address: string, nowMs: number): Known {
    const entry = this.#entries.get(address);
    if (entry === undefined) return { kind: "unknown" };
    const { block, untilAt } = entry;
    if (block === undefined) return { kind: nowMs < untilAt ? "clear" : "unknown" };
    if (nowMs >= block.endAt) return { kind: "unknown" };
    if (nowMs >= untilAt) return { kind: "suspect" };
    return { kind: "blocked", block: { untilAt: block.untilAt, remainingMs: block.endAt - nowMs } };
  }

  /**
   * Remembers what a shard said of an address. That it is clear is not remembered while it has strikes, for then a block
   * may be near; nor against a block learnt while the shard was being asked.
   *
   * @param forMs how long it may be gone by, from `BLOCK_MEMORY`.
   */
  learn(address: string, { block, isStruck }: Watch, forMs: number, nowMs: number): void {
    if (block !== undefined) {
      const untilAt = nowMs + Math.min(forMs, block.remainingMs - LAST_MS);
      this.#keep(address, {
        untilAt,
        block: { untilAt: block.untilAt, endAt: nowMs + block.remainingMs },
      });
    } else if (this.recall(address, nowMs).kind !== "blocked") {
      this.#entries.delete(address);
      if (!isStruck) this.#keep(address, { untilAt: nowMs + forMs });
    }
  }

  #keep(address: string, entry: Entry): void {
    this.#entries.delete(address);
    this.#entries.set(address, entry);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= ADDRESSES_MOST) break;
      this.#entries.delete(oldest);
    }
  }
}
