// Whose windows a logged request is charged to: its key's, its account's, its address's. Charges nothing.

import type { Plan } from "../../src/core/plan.ts";
import type { Limit, Policy } from "../../src/core/policy.ts";
import type { Ask, Subject } from "../../src/core/subject.ts";
import { UNKNOWN_ADDRESS, type Visitor } from "../../src/gate/visitor.ts";
import type { Entry } from "./entry.ts";
import type { Subjects } from "./subjects.ts";

/** A subject with what is asked of it. */
export interface Party {
  readonly who: string;
  readonly subject: Subject;
  readonly asks: readonly Ask[];
  /** Plan of the account that a key belongs to. */
  readonly above: Plan | undefined;
}

/** Who is charged, the requester first; or that nobody is; or that a key is missing. */
export type Parties =
  | { readonly kind: "metered"; readonly parties: readonly Party[] }
  | { readonly kind: "unmetered" }
  | { readonly kind: "unauthenticated" };

/** Finds who is metered by which of the limits, and gives each the plan that the line tells. */
export function partiesOf(
  entry: Entry,
  limits: readonly Limit[],
  { address }: Visitor,
  policy: Policy,
  subjects: Subjects,
): Parties {
  if (limits.length === 0) return { kind: "unmetered" };
  if (entry.keyId === undefined) return byAddress(entry, limits, address, policy, subjects);
  const { account, tier } = entry;
  const above = account === undefined ? undefined : planOf({ tier });
  const party = (who: string, of: readonly Limit[], plan: Plan | undefined, over?: Plan): Party => {
    const { subject } = subjects.get(who);
    subject.plan = plan;
    return { who, subject, asks: asksOf(of, entry), above: over };
  };
  const ofAddress = limits.filter(({ per }) => per === "ip");
  const ofAccount = account === undefined ? [] : limits.filter(({ per }) => per === "account");
  const own = limits.filter((limit) => !ofAddress.includes(limit) && !ofAccount.includes(limit));
  const parties = [
    party(`key ${entry.keyId}`, own, planOf(account === undefined ? { tier } : { account }), above),
  ];
  if (address !== undefined && ofAddress.length > 0)
    parties.push(party(`address ${address}`, ofAddress, undefined));
  if (account !== undefined && ofAccount.length > 0)
    parties.push(party(`account ${account}`, ofAccount, above));
  return { kind: "metered", parties };
}

function byAddress(
  entry: Entry,
  limits: readonly Limit[],
  address = UNKNOWN_ADDRESS,
  { anonymous }: Policy,
  subjects: Subjects,
): Parties {
  // A browser's preflight carries no key, and a log does not tell it from any other OPTIONS.
  if (entry.method.toUpperCase() === "OPTIONS") return { kind: "unmetered" };
  const metered = anonymous === "ip" ? limits : limits.filter(({ per }) => per === "ip");
  if (metered.length < limits.length && anonymous === "reject") return { kind: "unauthenticated" };
  if (metered.length === 0) return { kind: "unmetered" };
  const who = `address ${address}`;
  const { subject } = subjects.get(who);
  return { kind: "metered", parties: [{ who, subject, asks: asksOf(metered, entry), above: undefined }] };
}

function asksOf(limits: readonly Limit[], { characters }: Entry): Ask[] {
  return limits.map(({ name }) => ({ limit: name, ...(characters !== undefined && { characters }) }));
}

function planOf({
  tier,
  account,
}: {
  readonly tier?: string | undefined;
  readonly account?: string;
}): Plan | undefined {
  if (tier === undefined && account === undefined) return undefined;
  return { ...(tier !== undefined && { tier }), ...(account !== undefined && { account }) };
}
