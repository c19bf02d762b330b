// What the operator changes of a subject: its plan, its credits, its counts. Pure, and one step each, so that two changes
// at once are one after the other.

import type { Override, Plan } from "./plan.ts";
import type { Subject } from "./subject.ts";

/** What the operator keeps of a subject. */
export interface Kept {
  /** Absent: nobody registered it. */
  readonly plan?: Plan;
  /** Balance; absent: not metered by credits. */
  readonly credits?: number;
}

/** A plan's fields to change; null clears one. Overrides are changed limit by limit. */
export type Patch = { readonly [Field in Exclude<keyof Plan, "overrides">]?: Plan[Field] | null } & {
  readonly overrides?: { readonly [limit: string]: Override | null } | null;
};

/** A change. */
export type Amendment =
  /** Replaces the plan; the balance stays unless one is given. */
  | { readonly kind: "put"; readonly plan: Plan; readonly credits?: number }
  | {
      readonly kind: "patch";
      readonly patch: Patch;
      /** A new balance; null: no longer metered by credits. */
      readonly credits?: number | null;
      /** True: a subject without a plan gets one. */
      readonly creates: boolean;
    }
  /** Adds to the balance. With a key of the caller's own, once however often it is asked. */
  | { readonly kind: "credit"; readonly add: number; readonly key?: string }
  /** Clears the counts of one limit, or of all. */
  | { readonly kind: "reset"; readonly limit?: string }
  /** Takes plan and balance away: back to the default tier. Counts stay. */
  | { readonly kind: "drop" };

/** What a change came to. */
export type Amended =
  | {
      readonly done: true;
      readonly before: Kept;
      readonly after: Kept;
      /** Of the plan as it is now; larger than that of every plan before. */
      readonly version: number;
    }
  | {
      readonly done: false;
      readonly why: /** It has no plan to change. */
        | "unregistered"
        /** The key of a top-up came before with another amount. */
        | "conflict";
    };

/** A top-up that was made: repeated with the same key it is answered, not made again. */
export interface TopUp {
  readonly key: string;
  readonly add: number;
  /** Balance before it. */
  readonly from: number;
}

/** A subject as the operator sees it. */
export interface Amendable {
  readonly subject: Subject;
  /** What the account that the subject belongs to last said of its plan. */
  readonly above: Plan | undefined;
  /** Tells those who remember a plan whether theirs is the newest. */
  planVersion: number;
  /** The last ones made with a key, the oldest first. */
  topUps: readonly TopUp[];
}

/** Top-ups remembered; enough for whoever repeats one that was not answered. */
const REMEMBERED_TOP_UPS = 32;

/** What the operator keeps of a subject now. */
export function keptOf({ subject }: Amendable): Kept {
  const { plan, ledger } = subject;
  return { ...(plan && { plan }), ...(ledger.credits !== undefined && { credits: ledger.credits }) };
}

/** Carries out a change, or nothing. */
export function amend(amendable: Amendable, amendment: Amendment, nowMs: number): Amended {
  const before = keptOf(amendable);
  const { subject } = amendable;
  switch (amendment.kind) {
    case "put":
      adopt(amendable, amendment.plan, nowMs);
      if (amendment.credits !== undefined) subject.ledger.credits = amendment.credits;
      break;
    case "patch":
      if (before.plan === undefined && !amendment.creates) return { done: false, why: "unregistered" };
      adopt(amendable, patched(before.plan ?? {}, amendment.patch), nowMs);
      if (amendment.credits !== undefined) subject.ledger.credits = amendment.credits ?? undefined;
      break;
    case "credit":
      return topUp(amendable, amendment, nowMs);
    case "reset":
      if (before.plan === undefined) return { done: false, why: "unregistered" };
      subject.ledger.reset(amendment.limit);
      break;
    case "drop":
      if (before.plan === undefined) return { done: false, why: "unregistered" };
      adopt(amendable, undefined, nowMs);
      subject.ledger.credits = undefined;
      amendable.topUps = [];
      break;
  }
  return { done: true, before, after: keptOf(amendable), version: amendable.planVersion };
}

function topUp(
  amendable: Amendable,
  { add, key }: { readonly add: number; readonly key?: string },
  nowMs: number,
): Amended {
  const { subject } = amendable;
  const { plan = {} } = subject;
  const made = key === undefined ? undefined : amendable.topUps.find((one) => one.key === key);
  if (made !== undefined && made.add !== add) return { done: false, why: "conflict" };
  const from = made?.from ?? subject.ledger.credits ?? 0;
  if (made === undefined) {
    // Whoever has a balance has a plan, if an empty one: without it, storage ends with the last window.
    if (subject.plan === undefined) adopt(amendable, plan, nowMs);
    subject.ledger.credits = from + add;
    subject.ledger.isUnsaved = true;
    if (key !== undefined)
      amendable.topUps = [...amendable.topUps, { key, add, from }].slice(-REMEMBERED_TOP_UPS);
  }
  return {
    done: true,
    before: { plan, credits: from },
    after: { plan, credits: from + add },
    version: amendable.planVersion,
  };
}

/** Sets the plan. Its version is an instant, so that not even a subject that was forgotten in between repeats one. */
function adopt(amendable: Amendable, plan: Plan | undefined, nowMs: number): void {
  const { subject, above } = amendable;
  const isSameAccount = plan?.account === subject.plan?.account;
  subject.adopt(plan, isSameAccount ? above : undefined, nowMs);
  amendable.planVersion = Math.max(amendable.planVersion + 1, nowMs);
}

function patched(plan: Plan, { overrides, ...patch }: Patch): Plan {
  const changed = withoutNulls({ ...plan, ...patch });
  if (overrides === undefined) return changed;
  const merged = overrides === null ? {} : withoutNulls({ ...plan.overrides, ...overrides });
  return withoutNulls({ ...changed, overrides: Object.keys(merged).length > 0 ? merged : null });
}

function withoutNulls<Given extends object>(
  given: Given,
): { [Field in keyof Given]: NonNullable<Given[Field]> } {
  const fields = Object.entries(given).filter(([, value]) => value !== null);
  return Object.fromEntries(fields) as { [Field in keyof Given]: NonNullable<Given[Field]> };
}
