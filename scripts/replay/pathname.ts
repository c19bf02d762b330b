// The path of a logged request as the Worker sees it: what a URL parser makes of what the client sent.

/** What a URL parser (WHATWG) leaves alone: no dot segment, backslash, control, blank or character past ASCII. */
const PLAIN = /^(?:\/(?!\.|%2e)[\w\-.~!$&'()*+,;=:@%]*)+$/i;

/**
 * The path of a request.
 *
 * @param target a path with or without its query, or a whole URL.
 */
export function pathnameOf(target: string): string {
  const path = target.startsWith("/") ? target.split(/[?#]/, 1)[0] : undefined;
  if (path !== undefined && PLAIN.test(path)) return path;
  const url = target.startsWith("/") ? `http://host${target}` : target;
  return URL.parse(url)?.pathname ?? target;
}
