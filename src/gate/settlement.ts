// Settling: what the origin's answer makes of a hold. Never delays the answer, and survives a client that leaves.

import type { Admitted } from "../core/decision.ts";
import { outcomesOf, settled } from "../core/outcome.ts";
import { log } from "../log.ts";
import type { MeteredPassage } from "./gate.ts";
import { settle, type Taken } from "./meter.ts";

/** A client that left before the origin answered is charged after this time, in milliseconds. */
const COMMIT_AFTER_LEAVING_MS = 25_000;

/**
 * Settles a take once the origin's status is known, in the background.
 *
 * @returns the decision as it stands after the settle, for the headers of that very answer.
 */
export async function settleWith(
  { request, env, ctx, metered, limits }: MeteredPassage,
  { op, holders }: Taken,
  decision: Admitted,
  answer: Promise<Response>,
): Promise<Admitted> {
  if (holders === undefined) return decision;
  const outcomes = answer.then(
    ({ status, headers }) => outcomesOf(limits, { status, header: (name) => headers.get(name) }),
    // Where the client broke off its request, that the origin could not answer it is no failure of the origin's.
    () => (request.signal.aborted ? [] : outcomesOf(limits, undefined)),
  );
  const settling = Promise.race([outcomes, left(request)])
    .then((final) => settle(env, metered, op, final, holders))
    .catch((error: unknown) => log({ event: "settle.failed", cause: String(error) }));
  ctx.waitUntil(settling);
  return settled(decision, await outcomes);
}

/** Commits all that is held, a while after the client has left: leaving early is no free ride. */
function left({ signal }: Request): Promise<readonly []> {
  const { promise, resolve } = Promise.withResolvers<readonly []>();
  signal.addEventListener("abort", () => setTimeout(() => resolve([]), COMMIT_AFTER_LEAVING_MS));
  return promise;
}
