// Answers: a refusal as a response of weir's own, and the origin's answer with weir's limit headers on it. Decides
// nothing and reads no body.

import { type Header, isLimitHeader, limitHeaders } from "../core/headers.ts";
import { type CallerId, withCaller } from "../core/jsonrpc.ts";
import type { Policy } from "../core/policy.ts";
import { type Cause, REFUSALS } from "../core/refusal.ts";
import { type Facts, refusalBody } from "../core/refusal-body.ts";
import { corsHeaders, exposeLimitHeaders } from "./cors.ts";

/** What a refusal says, and how the policy wants it said. */
export interface RefusalOptions extends Omit<Facts, "format"> {
  /** Absent where it has errors. */
  readonly policy?: Pick<Policy, "refusal" | "ipBlock" | "headers" | "corsOrigins">;
  /** Name of the window to report where none refused. */
  readonly report?: string;
  /** Id of the JSON-RPC call that is refused; absent: the request is none. */
  readonly callerId?: CallerId | undefined;
}

/** Content of an answer of weir's own. */
export interface Content {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: readonly Header[];
}

/** The answer for a refused request. */
export function refuse(request: Request, cause: Cause, options: RefusalOptions = {}): Response {
  const { policy, report, callerId, ...facts } = options;
  const format = cause === "blocked" ? policy?.ipBlock?.refusal : policy?.refusal;
  const { contentType, value } = refusalBody(cause, { ...facts, ...(format && { format }) });
  const body = JSON.stringify(withCaller(value, callerId));
  const { status, challenge, retryAfterSeconds } = REFUSALS[cause];
  const headers: Header[] = [];
  if (policy && facts.decision) headers.push(...limitHeaders(facts.decision, policy.headers, report));
  if (retryAfterSeconds !== undefined) headers.push(["Retry-After", String(retryAfterSeconds)]);
  if (challenge !== undefined) headers.push(["WWW-Authenticate", challenge]);
  return answerAtEdge(request, { status, contentType, body, headers }, policy?.corsOrigins);
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
