// Where one window of the server stands, as far as can be known from here. Errs towards sending too late, never too
// early. All instants are local and monotonic; knows no time of its own.

import { type Bounds, Ending } from "./ending.ts";
import { Probe } from "./probe.ts";

/** A call that was sent. */
export interface Call {
  readonly sentAt: number;
}

/** Where a window stands. */
export interface Usage {
  /** What names the window: as declared (`"60/minute"`), as the server's policy is named, or its size. */
  readonly window: string;
  /** The window's size. */
  readonly limit: number;
  /** Calls that surely have room; calls under way count as used. */
  readonly remaining: number;
  readonly used: number;
  /** `used` of `limit`, from 0 to 100, with one decimal. */
  readonly percent: number;
  /** When the window is surely over, by the local clock; absent where that is unknown. */
  readonly resetAt?: Date;
}

/** What an answer tells of a window. */
export interface Sighting {
  readonly size: number | undefined;
  readonly left: number;
  readonly ends: Bounds;
}

/** What a meter is of. */
export interface MeterSource {
  readonly name: string;
  readonly size: number;
  /** The longest the window can be. */
  readonly lengthMs?: number;
  /** What the quota policy is called in `RateLimit`. */
  readonly policy?: string;
}

/**
 * A call is counted no later than this after it was sent, however long its answer takes. Where it travels longer, calls
 * may meet a 429 and be sent again.
 */
export const mostTravelMs = 5000;
/** The same for short windows, as a share of their length: more would leave them unused. */
const mostTravelShare = 0.1;
/** Below this share of its size, a window runs low. */
const lowShare = 0.1;

/** One window of the server. */
export class Meter {
  readonly name: string;
  /** True for a window that only the server told of: it is forgotten when the server stops telling. */
  readonly learned: boolean;
  policy: string | undefined;
  lengthMs: number | undefined;
  #size: number;

  /** What is left, without the calls sent from `#since` on that are still under way, and without `#unseen`. */
  #left: number;
  /** When `#left` was told; only a call sent later can tell of more. */
  #leftAt = Number.NEGATIVE_INFINITY;
  #since = Number.NEGATIVE_INFINITY;
  /** Answered calls that no answer about this window includes yet, and when the last of them was answered. */
  #unseen = 0;
  #unseenAt = Number.NEGATIVE_INFINITY;

  #ending = new Ending();
  #probe: Probe;
  /** True once somebody else was seen to use this period. */
  #shared = false;
  #low = false;

  constructor(source: MeterSource, learned: boolean) {
    this.name = source.name;
    this.policy = source.policy;
    this.lengthMs = source.lengthMs;
    this.learned = learned;
    this.#size = source.size;
    this.#left = source.size;
    this.#probe = new Probe(Number.NEGATIVE_INFINITY, true, this);
  }

  get size(): number {
    return this.#size;
  }

  /** True where there is an instant at which the current period is surely over. */
  get placed(): boolean {
    return this.#ending.placed;
  }

  /** True where an answer of this period has spoken, but not of this window, which is known only from answers. */
  get silent(): boolean {
    return this.learned && !this.#ending.told && this.#probe.answered;
  }

  /** True where answers say that nothing is left, whatever becomes of the calls under way. */
  get full(): boolean {
    return this.#left <= this.#unseen;
  }

