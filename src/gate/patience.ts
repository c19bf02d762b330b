// Patience: how long a request waits for others, first for its decision and then for its origin. Its waits follow each
// other, so they share one timer: to set and clear a timer costs as much as to decide.

/** What is wrong where a wait of so many milliseconds is over. */
type Late = (forMs: number) => Error;

/** The waits of one request. */
export class Patience {
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the timer fires, and when the last wait is over; by the clock that no one sets. */
  #firesAt = 0;
  #endsAt = 0;
  #giveUp = () => {};

  /**
   * The work's result, if it comes in time. Work that comes later is left alone, its failure too.
   *
   * @param forMs how long to wait, in milliseconds.
   * @throws what `late` makes of it, once that time is over.
   */
  wait<Result>(forMs: number, work: Promise<Result>, late: Late): Promise<Result> {
    const { promise, resolve, reject } = this.open<Result>(forMs, late);
    work.then(resolve, reject);
    return promise;
  }

  /** A wait for what somebody else resolves, in time. */
  open<Result>(forMs: number, late: Late): PromiseWithResolvers<Result> {
    const wait = Promise.withResolvers<Result>();
    this.#giveUp = () => wait.reject(late(forMs));
    this.#endsAt = performance.now() + forMs;
    if (this.#timer === undefined || this.#firesAt > this.#endsAt) this.#set(forMs);
    return wait;
  }

  /** Ends it, once there is nothing left to wait for. */
  end(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Has it fire when the last wait is over, so long from now. */
  #set(afterMs: number): void {
    this.end();
    this.#firesAt = this.#endsAt;
    this.#timer = setTimeout(() => this.#fire(), afterMs);
  }

  /** It was set for an earlier wait, perhaps: then the last one gets its rest. */
  #fire(): void {
    this.#timer = undefined;
    const restMs = this.#endsAt - performance.now();
    if (restMs > 0) this.#set(restMs);
    else this.#giveUp();
  }
}
