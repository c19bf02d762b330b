// Where logged requests come from: their addresses, and what the operator's lists say of them. Asks nobody.

import { addressOf, contains, isCloudflareWorkerAddress } from "../../src/core/address.ts";
import type { Policy } from "../../src/core/policy.ts";

/** Where a request comes from. */
export interface Visitor {
  /** The subject of its address; undefined where the log has none. */
  readonly address: string | undefined;
  /** True: it is refused everything. */
  readonly isDenied: boolean;
  /** True: its throttle hits are strikes, and it may be blocked. */
  readonly isGuarded: boolean;
}

/** Visitors remembered. Reading an address costs more than deciding about a request. */
const REMEMBERED = 10_000;

/** Reads where requests come from, by a policy. */
export function visitorsOf(policy: Policy): (ip: string | undefined) => Visitor {
  const visitors = new Map<string | undefined, Visitor>();
  return (ip) => {
    const known = visitors.get(ip);
    if (known !== undefined) return known;
    const visitor = visitorOf(ip, policy);
    if (visitors.size >= REMEMBERED) visitors.clear();
    visitors.set(ip, visitor);
    return visitor;
  };
}

function visitorOf(ip: string | undefined, { allow, deny, ipBlock, ipv6Prefix }: Policy): Visitor {
  const address = addressOf(ip, ipv6Prefix);
  const isAllowed = contains(allow, ip);
  return {
    address,
    isDenied: !isAllowed && contains(deny, ip),
    isGuarded: address !== undefined && !isAllowed && ipBlock !== undefined && !isCloudflareWorkerAddress(ip),
  };
}