  /** Starts the next period if this one is surely over. */
  roll(now: number): void {
    // The server may have begun the next period long before it surely has.
    if (this.#ending.by <= now) this.#startPeriod(this.#ending.from, now);
  }

  /** Supposes an end for a period that the server has not told of; what it tells replaces it. */
  suppose(from: number, by: number): void {
    this.#ending.suppose(from, by);
  }

  /** Keeps the end, but lets the next answer move it either way: a clock has stepped. */
  doubt(): void {
    this.#ending = this.#ending.doubted();
  }

  /**
   * Local instant until which no further call may be sent; undefined: now. `Infinity`: until an answer comes.
   *
   * @param flying the calls under way.
   */
  blockedUntil(now: number, flying: ReadonlySet<Call>): number | undefined {
    if (this.remaining(flying) > 0) return this.#probe.waitUntil(now);
    if (this.placed) return this.#ending.by;
    // Nobody can say when it ends: one call at a time goes and asks.
    return flying.size === 0 ? undefined : Number.POSITIVE_INFINITY;
  }

  /** Calls that surely have room. */
  remaining(flying: ReadonlySet<Call>): number {
    return Math.max(0, this.#left - this.#unseen - this.#uncounted(flying));
  }

  /** A call is sent. */
  send(now: number): void {
    this.#probe.send(now);
  }

  /** A call was answered, and the server may have counted it here, but the answer does not speak of this window. */
  miss(call: Call, now: number): void {
    this.#probe.answer(call.sentAt);
    if (call.sentAt < this.#since) return;
    this.#unseen += 1;
    this.#unseenAt = now;
  }

  /** A call was refused, so not counted, and the answer does not speak of this window. */
  pass(call: Call): void {
    this.#probe.answer(call.sentAt);
  }

  /**
   * An answer tells of this window.
   *
   * @param flying the calls under way, the answered one among them.
   */
  tell({ size, left, ends }: Sighting, call: Call, now: number, flying: ReadonlySet<Call>): void {
    const order = this.#ending.compare(ends);
    if (order < 0) return;
    if (order > 0) this.#startPeriod(call.sentAt, call.sentAt);
    this.#resize(Math.max(size ?? this.#size, left));
    if (left < this.remaining(flying)) this.#shared = true;
    this.#count(left, call, now);
    this.#ending.tell(ends);
    this.#probe.answer(Number.POSITIVE_INFINITY);
  }

  /** True once a period, when less than a tenth is left. */
  runsLow(flying: ReadonlySet<Call>): boolean {
    if (this.#low || this.remaining(flying) >= this.#size * lowShare) return false;
    this.#low = true;
    return true;
  }

  /** @param toDate turns a local instant into a date of the local clock. */
  usage(flying: ReadonlySet<Call>, toDate: (at: number) => Date): Usage {
    const remaining = this.remaining(flying);
    const used = this.#size - remaining;
    return {
      window: this.name,
      limit: this.#size,
      remaining,
      used,
      percent: Math.round((used / this.#size) * 1000) / 10,
      ...(this.placed && { resetAt: toDate(this.#ending.by) }),
    };
  }

  /** Calls under way that `#left` may not include. */
  #uncounted(flying: ReadonlySet<Call>): number {
    let calls = 0;
    for (const call of flying) if (call.sentAt >= this.#since) calls += 1;
    return calls;
  }

  /** @param fromAt the period cannot have begun sooner. */
  #startPeriod(fromAt: number, now: number): void {
    this.#left = this.#size;
    this.#leftAt = Number.NEGATIVE_INFINITY;
    this.#since = this.#travelledSince(fromAt);
    this.#unseen = 0;
    this.#unseenAt = Number.NEGATIVE_INFINITY;
    this.#ending = this.#ending.next(this.lengthMs);
    this.#probe = new Probe(now, this.#shared, this);
    this.#shared = false;
    this.#low = false;
  }

  #resize(size: number): void {
    this.#left += size - this.#size;
    this.#size = size;
  }

  #count(left: number, call: Call, now: number): void {
    if (call.sentAt >= this.#leftAt && call.sentAt >= this.#unseenAt) {
      this.#unseen = 0;
      this.#since = Math.max(this.#since, this.#travelledSince(call.sentAt));
    } else if (left >= this.#left) {
      // Told before something that is known already: the order of answers is not the order of counting.
      return;
    }
    this.#left = left;
    this.#leftAt = now;
  }

  /** Calls sent before this were counted by then. */
  #travelledSince(at: number): number {
    return at - Math.min(mostTravelMs, (this.lengthMs ?? Number.POSITIVE_INFINITY) * mostTravelShare);
  }
}
