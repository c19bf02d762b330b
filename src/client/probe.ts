// The first calls of a period, which find out what others have used of it while all others wait. Local instants;
// knows no time of its own.

/** Others wait for an answer to the first calls no longer than this, or a twentieth of the window. */
const mostWaitMs = 3000;
const mostWaitShare = 1 / 20;
/** Share of a window that goes first where nobody else was seen to use it in the period before. */
const share = 0.1;

/** What the first calls of a period are sized by. */
interface Size {
  readonly size: number;
  readonly lengthMs: number | undefined;
}

export class Probe {
  readonly #startedAt: number;
  readonly #calls: number;
  readonly #waitMs: number;
  #sent = 0;
  #sentAt = Number.POSITIVE_INFINITY;
  #answered = false;

  /** @param shared true where somebody else uses the window, or nobody knows. */
  constructor(startedAt: number, shared: boolean, { size, lengthMs = Number.POSITIVE_INFINITY }: Size) {
    this.#startedAt = startedAt;
    this.#calls = shared ? 1 : Math.ceil(size * share);
    this.#waitMs = Math.min(mostWaitMs, lengthMs * mostWaitShare);
  }

  /** True once the period has an answer. */
  get answered(): boolean {
    return this.#answered;
  }

  send(now: number): void {
    this.#sent += 1;
    this.#sentAt = Math.min(this.#sentAt, now);
  }

  /** A call was answered; that tells of this period only if it was sent in it. */
  answer(sentAt: number): void {
    if (sentAt >= this.#startedAt) this.#answered = true;
  }

  /** Until when all others wait; undefined: they need not. */
  waitUntil(now: number): number | undefined {
    const until = this.#sentAt + this.#waitMs;
    return !this.#answered && this.#sent >= this.#calls && now < until ? until : undefined;
  }
}
