// "Did you mean …?": the known word closest to a mistyped one. For errors only; it never decides anything.

/**
 * The candidate a mistyped word most likely stands for: one that it begins, else the one with the fewest slips
 * (a letter more, less, other, or swapped with its neighbour), at most one for every three letters. Case is ignored.
 *
 * @returns undefined where no candidate is near; the first one in a tie.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const typed = word.toLowerCase();
  let best: { readonly candidate: string; readonly slips: number } | undefined;
  for (const candidate of candidates) {
    const known = candidate.toLowerCase();
    const begun = typed !== "" && known.startsWith(typed);
    const slips = begun ? 0 : distance(typed, known);
    const near = slips <= Math.max(1, Math.floor(Math.max(typed.length, known.length) / 3));
    if (near && slips < (best?.slips ?? Infinity)) best = { candidate, slips };
  }
  return best?.candidate;
}

/** Optimal string alignment distance. */
function distance(from: string, to: string): number {
  const rows: number[][] = [];
  const at = (i: number, j: number) => rows[i]?.[j] ?? Infinity;
  for (let i = 0; i <= from.length; i++) {
    const row: number[] = [];
    rows.push(row);
    for (let j = 0; j <= to.length; j++) {
      const replaced = at(i - 1, j - 1) + (from[i - 1] === to[j - 1] ? 0 : 1);
      const swaps = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      const swapped = swaps ? at(i - 2, j - 2) + 1 : Infinity;
      row.push(i + j === 0 ? 0 : Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, replaced, swapped));
    }
  }
  return at(from.length, to.length);
}
