// Decisions to show: the core's own judgement of callers who have used so much. Made for one fixed instant, so that a page
// is its policy's and nothing else's.

import { type Counter, counterId } from "../core/counter.ts";
import type { Decision, Refused } from "../core/decision.ts";
import { judge, standingOf } from "../core/judge.ts";
import { compileMatcher } from "../core/matcher.ts";
import { applied } from "../core/plan.ts";
import type { Limit, Policy } from "../core/policy.ts";
import { spanAt, type Window } from "../core/window.ts";

/** The instant of every example: 1 June 2026, 11:42:13 UTC. */
export const EXAMPLE_AT = Date.UTC(2026, 5, 1, 11, 42, 13);

/** How long ago windows from the first request began, where they are that long. */
const FIRST_AGO_MS = 13_000;

/** A decision, and the limits it was made on. */
export interface Example<Made extends Decision = Decision> {
  readonly decision: Made;
  readonly limits: readonly Limit[];
}

/** What a caller asks beyond a plain request, and has left. */
interface Caller {
  readonly credits?: number;
  readonly characters?: number;
  /** Units, in place of the limit's cost. */
  readonly cost?: number;
}

/** A request of a limit that is admitted, with some of each window used. */
export function admission(limit: Limit, policy: Policy): Example | undefined {
  return scenes(limit, policy)
    .map((limits) => judged(limits, someOf(limits), {}))
    .find(({ decision }) => decision.admitted);
}

/** A request of a limit that a full window refuses. */
export function fullWindow(limit: Limit, policy: Policy): Example<Refused> | undefined {
  return refusedFor("rate", limit, policy, (limits) => {
    const own = limits.find(({ name }) => name === limit.name) ?? limit;
    const sizes = own.windows.map(({ size }) => size);
    const least = Math.min(...sizes);
    const requests = Math.floor(least / own.cost);
    const full = own.windows.find(({ size }) => size === least);
    return judged(limits, (one, window) => {
      const used = requests * one.cost;
      return one === own && window === full ? used : Math.min(used, window.size - one.cost);
    });
  });
}

/** A request of a limit that is refused for another reason, if it can be. */
export function refusalFor(
  reason: "plan" | "cost" | "characters" | "credits",
  limit: Limit,
  policy: Policy,
): Example<Refused> | undefined {
  return refusedFor(reason, limit, policy, (limits) => {
    const own = limits.find(({ name }) => name === limit.name) ?? limit;
    const callers: Record<typeof reason, Caller> = {
      plan: {},
      cost: { cost: Math.max(0, ...own.windows.map(({ size }) => size)) + 1 },
      characters: { characters: (own.maxCharacters ?? 0) + 1 },
      credits: { credits: 0 },
    };
    return judged(limits, someOf(limits), callers[reason]);
  });
}

function refusedFor(
  reason: Refused["reason"],
  limit: Limit,
  policy: Policy,
  judgeScene: (limits: readonly Limit[]) => Example,
): Example<Refused> | undefined {
  for (const limits of scenes(limit, policy)) {
    const { decision } = judgeScene(limits);
    if (!decision.admitted && decision.reason === reason) return { decision, limits };
  }
  return undefined;
}

/** The limits that govern a request of this one, as they are by default and then in each tier. */
function scenes(limit: Limit, policy: Policy): Limit[][] {
  const [route] = limit.match;
  if (route === undefined) return [];
  const matcher = compileMatcher(policy.limits.filter(({ mode }) => mode === "enforce"));
  const governing = matcher.match([route.method ?? "GET"], [route.path.replace(/\/\*$/, "") || "/"]);
  return [undefined, ...policy.tiers.keys()].map((tier) =>
    governing.map((one) => applied(one, policy, tier === undefined ? [] : [{ tier }], EXAMPLE_AT)),
  );
}

/** About a fifth of the smallest window, as requests that all took from every window. */
function someOf(limits: readonly Limit[]): (limit: Limit, window: Window) => number {
  const rooms = limits.flatMap(({ windows, cost }) => windows.map(({ size }) => Math.floor(size / cost)));
  const requests = Math.floor(Math.min(...rooms) / 5);
  return ({ cost }) => requests * cost;
}

function judged(
  limits: readonly Limit[],
  usedIn: (limit: Limit, window: Window) => number,
  { credits, characters, cost }: Caller = {},
): Example {
  const counters = new Map<string, Counter>();
  for (const limit of limits) {
    for (const window of limit.windows) {
      const used = Math.max(0, usedIn(limit, window));
      counters.set(counterId(limit, window), counter(limit, window, used));
    }
  }
  const claims = limits.map((limit) => ({
    limit,
    cost: cost ?? limit.cost,
    ...(characters !== undefined && { characters }),
  }));
  const { slots, refusal } = judge({ counters, credits }, claims, { nowMs: EXAMPLE_AT, anchorAt: null });
  const standings = slots.map((slot) => standingOf(slot, slot.used, slot.cost));
  return { decision: refusal ?? { admitted: true, at: EXAMPLE_AT, standings }, limits };
}

function counter({ align }: Limit, window: Window, used: number): Counter {
  const { startAt, endAt } = spanAt(window, align, null, EXAMPLE_AT);
  const agoMs = align === "first" ? Math.min(FIRST_AGO_MS, Math.floor((endAt - startAt) / 2)) : 0;
  return { startAt: startAt - agoMs, endAt: endAt - agoMs, used, held: 0, stored: used, ahead: 0, lost: 0 };
}
