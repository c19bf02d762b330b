// What the operator may ask for: plans and balances, as valibot schemas of a policy's own tiers and limits. They read
// the wire's words into the core's. The same schemas make the OpenAPI document.

import * as v from "valibot";
import type { Patch } from "../core/amend.ts";
import { parseIsoTime } from "../core/calendar.ts";
import { nearest } from "../core/nearest.ts";
import type { Override, Plan } from "../core/plan.ts";
import { isKey } from "../gate/identify.ts";
import { faultsOfAdjustment } from "../policy/agreement.ts";
import { either, expects, meanToSay } from "../policy/problems.ts";
import type { CompiledRules } from "../policy/rules.ts";
import { adjustmentEntries } from "../policy/schema.ts";
import { reading, stepTo, table, tableOf, text, whole } from "../policy/shapes.ts";
import type { Schema } from "./operation.ts";

/** Most credits in one call: far below where numbers stop being exact, so that no balance gets there. */
const MOST_CREDITS = 1_000_000_000_000;

/** A plan to put, and the balance, if one is given. */
export interface PlanInput {
  readonly plan: Plan;
  readonly credits?: number;
}

/** A change of a plan, and of the balance. */
export interface PatchInput {
  readonly patch: Patch;
  readonly credits?: number | null;
}

/** An instant, in Unix milliseconds. */
export const instant = v.pipe(
  reading(parseIsoTime, 'an instant such as "2026-06-09T00:00:00Z"'),
  v.metadata({ format: "date-time" }),
);

/** A line of text of the operator's own. */
export const label = v.pipe(
  text,
  v.regex(/^[^\p{Cc}]{1,200}$/u, expects("a text of 1 to 200 characters without line breaks")),
);

const credits = v.pipe(
  whole(0, MOST_CREDITS),
  v.description(
    "Balance from now on. Without it the balance stays; one that was never given meters nothing.",
  ),
);

/** An account's name: it is part of URLs and of a header to the origin, so nothing in it ever needs quoting. */
export const ACCOUNT_NAME = /^[\w][\w.:@+~-]{0,127}$/;
const accountName = v.pipe(
  text,
  v.regex(
    ACCOUNT_NAME,
    expects(
      'a name of 1 to 128 characters from A-Z, a-z, 0-9 and "_.:@+~-", the first a letter, digit or "_"',
    ),
  ),
);

/** A key's id, as `keyId` makes it. */
export const KEY_ID = /^[0-9a-f]{32}$/;
const id = v.pipe(text, v.regex(KEY_ID, expects("an id of 32 lower-case hexadecimal digits")));

/** Never repeated, not even where it is wrong. */
const key = v.pipe(
  v.string(() => "expected a string"),
  v.check(isKey, () => "expected 1 to 512 visible ASCII characters without blank or comma"),
  v.description("The key itself. Only its keyed hash is stored."),
  v.metadata({ minLength: 1, maxLength: 512, writeOnly: true }),
);

/** A top-up. */
export const creditsBody = table({ add: v.pipe(whole(1, MOST_CREDITS), v.description("Credits to add.")) });

const disabled = v.pipe(v.boolean(expects("true or false")), v.description("True: refused with a 403."));
const expiresAt = v.pipe(instant, v.description("From then on refused with a 401."));
const nextBillingAt = v.pipe(
  v.nullable(instant),
  v.description("End of the current billing period; null: the calendar month in UTC."),
);
const account = v.pipe(accountName, v.description("The account it counts in too; naming one creates it."));

/** What only keys have in their plan. */
const keyEntries = {
  account: v.exactOptional(account),
  disabled: v.exactOptional(disabled),
  expiresAt: v.exactOptional(expiresAt),
};
const keyPatchEntries = {
  account: clearable(account),
  disabled: clearable(disabled),
  expiresAt: clearable(expiresAt),
};

/** The schemas of bodies, which depend on the tiers and limits that there are. */
export type Schemas = ReturnType<typeof schemasOf>;

