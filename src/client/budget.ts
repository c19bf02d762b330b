// The budget that all calls share: every window, the calls under way, and a hold that the server imposed. Decides
// whether one more call may be sent, and until when not. All instants are local and monotonic; knows no time of its own.

import { ServerClock } from "./clock.ts";
import type { Declared } from "./declare.ts";
import type { Bounds } from "./ending.ts";
import type { Lesson, Told } from "./learn.ts";
import { type Call, Meter, mostTravelMs, type Usage } from "./meter.ts";

/** Why no call may be sent now. */
export interface Pause {
  /** Local instant of the next try; `Infinity`: when an answer comes. */
  readonly until: number;
  /** The window that is full; absent where the server named none, or nobody knows yet. */
  readonly meter?: Meter;
  /** True where the server said that waiting is of no use. */
  readonly final: boolean;
  /** False while answers under way may still make room sooner. */
  readonly certain: boolean;
}

/** An answer as the budget sees it. */
export interface Answer extends Lesson {
  readonly receivedAt: number;
  /** True where the server refused the call and so did not count it. */
  readonly refused: boolean;
}

/** An end is known no better than to the second, and the server's clock no better than a guard beyond that. */
const slackMs = 2000;

export class Budget {
  readonly #declared: ReadonlyMap<Meter, Declared>;
  readonly #clock = new ServerClock();
  readonly #flying = new Set<Call>();
  #meters: Meter[];
  #hold: Pause | undefined;
  /** True once an answer has come: without declared windows, nothing is known before. */
  #answered = false;

  constructor(declared: readonly Declared[]) {
    this.#declared = new Map(declared.map((one) => [new Meter(one, false), one]));
    this.#meters = [...this.#declared.keys()];
  }

