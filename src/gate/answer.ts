// Answers: a refusal as a response of weir's own, and the origin's answer with weir's limit headers on it. Decides
// nothing and reads no body.

import { type Header, isLimitHeader } from "../core/headers.ts";
import type { Policy } from "../core/policy.ts";
import type { Cause } from "../core/refusal.ts";
import { type RefusalOptions, refusalAnswer } from "../core/refusal-answer.ts";
import { corsHeaders, exposeLimitHeaders } from "./cors.ts";

/** Content of an answer of weir's own. */
export interface Content {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: readonly Header[];
}

/** The answer for a refused request. */
export function refuse(request: Request, cause: Cause, options: RefusalOptions = {}): Response {
  const answer = refusalAnswer(cause, options);
  const content = { ...answer, body: JSON.stringify(answer.body) };
  return answerAtEdge(request, content, options.policy?.corsOrigins);
}

/**
 * An answer of weir's own: never cached (RFC 6585, section 4), never sniffed, readable for the pages the policy names. A
 * HEAD gets the headers alone.
 */
export function answerAtEdge(
  request: Request,
  { status, contentType, body, headers = [] }: Content,
  corsOrigins: Policy["corsOrigins"] = [],
): Response {
  return new Response(request.method === "HEAD" ? null : body, {
    status,
    headers: new Headers([
      ["Content-Type", contentType],
      ["Cache-Control", "no-store"],
      ["X-Content-Type-Options", "nosniff"],
      ...headers,
      ...corsHeaders(request, corsOrigins),
    ]),
  });
}

/**
 * The origin's answer with its own limit headers removed and these put on. The body streams through, and all else stays:
 * status, every `Set-Cookie`, an accepted WebSocket. An origin's `Retry-After` stays too: on its own 503 it is right.
 */
export function withLimitHeaders(
  answer: Response,
  limits: readonly Header[],
  corsOrigins: Policy["corsOrigins"] = [],
): Response {
  // A fetched answer's headers are immutable, so it is copied; as `init` it hands on its WebSocket as well.
  const own = new Response(answer.body, answer);
  for (const name of [...own.headers.keys()]) if (isLimitHeader(name)) own.headers.delete(name);
  for (const [name, value] of limits) own.headers.set(name, value);
  if (limits.length > 0) exposeLimitHeaders(own.headers, corsOrigins);
  return own;
}

/** An answer with the instant it came (RFC 9110, section 6.6.1), so that clients can reckon by this clock. */
export function dated(answer: Response, nowMs: number): Response {
  if (answer.headers.has("date")) return answer;
  const own = new Response(answer.body, answer);
  own.headers.set("Date", new Date(nowMs).toUTCString());
  return own;
}