/** Makes the schemas for a policy. */
export function schemasOf(rules: CompiledRules) {
  const { tier, limitName, override } = wordsOf(rules);
  const overrides = agreeing(tableOf(limitName, override), rules);
  const overridesPatch = agreeing(tableOf(limitName, v.nullable(override)), rules);
  const planEntries = {
    label: v.exactOptional(label),
    tier: v.exactOptional(tier),
    nextBillingAt: v.exactOptional(nextBillingAt),
    overrides: v.exactOptional(overrides),
    credits: v.exactOptional(credits),
  };
  const patchEntries = {
    label: clearable(label),
    tier: clearable(tier),
    nextBillingAt: v.exactOptional(nextBillingAt),
    overrides: clearable(overridesPatch),
    credits: clearable(credits),
  };
  const putKey = named("key", table({ key, ...planEntries, ...keyEntries }));
  return {
    putKey,
    postKey: v.pipe(table({ ...planEntries, ...keyEntries }), v.transform(planInput)),
    patchKey: v.pipe(table({ ...patchEntries, ...keyPatchEntries }), v.transform(patchInput)),
    putAccount: v.pipe(table(planEntries), v.transform(planInput)),
    patchAccount: v.pipe(table(patchEntries), v.transform(patchInput)),
    reset: table({
      limit: v.exactOptional(v.pipe(limitName, v.description("Without it: the counts of all limits."))),
    }),
    /** Lines of an import, by the field that says what they are about. */
    lines: {
      key: putKey,
      id: named("id", table({ id, ...planEntries, ...keyEntries })),
      account: named("account", table({ account: accountName, ...planEntries })),
    },
  };
}

/** What may be named: the policy's tiers and limits, and what an override changes. */
function wordsOf({ policy, limits }: CompiledRules) {
  const tiers = [...policy.tiers.keys()];
  const names = [...limits.keys()];
  const limitName = v.picklist(names, ({ input }) => {
    const meant = typeof input === "string" ? nearest(input, names) : undefined;
    return `no limit has this name${meanToSay(meant)}`;
  });
  const rule = tiers.length === 0 ? "no tier, as the policy has none" : either(tiers);
  const tier = v.picklist(tiers, expects(rule, tiers));
  const until = v.pipe(instant, v.description("The override ends by itself then."));
  const override = v.pipe(
    table({ ...adjustmentEntries, until: v.exactOptional(until) }),
    v.transform(
      ({ until, ...rest }): Override => ({ ...rest, ...(until !== undefined && { untilAt: until }) }),
    ),
  );
  return { tier, limitName, override };
}

/** Overrides that their limits can do with. */
function agreeing<Value extends Override | null>(
  overrides: v.GenericSchema<unknown, Record<string, Value>>,
  { limits }: CompiledRules,
) {
  return v.pipe(
    overrides,
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      for (const [name, override] of Object.entries(dataset.value)) {
        const limit = limits.get(name);
        if (limit === undefined || override === null) continue;
        for (const { keys, message } of faultsOfAdjustment(limit, override)) {
          const path = keys.map((key) => stepTo(override, key));
          addIssue({ message, path: [stepTo(dataset.value, name), ...path] });
        }
      }
    }),
  );
}

/** A field that null clears. */
function clearable<const Field extends Schema>(field: Field) {
  return v.exactOptional(v.nullable(field));
}

type PlanFields = Plan & { readonly credits?: number };

function planInput({ credits, ...plan }: PlanFields): PlanInput {
  return { plan, ...(credits !== undefined && { credits }) };
}

function patchInput({ credits, ...patch }: Patch & { readonly credits?: number | null }): PatchInput {
  return { patch, ...(credits !== undefined && { credits }) };
}

/** A plan with the name of whose it is. */
function named<Field extends string>(
  field: Field,
  fields: Schema<PlanFields & { readonly [Name in Field]: string }>,
) {
  return v.pipe(
    fields,
    v.transform(({ [field]: name, ...plan }) => ({ name, ...planInput(plan) })),
  );
}
