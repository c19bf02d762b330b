// Refusals: every cause there is, and what its answer is. Data alone; `refusal-body.ts` fills it in.

import type { Reason } from "./decision.ts";

/** Why an answer comes from the edge: a decision's reason, or one of the gate's own. */
export type Cause =
  | Reason
  /** No key where one is needed. */
  | "unauthenticated"
  /** A key that cannot be one: too long, repeated, or of characters no key has. */
  | "malformed"
  /** An address shut out for a while. */
  | "blocked"
  /** An address on the operator's `DENY` list. */
  | "denied"
  /** A batch of calls that together cost more than a window's whole size. */
  | "batch"
  /** A body too large to be looked into. */
  | "oversized"
  /** A body encoded so that nobody can look into it. */
  | "encoding"
  /** A request that contradicts itself. */
  | "invalid"
  /** No decision could be had, and the policy denies then. */
  | "unavailable"
  /** A path of weir's own at which there is nothing. */
  | "missing"
  /** The policy has errors. */
  | "misconfigured"
  /** The origin could not be reached. */
  | "unreachable"
  /** The origin did not answer in time. */
  | "timeout";

/** What the answer to a cause is. */
export interface Refusal {
  readonly status: number;
  /** Problem type (RFC 9457, section 3.1.1). */
  readonly type: string;
  /** The type's own title; for `about:blank` the status's phrase. */
  readonly title: string;
  /** What happened and what helps, with placeholders: those of `template.ts`, `max_characters`, `characters`. */
  readonly detail: string;
  /** True where the refusal counts against the client's address. */
  readonly isStrike: boolean;
  /** Seconds to wait where no window says it. */
  readonly retryAfterSeconds?: number;
  /** Value of `WWW-Authenticate` (RFC 6750, section 3). */
  readonly challenge?: string;
}

const types = "https://iana.org/assignments/http-problem-types";
/** draft-ietf-httpapi-ratelimit-headers-11, section 5. */
const quota = {
  type: `${types}#quota-exceeded`,
  title: "Request cannot be satisfied as assigned quota has been exceeded",
  isStrike: false,
};
const abuse = {
  type: `${types}#abnormal-usage-detected`,
  title: "Request not satisfied due to detection of abnormal request pattern",
  isStrike: false,
};
const plain = (status: number, title: string) => ({ status, type: "about:blank", title, isStrike: false });
const unauthorized = plain(401, "Unauthorized");
const forbidden = plain(403, "Forbidden");
const tooLarge = plain(413, "Content Too Large");
const challenge = (error: string) => `Bearer realm="api", error="${error}"`;

/** Every refusal there is. Only a 429 is a strike. */
export const REFUSALS: Readonly<Record<Cause, Refusal>> = {
  rate: {
    ...quota,
    status: 429,
    isStrike: true,
    detail:
      "The limit of {limit} per {window} has no room for this request. Retry after {retry_after} s; the window resets at {reset_iso}.",
  },
  newcomer: {
    ...abuse,
    status: 429,
    isStrike: true,
    detail:
      "Too many new API keys came from this address: {limit} per {window} may. Retry after {retry_after} s, or use a key that has worked before.",
  },
  plan: {
    ...quota,
    status: 403,
    detail:
      "This is not in the plan: its limit is {limit} per {window}. Waiting does not help; a larger plan does.",
  },
  cost: {
    ...quota,
    status: 413,
    detail:
      "This request costs more than the whole limit of {limit} per {window}. Waiting does not help; a smaller request does.",
  },
  batch: {
    ...quota,
    status: 413,
    detail:
      "The calls of this batch cost more than the whole limit of {limit} per {window}. Waiting does not help; splitting the batch does.",
  },
  credits: { ...quota, status: 402, detail: "No credits are left. Waiting does not help; topping up does." },
  characters: {
    ...tooLarge,
    detail: "A request may have at most {max_characters} characters; this one has {characters}. Send fewer.",
  },
  oversized: {
    ...tooLarge,
    detail: "The body is too large for what it asks to be counted. Send a smaller one.",
  },
  encoding: {
    ...plain(415, "Unsupported Media Type"),
    detail: "What this body asks cannot be counted in its content encoding. Send it uncompressed.",
  },
  unauthenticated: {
    ...unauthorized,
    challenge: 'Bearer realm="api"',
    detail: "This needs an API key, and the request has none.",
  },
  unknown: {
    ...unauthorized,
    challenge: challenge("invalid_token"),
    detail: "The API key is not known here.",
  },
  expired: { ...unauthorized, challenge: challenge("invalid_token"), detail: "The API key has expired." },
  malformed: {
    ...plain(400, "Bad Request"),
    challenge: challenge("invalid_request"),
    detail: "The API key is malformed, or there is more than one.",
  },
  disabled: { ...forbidden, detail: "The API key is disabled." },
  blocked: {
    ...abuse,
    status: 403,
    detail: "This address is blocked for a while: it exceeded limits too often.",
  },
  denied: { ...forbidden, detail: "This address may not use the API." },
  invalid: {
    ...plain(400, "Bad Request"),
    detail: "The request contradicts HTTP or itself, or its body cannot be read.",
  },
  unavailable: {
    ...plain(503, "Service Unavailable"),
    retryAfterSeconds: 1,
    detail: "Whether this request is within its limits cannot be decided right now. Retry later.",
  },
  missing: { ...plain(404, "Not Found"), detail: "weir has nothing at this path." },
  misconfigured: {
    ...plain(500, "Internal Server Error"),
    detail: "The rate limit policy has errors; its operator finds them in the log.",
  },
  unreachable: {
    ...plain(502, "Bad Gateway"),
    detail: "The origin behind the rate limiter cannot be reached.",
  },
  timeout: {
    ...plain(504, "Gateway Timeout"),
    detail: "The origin behind the rate limiter did not answer in time.",
  },
};
