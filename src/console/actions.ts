// What an operator may change of a subject here: from a form's fields to the amendment, by the very schemas of the API.
// Changes nothing by itself.

import * as v from "valibot";
import { type Amendment, amend, type Kept } from "../core/amend.ts";
import { isoTime } from "../core/calendar.ts";
import { Subject } from "../core/subject.ts";
import type { SubjectName } from "../objects/directory.ts";
import type { Schema } from "../operator/operation.ts";
import { creditsBody, type Schemas } from "../operator/schemas.ts";
import { type Problem, problemsOf } from "../policy/problems.ts";

/** How long an override may last, as the form offers it, in milliseconds. */
export const LASTS = [
  ["1 hour", 3_600_000],
  ["1 day", 86_400_000],
  ["7 days", 604_800_000],
  ["30 days", 2_592_000_000],
] as const;

/** What each action is called, in the question and once it is done. */
export const ACTIONS = {
  tier: { question: "Change the tier", button: "Change the tier", done: "The tier was changed." },
  override: { question: "Give an override", button: "Give the override", done: "The override is in force." },
  "end-override": {
    question: "End the override",
    button: "End the override",
    done: "The override has ended.",
  },
  credits: { question: "Top up credits", button: "Top up", done: "The credits were topped up." },
  disable: { question: "Disable the key", button: "Disable the key", done: "The key is disabled." },
  enable: { question: "Enable the key", button: "Enable the key", done: "The key is enabled." },
  reset: { question: "Reset counts", button: "Reset the counts", done: "The counts were reset." },
} as const;

/** One of them. */
export type ActionName = keyof typeof ACTIONS;

/** The fields of a form. */
export type Fields = Readonly<Record<string, string>>;

/** What a form asks for; with the fields that ask for exactly that, however much later. */
export type Intent =
  | { readonly amendment: Amendment; readonly fields: Fields }
  | { readonly problems: readonly Problem[] };

/** Reads what a form asks for. */
export function intentOf(
  action: ActionName,
  kind: SubjectName["kind"],
  given: Fields,
  schemas: Schemas,
  nowMs: number,
): Intent {
  const fields = settled(given, nowMs);
  const patch = kind === "key" ? schemas.patchKey : schemas.patchAccount;
  const patchOf = (body: object): Intent =>
    read(patch, body, fields, (input) => ({ kind: "patch", creates: true, ...input }));
  const { limit = "", windows = "", until, tier = "", add = "", once = "" } = fields;
  switch (action) {
    case "tier":
      return patchOf({ tier: tier === "" ? null : tier });
    case "override": {
      const list = windows.split(",").map((one) => one.trim());
      return patchOf({ overrides: { [limit]: { windows: list, until } } });
    }
    case "end-override":
      return patchOf({ overrides: { [limit]: null } });
    case "disable":
      return patchOf({ disabled: true });
    case "enable":
      return patchOf({ disabled: null });
    case "credits": {
      const body = { add: /^\d+$/.test(add) ? Number(add) : add };
      return read(creditsBody, body, fields, (input) => ({ kind: "credit", key: once, ...input }));
    }
    case "reset":
      return read(schemas.reset, limit === "" ? {} : { limit }, fields, (input) => ({
        kind: "reset",
        ...input,
      }));
  }
}

/** What a change would make of a subject, by the function that makes it so. */
export function foreseen(kept: Kept, amendment: Amendment, nowMs: number): Kept {
  const subject = new Subject();
  subject.plan = kept.plan;
  subject.ledger.credits = kept.credits;
  const amended = amend({ subject, above: undefined, planVersion: 0, topUps: [] }, amendment, nowMs);
  return amended.done ? amended.after : kept;
}

/** Fixes what would mean something else later: when an override ends, and which top-up it is. */
function settled(given: Fields, nowMs: number): Fields {
  const { lasts, ...fields } = given;
  return {
    ...fields,
    ...(lasts !== undefined && { until: isoTime(nowMs + Math.min(Number(lasts) || 0, 2_592_000_000)) }),
  };
}

function read<Input>(
  schema: Schema<Input>,
  body: object,
  fields: Fields,
  amendmentOf: (input: Input) => Amendment,
): Intent {
  const parsed = v.safeParse(schema, body);
  if (!parsed.success) return { problems: problemsOf(parsed.issues) };
  return { amendment: amendmentOf(parsed.output), fields };
}
