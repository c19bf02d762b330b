// What a test asks of chance, by a seed, so that what failed once fails again.

import { seeded } from "../../scripts/random.ts";

/** What chance is asked. */
export class Dice {
  readonly next: () => number;

  constructor(seed: number) {
    this.next = seeded(seed);
  }

  /** True as often as `share` of 1. */
  chance(share: number): boolean {
    return this.next() < share;
  }

  /** A whole number from 0 up to `most`, which it never is. */
  below(most: number): number {
    return Math.floor(this.next() * most);
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item;
  }
}
