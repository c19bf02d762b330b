// Settling: what the origin's answer makes of a hold. Never delays the answer, and survives a client that leaves.

import type { Admitted } from "../core/decision.ts";
import type { Outcome } from "../core/holds.ts";
import { isSuccess, outcomesOf, settled } from "../core/outcome.ts";
import { log } from "../log.ts";
import { settle, type Taken } from "./meter.ts";
import type { MeteredPassage } from "./passage.ts";
import { Unfinished } from "./upload.ts";

/** A client that left before the origin answered is charged after this time, in milliseconds. */
const COMMIT_AFTER_LEAVING_MS = 25_000;

/** What the end of a request means for its take. */
interface Ending {
  readonly outcomes: readonly Outcome[];
  readonly isTrusted: boolean;
}

/** All that is held stays charged. */
const COMMITTED: Ending = { outcomes: [], isTrusted: false };

/**
 * Settles a take once the origin's status is known, in the background.
 *
 * @returns the decision as it stands after the settle, for the headers of that very answer.
 */
export function settleWith(
  passage: MeteredPassage,
  taken: Taken,
  decision: Admitted,
  answer: Promise<Response>,
): Admitted | Promise<Admitted> {
  const isSettled = taken.holders === undefined && !taken.isTrustDue;
  return isSettled ? decision : settleAfter(passage, taken, decision, answer);
}

async function settleAfter(
  { request, env, ctx, metered, limits }: MeteredPassage,
  { op, holders, isTrustDue }: Taken,
  decision: Admitted,
  answer: Promise<Response>,
): Promise<Admitted> {
  const ending = answer.then(
    ({ status, headers }): Ending => ({
      outcomes: outcomesOf(limits, { status, header: (name) => headers.get(name) }),
      isTrusted: isTrustDue === true && isSuccess(status),
    }),
    // Where the client broke off its request, that the origin could not answer it is no failure of the origin's.
    (error: unknown) =>
      request.signal.aborted || error instanceof Unfinished
        ? COMMITTED
        : { ...COMMITTED, outcomes: outcomesOf(limits, undefined) },
  );
  const settling = Promise.race([ending, left(request)])
    .then(async ({ outcomes, isTrusted }) => {
      if (holders === undefined && !isTrusted) return;
      const message = { op, outcomes, holders: holders ?? {}, ...(isTrusted && { isTrusted }) };
      await settle(env, metered, message);
    })
    .catch((error: unknown) => log({ event: "settle.failed", cause: String(error) }));
  ctx.waitUntil(settling);
  return settled(decision, (await ending).outcomes);
}

/** Commits all that is held, a while after the client has left: leaving early is no free ride. */
function left({ signal }: Request): Promise<Ending> {
  const { promise, resolve } = Promise.withResolvers<Ending>();
  const leave = () => setTimeout(() => resolve(COMMITTED), COMMIT_AFTER_LEAVING_MS);
  // Whoever left while the take was under way has left already: the signal does not say it again.
  if (signal.aborted) leave();
  else signal.addEventListener("abort", leave);
  return promise;
}
