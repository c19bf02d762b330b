// Introductions: asks the shard of an address whether the address may bring a key that nobody knows. One key's; remembers
// only consent, and only in memory.

import type { Refused } from "../core/decision.ts";
import { spanAt } from "../core/window.ts";
import type { Env } from "../env.ts";
import { requireRules } from "../policy/rules.ts";
import { askShard } from "./shard.ts";
import { isConsent, understood } from "./sound.ts";

/** Addresses whose consent is remembered; the oldest go first, and are then asked about again. */
const REMEMBERED_ADDRESSES = 1_000;

export class Introductions {
  readonly #env: Env;
  /** Instants until which an address need not be asked about again, in Unix milliseconds. */
  readonly #untilAt = new Map<string, number>();
  readonly #underWay = new Map<string, Promise<Refused | undefined>>();

  constructor(env: Env) {
    this.#env = env;
  }

  /** True where the address may bring the key and need not be asked about again. */
  isMade(address: string, nowMs: number): boolean {
    return nowMs < (this.#untilAt.get(address) ?? 0);
  }

  /**
   * The refusal of a key that is one too many of those its address brought. A shard that fails refuses nobody.
   *
   * @param newcomer what the shard is to call the key.
   */
  async make(address: string, newcomer: string): Promise<Refused | undefined> {
    const underWay = this.#underWay.get(address);
    if (underWay !== undefined) return underWay;
    const asking = this.#ask(address, newcomer).finally(() => this.#underWay.delete(address));
    this.#underWay.set(address, asking);
    return asking;
  }

  async #ask(address: string, newcomer: string): Promise<Refused | undefined> {
    const said = await askShard(this.#env, address, async (shard) =>
      understood(await shard.bring(address, newcomer), isConsent),
    );
    if (said !== undefined && said.answer === undefined) this.#remember(address, Date.now());
    return said?.answer;
  }

  #remember(address: string, nowMs: number): void {
    const { newKeys } = requireRules(this.#env).policy;
    if (newKeys === undefined) return;
    this.#untilAt.set(address, spanAt(newKeys, "clock", null, nowMs).endAt);
    for (const oldest of this.#untilAt.keys()) {
      if (this.#untilAt.size <= REMEMBERED_ADDRESSES) break;
      this.#untilAt.delete(oldest);
    }
  }
}
