// The small notations in variables: routes, key sources, URLs, header names. Reads text; knows no variable.

import { nearest } from "../core/nearest.ts";
import { candidatePaths } from "../core/path.ts";
import type { KeySource, Route } from "../core/policy.ts";
import { parseWindow as parseAnyWindow, type Window } from "../core/window.ts";
import { expected, meanToSay, shortened } from "./problems.ts";

/** RFC 9110, section 9.1, PATCH, and what WebDAV clients send. */
const METHODS = [
  ...["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"],
  ...["PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "REPORT", "SEARCH"],
];

/** A header's, query parameter's or cookie's name (RFC 9110, section 5.6.2). */
const TOKEN = /^[!#$%&'*+\-.^`|~\w]+$/;

/** A segment that stands for itself: what RFC 3986 allows in one, or a letter beyond ASCII, but no `;`, `%` or `*`. */
const SEGMENT = /^[\p{L}\p{M}\p{N}\-._~!$&'()+,=@][\p{L}\p{M}\p{N}\-._~!$&'()+,=:@]*$/u;
const PARAMETER = /^:[a-z_]\w*$/;

/** As the core's, of a text that may be any length. */
export function parseWindow(text: string): Window | string {
  return parseAnyWindow(shortened(text));
}

/**
 * Reads `"POST /apply"`, `"/api/v1/*"` or `"/api/v1/jobs/:id"`; the path becomes lower-case.
 *
 * @returns what is wrong with the text, where something is.
 */
export function parseRoute(text: string): Route | string {
  const [, word, rest = ""] = /^(?:(\w+)\s+)?(.*)$/su.exec(text.trim()) ?? [];
  const method = word?.toUpperCase();
  if (method !== undefined && !METHODS.includes(method)) {
    return `expected a method before the path, got ${JSON.stringify(shortened(method))}${meanToSay(nearest(method, METHODS))}`;
  }
  const path = rest.toLowerCase();
  if (isPattern(path)) return method === undefined ? { path } : { method, path };
  const meant = mended(rest);
  const route = method === undefined ? meant : `${method} ${meant}`;
  return `${expected('a path of segments, ":parameters" and a last "*"', text)}${meanToSay(isPattern(meant.toLowerCase()) ? route : undefined)}`;
}

/** True for a path that requests are compared with as it stands: the only reading it has is itself. */
function isPattern(path: string): boolean {
  if (path === "/" || path === "/*") return true;
  const segments = path.replace(/\/\*$/, "").split("/").slice(1);
  if (!path.startsWith("/") || !segments.every((one) => SEGMENT.test(one) || PARAMETER.test(one)))
    return false;
  const readings = candidatePaths(path);
  return readings.length === 1 && readings[0] === path;
}

/** What was probably meant: `{id}` is `:id`, and a path begins with a slash, has none at its end and no query. */
function mended(path: string): string {
  return `/${path}`
    .replace(/[?#].*$/su, "")
    .replace(/\{(\w+)\}/g, ":$1")
    .replace(/\/{2,}/g, "/")
    .replace(/(?<=.)\/$/, "");
}

/**
 * Reads `"bearer"`, `"header:<name>"`, `"query:<name>"` or `"cookie:<name>"`; a header's name becomes lower-case.
 *
 * @returns what is wrong with the text, where something is.
 */
export function parseKeySource(text: string): KeySource | string {
  if (text === "bearer") return { in: "bearer" };
  const [, place = "", name = ""] = /^(\w+):(.*)$/su.exec(text) ?? [];
  const isNamed = TOKEN.test(name);
  if (isNamed && place === "header") return { in: place, name: name.toLowerCase() };
  if (isNamed && (place === "query" || place === "cookie")) return { in: place, name };
  const candidates = isNamed ? ["header", "query", "cookie"].map((one) => `${one}:${name}`) : ["bearer"];
  return expected('"bearer", "header:<name>", "query:<name>" or "cookie:<name>"', text, candidates);
}

const UNITS_MS = new Map([
  ["second", 1_000],
  ["minute", 60_000],
  ["hour", 3_600_000],
  ["day", 86_400_000],
]);

/** Reads a time such as `"5 minutes"` into milliseconds, and what is none into undefined. */
export function timeMs(text: string): number | undefined {
  const [, count, unit = ""] = /^(\d{1,9}) (\w+?)s?$/.exec(text) ?? [];
  const unitMs = UNITS_MS.get(unit);
  return unitMs === undefined ? undefined : Number(count) * unitMs;
}

/** Writes milliseconds as such a time, in the largest unit that says it exactly: `"1 hour"`, `"90 minutes"`. */
export function timeText(ms: number): string {
  const [unit, unitMs] = [...UNITS_MS].findLast(([, unitMs]) => ms % unitMs === 0) ?? ["second", 1_000];
  const count = ms / unitMs;
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** What is wrong with an origin's base URL, if anything. Never repeats one that may hold credentials. */
export function faultOfBase(text: string): string | undefined {
  const rule = "an http:// or https:// URL without credentials, query or fragment";
  const url = URL.parse(text);
  const isPlain = !/[@?#]/.test(text);
  const isHttp = url?.protocol === "http:" || url?.protocol === "https:";
  if (isHttp && isPlain) return undefined;
  return isPlain ? expected(rule, text) : `expected ${rule}, got one that has "@", "?" or "#"`;
}

/** What is wrong with an entry of `CORS_ORIGINS`, if anything. */
export function faultOfCorsOrigin(text: string): string | undefined {
  const url = URL.parse(text);
  if (text === "*" || (url !== null && /^https?:$/.test(url.protocol) && url.origin === text))
    return undefined;
  return expected('"*" or an origin such as "https://app.example.com"', text);
}

/** What is wrong with where weir's own endpoints are to be, if anything. */
export function faultOfAdminPath(text: string): string | undefined {
  const isPath = text !== "/" && isPattern(text.toLowerCase()) && !/[:*]/.test(text);
  return isPath ? undefined : expected('a path such as "/_weir"', text);
}

/** What is wrong with a line of text that people are to read, if anything. */
export function faultOfLine(text: string): string | undefined {
  const isLine = /^\P{C}{1,200}$/u.test(text) && text.trim() === text;
  return isLine ? undefined : expected("1 to 200 characters in one line, no blank around them", text);
}

/** What is wrong with whom to ask for more, if anything. */
export function faultOfSupport(text: string): string | undefined {
  const isMail = /^[\w.+-]+@[a-z\d-]+(?:\.[a-z\d-]+)+$/i.test(text);
  const isPage = /^https?:\/\/[^\s<>]+$/.test(text) && URL.canParse(text);
  return isMail || isPage ? undefined : expected("an http:// or https:// URL or a mail address", text);
}

/** Reads `"answer:<header>"` into the header's lower-case name, and anything else into undefined. */
export function answerHeader(text: string): string | undefined {
  const [, name = ""] = /^answer:(.*)$/su.exec(text) ?? [];
  return TOKEN.test(name) ? name.toLowerCase() : undefined;
}
