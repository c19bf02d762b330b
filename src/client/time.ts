// The client's own time: a monotonic clock, sleeping, and the one place where an instant becomes a date of the local clock.

/** The longest wait that timers hold: a longer one would fire at once. */
const mostTimerMs = 2_147_483_647;
/** The last instant a Date can hold. */
const mostDateMs = 8.64e15;

/** Milliseconds of a monotonic clock: a stepped or wrong wall clock does not reach it. */
export function monotonicNow(): number {
  return performance.now();
}

/** An instant of the monotonic clock as a date of the local wall clock, to be shown, never computed with. */
export function toDate(at: number): Date {
  return new Date(Math.min(Date.now() + (at - monotonicNow()), mostDateMs));
}

/** Calls back at an instant of the monotonic clock, however far; `Infinity` is never. @returns a function that cancels. */
export function runAt(at: number, run: () => void): () => void {
  if (at === Number.POSITIVE_INFINITY) return () => {};
  let timer: ReturnType<typeof setTimeout>;
  const arm = () => {
    // Timers are early by fractions of a millisecond; rounding up keeps them from being so.
    const waitMs = Math.ceil(at - monotonicNow());
    timer = setTimeout(() => (monotonicNow() < at ? arm() : run()), Math.min(waitMs, mostTimerMs));
  };
  arm();
  return () => clearTimeout(timer);
}

/** Waits until an instant of the monotonic clock; rejects at once, with the signal's reason, when it aborts. */
export function sleepUntil(at: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const abort = () => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = runAt(at, () => {
      signal?.removeEventListener("abort", abort);
      resolve();
    });
    signal?.addEventListener("abort", abort, { once: true });
  });
}
