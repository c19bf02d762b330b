// Trust: whether a key that nobody registered has shown to be one. Pure: the caller brings the clock, and keeps the row.

/** How long the origin's 2xx is remembered, in milliseconds. */
const REMEMBERED_MS = 30 * 86_400_000;
/** Addresses remembered to have brought the key; the oldest go first, and are then asked about again. */
const REMEMBERED_ADDRESSES = 1_000;

/** What one key's object knows of its key's standing with the origin. Mutable, and owned by one object. */
export class Trust {
  /** Instant it ends, in Unix milliseconds; 0: the origin has never answered the key with a 2xx. The only stored part. */
  untilAt = 0;
  readonly #broughtBy = new Map<string, number>();

  /** True where the origin has answered the key with a 2xx not long ago. */
  isTrusted(nowMs: number): boolean {
    return nowMs < this.untilAt;
  }

  /** True where a 2xx would be worth a row: only once in half of the time that it is remembered. */
  isDue(nowMs: number): boolean {
    return this.untilAt - nowMs < REMEMBERED_MS / 2;
  }

  /** Notes a 2xx of the origin. */
  renew(nowMs: number): void {
    this.untilAt = nowMs + REMEMBERED_MS;
  }

  /** True where the address need not be asked again whether it may bring the key. */
  isBroughtBy(address: string, nowMs: number): boolean {
    return nowMs < (this.#broughtBy.get(address) ?? 0);
  }

  /** Notes that an address may bring the key until an instant. */
  noteBrought(address: string, untilAt: number): void {
    this.#broughtBy.set(address, untilAt);
    for (const oldest of this.#broughtBy.keys()) {
      if (this.#broughtBy.size <= REMEMBERED_ADDRESSES) break;
      this.#broughtBy.delete(oldest);
    }
  }
}
