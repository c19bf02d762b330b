// When things happen by chance in a simulation.

/** Milliseconds until the next of events that come `everyMs` on the average, each whenever it likes. */
export function untilNext(random: () => number, everyMs: number): number {
  return -Math.log(1 - random()) * everyMs;
}
