// JSON-RPC 2.0 as far as limits need it: what a body says, whose calls those are, and an error object that answers them.
// What a call costs is jsonrpc-cost.ts's part.

import type { Json } from "./template.ts";

/** What names a call; null where it cannot be known. */
export type CallerId = string | number | null;

/** One member of a batch, or the whole body. */
export interface Message {
  /** Absent: a response, or nothing that JSON-RPC knows. */
  readonly method?: string;
  /** Absent: nobody waits for an answer to it (a notification, a response). */
  readonly id?: CallerId;
  /** Name of the tool that an MCP `tools/call` calls. */
  readonly tool?: string;
  /** True for a call or a response as JSON-RPC 2.0 has them. */
  readonly isSound: boolean;
}

/** What a body says. */
export interface Payload {
  /** None where the body is neither an object nor a list of anything. */
  readonly messages: readonly Message[];
  readonly isBatch: boolean;
  /** False where another parser may read another call: a member stands twice, or in another case. */
  readonly isCertain: boolean;
}

/** Who waits for an answer to a body. */
export interface Callers {
  readonly ids: readonly CallerId[];
  readonly isBatch: boolean;
}

/** What no body says. */
export const NO_PAYLOAD: Payload = { messages: [], isBatch: false, isCertain: true };

/**
 * Reads a body, sound or not.
 *
 * @param bodyText the whole body; bounding its length is the caller's part.
 * @returns undefined where it is no JSON (RFC 8259): a laxer parser than this one may find any call in it.
 */
export function readPayload(bodyText: string): Payload | undefined {
  const body = parse(bodyText);
  if (body === undefined) return undefined;
  const isBatch = Array.isArray(body);
  if (!isBatch && !isObject(body)) return NO_PAYLOAD;
  const written: readonly Json[] = isBatch ? body : [body];
  const isCertain = !written.some(isAmbiguous) && countKeysOf(body) === countKeysIn(bodyText);
  return { messages: written.map(messageOf), isBatch, isCertain };
}

/** Who waits for an answer; undefined where the body is not JSON-RPC, and nothing else. */
export function callersOf({ messages, isBatch }: Payload): Callers | undefined {
  if (messages.length === 0 || !messages.every(({ isSound }) => isSound)) return undefined;
  return { ids: messages.flatMap(({ id }) => (id === undefined ? [] : [id])), isBatch };
}

/**
 * Makes an error object the answer to each call (JSON-RPC 2.0, section 5): a list for a batch, and where nobody waits for
 * one, a single error without an id. Any other body stays as it is, and so does every body where there were no calls.
 */
export function withCallers(body: Json, callers: Callers | undefined): Json {
  if (callers === undefined || !isError(body)) return body;
  const answer = (id: CallerId) => ({ jsonrpc: "2.0", ...body, id });
  const [first = null] = callers.ids;
  return callers.isBatch && callers.ids.length > 0 ? callers.ids.map(answer) : answer(first);
}

/** True for a body that has only to be addressed to be a JSON-RPC error. */
export function isError(body: Json): body is { readonly error: { readonly code: number } } {
  return isObject(body) && isObject(body.error) && Number.isInteger(body.error.code);
}

function messageOf(written: Json): Message {
  if (!isObject(written)) return { isSound: false };
  const { jsonrpc, method, id, params, result, error } = written;
  const isCall = typeof method === "string";
  const isResponse = method === undefined && (result !== undefined || error !== undefined);
  const tool = method === "tools/call" && isObject(params) ? params.name : undefined;
  return {
    isSound: jsonrpc === "2.0" && (isCall || isResponse),
    ...(isCall && { method }),
    ...(isCall && id !== undefined && { id: typeof id === "string" || typeof id === "number" ? id : null }),
    ...(typeof tool === "string" && { tool }),
  };
}

/** Members by which a call is judged. Some parsers read them in any case, or folded: `paramſ`. */
const JUDGED = new Set(["method", "params", "name"]);
const folded = (key: string) => key.toUpperCase().toLowerCase();

function isAmbiguous(written: Json): boolean {
  if (!isObject(written)) return false;
  const { params } = written;
  return [written, ...(isObject(params) ? [params] : [])].some((object) =>
    Object.keys(object).some((key) => JUDGED.has(folded(key)) && !JUDGED.has(key)),
  );
}

/** How many members all objects have together. Without recursion: a body may be nested as deep as it is long. */
function countKeysOf(body: Json): number {
  let count = 0;
  const open: Json[] = [body];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value !== "object" || value === null) continue;
    const members = Object.values(value);
    if (!Array.isArray(value)) count += members.length;
    for (const member of members) open.push(member);
  }
  return count;
}

/** How many are written: more, where one stands twice. @param json valid JSON. */
function countKeysIn(json: string): number {
  let count = 0;
  // A string that a colon follows is a key.
  for (const [, colon] of json.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?/g))
    if (colon !== undefined) count += 1;
  return count;
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: Json | undefined): value is { readonly [name: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
