// The way onward: a request as it came, less what a client may not say, plus who asks; and the way to an origin. Streams
// both bodies, decides nothing, and leaves the answer as it is.

import { isLimitHeader } from "../core/headers.ts";
import { within } from "./within.ts";

/** Where requests go: `service` if there is one, else `origin`, else the origin of weir's own route. */
export interface Target {
  /** Base URL without a query; its path is put before the request's. */
  readonly origin?: string | undefined;
  readonly service?: Fetcher | undefined;
  /** How long it may take to begin its answer, in milliseconds; absent: as long as the platform lets it. */
  readonly timeoutMs?: number;
}

/** What the origin is told of the request. */
export interface Introduction {
  /** Sent as `x-weir-key-id`. */
  readonly keyId?: string | undefined;
  /** Sent as `x-weir-account`. */
  readonly account?: string | undefined;
  /** Sent as `x-weir-tier`. */
  readonly tier?: string | undefined;
  /** Sent as `x-weir-secret`, the proof that a request came through weir. */
  readonly originSecret?: string | undefined;
}

class OriginTimeout extends Error {
  override readonly name = "OriginTimeout";
}

/** The origin gave no answer at all; `cause` is what the platform said of it. */
export class OriginUnreachable extends Error {
  override readonly name = "OriginUnreachable";

  /** True where it did not begin to answer in time. */
  get isTimeout(): boolean {
    return this.cause instanceof OriginTimeout;
  }
}

/**
 * Asks the origin. A redirect is returned, not followed; an accepted WebSocket is on the answer's `webSocket`; an answer
 * that breaks off breaks off for the client too.
 *
 * @throws OriginUnreachable where there is no answer.
 */
export async function forward(
  request: Request,
  target: Target,
  introduction: Introduction,
): Promise<Response> {
  const outgoing = addressed(request, target, introduction);
  try {
    const answer = target.service ? target.service.fetch(new Request(...outgoing)) : fetch(...outgoing);
    if (target.timeoutMs === undefined) return await answer;
    return await within(target.timeoutMs, answer, () => new OriginTimeout());
  } catch (cause) {
    throw new OriginUnreachable("the origin did not answer", { cause });
  }
}

/** The request for an app in this very Worker. */
export function introduce(request: Request, introduction: Introduction): Request {
  return new Request(request, { headers: introduced(request, false, introduction) });
}

/** What to send, and where. */
type Outgoing = readonly [to: string | Request, init: RequestInit];

function addressed(request: Request, { origin, service }: Target, introduction: Introduction): Outgoing {
  const url = new URL(request.url);
  const moved = origin !== undefined && service === undefined;
  const to = moved ? rebased(url, origin) : request.url;
  const headers = introduced(request, moved, introduction);
  if (moved) {
    headers.set("x-forwarded-host", url.host);
    headers.set("x-forwarded-proto", url.protocol.slice(0, -1));
  }
  // A client that leaves does not end the origin's work: what became of it settles the charge.
  const init = { headers, redirect: "manual", signal: null } as const;
  // Only a Request made from another keeps what an init cannot give it: the body of a GET, and the framing of any body.
  if (request.body !== null) return [new Request(to, request), init];
  const { method, cf } = request;
  return [to, { ...init, method, ...(cf && { cf: cf as CfProperties }) }];
}

/** The URL's path and query under the base. Already normalised, so that no `..` climbs out of the base's path. */
function rebased(url: URL, base: string): string {
  const pathAndQuery = url.href.replace(/^[^/]*\/\/[^/]*/, "");
  return base.replace(/\/+$/, "") + pathAndQuery;
}

function removeForgeries(headers: Headers, moved: boolean): void {
  for (const received of [...headers.keys()]) {
    // To an origin behind CGI or WSGI, `x_weir_key_id` is `x-weir-key-id`.
    const name = received.replaceAll("_", "-");
    if (name.startsWith("x-weir-") || isLimitHeader(name) || (moved && FORWARDED.has(name))) {
      headers.delete(received);
    }
  }
  // It may name headers for the next hop to drop, weir's own among them (RFC 9110 §7.6.1).
  headers.delete("connection");
}

const FORWARDED: ReadonlySet<string> = new Set(["x-forwarded-host", "x-forwarded-proto"]);

/** @param moved True where the request goes to another host. */
function introduced(
  request: Request,
  moved: boolean,
  { keyId, account, tier, originSecret }: Introduction,
): Headers {
  const headers = new Headers(request.headers);
  removeForgeries(headers, moved);
  const says = {
    "x-weir-key-id": keyId,
    "x-weir-account": account,
    "x-weir-tier": tier,
    "x-weir-secret": originSecret,
  };
  for (const [name, value] of Object.entries(says)) if (value !== undefined) headers.set(name, value);
  return headers;
}
