// The visitor: the address a request comes from, and what the operator's lists say of it. Asks nobody.

import { addressOf, contains, isCloudflareWorkerAddress } from "../core/address.ts";
import { BoundedMap } from "../core/bounded-map.ts";
import { perObject } from "../core/per-object.ts";
import type { Policy } from "../core/policy.ts";
import type { FieldReader } from "./fields.ts";

/** Where a request comes from. */
export interface Visitor {
  /** The subject of its address; undefined where Cloudflare names none. */
  readonly address: string | undefined;
  /** True: it is refused everything. */
  readonly isDenied: boolean;
  /** True: its throttle hits are strikes, and it may be blocked. */
  readonly isGuarded: boolean;
  /** True: it may bring only so many keys that nobody knows. */
  readonly isBounded: boolean;
}

/** Shared by all requests whose address is not known, which Cloudflare never sends: they are metered, but as one. */
export const UNKNOWN_ADDRESS = "unknown";

/** Addresses remembered by policy, as they were written: to read one costs more than to find it again. */
const REMEMBERED = 5_000;

const visitorsOf = perObject((_: Policy) => new BoundedMap<string, Visitor>(REMEMBERED));

/** Reads where a request comes from. Any header but `CF-Connecting-IP` can be forged. */
export function visitorOf({ headers }: { readonly headers: FieldReader }, policy: Policy): Visitor {
  const written = headers.get("cf-connecting-ip") ?? "";
  return visitorsOf(policy).getOrMake(written, () => read(written, policy));
}

function read(
  written: string,
  { allow, deny, enforce, ipBlock, ipv6Prefix, newKeys, unknownKeys }: Policy,
): Visitor {
  const address = addressOf(written, ipv6Prefix);
  const isAllowed = contains(allow, written);
  const isJudged = address !== undefined && !isAllowed;
  return {
    address,
    isDenied: !isAllowed && contains(deny, written),
    // All Workers of other zones share one address: blocking it would block whoever never asked too often.
    isGuarded: isJudged && enforce && ipBlock !== undefined && !isCloudflareWorkerAddress(written),
    // There the shared address is no exception, or a Worker of one's own would be the way around the bound.
    isBounded: isJudged && newKeys !== undefined && unknownKeys === "allow",
  };
}
