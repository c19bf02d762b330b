// CORS: lets pages of the configured origins read what weir itself answers. The origin's own CORS policy stands: weir
// grants nothing on forwarded answers, it only exposes the headers it put there. A preflight is forwarded unmetered,
// since the origin alone knows its methods and headers; weir answers only those for paths of its own.

import { type Header, LIMIT_HEADER_NAMES } from "../core/headers.ts";
import { methodsOf } from "../core/method.ts";
import type { Policy } from "../core/policy.ts";

/** `Date` is the clock that clients read the resets by. */
const exposed = [...LIMIT_HEADER_NAMES, "Retry-After", "Retry-After-Ms", "X-Should-Retry", "Date"].join(", ");

/** How long a browser may remember a preflight answered by weir. */
const maxAgeSeconds = 600;

/**
 * True for what a browser asks before a cross-origin request (Fetch, section 3.2.2), which carries no key and is not
 * metered. Nothing else may pass for one: a body or a method override would be an unmetered way to the origin.
 */
export function isPreflight({ method, headers, body }: Request): boolean {
  return (
    method === "OPTIONS" &&
    headers.has("origin") &&
    headers.has("access-control-request-method") &&
    body === null &&
    methodsOf(method, (name) => headers.get(name)).length === 1
  );
}

/**
 * What makes an answer of weir's own readable for the page that asked. A page of a listed origin may send cookies; with
 * `*` none may (Fetch, section 3.2.5).
 */
export function corsHeaders(request: Request, corsOrigins: Policy["corsOrigins"]): Header[] {
  if (corsOrigins.length === 0) return [];
  const anyOrigin = corsOrigins.includes("*");
  const headers: Header[] = anyOrigin ? [] : [["Vary", "Origin"]];
  const origin = request.headers.get("origin");
  if (origin === null || !(anyOrigin || corsOrigins.includes(origin))) return headers;
  headers.push(["Access-Control-Allow-Origin", anyOrigin ? "*" : origin]);
  if (!anyOrigin) headers.push(["Access-Control-Allow-Credentials", "true"]);
  headers.push(["Access-Control-Expose-Headers", exposed]);
  return headers;
}

/** Answers a preflight for a path of weir's own, which is only ever read, with a key from where the policy looks for it. */
export function answerPreflight(request: Request, policy: Pick<Policy, "corsOrigins" | "keyFrom">): Response {
  const headers = new Headers([
    ...corsHeaders(request, policy.corsOrigins),
    ["Access-Control-Allow-Methods", "GET, HEAD"],
    ["Access-Control-Allow-Headers", keyHeaders(policy.keyFrom).join(", ")],
    ["Access-Control-Max-Age", String(maxAgeSeconds)],
  ]);
  return new Response(null, { status: 204, headers });
}

/** Adds the limit headers to what a forwarded answer exposes, whatever it exposes already. */
export function exposeLimitHeaders(headers: Headers, corsOrigins: Policy["corsOrigins"]): void {
  if (corsOrigins.length > 0) headers.append("Access-Control-Expose-Headers", exposed);
}

function keyHeaders(keyFrom: Policy["keyFrom"]): string[] {
  return keyFrom.flatMap((source) => {
    if (source.in === "header") return [source.name];
    return source.in === "bearer" ? ["authorization"] : [];
  });
}
