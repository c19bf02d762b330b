// The line in which calls wait for the budget: by priority, at most so many at once and so many waiting. Pauses the
// queue while the budget has no room, and turns away whoever waits in vain.

import PQueue from "p-queue";
import type { Budget, Pause } from "./budget.ts";
import { QueueFullError, RateLimitError } from "./errors.ts";
import type { Emitter } from "./events.ts";
import { type Lesson, learn } from "./learn.ts";
import { expected } from "./retry.ts";
import { monotonicNow, runAt, toDate } from "./time.ts";

/** How many calls go out and wait. */
export interface QueueOptions {
  /** Most calls under way at once. Default: no limit of its own. */
  readonly concurrency?: number;
  /** Most calls that wait; one more fails with {@link QueueFullError}. Default: no limit. */
  readonly size?: number;
}

/** What a call brings along. */
export interface Ticket {
  /** Higher goes first. */
  readonly priority: number;
  readonly signal: AbortSignal | undefined;
  /** Monotonic instant past which the call may not wait. */
  readonly deadlineAt: number;
  /** True where the call has been sent before: the queue's size no longer turns it away. */
  readonly repeated: boolean;
  /** How long everybody waits if this call meets a 429 without `Retry-After`. */
  readonly backoffMs: number;
}

/** An answer and what it teaches. */
export interface Passed {
  readonly response: Response;
  readonly lesson: Lesson;
  /** Monotonic instant of the answer. */
  readonly receivedAt: number;
}

interface Waiting {
  readonly deadlineAt: number;
  readonly leave: AbortController;
}

/** Ends this near to each other are those of one wait: no window is shorter than a second. */
const sameWaitMs = 500;

export class Line {
  readonly #budget: Budget;
  readonly #events: Emitter;
  readonly #queue: PQueue;
  readonly #size: number;
  readonly #waiting = new Set<Waiting>();
  #pause: Pause | undefined;
  #announcedUntil = Number.NEGATIVE_INFINITY;
  #cancelTimer = () => {};

  constructor(budget: Budget, events: Emitter, options: QueueOptions = {}) {
    const { concurrency = Number.POSITIVE_INFINITY, size = Number.POSITIVE_INFINITY } = options;
    if (!(concurrency >= 1)) throw expected("queue.concurrency", "a number from 1 up", concurrency);
    if (!(size >= 1)) throw expected("queue.size", "a number from 1 up", size);
    this.#budget = budget;
    this.#events = events;
    this.#size = size;
    this.#queue = new PQueue({ concurrency });
  }

  /**
   * Waits for its turn, sends and learns from the answer.
   *
   * @throws {RateLimitError} where it would wait past its deadline.
   * @throws {QueueFullError}
   * @throws the signal's reason, at once, waiting or under way; and whatever `send` rejects with.
   */
  async pass(send: () => Promise<Response>, ticket: Ticket): Promise<Passed> {
    const { signal, deadlineAt, priority } = ticket;
    signal?.throwIfAborted();
    this.#open();
    const vain = this.inVain(deadlineAt);
    if (vain) throw vain;
    if (!ticket.repeated && this.#queue.size >= this.#size) throw new QueueFullError(this.#size);

    const leave = new AbortController();
    const abort = () => leave.abort(signal?.reason);
    const waiting = { deadlineAt, leave };
    const cancelDeadline = runAt(deadlineAt, () => leave.abort(this.#refusal("Out of time")));
    const start = () => {
      this.#waiting.delete(waiting);
      cancelDeadline();
    };
    signal?.addEventListener("abort", abort, { once: true });
    this.#waiting.add(waiting);
    try {
      const task = () => {
        start();
        return this.#send(send, ticket);
      };
      const passed = this.#queue.add(task, { priority, signal: leave.signal });
      this.#open();
      return await passed;
    } finally {
      start();
      signal?.removeEventListener("abort", abort);
      // A timer that nobody waits for would keep the process alive.
      if (this.#queue.size === 0) this.#cancelTimer();
    }
  }

  /** Why a call with this deadline need not wait, if so. */
  inVain(deadlineAt: number, response?: Response): RateLimitError | undefined {
    const pause = this.#pause;
    if (pause?.final) return this.#refusal("The server will not have it tried again", response);
    const late = pause?.certain && Number.isFinite(pause.until) && pause.until > deadlineAt;
    return late ? this.#refusal("The deadline comes first", response) : undefined;
  }

  /** Gives up on a call because of the limit that stands in the way now. */
  #refusal(reason: string, response?: Response): RateLimitError {
    const { meter, until = Number.POSITIVE_INFINITY } = this.#pause ?? {};
    return new RateLimitError(reason, {
      ...(response && { response }),
      ...(meter && { limit: this.#budget.usageOf(meter, toDate) }),
      ...(Number.isFinite(until) && { until: toDate(until) }),
    });
  }

  async #send(send: () => Promise<Response>, { backoffMs }: Ticket): Promise<Passed> {
    const call = this.#budget.send(monotonicNow());
    this.#open();
    try {
      const response = await send();
      const receivedAt = monotonicNow();
      const lesson = learn(response.headers);
      const refused = response.status === 429;
      this.#budget.answer(call, { ...lesson, receivedAt, refused });
      // Held before anybody else is let out.
      if (refused) this.#budget.hold(receivedAt + (lesson.retryAfterMs ?? backoffMs), lesson.final);
      return { response, lesson, receivedAt };
    } catch (error) {
      this.#budget.fail(call, monotonicNow());
      throw error;
    } finally {
      for (const meter of this.#budget.low()) this.#events.emit("low", this.#budget.usageOf(meter, toDate));
      this.#open();
    }
  }

  /** Runs the queue while the budget has room, and stops it until there is some again. */
  #open(): void {
    const before = this.#pause;
    this.#pause = this.#budget.pause(monotonicNow());
    this.#cancelTimer();
    if (this.#pause === undefined) {
      this.#queue.start();
      return;
    }
    this.#queue.pause();
    if (this.#pause.until !== before?.until || this.#pause.certain !== before.certain) this.#turnAway();
    if (this.#queue.size === 0) return;
    this.#cancelTimer = runAt(this.#pause.until, () => this.#open());
    this.#announce(this.#pause);
  }

  #turnAway(): void {
    for (const { deadlineAt, leave } of this.#waiting) {
      const vain = this.inVain(deadlineAt);
      if (vain) leave.abort(vain);
    }
  }

  #announce({ until, meter, certain }: Pause): void {
    // A wait is the same one while its end only becomes clearer.
    if (!certain || !Number.isFinite(until) || until < this.#announcedUntil + sameWaitMs) return;
    this.#announcedUntil = until;
    this.#events.emit("waiting", {
      calls: this.#queue.size,
      until: toDate(until),
      ...(meter && { limit: this.#budget.usageOf(meter, toDate) }),
    });
  }
}
