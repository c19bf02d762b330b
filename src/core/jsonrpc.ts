// JSON-RPC 2.0 as far as a refusal needs it: whose call it was, and an error object that answers that call.

import type { Json } from "./template.ts";

/** What names a call; null where it cannot be known. */
export type CallerId = string | number | null;

/**
 * The id of the single JSON-RPC request that a body is: null for a notification, or an id that is no string or number.
 *
 * @param bodyText the whole body; bounding its length is the caller's part.
 * @returns undefined where the body is no such request; a batch is none.
 */
export function jsonRpcId(bodyText: string): CallerId | undefined {
  const call = parse(bodyText);
  if (!isObject(call) || call.jsonrpc !== "2.0" || typeof call.method !== "string") return undefined;
  const { id } = call;
  return typeof id === "string" || typeof id === "number" ? id : null;
}

/**
 * Makes an error object the answer to a call (JSON-RPC 2.0, section 5). Any other body stays as it is, and so does every
 * body where the request was no call.
 */
export function withCaller(body: Json, callerId: CallerId | undefined): Json {
  if (callerId === undefined || !isObject(body)) return body;
  const { error } = body;
  if (!isObject(error) || !Number.isInteger(error.code)) return body;
  return { jsonrpc: "2.0", ...body, id: callerId };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is { readonly [name: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
