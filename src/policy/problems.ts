// Problems: what is wrong with a policy, and where. The one place that words them; it never repeats a long value.

import type * as v from "valibot";
import { nearest } from "../core/nearest.ts";

/** One thing that is wrong with a policy. */
export interface Problem {
  /** Where: `LIMITS[2].windows[0]`. */
  readonly path: string;
  /** The rule, and what was found instead: `expected a whole number from 1, got 0`. */
  readonly message: string;
}

/** The way to a value: names of fields and indexes of lists. */
export type Keys = readonly (string | number)[];

/** Enough of a value to recognise it by. */
const MOST_CHARACTERS = 60;

/** A problem in one line: ``LIMITS[2].windows[0]: expected "<count>/<unit>", got "60"``. */
export function renderProblem({ path, message }: Problem): string {
  return `${path}: ${message}`;
}

/** Words a rule and what was found instead; where that is a word near to a candidate, asks whether it is meant. */
export function expected(rule: string, value: unknown, candidates: Iterable<string> = []): string {
  const meant = typeof value === "string" ? nearest(value, candidates) : undefined;
  return `expected ${rule}, got ${shown(value)}${meanToSay(meant)}`;
}

/** The same, as the message of a schema. */
export function expects(rule: string, candidates: Iterable<string> = []) {
  return (issue: v.BaseIssue<unknown>): string => expected(rule, issue.input, candidates);
}

/** ` (did you mean "x"?)`, or nothing. */
export function meanToSay(meant: string | undefined): string {
  return meant === undefined ? "" : ` (did you mean ${JSON.stringify(meant)}?)`;
}

/** The words of a list: `"a", "b" or "c"`. */
export function either(words: readonly string[]): string {
  const quoted = words.map((word) => JSON.stringify(word));
  return [quoted.slice(0, -1).join(", "), ...quoted.slice(-1)].filter((part) => part !== "").join(" or ");
}

/** A value by which an operator recognises what is meant; of a list or a table only that it is one. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(shortened(value));
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (value instanceof Date) return "a date";
  return typeof value === "object" && value !== null ? "a table" : String(value);
}

/** A text cut to what a message may show. */
export function shortened(text: string): string {
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS)}…`;
}

/** A problem at the end of a way. */
export function problemAt(keys: Keys, message: string): Problem {
  const path = keys.map((key) => {
    if (typeof key === "number") return `[${key}]`;
    return /^[\w-]+$/.test(key) ? `.${key}` : `[${JSON.stringify(shortened(key))}]`;
  });
  return { path: path.join("").replace(/^\./, ""), message };
}

/** Every issue of a parse as a problem. A missing field is the only issue whose message valibot words. */
export function problemsOf(issues: readonly v.BaseIssue<unknown>[]): Problem[] {
  return issues.map((issue) => {
    const isMissing = issue.type === "loose_object";
    return problemAt(keysOf(issue), isMissing ? "is required" : issue.message);
  });
}

/** The way to what an issue is about. */
export function keysOf(issue: v.BaseIssue<unknown>): Keys {
  return (issue.path ?? []).map(({ key }) => (typeof key === "number" ? key : String(key)));
}
