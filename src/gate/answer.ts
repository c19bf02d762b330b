// Answers: a refusal as a response of weir's own, and the origin's answer with weir's limit headers on it. Decides
// nothing and reads no body. Headers are given as records: a list of pairs takes the platform longer than all the rest.

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

/** An answer of weir's own before anyone has asked for it: so it may be given to several. */
export interface Words {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** The answer for a refused request. */
export function refuse(request: Request, cause: Cause, options: RefusalOptions = {}): Response {
  return say(request, refusalWords(cause, options), options.policy?.corsOrigins);
}

/** What such an answer says. */
export function refusalWords(cause: Cause, options: RefusalOptions): Words {
  const answer = refusalAnswer(cause, options);
  return wordsOf({ ...answer, body: JSON.stringify(answer.body) });
}

/** An answer of weir's own. */
export function answerAtEdge(
  request: Request,
  content: Content,
  corsOrigins?: Policy["corsOrigins"],
): Response {
  return say(request, wordsOf(content), corsOrigins);
}

/** Gives such an answer, readable for the pages the policy names. A HEAD gets the headers alone. */
export function say(
  request: Request,
  { status, headers, body }: Words,
  corsOrigins: Policy["corsOrigins"] = [],
): Response {
  const answer = new Response(request.method === "HEAD" ? null : body, { status, headers });
  for (const [name, value] of corsHeaders(request, corsOrigins)) answer.headers.set(name, value);
  return answer;
}

/** Never cached (RFC 6585, section 4), and never sniffed. */
function wordsOf({ status, contentType, body, headers = [] }: Content): Words {
  const all: Record<string, string> = {
    "Content-Type": contentType,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    Date: httpDate(Date.now()),
  };
  for (const [name, value] of headers) all[name] = value;
  return { status, headers: new Headers(all), body };
}

/**
 * The origin's answer with its own limit headers removed, these put on, and the instant it came where it does not say.
 * The body streams through, and all else stays: status, every `Set-Cookie`, an accepted WebSocket. An origin's
 * `Retry-After` stays too: on its own 503 it is right. An answer that cannot be copied is handed on as it came.
 */
export function withLimitHeaders(
  answer: Response,
  limits: readonly Header[],
  corsOrigins: Policy["corsOrigins"] = [],
): Response {
  if (!isCopyable(answer)) return answer;
  // A fetched answer's headers are immutable, so it is copied; as `init` it hands on its WebSocket as well.
  const own = new Response(answer.body, answer);
  const { headers } = own;
  const foreign: string[] = [];
  let isDated = false;
  headers.forEach((_, name) => {
    if (isLimitHeader(name)) foreign.push(name);
    else if (name === "date") isDated = true;
  });
  for (const name of foreign) headers.delete(name);
  if (!isDated) headers.set("Date", httpDate(Date.now()));
  for (const [name, value] of limits) headers.set(name, value);
  if (limits.length > 0) exposeLimitHeaders(headers, corsOrigins);
  return own;
}

/** An answer with the instant it came, so that clients can reckon by this clock; or as it came, where it cannot be copied. */
export function dated(answer: Response): Response {
  if (answer.headers.has("date") || !isCopyable(answer)) return answer;
  const own = new Response(answer.body, answer);
  own.headers.set("Date", httpDate(Date.now()));
  return own;
}

/** False for a status that HTTP does not know and an origin sends nevertheless: no response can be made with it. */
function isCopyable({ status }: Response): boolean {
  return status <= 599;
}

/** The last `Date` that was told: many answers come in the same second. */
let last = { second: 0, text: "" };

/** An instant as the `Date` header tells it (RFC 9110, section 6.6.1). */
function httpDate(nowMs: number): string {
  const second = Math.floor(nowMs / 1000);
  if (second !== last.second) last = { second, text: new Date(nowMs).toUTCString() };
  return last.text;
}
