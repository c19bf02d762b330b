// The way onward: a request as it came, less what a client may not say, plus who asks; and the way to an origin. Streams
// both bodies, decides nothing, and leaves the answer as it is.

import { isLimitHeader } from "../core/headers.ts";
import type { Location } from "../core/location.ts";
import type { Fields } from "./fields.ts";
import type { Patience } from "./patience.ts";

/** Where requests go: `service` if there is one, else `origin`, else the origin of weir's own route. */
export interface Target {
  /** Base URL without a query; its path is put before the request's. */
  readonly origin?: string | undefined;
  readonly service?: Fetcher | undefined;
  /** How long it may take to begin its answer, in milliseconds. */
  readonly timeoutMs: number;
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

/** What goes out, from where, and how long its sender waits. */
export interface Outbound {
  readonly request: Request;
  readonly headers: Fields;
  readonly location: Location;
  readonly patience: Patience;
}

/**
 * Asks the origin. A redirect is returned, not followed; an accepted WebSocket is on the answer's `webSocket`; an answer
 * that breaks off breaks off for the client too.
 *
 * @throws OriginUnreachable where there is no answer.
 */
export async function forward(
  outbound: Outbound,
  target: Target,
  introduction: Introduction,
): Promise<Response> {
  const outgoing = addressed(outbound, target);
  introduceIn(outgoing.headers, outbound, introduction, isMoved(target));
  try {
    const answer = target.service ? target.service.fetch(outgoing) : fetch(outgoing);
    return await outbound.patience.wait(target.timeoutMs, answer, originTimeout);
  } catch (cause) {
    throw new OriginUnreachable("the origin did not answer", { cause });
  }
}

function originTimeout(): Error {
  return new OriginTimeout();
}

/** The request for an app in this very Worker. */
export function introduce(outbound: Outbound, introduction: Introduction): Request {
  const own = new Request(outbound.request);
  introduceIn(own.headers, outbound, introduction, false);
  return own;
}

/** True where a request goes to another host. */
function isMoved({ origin, service }: Target): boolean {
  return origin !== undefined && service === undefined;
}

/** The request as it came, to where it is to go. A redirect is not followed. */
function addressed({ request, location }: Outbound, target: Target): Request {
  const to = isMoved(target) ? target.origin + location.target : location.url;
  if (request.body === null && target.service === undefined) {
    const { method, headers } = request;
    return new Request(to, { method, headers, redirect: "manual" });
  }
  // Only a Request made from another keeps what an init cannot give it: the body of a GET, the framing of any body, and
  // what the platform knows of the connection (`cf`), which no origin but another Worker is told. Without its signal, or
  // a client that leaves would end the origin's work: what becomes of that settles the charge.
  return new Request(new Request(to, request), { redirect: "manual", signal: null });
}

/**
 * Takes out of a request's headers what no client may say, and puts in who asks. Changes the platform's own copy: to write
 * what was read would change bytes that are no UTF-8, and what came twice.
 */
function introduceIn(
  headers: Headers,
  { headers: received, location }: Outbound,
  { keyId, account, tier, originSecret }: Introduction,
  moved: boolean,
): void {
  for (const name of received.keys()) if (isForgery(name, moved)) headers.delete(name);
  // It may name headers for the next hop to drop, weir's own among them (RFC 9110, section 7.6.1).
  headers.delete("connection");
  if (moved) {
    headers.set("x-forwarded-host", location.host);
    headers.set("x-forwarded-proto", location.scheme);
  }
  if (keyId !== undefined) headers.set("x-weir-key-id", keyId);
  if (account !== undefined) headers.set("x-weir-account", account);
  if (tier !== undefined) headers.set("x-weir-tier", tier);
  if (originSecret !== undefined) headers.set("x-weir-secret", originSecret);
}

/** True for a header that only weir may send. */
function isForgery(received: string, moved: boolean): boolean {
  // To an origin behind CGI or WSGI, `x_weir_key_id` is `x-weir-key-id`.
  const name = received.includes("_") ? received.replaceAll("_", "-") : received;
  return name.startsWith("x-weir-") || isLimitHeader(name) || (moved && FORWARDED.has(name));
}

const FORWARDED: ReadonlySet<string> = new Set(["x-forwarded-host", "x-forwarded-proto"]);
