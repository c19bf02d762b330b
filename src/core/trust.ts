// Trust: for how long a 2xx of the origin shows that a key nobody registered is one. Pure: the caller brings the clock.

/** How long the origin's 2xx is remembered, in milliseconds. */
const REMEMBERED_MS = 30 * 86_400_000;

/** Instant until which a key is trusted that the origin answers with a 2xx now, in Unix milliseconds. */
export function trustedUntil(nowMs: number): number {
  return nowMs + REMEMBERED_MS;
}

/**
 * True where a 2xx would be worth a row: only once in half of the time that it is remembered.
 *
 * @param trustedUntilAt 0 where the key was never trusted.
 */
export function isTrustDue(trustedUntilAt: number, nowMs: number): boolean {
  return trustedUntilAt - nowMs < REMEMBERED_MS / 2;
}
