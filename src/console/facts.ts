// What a plan says, in an operator's words, and what a change makes different. Pure.

import type { Kept } from "../core/amend.ts";
import { isoTime } from "../core/calendar.ts";
import { applied, type Override, type Plan } from "../core/plan.ts";
import type { Adjustment, Limit } from "../core/policy.ts";
import type { Rules } from "../core/subject.ts";
import { windowText } from "../core/window.ts";

/** A name, and what it is. */
export type Fact = readonly [name: string, value: string];

/** Something that is no longer what it was. */
export interface Difference {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

/** What is so where nobody said anything; `none` for all else. */
const UNSAID: Readonly<Record<string, string>> = {
  Credits: "not metered",
  "Billing period": "ends with the month",
  Expires: "never",
  Disabled: "no",
  Registered: "no",
};

/** All that the operator keeps of a subject. */
export function factsOf({ plan = {}, credits }: Kept): Fact[] {
  const { label, tier, account, nextBillingAt, overrides = {}, disabled, expiresAt } = plan;
  const facts: (Fact | undefined)[] = [
    label === undefined ? undefined : ["Label", label],
    tier === undefined ? undefined : ["Tier", tier],
    account === undefined ? undefined : ["Account", account],
    disabled ? ["Disabled", "yes, refused with a 403"] : undefined,
    credits === undefined ? undefined : ["Credits", credits.toLocaleString("en-GB")],
    nextBillingAt === undefined || nextBillingAt === null
      ? undefined
      : ["Billing period", `ends ${instantText(nextBillingAt)}`],
    expiresAt === undefined ? undefined : ["Expires", instantText(expiresAt)],
    ...Object.entries(overrides).map(([limit, one]): Fact => [`Override of ${limit}`, overrideText(one)]),
  ];
  return facts.filter((fact) => fact !== undefined);
}

/**
 * What governs a subject now, limit by limit.
 *
 * @param plans the nearest first, as `applied` takes them.
 */
export function limitFacts(
  limits: readonly Limit[],
  { policy }: Rules,
  plans: readonly (Plan | undefined)[],
  nowMs: number,
): Fact[] {
  return limits.map((limit) => [`Limit ${limit.name}`, adjustmentText(applied(limit, policy, plans, nowMs))]);
}

/** What two lists of facts do not agree on. */
export function differences(before: readonly Fact[], after: readonly Fact[]): Difference[] {
  const [was, is] = [new Map(before), new Map(after)];
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((name) => {
    const unsaid = UNSAID[name] ?? "none";
    const difference = { name, before: was.get(name) ?? unsaid, after: is.get(name) ?? unsaid };
    return difference.before === difference.after ? [] : [difference];
  });
}

/** What a limit, a tier or an override allows. */
export function adjustmentText({ windows, cost, maxCharacters }: Adjustment): string {
  const parts = [
    ...(windows ? [windows.map(windowText).join(", ") || "no windows"] : []),
    ...(cost !== undefined && cost !== 1 ? [`cost ${cost}`] : []),
    ...(maxCharacters !== undefined ? [`at most ${maxCharacters} characters`] : []),
  ];
  return parts.join("; ") || "unchanged";
}

function overrideText({ untilAt, ...adjustment }: Override): string {
  const until = untilAt === undefined ? "" : ` until ${instantText(untilAt)}`;
  return `${adjustmentText(adjustment)}${until}`;
}

function instantText(at: number): string {
  const iso = isoTime(at);
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}
