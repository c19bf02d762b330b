// Telling: what this isolate decided, added up in memory and told to the Directory a few times a minute, once answers are
// out. That costs the same however many keys there are; an isolate that ends takes what it has not told with it.

import { reported, type Standing } from "../core/decision.ts";
import { addCount, addNear, type Count, type Near } from "../core/overview.ts";
import { perObject } from "../core/per-object.ts";
import type { Env } from "../env.ts";
import { log } from "../log.ts";
import { directoryStub } from "../objects/stubs.ts";
import type { Verdict } from "./decide.ts";
import { outcomeOf } from "./metrics.ts";
import type { MeteredPassage, Passage } from "./passage.ts";

/** An isolate that told nothing for a while tells soon; after that no more often than this, in milliseconds. */
const SOON_MS = 1_000;
const TELL_EVERY_MS = 20_000;
/** A telling that takes longer than this was cut off with its request, in milliseconds. */
const CUT_OFF_AFTER_MS = 60_000;
/** Share of a window from which on its subject is close to the limit. */
const CLOSE = 0.8;
const MOST_KINDS = 500;
const MOST_NEAR = 20;

/** What is to be told, and when. */
interface Untold {
  readonly counts: Map<string, Count>;
  readonly near: Map<string, Near>;
  toldAt: number;
  /** Instant the telling under way began to wait; undefined: none is. */
  waitingSince: number | undefined;
}

const untoldOf = perObject(
  (_: Env): Untold => ({
    counts: new Map(),
    near: new Map(),
    toldAt: 0,
    waitingSince: undefined,
  }),
);

/** Counts a decision about a metered request. */
export function countVerdict(passage: MeteredPassage, verdict: Verdict): void {
  if (!isHeard(passage)) return;
  const taken = verdict.kind === "taken" ? verdict.taken : undefined;
  const standing = taken && reported(taken.decision);
  const limit = taken ? (standing?.limit ?? "") : (passage.limits[0]?.name ?? "");
  count(passage, limit, outcomeOf(verdict), taken?.tier ?? "", nearOf(passage, standing, taken?.account));
}

/** Counts a request that was kept out before anything of it was decided. */
export function countRefusal(passage: Passage, cause: string): void {
  if (isHeard(passage)) count(passage, "", cause, "");
}

/** Without an operator there is nobody to tell. */
function isHeard({ env }: Passage): boolean {
  return Boolean(env.ADMIN_TOKEN);
}

/** Tells what has not been told yet. */
export async function tell(env: Env): Promise<void> {
  const untold = untoldOf(env);
  if (untold.counts.size === 0) return;
  const summary = { counts: [...untold.counts.values()], near: [...untold.near.values()] };
  untold.counts.clear();
  untold.near.clear();
  untold.toldAt = Date.now();
  await directoryStub(env).tell(summary);
}

function count({ env, ctx }: Passage, limit: string, outcome: string, tier: string, near?: Near): void {
  const untold = untoldOf(env);
  addCount(untold.counts, { limit, tier, outcome, requests: 1 }, MOST_KINDS);
  if (near !== undefined) addNear(untold.near, near, MOST_NEAR);
  const nowMs = Date.now();
  const { waitingSince, toldAt } = untold;
  if (waitingSince !== undefined && nowMs - waitingSince < CUT_OFF_AFTER_MS) return;
  untold.waitingSince = nowMs;
  ctx.waitUntil(tellAfter(nowMs - toldAt > TELL_EVERY_MS ? SOON_MS : TELL_EVERY_MS, env, untold));
}

async function tellAfter(afterMs: number, env: Env, untold: Untold): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  untold.waitingSince = undefined;
  await tell(env).catch((error: unknown) => log({ event: "telling.failed", cause: String(error) }));
}

/** The subject of a window that has little left, where it has a name that an operator can look up. */
function nearOf(
  { metered, rules }: MeteredPassage,
  standing: Standing | undefined,
  account: string | undefined,
): Near | undefined {
  if (standing === undefined || metered.kind !== "key" || standing.used < CLOSE * standing.size)
    return undefined;
  const { limit, window, size, used, resetAt } = standing;
  const per = rules.limits.get(limit)?.per;
  if (size === 0 || per === undefined || per === "ip") return undefined;
  const isOfAccount = per === "account" && account !== undefined;
  const subject = isOfAccount
    ? ({ kind: "account", name: account } as const)
    : ({ kind: "key", name: metered.keyId } as const);
  return { ...subject, limit, window, size, used, resetAt };
}
