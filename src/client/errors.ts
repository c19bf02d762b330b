// What a paced fetch rejects with of its own accord. Errors of the network and of an AbortSignal pass as they are.

import type { Usage } from "./meter.ts";

/** Why a paced fetch gave up. */
export interface GivingUp {
  /** The last 429, its body unread; absent where the call was never sent. */
  readonly response?: Response;
  /** The window that has no room; absent where the server named none. */
  readonly limit?: Usage;
  /** When there is room again, by the local clock; absent where nobody said. */
  readonly until?: Date;
}

/** A rate limit stands in the way: out of tries, past the deadline, or told by the server not to try again. */
export class RateLimitError extends Error {
  override readonly name = "RateLimitError";
  readonly response?: Response;
  readonly limit?: Usage;
  readonly until?: Date;

  constructor(reason: string, { response, limit, until }: GivingUp) {
    const spent = limit ? `: ${limit.window} is spent` : "";
    super(`${reason}${spent}${until ? ` until ${until.toISOString()}` : ""}`);
    if (response) this.response = response;
    if (limit) this.limit = limit;
    if (until) this.until = until;
  }
}

/** The queue already holds as many calls as `queue.size` allows; this one was not sent. */
export class QueueFullError extends Error {
  override readonly name = "QueueFullError";

  constructor(size: number) {
    super(`The queue is full: ${size} calls wait already`);
  }
}
