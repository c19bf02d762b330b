// What the API shows: plans, subjects, pages, the log, in the wire's words. Schemas describe each answer for the OpenAPI
// document, and the tests hold the answers to them.

import * as v from "valibot";
import type { Kept } from "../core/amend.ts";
import { isoTime } from "../core/calendar.ts";
import type { Override, Plan } from "../core/plan.ts";
import type { Block } from "../core/strikes.ts";
import { windowText } from "../core/window.ts";
import type { LoggedEntry } from "../objects/directory.ts";
import type { Blocked } from "../objects/messages.ts";

const instant = v.pipe(v.string(), v.isoTimestamp());
const whole = v.pipe(v.number(), v.integer(), v.minValue(0));

const override = v.strictObject({
  windows: v.exactOptional(v.array(v.string())),
  cost: v.exactOptional(whole),
  maxCharacters: v.exactOptional(whole),
  until: v.exactOptional(instant),
});

const planFields = {
  label: v.exactOptional(v.string()),
  tier: v.exactOptional(v.string()),
  account: v.exactOptional(v.string()),
  nextBillingAt: v.exactOptional(v.nullable(instant)),
  overrides: v.exactOptional(v.record(v.string(), override)),
  disabled: v.exactOptional(v.boolean()),
  expiresAt: v.exactOptional(instant),
};
const credits = v.exactOptional(v.pipe(whole, v.description("Absent: not metered by credits.")));
const windows = v.array(
  v.strictObject({
    limit: v.string(),
    window: v.string(),
    size: whole,
    used: whole,
    remaining: whole,
    resetsAt: instant,
    mode: v.exactOptional(
      v.pipe(v.literal("shadow"), v.description("Present where the limit counts and refuses nobody.")),
    ),
  }),
);
const id = v.pipe(v.string(), v.description("The keyed hash of a key, or the name of an account."));
const next = v.exactOptional(
  v.pipe(v.string(), v.description("The cursor of the next page; absent: the last.")),
);
const listed = v.strictObject({ id, ...planFields });
const kept = { ...planFields, credits };

const blockFields = { from: instant, until: instant, reason: v.exactOptional(v.string()) };
const address = v.pipe(v.string(), v.description("An address, or an IPv6 network."));
const block = v.strictObject({ address, ...blockFields });

const logged = v.pipe(
  v.nullable(v.union([v.strictObject(kept), v.strictObject(blockFields)])),
  v.description("Plan and balance, null: none registered; of an address its block, null: none."),
);

/** Schemas of the answers. */
export const answers = {
  subject: v.strictObject({ id, ...kept }),
  issued: v.strictObject({
    key: v.pipe(v.string(), v.description("The new key. It is not shown again.")),
    id,
    ...kept,
  }),
  key: v.strictObject({ id, ...kept, windows }),
  keys: v.strictObject({ keys: v.array(listed), next }),
  account: v.strictObject({ id, ...kept, windows, keys: v.array(listed), next }),
  accounts: v.strictObject({ accounts: v.array(listed), next }),
  /** A line of the export, and so of an import. */
  line: v.strictObject({ id: v.exactOptional(v.string()), ...planFields }),
  imported: v.strictObject({
    applied: v.pipe(whole, v.description("Lines in force.")),
    failed: whole,
    errors: v.pipe(
      v.array(
        v.strictObject({
          line: v.pipe(whole, v.description("From 1.")),
          problems: v.array(v.strictObject({ path: v.string(), message: v.string() })),
        }),
      ),
      v.description("Of every line that failed."),
    ),
  }),
  block,
  blocks: v.strictObject({ blocks: v.array(block), next }),
  address: v.strictObject({ address }),
  audit: v.strictObject({
    entries: v.array(
      v.strictObject({
        at: instant,
        who: v.pipe(v.string(), v.description("`admin` and the first digits of the token's hash.")),
        address: v.exactOptional(v.string()),
        what: v.pipe(v.string(), v.description("Method and path: `PUT /keys`.")),
        subject: v.pipe(v.string(), v.description("`key:<id>`, `account:<name>` or `address:<address>`.")),
        before: logged,
        after: logged,
      }),
    ),
    next,
  }),
  anything: v.looseObject({}),
};

/** A plan and balance as the API shows them. */
export function keptText({
  plan = {},
  credits,
}: Kept): v.InferOutput<v.ObjectSchema<typeof kept, undefined>> {
  return { ...planText(plan), ...(credits !== undefined && { credits }) };
}

/** A plan as the API shows it: what a `PUT` of it takes. */
export function planText({ nextBillingAt, overrides, expiresAt, ...rest }: Plan) {
  return {
    ...rest,
    ...(nextBillingAt !== undefined && {
      nextBillingAt: nextBillingAt === null ? null : isoTime(nextBillingAt),
    }),
    ...(overrides !== undefined && {
      overrides: Object.fromEntries(
        Object.entries(overrides).map(([limit, one]) => [limit, overrideText(one)]),
      ),
    }),
    ...(expiresAt !== undefined && { expiresAt: isoTime(expiresAt) }),
  };
}

function overrideText({ windows, untilAt, ...rest }: Override) {
  return {
    ...(windows && { windows: windows.map(windowText) }),
    ...rest,
    ...(untilAt !== undefined && { until: isoTime(untilAt) }),
  };
}

/** An entry of the audit log as the API shows it. */
export function entryText({ seq: _, at, subject: { kind, name }, before, after, ...rest }: LoggedEntry) {
  return {
    at: isoTime(at),
    ...rest,
    subject: `${kind}:${name}`,
    before: stateText(before),
    after: stateText(after),
  };
}

/** A block as the API shows it. */
export function blockText({ address, block }: Blocked) {
  return { address, ...spanText(block) };
}

function stateText(state: Kept | Block | null) {
  if (state === null) return null;
  if ("fromAt" in state) return spanText(state);
  return state.plan ? keptText(state) : null;
}

function spanText({ fromAt, untilAt, reason }: Block) {
  return { from: isoTime(fromAt), until: isoTime(untilAt), ...(reason !== undefined && { reason }) };
}
