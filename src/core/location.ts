// Where a request goes, as its URL says: parsed once, and not at all where a glance is enough.

import { candidatePaths, type Readings } from "./path.ts";

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

/**
 * A URL that says the same before and after it is parsed, and whose path has one reading: the most of them. Not all that
 * looks like an address or a port is one, so hosts that end in a number and long ports are left to the parser.
 */
const PLAIN =
  /^(https?):\/\/((?:[a-z0-9-]+\.)*[a-z][a-z0-9-]*(?::\d{1,4})?)((?:\/[a-z0-9\-_~]+(?:\.[a-z0-9\-_~]+)*)+)(\?[\w\-.~%&=+,:;@!$*()/]+)?$/i;

/**
 * Reads the URL of a request.
 *
 * @returns undefined for one that is none, as a Host header may make it: no two readers of it would find the same path.
 */
export function locate(url: string): Location | undefined {
  const [, scheme, host, path, query = ""] = PLAIN.exec(url) ?? [];
  if (scheme !== undefined && host !== undefined && path !== undefined) {
    return { url, scheme: scheme.toLowerCase(), host, target: path + query, paths: [path.toLowerCase()] };
  }
  const parsed = URL.parse(url);
  if (parsed === null) return undefined;
  const { protocol, pathname, search } = parsed;
  return {
    url,
    scheme: protocol.slice(0, -1),
    host: parsed.host,
    target: pathname + search,
    paths: candidatePaths(pathname),
  };
}
