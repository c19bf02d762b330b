// How many characters a request carries, for limits that cap them. Counts; whether it is too many is decided elsewhere.

import { type Body, decodeUtf8, readBody } from "./body.ts";

/** The count, or why there is none: then the request is refused unasked. */
export type Measured =
  | {
      readonly kind: "measured";
      /** Unicode code points; bytes, where it is not known which those are. */
      readonly characters: number;
    }
  | Exclude<Body, { kind: "read" }>;

/** What to count, and how far to read for it. */
export interface Measure {
  /** The most characters anyone may send; 8 bytes for each of them and 64 KiB around them are read, no more. */
  readonly max: number;
  /** The top-level JSON field to count; absent: the whole body. */
  readonly field?: string | undefined;
}

const BYTES_PER_CHARACTER = 8;
const BYTES_AROUND = 65_536;

/**
 * Counts the characters of a request's body, or of one field of it; no body is 0. The body stays in the request, to be
 * forwarded.
 *
 * A body that is not UTF-8, or has a NUL in it, as text in UTF-16 and UTF-32 has, counts one character a byte, whole: read in
 * another encoding it may be any text, but none has more characters than bytes.
 *
 * A body without that field as a string, or not JSON at all, is counted whole. So is one that has the field twice: parsers
 * differ in which they take. The whole is never fewer than a field of it, so no client gains by this.
 */
export async function measure(request: Request, { max, field }: Measure): Promise<Measured> {
  const body = await readBody(request, BYTES_PER_CHARACTER * max + BYTES_AROUND);
  if (body.kind !== "read") return body;
  const text = decodeUtf8(body.bytes, { ignoreBOM: true });
  if (text === undefined || text.includes("\0")) {
    return { kind: "measured", characters: body.bytes.byteLength };
  }
  const part = field === undefined ? undefined : fieldOf(text, field);
  return { kind: "measured", characters: countCharacters(part ?? text) };
}

/** Unicode code points; a surrogate without its other half is one. */
export function countCharacters(text: string): number {
  let characters = text.length;
  for (let at = 1; at < text.length; at += 1) {
    if (isLow(text.charCodeAt(at)) && isHigh(text.charCodeAt(at - 1))) characters -= 1;
  }
  return characters;
}

const isHigh = (unit: number) => unit >= 0xd800 && unit <= 0xdbff;
const isLow = (unit: number) => unit >= 0xdc00 && unit <= 0xdfff;

function fieldOf(text: string, field: string): string | undefined {
  const body = parse(text);
  if (typeof body !== "object" || body === null || Array.isArray(body)) return undefined;
  const value: unknown = (body as Record<string, unknown>)[field];
  return typeof value === "string" && countKeys(text, field) === 1 ? value : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** How often an object has a key, in any case: some parsers ignore it. @param json valid JSON. */
function countKeys(json: string, key: string): number {
  let count = 0;
  let depth = 0;
  // A string that a colon follows is a key; other strings are matched only to be skipped.
  for (const [token, string, colon] of json.matchAll(/("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[{}[\]]/g)) {
    if (token === "{" || token === "[") depth += 1;
    else if (token === "}" || token === "]") depth -= 1;
    else if (colon && string && depth === 1 && sameKey(JSON.parse(string), key)) count += 1;
  }
  return count;
}

const sameKey = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();
