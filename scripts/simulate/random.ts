// Chance for a simulation, by a seed: every run is the same.

/** A small generator of numbers from 0 up to 1 (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Milliseconds until the next of events that come `everyMs` on the average, each whenever it likes. */
export function untilNext(random: () => number, everyMs: number): number {
  return -Math.log(1 - random()) * everyMs;
}
