// The retention of what is kept about addresses: a policy may need nothing longer than it says to keep it.

import { spanAt, type Window } from "../core/window.ts";
import { timeText } from "./notation.ts";
import { type Keys, type Problem, problemAt } from "./problems.ts";
import type { Variables } from "./schema.ts";

/** Everything that would keep an address longer than `IP_RETENTION`. */
export function overstays({ IP_RETENTION, IP_BLOCK, NEW_KEYS, ANONYMOUS, LIMITS }: Variables): Problem[] {
  if (IP_RETENTION === undefined) return [];
  const kept: [Keys, number][] = [];
  if (IP_BLOCK) kept.push([["IP_BLOCK", "within"], IP_BLOCK.withinMs], [["IP_BLOCK", "for"], IP_BLOCK.forMs]);
  if (NEW_KEYS) kept.push([["NEW_KEYS"], lengthMs(NEW_KEYS)]);
  for (const [index, { per, windows }] of LIMITS.entries()) {
    // Without a key, ANONYMOUS = "ip" counts a request by its address in every limit that governs it.
    if (per !== "ip" && ANONYMOUS !== "ip") continue;
    for (const [place, window] of windows.entries()) {
      kept.push([["LIMITS", index, "windows", place], lengthMs(window)]);
    }
  }
  return kept
    .filter(([, ms]) => ms > IP_RETENTION)
    .map(([keys, ms]) =>
      problemAt(keys, `expected at most the IP_RETENTION of ${timeText(IP_RETENTION)}, got ${timeText(ms)}`),
    );
}

/** That of January: no month is longer. */
function lengthMs(window: Window): number {
  const { startAt, endAt } = spanAt(window, "clock", null, 0);
  return endAt - startAt;
}
