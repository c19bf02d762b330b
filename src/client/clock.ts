// The server's clock, seen from here: an interval that every answer narrows. The local wall clock is never asked;
// local instants are of a monotonic clock.

/** Two clocks of one server may differ by this much, so an instant counts as reached only that much later. */
const guardMs = 100;

/** How far the server's clock is ahead of the local monotonic one: not a number, but the bounds that answers prove. */
export class ServerClock {
  #least = Number.NEGATIVE_INFINITY;
  #most = Number.POSITIVE_INFINITY;

  /**
   * Learns that the server's clock showed an instant in `[fromAt, beforeAt)` at some time between the sending of a
   * request and the arrival of its answer (Cristian's algorithm, intersected over all answers).
   *
   * @returns false where that contradicts what was known: one of the clocks has stepped, and the old bounds are gone.
   */
  observe(fromAt: number, beforeAt: number, sentAt: number, receivedAt: number): boolean {
    const [least, most] = [fromAt - receivedAt, beforeAt - sentAt];
    const agrees = least <= this.#most && most >= this.#least;
    this.#least = agrees ? Math.max(this.#least, least) : least;
    this.#most = agrees ? Math.min(this.#most, most) : most;
    return agrees;
  }

  /** Local instant before which the server's clock cannot show `at`; `-Infinity` where nothing is known. */
  earliest(at: number): number {
    return at - this.#most;
  }

  /** Local instant by which the server's clock surely shows `at`; `Infinity` where nothing is known. */
  latest(at: number): number {
    return at - this.#least + guardMs;
  }

  /** The latest that the server's clock can show now; undefined where nothing is known. */
  latestNow(now: number): number | undefined {
    return Number.isFinite(this.#most) ? now + this.#most : undefined;
  }
}