  /** Why no call may be sent now; undefined: one may. */
  pause(now: number): Pause | undefined {
    let pause = this.#hold !== undefined && now < this.#hold.until ? this.#hold : undefined;
    if (!this.#answered && this.#meters.length === 0 && this.#flying.size > 0) {
      pause = { until: Number.POSITIVE_INFINITY, final: false, certain: false };
    }
    for (const meter of this.#meters) {
      meter.roll(now);
      const until = meter.blockedUntil(now, this.#flying);
      if (until === undefined || (pause !== undefined && until <= pause.until)) continue;
      const certain = meter.full;
      pause = { until, final: pause?.final ?? false, certain, ...(certain && { meter }) };
    }
    return pause;
  }

  /** A call is sent: it counts in every window until its answer says more. */
  send(now: number): Call {
    const call = { sentAt: now };
    for (const meter of this.#meters) meter.send(now);
    this.#flying.add(call);
    return call;
  }

  /** A call was answered. */
  answer(call: Call, answer: Answer): void {
    this.#answered = true;
    this.#readClock(call, answer);
    const told = new Set(answer.told.map((one) => this.#tell(one, call, answer)));
    this.#flying.delete(call);
    for (const meter of this.#meters) {
      if (told.has(meter)) continue;
      if (answer.refused) meter.pass(call);
      else this.#miss(meter, call, answer.receivedAt);
    }
    if (told.size > 0) this.#meters = this.#meters.filter((meter) => !meter.silent);
  }

  /** A call failed without an answer; the server may have counted it. */
  fail(call: Call, now: number): void {
    this.#flying.delete(call);
    for (const meter of this.#meters) this.#miss(meter, call, now);
  }

  /** Sends nothing more until an instant, because a call was refused. */
  hold(until: number, final: boolean): void {
    const held = this.#hold?.until ?? until;
    if (until < held && !final) return;
    const meter = this.#meters.find((one) => one.remaining(this.#flying) === 0);
    this.#hold = { until: Math.max(until, held), final, certain: true, ...(meter && { meter }) };
  }

  /** Where every known window stands. */
  usage(now: number, toDate: (at: number) => Date): Usage[] {
    for (const meter of this.#meters) meter.roll(now);
    return this.#meters.map((meter) => meter.usage(this.#flying, toDate));
  }

  /** Where one window stands. */
  usageOf(meter: Meter, toDate: (at: number) => Date): Usage {
    return meter.usage(this.#flying, toDate);
  }

  /** The windows that have less than a tenth left, each once a period. */
  low(): Meter[] {
    return this.#meters.filter((meter) => meter.runsLow(this.#flying));
  }

  #readClock(call: Call, answer: Answer): void {
    const { dateAt, receivedAt } = answer;
    const seen = dateAt === undefined ? this.#seenByReset(answer) : ([dateAt, dateAt + 1000] as const);
    if (seen === undefined) return;
    // A Date is as late as the answer, a window's end as early as the counting.
    const by = dateAt === undefined ? countedBy(call, receivedAt) : receivedAt;
    if (this.#clock.observe(...seen, call.sentAt, by)) return;
    for (const meter of this.#meters) meter.doubt();
  }

  /**
   * What time it can be without a Date, which browsers hide unless it is exposed: `Retry-After` before the end of the
   * window that refused, or any time of a window whose length is known.
   */
  #seenByReset({ told, refused, retryAfterMs }: Answer): readonly [number, number] | undefined {
    for (const { size, left, resetAt } of told) {
      if (resetAt === undefined) continue;
      if (refused && left === 0 && retryAfterMs !== undefined)
        return [resetAt - retryAfterMs, resetAt - retryAfterMs + 1000];
      const lengthMs = this.#meters.find((meter) => meter.size === size)?.lengthMs;
      if (lengthMs !== undefined) return [resetAt - lengthMs, resetAt];
    }
    return undefined;
  }

  #tell(told: Told, call: Call, { receivedAt }: Answer): Meter {
    const ends = this.#ends(told, call, receivedAt);
    const meter = this.#find(told, ends.by - receivedAt) ?? this.#learn(told);
    meter.roll(receivedAt);
    meter.policy ??= told.policy;
    meter.lengthMs ??= told.lengthMs;
    meter.tell({ size: told.size, left: told.left, ends }, call, receivedAt, this.#flying);
    return meter;
  }

  /** Local instants between which a window told of ends. */
  #ends({ resetAt, resetAfterMs }: Told, call: Call, receivedAt: number): Bounds {
    const known = resetAt !== undefined;
    const from = known ? this.#clock.earliest(resetAt) : Number.NEGATIVE_INFINITY;
    const by = known ? this.#clock.latest(resetAt) : Number.POSITIVE_INFINITY;
    if (resetAfterMs === undefined) return { from, by, resetAt };
    return {
      from: Math.max(from, call.sentAt + resetAfterMs - 1000),
      by: Math.min(by, countedBy(call, receivedAt) + resetAfterMs),
      resetAt,
    };
  }

  /** The meter of a window told of: by its policy's name, else by size and length. */
  #find({ policy, size, lengthMs }: Told, remainsMs: number): Meter | undefined {
    const named = this.#meters.find((meter) => policy !== undefined && meter.policy === policy);
    if (named) return named;
    const fits = this.#meters.filter((meter) => meter.size === size && meter.policy === undefined);
    if (policy !== undefined) return fits.find((meter) => sameLength(meter.lengthMs, lengthMs));
    // X-RateLimit-* name no window: of those of this size, the shortest that can last as long as this one still does.
    const anyOf = this.#meters.filter((meter) => meter.size === size).sort(byLength);
    const lasts = Number.isFinite(remainsMs) ? remainsMs - slackMs : 0;
    return anyOf.find((meter) => lasts <= (meter.lengthMs ?? lasts)) ?? anyOf.at(-1);
  }

  #learn({ policy, size, left, lengthMs }: Told): Meter {
    const whole = size ?? left;
    const source = { name: policy ?? String(whole), size: whole };
    const meter = new Meter(
      { ...source, ...(policy !== undefined && { policy }), ...(lengthMs !== undefined && { lengthMs }) },
      true,
    );
    this.#meters.push(meter);
    return meter;
  }

  #miss(meter: Meter, call: Call, now: number): void {
    meter.roll(now);
    meter.miss(call, now);
    const declared = this.#declared.get(meter);
    if (declared?.endAfter === undefined) return;
    const serverNow = this.#clock.latestNow(now);
    // Without any clock: a whole window after the last answer, the period that counted it is surely over.
    if (serverNow === undefined) meter.suppose(Number.NEGATIVE_INFINITY, now + declared.lengthMs);
    else if (!meter.placed) {
      const endAt = declared.endAfter(serverNow);
      meter.suppose(this.#clock.earliest(endAt), this.#clock.latest(endAt));
    }
  }
}

/** When the server has surely counted an answered call: not only when its work is done. */
function countedBy({ sentAt }: Call, receivedAt: number): number {
  return Math.min(receivedAt, sentAt + mostTravelMs);
}

/** Months differ by a tenth. */
function sameLength(one: number | undefined, other: number | undefined): boolean {
  return one === undefined || other === undefined || Math.abs(one - other) <= one / 10;
}

function byLength(one: Meter, other: Meter): number {
  return (one.lengthMs ?? Number.POSITIVE_INFINITY) - (other.lengthMs ?? Number.POSITIVE_INFINITY);
}
