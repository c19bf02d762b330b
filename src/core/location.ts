// Where a request goes, as its URL says: parsed once, and not at all where a glance is enough.

import { BoundedMap } from "./bounded-map.ts";
import { candidatePaths, isWithin, type Readings } from "./path.ts";

/** A URL, less what names no resource. */
export interface Location {
  /** As it was given. */
  readonly url: string;
  /** `"http"` or `"https"`. */
  readonly scheme: string;
  /** With the port, where there is one. */
  readonly host: string;
  /** Path and query, dot segments resolved: nothing in it climbs out of a base that is put before it. */
  readonly target: string;
  /** The ways an origin may read the path; see {@link candidatePaths}. */
  readonly paths: Readings;
}

/** A URL whose path and query say the same before and after they are parsed, the path with one reading: the most of them. */
const PLAIN =
  /^(https?:\/\/[a-z0-9.:[\]-]+)((?:\/[a-z0-9\-_~]+(?:\.[a-z0-9\-_~]+)*)+)(\?[\w\-.~%&=+,:;@!$*()/]+)?$/i;

/**
 * True where a URL may lead to a path or below it. Where there are more readings than can be followed, it may if the path's
 * name is anywhere in it.
 */
export function mayLeadTo({ paths, target }: Pick<Location, "paths" | "target">, base: string): boolean {
  return paths === "any" ? target.toLowerCase().includes(base.toLowerCase()) : isWithin(paths, base);
}

/** The part before the path. */
type Base = Pick<Location, "scheme" | "host">;

/** Bases by how they were written, null for what is none: a Worker answers for few. */
const bases = new BoundedMap<string, Base | null>(1_000);

/**
 * Reads the URL of a request.
 *
 * @returns undefined for one that is none, as a Host header may make it: no two readers of it would find the same path.
 */
export function locate(url: string): Location | undefined {
  const [, written, path, query = ""] = PLAIN.exec(url) ?? [];
  if (written !== undefined && path !== undefined) {
    const base = bases.getOrMake(written, () => baseOf(written));
    if (base === null) return undefined;
    return { url, ...base, target: path + query, paths: [path.toLowerCase()] };
  }
  const parsed = URL.parse(url);
  if (parsed === null) return undefined;
  const { protocol, host, pathname, search } = parsed;
  return {
    url,
    scheme: protocol.slice(0, -1),
    host,
    target: pathname + search,
    paths: candidatePaths(pathname),
  };
}

function baseOf(written: string): Base | null {
  const parsed = URL.parse(written);
  return parsed && { scheme: parsed.protocol.slice(0, -1), host: parsed.host };
}
