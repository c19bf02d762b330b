// From the Worker's variables to a policy, or to everything that is wrong with them. Runs once per isolate.

import * as v from "valibot";
import { nearest } from "../core/nearest.ts";
import type { Policy } from "../core/policy.ts";
import { disagreements } from "./agreement.ts";
import { type Keys, keysOf, meanToSay, type Problem, problemAt, problemsOf } from "./problems.ts";
import { overstays } from "./retention.ts";
import { VARIABLES, type Variables, variables } from "./schema.ts";
import { isTable } from "./shapes.ts";

/** Most bytes of a variable; the platform takes no more. */
export const MOST_BYTES = 5 * 1024;

/** What the environment holds beside the policy: secrets, which must never be judged, and bindings. */
const NOT_POLICY = new Set([
  ...["KEY_HASH_SECRET", "ADMIN_TOKEN", "ACCESS_TEAM", "ACCESS_AUD", "ORIGIN_SECRET"],
  ...["LIMITER", "IP_GUARD", "DIRECTORY", "ORIGIN_SERVICE", "METRICS"],
]);

/**
 * Reads the policy from an environment. Variables that are none of the policy's are left alone, unless their name is
 * near to one of its names: that is a limit which somebody believes is in force.
 */
export function parsePolicy(
  vars: Readonly<Record<string, unknown>>,
): { readonly policy: Policy } | { readonly problems: readonly Problem[] } {
  const given = Object.fromEntries(
    VARIABLES.flatMap((name) => (vars[name] === undefined ? [] : [[name, vars[name]]])),
  );
  const parsed = v.safeParse(variables, given);
  const issues = parsed.issues ?? [];
  const issueKeys = issues.map(keysOf);
  const isSound = (keys: Keys) => !issueKeys.some((one) => keys.every((key, index) => one[index] === key));
  const problems = [
    ...misspelt(vars),
    ...oversized(given),
    ...problemsOf(issues),
    ...disagreements(isTable(parsed.output) ? parsed.output : {}, isSound),
    ...(parsed.success ? overstays(parsed.output) : []),
  ];
  return parsed.success && problems.length === 0 ? { policy: policyOf(parsed.output) } : { problems };
}

/** Bytes a variable takes, as the platform stores it: a string as it is, all else as JSON. */
export function bytesOf(value: unknown): number {
  return new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value)).length;
}

function misspelt(vars: Readonly<Record<string, unknown>>): Problem[] {
  return Object.entries(vars).flatMap(([name, value]) => {
    if (VARIABLES.includes(name) || NOT_POLICY.has(name) || !isPlain(value)) return [];
    const meant = meantBy(name);
    return meant === undefined ? [] : [problemAt([name], `unknown variable${meanToSay(meant)}`)];
  });
}

/** The variable that a name stands for: in any case and with hyphens the same one, in capitals the nearest. */
function meantBy(name: string): string | undefined {
  const inCapitals = name.toUpperCase().replaceAll("-", "_");
  if (VARIABLES.includes(inCapitals)) return inCapitals;
  return /^[A-Z][A-Z\d_]*$/.test(name) ? nearest(name, VARIABLES) : undefined;
}

/** True for what a variable can hold; a binding is anything else. */
function isPlain(value: unknown): boolean {
  return ["string", "number", "boolean"].includes(typeof value) || Array.isArray(value) || isTable(value);
}

function oversized(given: Readonly<Record<string, unknown>>): Problem[] {
  return Object.entries(given).flatMap(([name, value]) => {
    const bytes = bytesOf(value);
    return bytes <= MOST_BYTES
      ? []
      : [problemAt([name], `expected at most ${MOST_BYTES} bytes, got ${bytes}`)];
  });
}

function policyOf(read: Variables): Policy {
  return {
    ...(read.ORIGIN !== undefined && { origin: read.ORIGIN }),
    keyFrom: read.KEY_FROM,
    anonymous: read.ANONYMOUS,
    enforce: read.ENFORCE,
    unknownKeys: read.UNKNOWN_KEYS,
    ...(read.NEW_KEYS !== undefined && { newKeys: read.NEW_KEYS }),
    allow: read.ALLOW,
    deny: read.DENY,
    ...(read.IP_BLOCK !== undefined && { ipBlock: read.IP_BLOCK }),
    ipv6Prefix: read.IPV6_PREFIX,
    blockMemoryMs: read.BLOCK_MEMORY,
    ...(read.IP_RETENTION !== undefined && { ipRetentionMs: read.IP_RETENTION }),
    limits: read.LIMITS,
    tiers: new Map(
      Object.entries(read.TIERS).map(([tier, changes]) => [tier, new Map(Object.entries(changes))]),
    ),
    refusal: read.REFUSAL,
    headers: read.HEADERS,
    onError: read.ON_ERROR,
    decisionTimeoutMs: read.DECISION_TIMEOUT,
    originTimeoutMs: read.ORIGIN_TIMEOUT,
    holdForMs: read.HOLD_FOR,
    shareCalls: read.SHARE_CALLS,
    writeAheadShare: read.WRITE_AHEAD,
    ...(read.LOCATION_HINT !== undefined && { locationHint: read.LOCATION_HINT }),
    ...(read.JURISDICTION !== undefined && { jurisdiction: read.JURISDICTION }),
    corsOrigins: read.CORS_ORIGINS,
    auditRetentionMs: read.AUDIT_RETENTION,
    limitsPage: read.LIMITS_PAGE,
    ...(read.API_NAME !== undefined && { apiName: read.API_NAME }),
    ...(read.SUPPORT !== undefined && { support: read.SUPPORT }),
    adminPath: read.ADMIN_PATH,
  };
}
