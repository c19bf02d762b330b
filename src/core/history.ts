// A subject's history: how many of its requests were admitted and refused, by the minute for an hour and by the hour for
// a day. Pure, of a fixed size, and never part of a decision.

/** Counts of equally long steps, the oldest first; the last step is the one under way. */
export interface Series {
  /** Start of the first step, in Unix milliseconds. */
  readonly startAt: number;
  readonly stepMs: number;
  readonly admitted: readonly number[];
  readonly refused: readonly number[];
}

/** The last hour by minutes, and the last day by hours. */
export interface PastSeries {
  readonly hour: Series;
  readonly day: Series;
}

/**
 * A stored history, version 1: number of the newest step since the Unix epoch, and the counts of a ring, where step `n`
 * has its admitted at `2 * (n % steps)` and its refused behind it. First the ring of minutes, then that of hours.
 */
export type HistoryRow = readonly [minutes: RingRow, hours: RingRow];
type RingRow = readonly [newest: number, counts: Uint32Array];

/** Requests of one subject by their time. */
export class History {
  readonly #minutes = new Ring(60_000, 60);
  readonly #hours = new Ring(3_600_000, 24);

  /** Counts a request, or several that came at about the same time. */
  note(isAdmitted: boolean, nowMs: number, requests = 1): void {
    this.#add(isAdmitted ? 0 : 1, requests, nowMs);
  }

  /** Counts an admitted request as refused: another has refused it. */
  turn(nowMs: number): void {
    this.#add(0, -1, nowMs);
    this.#add(1, 1, nowMs);
  }

  /** What has been counted. */
  series(nowMs: number): PastSeries {
    return { hour: this.#minutes.series(nowMs), day: this.#hours.series(nowMs) };
  }

  /** The history as it is stored; valid until the next request is counted. */
  pack(): HistoryRow {
    return [this.#minutes.pack(), this.#hours.pack()];
  }

  /** Fills an empty history from what was stored. */
  unpack([minutes, hours]: HistoryRow): void {
    this.#minutes.unpack(minutes);
    this.#hours.unpack(hours);
  }

  #add(kind: 0 | 1, count: number, nowMs: number): void {
    this.#minutes.add(kind, count, nowMs);
    this.#hours.add(kind, count, nowMs);
  }
}

/** The last so many steps of time, each over a step that is as many steps older. */
class Ring {
  readonly #stepMs: number;
  readonly #steps: number;
  readonly #counts: Uint32Array;
  /** Number of the newest step that has a count. */
  #newest = 0;

  constructor(stepMs: number, steps: number) {
    this.#stepMs = stepMs;
    this.#steps = steps;
    this.#counts = new Uint32Array(2 * steps);
  }

  add(kind: 0 | 1, count: number, nowMs: number): void {
    const step = Math.floor(nowMs / this.#stepMs);
    const passed = Math.min(step - this.#newest, this.#steps);
    for (let back = 0; back < passed; back++) {
      const place = this.#placeOf(step - back);
      this.#counts.fill(0, place, place + 2);
    }
    // A clock that steps back counts in the newest step: the older ones are told already.
    this.#newest = Math.max(this.#newest, step);
    const place = this.#placeOf(this.#newest) + kind;
    this.#counts[place] = Math.max(0, (this.#counts[place] ?? 0) + count);
  }

  series(nowMs: number): Series {
    const last = Math.max(Math.floor(nowMs / this.#stepMs), this.#newest);
    const first = last - this.#steps + 1;
    const of = (kind: 0 | 1) =>
      Array.from({ length: this.#steps }, (_, index) => {
        const step = first + index;
        return step > this.#newest ? 0 : (this.#counts[this.#placeOf(step) + kind] ?? 0);
      });
    return { startAt: first * this.#stepMs, stepMs: this.#stepMs, admitted: of(0), refused: of(1) };
  }

  pack(): RingRow {
    return [this.#newest, this.#counts];
  }

  unpack([newest, counts]: RingRow): void {
    this.#newest = newest;
    this.#counts.set(counts);
  }

  #placeOf(step: number): number {
    return 2 * (step % this.#steps);
  }
}
