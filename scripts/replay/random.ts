// What a sample of traffic asks of chance.

import { seeded } from "../random.ts";

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

/** A source of numbers, the same for the same seed. */
export function randomOf(seed: number): Random {
  const draw = seeded(seed);
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
