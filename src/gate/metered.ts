// Who is metered: the key a request carries, else its address, else nobody.

import { addressOf } from "../core/address.ts";
import type { Limit, Policy } from "../core/policy.ts";
import type { Cause } from "../core/refusal.ts";
import { identify } from "./identify.ts";
import { keyId } from "./keyid.ts";

/** Whose windows a request is charged to. */
export type Metered =
  | { readonly kind: "key"; readonly keyId: string; readonly address?: string }
  /** A request without a key. */
  | { readonly kind: "address"; readonly address: string };

/** What is to be metered of a request; or that nothing is; or why it goes no further. */
export type Metering =
  | { readonly kind: "metered"; readonly metered: Metered; readonly limits: readonly Limit[] }
  | { readonly kind: "unmetered" }
  | { readonly kind: "refused"; readonly cause: Cause };

/** Shared by all requests whose address is not known, which Cloudflare never sends: they are metered, but as one. */
const UNKNOWN_ADDRESS = "unknown";

/**
 * Finds who is metered by which of the limits that govern a request.
 *
 * @param secret what keys are hashed with.
 */
export async function meteringOf(
  request: Request,
  limits: readonly Limit[],
  policy: Policy,
  secret: string,
): Promise<Metering> {
  if (limits.length === 0) return { kind: "unmetered" };
  // Any other header that names an address can be forged.
  const address = addressOf(request.headers.get("cf-connecting-ip"));
  const identity = identify(request, policy.keyFrom);
  if (identity.kind === "key") {
    const id = await keyId(secret, identity.key);
    return {
      kind: "metered",
      metered: { kind: "key", keyId: id, ...(address !== undefined && { address }) },
      limits,
    };
  }
  const byAddress = policy.anonymous === "ip" ? limits : limits.filter(({ per }) => per === "ip");
  if (byAddress.length < limits.length) {
    if (identity.kind === "malformed") return { kind: "refused", cause: "malformed" };
    if (policy.anonymous === "reject") return { kind: "refused", cause: "unauthenticated" };
  }
  if (byAddress.length === 0) return { kind: "unmetered" };
  return {
    kind: "metered",
    metered: { kind: "address", address: address ?? UNKNOWN_ADDRESS },
    limits: byAddress,
  };
}
