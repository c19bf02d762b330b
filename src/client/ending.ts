// When a period of a window ends: bounds as local instants, because two clocks are never known to agree. Knows no time
// of its own.

/** What is known of a period's end. */
export interface Bounds {
  /** The end is not before. */
  readonly from: number;
  /** The end is surely past; `Infinity` where nothing is known. */
  readonly by: number;
  /** The end as the server's clock gives it: what tells one period from the next whatever the bounds. */
  readonly resetAt: number | undefined;
}

const unknown: Bounds = { from: Number.NEGATIVE_INFINITY, by: Number.POSITIVE_INFINITY, resetAt: undefined };

/** The shortest month is this much of the longest. */
const shortestShare = 0.9;

export class Ending {
  /** Ends before this are those of earlier periods. */
  readonly #notBefore: number;
  #bounds = unknown;
  #told = false;

  constructor(notBefore = Number.NEGATIVE_INFINITY) {
    this.#notBefore = notBefore;
  }

  get from(): number {
    return this.#bounds.from;
  }

  get by(): number {
    return this.#bounds.by;
  }

  /** True once the server told of it. */
  get told(): boolean {
    return this.#told;
  }

  /** True where there is an instant at which the period is surely over. */
  get placed(): boolean {
    return Number.isFinite(this.#bounds.by);
  }

  /** Negative where the bounds are of an earlier period than this one, positive where of a later one. */
  compare({ from, by, resetAt }: Bounds): number {
    if (this.#bounds.resetAt !== undefined && resetAt !== undefined) return resetAt - this.#bounds.resetAt;
    if (by <= (this.#told ? this.#bounds.from : this.#notBefore)) return -1;
    return this.#told && from >= this.#bounds.by ? 1 : 0;
  }

  /** The server told: that narrows what it told before and replaces what was supposed. */
  tell({ from, by, resetAt }: Bounds): void {
    const before = this.#told ? this.#bounds : unknown;
    this.#bounds = { from: Math.max(before.from, from), by: Math.min(before.by, by), resetAt };
    this.#told = true;
  }

  /** Supposes bounds as long as the server has not told. */
  suppose(from: number, by: number): void {
    if (!this.#told) this.#bounds = { from, by, resetAt: undefined };
  }

  /** The same end, that the next answer may move either way: a clock has stepped. */
  doubted(): Ending {
    const ending = new Ending();
    ending.suppose(this.from, this.by);
    return ending;
  }

  /** The end of the next period, of which nothing is known but that it is a window's length later. */
  next(lengthMs = 0): Ending {
    return new Ending(this.#told ? this.from + lengthMs * shortestShare : undefined);
  }
}
