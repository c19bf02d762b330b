// weir's own numbers of takes. Never the client's: it could repeat one.

/** Numbers drawn at once: asking for randomness costs more than the randomness. */
const BLOCK = 256;

const words = new Uint32Array(2 * BLOCK);
let next = words.length;

/** A number no other take has: 53 random bits, far more than the takes an object remembers at once. */
export function operation(): number {
  if (next >= words.length) {
    crypto.getRandomValues(words);
    next = 0;
  }
  const [high = 0, low = 0] = words.subarray(next, next + 2);
  next += 2;
  return (high & 0x1f_ffff) * 2 ** 32 + low;
}
