// Who asks: the API key that a request carries. Reads the request and nothing else; never repeats what the client sent.

import type { KeySource } from "../core/policy.ts";
import { spellingsOf } from "../core/spellings.ts";
import type { FieldReader } from "./fields.ts";

/** What a request says about its key. */
export type Identity =
  | { readonly kind: "key"; readonly key: string }
  /** No configured source carries a key. */
  | { readonly kind: "none" }
  /** A key is there, but not one that an origin could only read in one way: 400. `problem` holds nothing of the client's. */
  | { readonly kind: "malformed"; readonly problem: string };

const NONE: Identity = { kind: "none" };

/** Visible ASCII (0x21 to 0x7e) but the comma, by which a header that came twice is joined. */
const KEY = /^[\x21-\x2b\x2d-\x7e]{1,512}$/;

/** True for a text that can be a key. */
export function isKey(text: string): boolean {
  return KEY.test(text);
}

/** Where a key may be. */
export interface Carrier {
  readonly headers: FieldReader;
  readonly url: string;
}

/**
 * Finds the key in the configured sources; the first that carries one wins, an empty value being none.
 *
 * Whatever an origin could take for another key than weir does is malformed: a key sent twice, or two keys in two
 * sources. Otherwise a made-up key beside the real one would get the caller a fresh limit with every request.
 */
export function identify(request: Carrier, keyFrom: readonly KeySource[]): Identity {
  let identity = NONE;
  for (const source of keyFrom) {
    const found = read(request, source);
    if (found.kind === "malformed") return found;
    if (found.kind === "none") continue;
    if (identity.kind === "key" && identity.key !== found.key) return malformed("two different keys");
    identity = found;
  }
  return identity;
}

function read({ headers, url }: Carrier, source: KeySource): Identity {
  switch (source.in) {
    case "header":
      return checked(fields(headers, source.name), `header ${source.name}`);
    case "bearer":
      return bearer(headers.get("authorization") ?? "");
    case "query":
      return checked(parameters(url, source.name), `query parameter ${source.name}`);
    case "cookie":
      return checked(cookies(headers.get("cookie") ?? "", source.name), `cookie ${source.name}`);
  }
}

function checked(values: readonly string[], place: string): Identity {
  const [key = "", another] = values;
  if (another !== undefined) return malformed(`${place}: sent more than once`);
  if (key === "") return NONE;
  if (isKey(key)) return { kind: "key", key };
  return malformed(`${place}: expected 1 to 512 visible ASCII characters without blank or comma`);
}

function malformed(problem: string): Identity {
  return { kind: "malformed", problem };
}

/** RFC 6750, section 2.1; the scheme's case does not matter (RFC 9110, section 11.1). */
function bearer(value: string): Identity {
  const place = "header authorization";
  if (/^bearer(?![^ \t])/i.test(value)) return checked([value.slice("bearer".length).trim()], place);
  // A second Authorization header joined to another scheme's, or a scheme that a lenient origin takes for Bearer.
  if (/(?:^|,[ \t]*)bearer/i.test(value)) return malformed(`${place}: expected "Bearer" and one key`);
  return NONE;
}

/** The spellings of headers that policies name: the same ones for every request. */
const spellings = new Map<string, readonly string[]>();

/** Different values of a header, whichever its spelling. */
function fields(headers: FieldReader, name: string): string[] {
  let names = spellings.get(name);
  if (names === undefined) {
    names = spellingsOf(name);
    spellings.set(name, names);
  }
  const values: string[] = [];
  for (const spelling of names) {
    const value = headers.get(spelling);
    if (value && !values.includes(value)) values.push(value);
  }
  return values;
}

/**
 * Decoded values of a query parameter. Some origins end a parameter at a semicolon, others have it in the value: where
 * that makes a difference, both values are there.
 */
function parameters(url: string, name: string): string[] {
  const start = url.indexOf("?");
  if (start === -1) return [];
  const [query = ""] = url.slice(start + 1).split("#", 1);
  const whole = parametersBetween(query, name);
  if (!query.includes(";")) return whole;
  const cut = parametersBetween(query.replaceAll(";", "&"), name);
  return [...cut, ...whole.filter((value) => !cut.includes(value))];
}

function parametersBetween(query: string, name: string): string[] {
  const wanted = folded(name);
  const values: string[] = [];
  for (const [given, value] of new URLSearchParams(query)) if (folded(given) === wanted) values.push(value);
  return values;
}

/**
 * A parameter's or cookie's name as the least exact origin tells it: without case, as ASP.NET tells both, and, as PHP
 * reads names, without blanks before it or anything from a NUL on, a dot, blank or bracket being an underscore.
 */
function folded(name: string): string {
  return name
    .toLowerCase()
    .replace(/^ +|\0.*/gs, "")
    .replace(/[. []/g, "_");
}

/**
 * Decoded values of a cookie. Quotes and percent-encoding are read as most origins do, or each spelling were a key; in
 * names too, which older versions of PHP and Rack decode.
 */
function cookies(header: string, name: string): string[] {
  const wanted = folded(name);
  const values: string[] = [];
  // Two Cookie headers arrive joined by a comma and a blank.
  for (const pair of header.split(/;|, /)) {
    const equals = pair.indexOf("=");
    if (equals === -1 || folded(decoded(pair.slice(0, equals).trim())) !== wanted) continue;
    values.push(
      decoded(
        pair
          .slice(equals + 1)
          .trim()
          .replace(/^"(.*)"$/, "$1"),
      ),
    );
  }
  return values;
}

/** A value that cannot be decoded is left as it came. */
function decoded(value: string): string {
  if (!value.includes("%")) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
