// Builders of what the core's tests decide with: limits and policies, written as an operator writes them.

import type { Limit, Policy } from "../../../src/core/policy.ts";
import type { Rules } from "../../../src/core/subject.ts";
import { parseWindow, type Window } from "../../../src/core/window.ts";

/** The window that `"60/minute"` means. */
export function windowOf(text: string): Window {
  const window = parseWindow(text);
  if (typeof window === "string") throw new Error(window);
  return window;
}

/** A limit on every path, per key, by the clock, at one unit a request, unless `more` says otherwise. */
export function limitOf(name: string, windows: readonly string[], more: Partial<Limit> = {}): Limit {
  return {
    name,
    match: [{ path: "/*" }],
    per: "key",
    windows: windows.map(windowOf),
    align: "clock",
    cost: 1,
    credits: 0,
    mode: "enforce",
    ...more,
  };
}

/** The rules of a policy that has these limits and tiers. */
export function rulesOf(limits: readonly Limit[], tiers: Policy["tiers"] = new Map()): Rules {
  const policy: Policy = {
    keyFrom: [{ in: "header", name: "x-api-key" }],
    anonymous: "reject",
    enforce: true,
    unknownKeys: "allow",
    allow: [],
    deny: [],
    ipv6Prefix: 64,
    blockMemoryMs: 3_000,
    limits,
    tiers,
    refusal: "problem",
    headers: "x-ratelimit",
    onError: "allow",
    decisionTimeoutMs: 2_000,
    originTimeoutMs: 100_000,
    holdForMs: 300_000,
    shareCalls: true,
    writeAheadShare: 0.05,
    corsOrigins: [],
    auditRetentionMs: 7_776_000_000,
    limitsPage: true,
    adminPath: "/_weir",
  };
  return { policy, limits: new Map(limits.map((limit) => [limit.name, limit])) };
}
