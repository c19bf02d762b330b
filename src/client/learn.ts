// What an answer's headers tell: X-RateLimit-*, RateLimit and RateLimit-Policy, Retry-After, Date. Reads only; what is
// malformed is as good as absent.

import { type BareItem, isInnerList, parseList } from "structured-headers";

/** What an answer tells of one window. */
export interface Told {
  /** The quota policy's name, in `RateLimit`; absent in `X-RateLimit-*`. */
  readonly policy?: string;
  /** Absent where `RateLimit-Policy` is. */
  readonly size?: number;
  readonly left: number;
  readonly lengthMs?: number;
  /** End of the window by the server's clock, in Unix milliseconds. */
  readonly resetAt?: number;
  /** Time to the window's end, rounded up to whole seconds by the server. */
  readonly resetAfterMs?: number;
}

/** What an answer's headers tell. */
export interface Lesson {
  /** Every window told of; none where the answer comes from a cache and so speaks of the past. */
  readonly told: readonly Told[];
  /** The server's clock, in whole seconds rounded down. */
  readonly dateAt?: number;
  readonly retryAfterMs?: number;
  /** True where the server says that trying again is of no use (`x-should-retry: false`). */
  readonly final: boolean;
}

/** Reads an answer's headers. */
export function learn(headers: Headers): Lesson {
  const fresh = !(Number(headers.get("age")) > 0);
  const dateAt = fresh ? instant(headers.get("date")) : undefined;
  const retryAfterMs = readRetryAfter(headers.get("retry-after"), dateAt);
  return {
    told: fresh ? readTold(headers) : [],
    final: headers.get("x-should-retry") === "false",
    ...(dateAt !== undefined && { dateAt }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

/** RFC 9110, section 10.2.3: seconds, or a date, which only means something beside the server's own `Date`. */
function readRetryAfter(text: string | null, dateAt: number | undefined): number | undefined {
  const seconds = count(text);
  if (seconds !== undefined) return seconds * 1000;
  const retryAt = instant(text);
  return retryAt === undefined || dateAt === undefined ? undefined : Math.max(0, retryAt - dateAt);
}

/** `RateLimit` tells every window; `X-RateLimit-*` one of them, but its end to the instant. */
function readTold(headers: Headers): Told[] {
  const [reported] = readReported(headers);
  const quotas = readQuotas(headers);
  if (reported === undefined || quotas.length === 0) return reported ? [reported] : quotas;
  const { size, left, resetAt } = reported;
  return quotas.map((quota) =>
    quota.size === size && quota.left === left && resetAt !== undefined ? { ...quota, resetAt } : quota,
  );
}

function readReported(headers: Headers): Told[] {
  const size = count(headers.get("x-ratelimit-limit"));
  const left = count(headers.get("x-ratelimit-remaining"));
  const reset = count(headers.get("x-ratelimit-reset"));
  // A window of 0 is no limit to wait for: the plan does not have it, and the server's answer says so.
  if (!size || left === undefined) return [];
  return [{ size, left, ...(reset !== undefined && { resetAt: reset * 1000 }) }];
}

/** draft-ietf-httpapi-ratelimit-headers-11. */
function readQuotas(headers: Headers): Told[] {
  const policies = readItems(headers.get("ratelimit-policy"));
  return [...readItems(headers.get("ratelimit"))].flatMap(([policy, limit]): Told[] => {
    const [left, reset] = [integer(limit.get("r")), integer(limit.get("t"))];
    const [size, length] = [integer(policies.get(policy)?.get("q")), integer(policies.get(policy)?.get("w"))];
    if (left === undefined || size === 0) return [];
    return [
      {
        policy,
        left,
        ...(size !== undefined && { size }),
        ...(length !== undefined && { lengthMs: length * 1000 }),
        ...(reset !== undefined && { resetAfterMs: reset * 1000 }),
      },
    ];
  });
}

type Parameters = ReadonlyMap<string, BareItem>;

/** The members of a structured list (RFC 9651) by their name; none where it is malformed. */
function readItems(text: string | null): ReadonlyMap<string, Parameters> {
  const items = new Map<string, Parameters>();
  if (text === null) return items;
  try {
    for (const member of parseList(text)) if (!isInnerList(member)) items.set(String(member[0]), member[1]);
  } catch {
    return new Map();
  }
  return items;
}

function integer(value: BareItem | undefined): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : undefined;
}

function count(text: string | null): number | undefined {
  return text !== null && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** An IMF-fixdate. `Date.parse` alone would take "-5" for a date as well. */
function instant(text: string | null): number | undefined {
  const at = text?.endsWith(" GMT") ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}
