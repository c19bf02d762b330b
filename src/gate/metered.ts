// Who is metered: the key a request carries, else its address, else nobody.

import { newcomerName } from "../core/newcomers.ts";
import { perObject } from "../core/per-object.ts";
import type { Limit, Policy } from "../core/policy.ts";
import type { Cause } from "../core/refusal.ts";
import { type Carrier, identify } from "./identify.ts";
import { isForged } from "./issued-key.ts";
import { keyId, knownKeyId } from "./keyid.ts";
import { UNKNOWN_ADDRESS, type Visitor } from "./visitor.ts";

/** Whose windows a request is charged to. */
export type Metered =
  | {
      readonly kind: "key";
      readonly keyId: string;
      readonly address: string | undefined;
      /** What the address's shard is to call the key, should nobody know it; undefined: the address may bring any. */
      readonly newcomer: string | undefined;
    }
  /** A request without a key. */
  | { readonly kind: "address"; readonly address: string };

/** What is to be metered of a request; or that nothing is; or why it goes no further. */
export type Metering =
  | { readonly kind: "metered"; readonly metered: Metered; readonly limits: readonly Limit[] }
  | { readonly kind: "unmetered" }
  | { readonly kind: "refused"; readonly cause: Cause };

/**
 * Finds who is metered by which of the limits that govern a request.
 *
 * @param secret what keys are hashed with.
 */
export function meteringOf(
  request: Carrier,
  visitor: Visitor,
  limits: readonly Limit[],
  policy: Policy,
  secret: string,
): Metering | Promise<Metering> {
  if (limits.length === 0) return { kind: "unmetered" };
  const identity = identify(request, policy.keyFrom);
  if (identity.kind === "key") {
    const known = knownKeyId(secret, identity.key);
    if (known === undefined) return meteringOfNewKey(identity.key, visitor, limits, policy, secret);
    return meteringOfKey(known, visitor, limits);
  }
  const { address } = visitor;
  const ofAddress = limitsByAddress(limits);
  if (ofAddress.length < limits.length) {
    // Whatever becomes of requests without a key: two of them are not none, or the second would switch the first one's off.
    if (identity.kind === "malformed") return { kind: "refused", cause: "malformed" };
    if (policy.anonymous === "reject") return { kind: "refused", cause: "unauthenticated" };
  }
  const asked = policy.anonymous === "ip" ? limits : ofAddress;
  if (asked.length === 0) return { kind: "unmetered" };
  return {
    kind: "metered",
    metered: { kind: "address", address: address ?? UNKNOWN_ADDRESS },
    limits: asked,
  };
}

/** Those of some limits that are by address: of the same limits the same array, so that it may be compared by identity. */
const limitsByAddress = perObject((limits: readonly Limit[]): readonly Limit[] =>
  limits.filter(({ per }) => per === "ip"),
);

/** A key that has not come before: it takes a hash to name it, and one more to tell that weir never issued it. */
async function meteringOfNewKey(
  key: string,
  visitor: Visitor,
  limits: readonly Limit[],
  { unknownKeys }: Policy,
  secret: string,
): Promise<Metering> {
  if (unknownKeys === "reject" && (await isForged(secret, key))) return { kind: "refused", cause: "unknown" };
  return meteringOfKey(await keyId(secret, key), visitor, limits);
}

function meteringOfKey(id: string, { address, isBounded }: Visitor, limits: readonly Limit[]): Metering {
  const newcomer = isBounded ? newcomerName(id) : undefined;
  return { kind: "metered", metered: { kind: "key", keyId: id, address, newcomer }, limits };
}
