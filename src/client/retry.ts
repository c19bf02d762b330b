// When a call may be sent again, and after how long.

/** How refused calls are sent again. */
export interface RetryOptions {
  /** Most retries of one call, after its first try. Default: 5. */
  readonly tries?: number;
  /**
   * Most milliseconds before each retry, where the server gives no `Retry-After`: the wait is random, from 0 to this
   * (full jitter). The last one counts for all that follow. Default: 1000, 2000, 4000, 8000, 16 000.
   */
  readonly capsMs?: readonly number[];
  /**
   * Most milliseconds that a call may wait in all: in the queue, for a window, before retries. A wait that would go
   * past it fails at once. A request under way is not cut off: `signal` does that. Default: none.
   */
  readonly deadlineMs?: number;
  /** Repeats any method after a 503, not only those that are safe to repeat. Default: false. */
  readonly repeatUnsafe?: boolean;
}

/** RFC 9110, section 9.2.2. */
const idempotent: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);

/** Retry options with nothing left open. */
export type RetryRules = Required<RetryOptions>;

/** @throws {TypeError} naming the option, the rule and the value. */
export function retryRules({
  tries = 5,
  capsMs = [1000, 2000, 4000, 8000, 16_000],
  deadlineMs = Number.POSITIVE_INFINITY,
  repeatUnsafe = false,
}: RetryOptions = {}): RetryRules {
  if (!(Number.isInteger(tries) && tries >= 0))
    throw expected("retry.tries", "a whole number from 0 up", tries);
  if (capsMs.length === 0 || !capsMs.every((capMs) => capMs >= 0)) {
    throw expected("retry.capsMs", "one number of milliseconds or more", capsMs);
  }
  if (!(deadlineMs >= 0)) throw expected("retry.deadlineMs", "a number of milliseconds", deadlineMs);
  return { tries, capsMs, deadlineMs, repeatUnsafe };
}

/**
 * Milliseconds to wait before a retry: exponential back-off with full jitter.
 *
 * @param tried retries already made.
 * @param random from 0 (included) to 1.
 */
export function backoffMs(tried: number, capsMs: readonly number[], random: number): number {
  return random * (capsMs[Math.min(tried, capsMs.length - 1)] ?? 0);
}

/**
 * True where a call may be sent again after an answer. A 429 was refused before anything was done, so any method may;
 * after a 503 nobody knows, so only an idempotent one, or one with an `Idempotency-Key`.
 */
export function mayRepeat(status: number, method: string, headers: Headers, repeatUnsafe: boolean): boolean {
  if (status === 429) return true;
  return status === 503 && (repeatUnsafe || idempotent.has(method) || headers.has("idempotency-key"));
}

/** An error that names an option, its rule and its value. */
export function expected(option: string, rule: string, value: unknown): TypeError {
  return new TypeError(`Expected \`${option}\` to be ${rule}, got \`${String(value)}\` (${typeof value})`);
}
