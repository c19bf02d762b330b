// Metering: the one call that decides about a request, and the one that settles it. Knows objects, not HTTP.

import type { Outcome } from "../core/holds.ts";
import type { Ask } from "../core/subject.ts";
import type { Env } from "../env.ts";
import type { Answer, Holders } from "../objects/messages.ts";
import { guardStub, keyStub } from "../objects/stubs.ts";
import type { Metered } from "./metered.ts";

/** A take that was answered, with weir's own number of it. */
export interface Taken extends Answer {
  readonly op: number;
}

/** Charges a request, or with `peek` only asks where it would stand. */
export async function take(env: Env, metered: Metered, asks: readonly Ask[], peek = false): Promise<Taken> {
  const op = operation();
  const { kind, address } = metered;
  const message = { op, asks, ...(address !== undefined && { address }), ...(peek && { peek }) };
  const answer = await (kind === "key"
    ? keyStub(env, metered.keyId).take(message)
    : guardStub(env, metered.address).take({ ...message, address: metered.address }));
  return { ...answer, op };
}

/** Makes final what a take holds. */
export async function settle(
  env: Env,
  metered: Metered,
  op: number,
  outcomes: readonly Outcome[],
  holders: Holders,
): Promise<void> {
  const message = { op, outcomes, holders };
  if (metered.kind === "key") await keyStub(env, metered.keyId).settle(message);
  else await guardStub(env, metered.address).settle(message);
}

/** A number no other take has: 53 random bits, far more than the takes an object remembers at once. */
function operation(): number {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
  return (high & 0x1f_ffff) * 2 ** 32 + low;
}
