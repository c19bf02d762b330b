// What a second policy changes of a replay, as plain data. Counts nothing.

import { most } from "./report.ts";
import type { Tally } from "./tally.ts";

/** What a second policy changes. */
export interface Difference {
  readonly refusedByBoth: number;
  /** Refused by the second policy alone. */
  readonly newlyRefused: number;
  /** Refused by the first policy alone. */
  readonly newlyAdmitted: number;
  /** Refusals of each window by either policy, where they differ. Sizes are those that were met. */
  readonly windows: readonly {
    readonly limit: string;
    readonly window: string;
    readonly sizes: readonly [before: readonly number[], after: readonly number[]];
    readonly refused: Pair;
  }[];
  /** For whom most changes. */
  readonly subjects: readonly { readonly who: string; readonly refused: Pair }[];
}

/** A figure under the first and the second policy. */
export type Pair = readonly [before: number, after: number];

/**
 * What the second policy changes.
 *
 * @param refusedByBoth requests that both policies refuse.
 */
export function differenceOf(before: Tally, after: Tally, refusedByBoth: number): Difference {
  const names = new Set(
    [...before.windows, ...after.windows].map(({ limit, window }) => `${limit}\n${window}`),
  );
  const windows = [...names].map((name) => {
    const [limit = "", window = ""] = name.split("\n");
    const of = (tally: Tally) => tally.windows.filter((one) => one.limit === limit && one.window === window);
    const sizes = (tally: Tally) => of(tally).map(({ size }) => size);
    const refused = (tally: Tally) => of(tally).reduce((sum, one) => sum + one.refused, 0);
    return {
      limit,
      window,
      sizes: [sizes(before), sizes(after)] as const,
      refused: [refused(before), refused(after)] as const,
    };
  });
  const whoever = new Set([...before.book.pages.keys(), ...after.book.pages.keys()]);
  const refusedOf = ({ book }: Tally, who: string) => book.pages.get(who)?.refused ?? 0;
  const subjects = Array.from(whoever, (who) => ({
    who,
    refused: [refusedOf(before, who), refusedOf(after, who)] as const,
  }));
  return {
    refusedByBoth,
    newlyRefused: after.refused - refusedByBoth,
    newlyAdmitted: before.refused - refusedByBoth,
    windows: windows.filter(isChanged),
    subjects: most(subjects.filter(isChanged), ({ refused }) => Math.abs(refused[1] - refused[0])),
  };
}

function isChanged({ refused: [before, after] }: { readonly refused: Pair }): boolean {
  return before !== after;
}
