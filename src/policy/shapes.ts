// The shapes that variables are made of, as valibot schemas whose messages say rule and value. Knows no variable.

import * as v from "valibot";
import { nearest } from "../core/nearest.ts";
import { timeMs } from "./notation.ts";
import { either, expected, expects, meanToSay } from "./problems.ts";

type Table = Readonly<Record<string, unknown>>;

/** A text. */
export const text = v.string(expects("a string"));

/** A table of any fields; lists, dates and bindings are none. */
export const anyTable = v.custom<Table>(isTable, expects("a table"));

/** True for a TOML table or JSON object. By its tag, so that it may come from another realm. */
export function isTable(value: unknown): value is Table {
  return Object.prototype.toString.call(value) === "[object Object]";
}

/** Names that valibot leaves out of any table, whatever its schema: what is written there would mean nothing. */
const RESERVED: readonly string[] = ["__proto__", "constructor", "prototype"];

/** What is wrong with a name that nothing can have, if it is one. */
export function faultOfName(name: string): string | undefined {
  return RESERVED.includes(name) ? expected("another name", name) : undefined;
}

/** A table of these fields and no others; each unknown one is an issue of its own. */
export function table<const Entries extends v.ObjectEntries>(
  entries: Entries,
): v.GenericSchema<unknown, v.InferOutput<v.ObjectSchema<Entries, undefined>>> {
  const names = Object.keys(entries);
  const fault = (name: string) =>
    names.includes(name) ? undefined : `unknown field${meanToSay(nearest(name, names))}`;
  return v.pipe(anyTable, naming(v.looseObject(entries), fault));
}

/** A table of any keys that `key` admits. */
export function tableOf<Value extends v.GenericSchema<unknown, unknown>>(
  key: v.GenericSchema<string, string>,
  value: Value,
) {
  return v.pipe(anyTable, naming(v.record(key, value), faultOfName));
}

/** As `schema`, with an issue for each name in what it is given that has a fault: what it reads lacks the reserved ones. */
function naming<Schema extends v.GenericSchema>(
  schema: Schema,
  fault: (name: string) => string | undefined,
): Schema {
  return {
    ...schema,
    "~run"(dataset, config) {
      const input = dataset.value;
      const check = v.rawCheck<unknown>(({ addIssue }) => {
        if (!isTable(input)) return;
        for (const name of Object.keys(input)) {
          const message = fault(name);
          if (message !== undefined) addIssue({ message, path: [stepTo(input, name)] });
        }
      });
      return check["~run"](schema["~run"](dataset, config), config);
    },
  };
}

/** A list, and what it lists. */
export function listOf<Item extends v.GenericSchema<unknown, unknown>>(item: Item, of: string) {
  return v.array(item, expects(`a list of ${of}`));
}

/** One of these words. */
export function oneOf<const Word extends string>(...words: Word[]) {
  return v.picklist(words, expects(either(words), words));
}

/** A whole number in a range; one without an end goes as far as floats are exact. */
export function whole(least: number, most = Number.MAX_SAFE_INTEGER) {
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
  const message = expects(`a whole number ${range}`);
  const isWhole = (value: number) => Number.isSafeInteger(value) && value >= least && value <= most;
  return v.pipe(
    v.number(message),
    v.check(isWhole, message),
    v.metadata({ type: "integer", minimum: least, maximum: most }),
  );
}

/** A text in a notation that `read` reads, or tells what is wrong with it. */
export function notation<Value extends object>(read: (written: string) => Value | string) {
  return v.pipe(
    text,
    v.rawTransform<string, Value>(({ dataset, addIssue, NEVER }) => {
      const value = read(dataset.value);
      if (typeof value !== "string") return value;
      addIssue({ message: value });
      return NEVER;
    }),
  );
}

/** The same for a text or a list of texts; always makes a list, of at least one. */
export function notations<Value extends object>(read: (written: string) => Value | string, one: string) {
  return v.pipe(
    v.union([v.string(), v.array(v.string())], expects(`${one} or a list of them`)),
    v.rawTransform<string | string[], Value[]>(({ dataset, addIssue }) => {
      const written = dataset.value;
      if (written.length === 0) addIssue({ message: `expected at least ${one}, got none` });
      return (typeof written === "string" ? [written] : written).flatMap((text, index) => {
        const value = read(text);
        if (typeof value !== "string") return [value];
        addIssue({ message: value, ...(text !== written && { path: [stepTo(written, index)] }) });
        return [];
      });
    }),
  );
}

/** A text that `read` turns into a value; undefined: it is not what `rule` says. */
export function reading<Value>(read: (written: string) => Value | undefined, rule: string) {
  return v.pipe(
    text,
    v.rawTransform<string, Value>(({ dataset, addIssue, NEVER }) => {
      const value = read(dataset.value);
      if (value !== undefined) return value;
      addIssue({ message: expected(rule, dataset.value) });
      return NEVER;
    }),
  );
}

/** A time within a range, in milliseconds. */
export function time(least: string, most: string) {
  const [leastMs = 0, mostMs = 0] = [timeMs(least), timeMs(most)];
  return reading((written) => {
    const ms = timeMs(written);
    return ms !== undefined && ms >= leastMs && ms <= mostMs ? ms : undefined;
  }, `a time from "${least}" to "${most}"`);
}

/** A text that stays one, in which `fault` finds nothing wrong. */
export function faultless(fault: (written: string) => string | undefined) {
  return v.pipe(
    text,
    v.rawCheck(({ dataset, addIssue }) => {
      const message = dataset.typed ? fault(dataset.value) : undefined;
      if (message !== undefined) addIssue({ message });
    }),
  );
}

/** What tells JSON from a plain text such as `bearer`. */
const JSON_LIKE = /^\s*(?:[[{]|(?:true|false|\d+(?:\.\d+)?)\s*$)/;

/** As `schema`, or as JSON in a string: what the dashboard and `--var` make of a list or a table. */
export function orJson<Schema extends v.GenericSchema<unknown, unknown>>(schema: Schema) {
  return v.pipe(
    v.unknown(),
    v.rawTransform<unknown, unknown>(({ dataset, addIssue, NEVER }) => {
      const { value } = dataset;
      if (typeof value !== "string" || !JSON_LIKE.test(value)) return value;
      try {
        return JSON.parse(value);
      } catch {
        addIssue({ message: expected("valid JSON", value) });
        return NEVER;
      }
    }),
    schema,
  );
}

/** One step of the way to an issue. */
export function stepTo(input: unknown, key: string | number): v.UnknownPathItem {
  return { type: "unknown", origin: "value", input, key, value: undefined };
}
