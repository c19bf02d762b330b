// Refusals an isolate remembers, so that the next like request is answered without a call. Only what cannot be wrong:
// nothing admits again before its time, and a reset by hand is felt within seconds.

import { BoundedMap } from "../core/bounded-map.ts";
import type { Refused } from "../core/decision.ts";
import type { Ask } from "../core/subject.ts";
import type { Answer } from "../objects/messages.ts";

interface Remembered {
  /** The very asks that were refused; the same limits at the same costs are the same array. */
  readonly asks: readonly Ask[];
  readonly answer: Answer & { readonly decision: Refused };
  /** Isolate time. */
  readonly sinceAt: number;
  readonly untilAt: number;
}

/** Subjects whose last refusal is remembered; about 1 KB each. */
const SUBJECTS_MOST = 5_000;
/** A plan raised, or counts reset, is felt after this time at the latest, in milliseconds. */
const REMEMBERED_MOST_MS = 5_000;
/** The last of a window is never answered from memory, for clocks are not that exact; in milliseconds. */
const LAST_MS = 1_000;

const refusals = new BoundedMap<string, Remembered>(SUBJECTS_MOST);

/** Remembers an answer, if it is one that holds for a while: settled counts alone refuse until the window resets. */
export function remember(subject: string, asks: readonly Ask[], answer: Answer, nowMs: number): void {
  const { decision } = answer;
  if (
    decision.admitted ||
    decision.reason !== "rate" ||
    !decision.firm ||
    decision.retryAfterMs === undefined
  )
    return;
  const forMs = Math.min(decision.retryAfterMs - LAST_MS, REMEMBERED_MOST_MS);
  if (forMs <= 0) return;
  refusals.set(subject, { asks, answer: { ...answer, decision }, sinceAt: nowMs, untilAt: nowMs + forMs });
}

/** The refusal of the same asks as it is now, its instants moved on; undefined where the object has to be asked. */
export function recall(subject: string, asks: readonly Ask[], nowMs: number): Answer | undefined {
  const remembered = refusals.get(subject);
  if (remembered === undefined || remembered.asks !== asks) return undefined;
  if (nowMs >= remembered.untilAt) {
    refusals.delete(subject);
    return undefined;
  }
  const { answer, sinceAt } = remembered;
  const passedMs = nowMs - sinceAt;
  const { at, retryAfterMs = 0 } = answer.decision;
  return {
    ...answer,
    decision: { ...answer.decision, at: at + passedMs, retryAfterMs: retryAfterMs - passedMs },
  };
}
