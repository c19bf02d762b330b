// Figures in words, as the limits page says them.

import type { KeySource, Limit, Route } from "../core/policy.ts";
import type { Window } from "../core/window.ts";
import { code, type Inline, type Text, text } from "./page.ts";

const grouped = new Intl.NumberFormat("en-US");

/** `10,000`. */
export function count(value: number): string {
  return grouped.format(value);
}

/** `1 credit`, `2 credits`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** `60 per minute`, or that there is nothing of it. */
export function windowWords({ size, name }: Window): string {
  return size === 0 ? `none per ${name}: not included` : `${count(size)} per ${name}`;
}

/** Every window of a limit: `60 per minute and 1,000 per day`. */
export function windowsWords(windows: readonly Window[]): string {
  return listed(windows.map(windowWords));
}

const UNITS = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
] as const;

/** A time that a policy wrote: `1 hour`. */
export function timeWords(ms: number): string {
  const [unit, unitMs] = UNITS.find(([, one]) => ms % one === 0) ?? ["millisecond", 1];
  return counted(ms / unitMs, unit);
}

/** `a, b and c`. */
export function listed(words: readonly string[], last = "and"): string {
  const head = words.slice(0, -1).join(", ");
  return [head, ...words.slice(-1)].filter((part) => part !== "").join(` ${last} `);
}

/** A route as one writes it; of everything, that it is everything. */
export function routeWords({ method, path }: Route): Text {
  if (path === "/*") return [method === undefined ? "every request" : `every ${method} request`];
  return [code(method === undefined ? path : `${method} ${path}`)];
}

/** Where a key goes in a request. */
export function sourceWords(source: KeySource): Text {
  switch (source.in) {
    case "header":
      return text`the header ${code(source.name)}`;
    case "bearer":
      return text`${code("Authorization: Bearer <key>")}`;
    case "query":
      return text`the query parameter ${code(source.name)}`;
    case "cookie":
      return text`the cookie ${code(source.name)}`;
  }
}

/** Sentences or words with commas between them, the last one after `last`. */
export function listedTexts(texts: readonly Text[], last = "or"): Text {
  return texts.flatMap((one, index) => {
    if (index === 0) return one;
    return [index === texts.length - 1 ? ` ${last} ` : ", ", ...one];
  });
}

/** Who is metered. */
export const PER: Readonly<Record<Limit["per"], string>> = {
  key: "API key",
  account: "account",
  ip: "IP address",
};

/** The name of a limit. */
export function nameOf({ name }: Limit): Inline {
  return code(name);
}
