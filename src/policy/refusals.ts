// Bodies of refusals, as schemas: a named one, or the operator's own table. Fills nothing in.

import * as v from "valibot";
import type { RefusalFormat } from "../core/policy.ts";
import { placeholdersIn } from "../core/template.ts";
import { either, expected, expects, type Keys } from "./problems.ts";
import { isTable, stepTo } from "./shapes.ts";

/** A refusal's body: one of the named ones, or a table whose strings may have these placeholders. */
export function refusalOf<const Name extends Extract<RefusalFormat, string>>(
  named: readonly Name[],
  placeholders: readonly string[],
) {
  return v.union(
    [
      v.picklist(named),
      v.pipe(
        v.custom<Exclude<RefusalFormat, string>>(isTable),
        v.rawCheck(({ dataset, addIssue }) => {
          if (!dataset.typed) return;
          for (const { keys, message } of templateFaults(dataset.value, placeholders)) {
            const [first, ...rest] = keys.map((key) => stepTo(dataset.value, key));
            addIssue({ message, ...(first && { path: [first, ...rest] }) });
          }
        }),
      ),
    ],
    expects(`${either(named)}, or a table`, named),
  );
}

interface TemplateFault {
  readonly keys: Keys;
  readonly message: string;
}

/** Everything in a template that is not JSON, and every placeholder that nothing fills. */
function templateFaults(value: unknown, placeholders: readonly string[], keys: Keys = []): TemplateFault[] {
  const within = (member: unknown, key: string | number) =>
    templateFaults(member, placeholders, [...keys, key]);
  if (typeof value === "string") {
    const known = placeholders.map((placeholder) => `{${placeholder}}`);
    return placeholdersIn(value)
      .filter((one) => !placeholders.includes(one))
      .map((one) => ({ keys, message: expected(`placeholders ${known.join(" ")}`, `{${one}}`, known) }));
  }
  if (Array.isArray(value)) return value.flatMap(within);
  if (isTable(value)) return Object.entries(value).flatMap(([key, member]) => within(member, key));
  const isJson = value === null || typeof value === "boolean" || Number.isFinite(value);
  return isJson ? [] : [{ keys, message: expected("a JSON value", value) }];
}
