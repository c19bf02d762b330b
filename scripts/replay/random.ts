// Numbers that look random and are the same for the same seed. Never for secrets.

/** Draws numbers. */
export interface Random {
  /** A whole number, both ends included. */
  between(low: number, high: number): number;
  /** A whole number of the exponential distribution: the time between two independent events. */
  exponential(mean: number): number;
  chance(share: number): boolean;
  /** One of several, by the weight that each ends with. */
  weighted<Item extends readonly [...unknown[], number]>(items: readonly Item[]): Item;
  /** A text of hexadecimal digits. */
  digits(length: number): string;
}

/** A source of numbers: mulberry32 (Tommy Ettinger), good enough for traffic. */
export function randomOf(seed: number): Random {
  let state = seed;
  const draw = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (low: number, high: number) => low + Math.floor(draw() * (high - low + 1));
  return {
    between,
    exponential: (mean) => Math.ceil(-Math.log(1 - draw()) * mean),
    chance: (share) => draw() < share,
    weighted(items) {
      let left = draw() * items.reduce((sum, item) => sum + (item.at(-1) as number), 0);
      const found = items.find((item) => {
        left -= item.at(-1) as number;
        return left < 0;
      });
      return found ?? (items[0] as (typeof items)[number]);
    },
    digits: (length) => Array.from({ length }, () => between(0, 15).toString(16)).join(""),
  };
}
