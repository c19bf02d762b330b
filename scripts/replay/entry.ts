// One line of a log as a request: weir's own field names, or those of Cloudflare's Logpush. Reads text; decides nothing.

import { expected } from "../../src/policy/problems.ts";
import { isTable } from "../../src/policy/shapes.ts";

/** A request as a log tells it. What the log does not tell is undefined. */
export interface Entry {
  /** Instant it came, in Unix milliseconds, by the log. */
  readonly atMs: number;
  /** As it was sent, in any case. */
  readonly method: string;
  /** A path with or without its query, or a whole URL. */
  readonly target: string;
  readonly keyId: string | undefined;
  /** The client's address, as it stands in the log. */
  readonly ip: string | undefined;
  readonly account: string | undefined;
  readonly tier: string | undefined;
  /** What the API answered. */
  readonly status: number | undefined;
  /** Units the answer said it cost. */
  readonly cost: number | undefined;
  /** Unicode code points of the body. */
  readonly characters: number | undefined;
}

/** How a log is read, beyond its field names. */
export interface EntryTerms {
  /** Way to the field that carries the key, such as `["RequestHeaders", "x-api-key"]`. */
  readonly keyField: readonly string[];
  /** Makes a key its id, so that keys go no further than this. */
  readonly idOf: (key: string) => string;
}

type Fields = Readonly<Record<string, unknown>>;

/** What is wrong with a line; caught below. */
class Malformed extends Error {}

/**
 * Reads one line. Where a field has two names, the second is Logpush's (dataset http_requests).
 *
 * @returns what is wrong with the line, where something is: `time: expected …, got "yesterday"`; undefined for a line that
 * is no client's request: a blank one, or a Worker's subrequest.
 */
export function readEntry(line: string, terms: EntryTerms): Entry | string | undefined {
  if (line.trim() === "") return undefined;
  try {
    const fields = parse(line);
    return fields.WorkerSubrequest === true ? undefined : entryOf(fields, terms);
  } catch (error) {
    if (error instanceof Malformed) return error.message;
    throw error;
  }
}

function parse(line: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new Malformed(expected("a JSON object", line));
  }
  if (!isTable(value)) throw new Malformed(expected("a JSON object", value));
  return value;
}

function entryOf(fields: Fields, { keyField, idOf }: EntryTerms): Entry {
  const key = text("key", keyField.reduce<unknown>(child, fields));
  return {
    atMs: instant(fields.time ?? fields.EdgeStartTimestamp),
    method: required("method", "a method", text("method", fields.method ?? fields.ClientRequestMethod)),
    target: target(text("path", fields.path ?? fields.ClientRequestURI)),
    keyId: text("keyId", fields.keyId) ?? (key === undefined ? undefined : idOf(key)),
    ip: address(text("ip", fields.ip ?? fields.ClientIP)),
    account: text("account", fields.account),
    tier: text("tier", fields.tier),
    // 0 where the edge had no answer to log.
    status: whole("status", fields.status ?? fields.EdgeResponseStatus) || undefined,
    cost: whole("cost", fields.cost),
    characters: whole("characters", fields.characters),
  };
}

function child(value: unknown, name: string): unknown {
  return isTable(value) ? value[name] : undefined;
}

/** An optional text; empty and null are none. */
function text(name: string, value: unknown): string | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value !== "string") throw new Malformed(`${name}: ${expected("text", value)}`);
  return value;
}

/** Whether it is an address is the policy's to say; that it could stand in a header is all that is asked here. */
function address(value: string | undefined): string | undefined {
  if (value === undefined || /^[\w:.%-]+$/.test(value)) return value;
  throw new Malformed(`ip: ${expected("an address", value)}`);
}

function whole(name: string, value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw new Malformed(`${name}: ${expected("a whole number", value)}`);
}

function required<Value>(name: string, rule: string, value: Value | undefined): Value {
  if (value === undefined) throw new Malformed(`${name}: ${expected(rule, value)}`);
  return value;
}

function target(value: string | undefined): string {
  if (value !== undefined && /^(?:\/|https?:\/\/)/i.test(value)) return value;
  throw new Malformed(`path: ${expected('a path that begins with "/", or a URL', value)}`);
}

/** Unix time in seconds, milliseconds, microseconds or nanoseconds, told by its size; or RFC 3339 text. */
function instant(value: unknown): number {
  const atMs =
    typeof value === "string" ? Date.parse(value) : typeof value === "number" ? unixMs(value) : Number.NaN;
  // NaN too fails this. A log older than 1973 is none.
  if (!(atMs >= 1e11))
    throw new Malformed(`time: ${expected("an ISO time, or Unix seconds or milliseconds", value)}`);
  return atMs;
}

function unixMs(value: number): number {
  if (value < 1e11) return Math.floor(value * 1e3);
  if (value < 1e14) return Math.floor(value);
  return Math.floor(value < 1e17 ? value / 1e3 : value / 1e6);
}
