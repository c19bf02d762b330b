// Admitted and refused requests over time, in a bounded number of equal buckets. Knows no clock: the log says when.

/** One bucket of `[at, at + widthMs)`. */
export interface Bucket {
  /** Unix milliseconds. */
  readonly at: number;
  readonly admitted: number;
  readonly refused: number;
}

/**
 * Widths a bucket may have, in milliseconds: what people divide time by; past them, doubled. Each divides the next, so that a
 * bucket goes into one wider bucket as a whole.
 */
const WIDTHS = [1, 5, 10, 30, 60, 300, 600, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400].map(
  (seconds) => seconds * 1_000,
);
/** Buckets from the first to the last, at the most. */
export const MOST_BUCKETS = 480;

export class Series {
  /** Width of a bucket in milliseconds. */
  widthMs = WIDTHS[0] as number;
  #counts = new Map<number, [admitted: number, refused: number]>();
  #first = Number.POSITIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;

  note(atMs: number, isAdmitted: boolean): void {
    let index = Math.floor(atMs / this.widthMs);
    if (index < this.#first || index > this.#last) {
      this.#extend(atMs);
      index = Math.floor(atMs / this.widthMs);
    }
    const counts = this.#counts.get(index);
    if (counts === undefined) this.#counts.set(index, isAdmitted ? [1, 0] : [0, 1]);
    else counts[isAdmitted ? 0 : 1] += 1;
  }

  /** Every bucket from the first to the last, the empty ones too. */
  buckets(): Bucket[] {
    if (this.#counts.size === 0) return [];
    return Array.from({ length: this.#last - this.#first + 1 }, (_, offset) => {
      const [admitted, refused] = this.#counts.get(this.#first + offset) ?? [0, 0];
      return { at: (this.#first + offset) * this.widthMs, admitted, refused };
    });
  }

  /** Makes room for an instant, merging buckets into wider ones where there would be too many. */
  #extend(atMs: number): void {
    for (;;) {
      const index = Math.floor(atMs / this.widthMs);
      const first = Math.min(this.#first, index);
      const last = Math.max(this.#last, index);
      if (last - first < MOST_BUCKETS) {
        this.#first = first;
        this.#last = last;
        return;
      }
      this.#widen();
    }
  }

  #widen(): void {
    const narrow = this.widthMs;
    this.widthMs = WIDTHS.find((width) => width > narrow) ?? narrow * 2;
    const wider = (index: number) => Math.floor((index * narrow) / this.widthMs);
    const counts = this.#counts;
    this.#counts = new Map();
    for (const [index, [admitted, refused]] of counts) {
      const known = this.#counts.get(wider(index)) ?? [0, 0];
      this.#counts.set(wider(index), [known[0] + admitted, known[1] + refused]);
    }
    this.#first = wider(this.#first);
    this.#last = wider(this.#last);
  }
}
