// Templates: JSON with `{placeholders}` in its strings. Renders values, knows nothing of what they mean.

import type { Template } from "./policy.ts";

/** A JSON value: what a template renders to. */
export type Json = Template;

/** What a template may say of the window that refused. */
export const PLACEHOLDERS = [
  /** Name of the limit. */
  "name",
  /** The window's size. */
  "limit",
  "remaining",
  /** What was used plus what was asked. */
  "used",
  /** Name of the window: `minute`, `5 minutes`. */
  "window",
  /** Whole seconds, as in the `Retry-After` header. */
  "retry_after",
  /** Unix seconds, as in the `X-RateLimit-Reset` header. */
  "reset",
  /** The reset as RFC 3339 text. */
  "reset_iso",
] as const;

/** What a template may say of a block. */
export const BLOCK_PLACEHOLDERS = [
  /** Whole seconds until the block ends. */
  "retry_after",
  /** Its end in Unix seconds. */
  "reset",
  /** Its end as RFC 3339 text. */
  "reset_iso",
] as const;

/** Values by placeholder. */
export type Values = Readonly<Record<string, string | number>>;

const placeholder = /\{([\w-]+)\}/g;
const onePlaceholder = /^\{([\w-]+)\}$/;

/**
 * Fills in a template. A string that is exactly one placeholder becomes the value with its type, so a number stays a
 * number; any other string stays text. A placeholder without a value stays as it is written.
 */
export function render(template: Template, values: Values): Json {
  return mapStrings(template, (text) => renderText(text, values));
}

/** Every placeholder of a template, known or not, once each, in the order they stand. Names of members have none. */
export function placeholdersIn(template: Template): string[] {
  const names = new Set<string>();
  mapStrings(template, (text) => {
    for (const [, name = ""] of text.matchAll(placeholder)) names.add(name);
    return text;
  });
  return [...names];
}

function renderText(text: string, values: Values): string | number {
  const whole = onePlaceholder.exec(text)?.[1];
  if (whole !== undefined) return lookUp(whole, values) ?? text;
  return text.replace(placeholder, (written, name: string) => String(lookUp(name, values) ?? written));
}

function lookUp(name: string, values: Values): string | number | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

function mapStrings(value: Json, change: (text: string) => Json): Json {
  if (typeof value === "string") return change(value);
  if (typeof value !== "object" || value === null) return value;
  if (isList(value)) return value.map((item) => mapStrings(item, change));
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, mapStrings(member, change)]),
  );
}

/** `Array.isArray` that narrows a readonly array. */
function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
