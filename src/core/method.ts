// The methods a request is charged under: its own, and whatever its headers may make an origin take it for.

import { spellingsOf } from "./spellings.ts";

const OVERRIDES = ["x-http-method-override", "x-http-method", "x-method-override"].flatMap(spellingsOf);

/**
 * The upper-case methods that an origin might run, the request's own first. HEAD is also a GET (RFC 9110, section
 * 9.3.2), and a method in an override header is charged beside the real one, so that no header moves a request to a
 * looser limit; whichever spelling it has. Where one came more than once, an origin may believe its first or last value.
 *
 * @param header reads a request header by its lower-case name; null or undefined where there is none.
 */
export function methodsOf(
  method: string,
  header: (name: string) => string | null | undefined,
): readonly string[] {
  const methods = new Set([method.toUpperCase()]);
  for (const name of OVERRIDES) {
    const value = header(name);
    if (!value) continue;
    const values = value.toUpperCase().split(",");
    for (const one of [values[0], values.at(-1)]) if (one?.trim()) methods.add(one.trim());
  }
  // The runtime opens a WebSocket with a GET (RFC 6455, section 4.1), whatever method asked for it.
  if (methods.has("HEAD") || /websocket/i.test(header("upgrade") ?? "")) methods.add("GET");
  return [...methods];
}
