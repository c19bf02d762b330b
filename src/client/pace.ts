// paceFetch: a fetch that keeps to the server's limits by itself.

import { Budget } from "./budget.ts";
import { declaredWindow } from "./declare.ts";
import { RateLimitError } from "./errors.ts";
import { Emitter, type PaceEvents } from "./events.ts";
import { Line, type Passed, type QueueOptions } from "./line.ts";
import type { Usage } from "./meter.ts";
import { type FetchArguments, outgoing } from "./outgoing.ts";
import { backoffMs, mayRepeat, type RetryOptions, retryRules } from "./retry.ts";
import { monotonicNow, sleepUntil, toDate } from "./time.ts";

/** How a paced fetch paces. Everything has a default. */
export interface PaceOptions {
  /** The fetch that sends. Default: the global one. */
  readonly fetch?: typeof fetch;
  /**
   * Windows that the server is known to have: `"60/minute"`, `"1000/day"`, `"300/5 minutes"`. Default: none; they are
   * learnt from the answers' headers.
   */
  readonly windows?: readonly string[];
  readonly retry?: RetryOptions;
  readonly queue?: QueueOptions;
}

/** A fetch that waits its turn. Takes what `fetch` takes; `priority: "high" | "low"` in its options orders the queue. */
export type PacedFetch = typeof fetch & {
  /** Where every window stands that is declared or known from answers. */
  usage(): Usage[];
  /** Listens to an event. @returns a function that stops listening. */
  on<Name extends keyof PaceEvents>(name: Name, listener: (event: PaceEvents[Name]) => void): () => void;
};

/**
 * Wraps a fetch so that all calls through it share one budget: the windows that are declared, and those that the
 * answers tell of (`X-RateLimit-*`, `RateLimit`, `RateLimit-Policy`). Calls that have no room wait; refused ones (429)
 * and, where that is safe, failed ones (503) are sent again. Use one for each key and each set of limits.
 *
 * Rejects as fetch does, and with {@link RateLimitError} where it gives up on a limit, or `QueueFullError`.
 *
 * @throws {TypeError} where an option is wrong.
 */
export function paceFetch(options: PaceOptions = {}): PacedFetch {
  const send = options.fetch ?? ((...args: FetchArguments) => globalThis.fetch(...args));
  const rules = retryRules(options.retry);
  const budget = new Budget((options.windows ?? []).map(declaredWindow));
  const events = new Emitter();
  const line = new Line(budget, events, options.queue);

  async function paced(...args: FetchArguments): Promise<Response> {
    const deadlineAt = monotonicNow() + rules.deadlineMs;
    const request = outgoing(send, ...args);
    const { method, headers, signal } = request;
    for (let tried = 0; ; tried += 1) {
      const waitMs = backoffMs(tried, rules.capsMs, Math.random());
      const passed = await line.pass(request.send, {
        // Among calls of the same priority, one that was refused has waited longest.
        priority: request.priority + (tried > 0 ? 0.5 : 0),
        signal,
        deadlineAt,
        repeated: tried > 0,
        backoffMs: waitMs,
      });
      const { response, lesson, receivedAt } = passed;
      const { status } = response;
      if (status !== 429 && status !== 503) return response;

      const again = tried < rules.tries && !lesson.final && request.repeatable;
      if (!again || !mayRepeat(status, method, headers, rules.repeatUnsafe)) return settle(passed);
      const afterMs = lesson.retryAfterMs ?? waitMs;
      const vain = status === 429 ? line.inVain(deadlineAt, response) : undefined;
      if (vain) throw vain;
      if (receivedAt + afterMs > deadlineAt) return settle(passed);

      // Frees the connection; what is left of a refusal is of no use.
      response.body?.cancel().catch(() => {});
      events.emit("retry", { method, url: request.url, status, retry: tried + 1, waitMs: afterMs });
      // After a 429 everybody waits, in the line; after a 503 only this call does.
      if (status === 503) await sleepUntil(receivedAt + afterMs, signal);
    }
  }

  /** The end of a call that is not sent again: a 503 is the caller's, a 429 an error that says until when. */
  function settle({ response, lesson, receivedAt }: Passed): Response {
    if (response.status !== 429) return response;
    const spent = budget.usage(monotonicNow(), toDate).find(({ remaining }) => remaining === 0);
    const until =
      lesson.retryAfterMs === undefined ? spent?.resetAt : toDate(receivedAt + lesson.retryAfterMs);
    throw new RateLimitError("Refused by the server", {
      response,
      ...(spent && { limit: spent }),
      ...(until && { until }),
    });
  }

  return Object.assign(paced, {
    usage: () => budget.usage(monotonicNow(), toDate),
    on: events.on.bind(events),
  });
}
