// The JSON-RPC calls of a request, for limits that count them and for refusals that answer them. Reads; what calls cost is
// the core's part.

import { type Callers, callersOf, NO_PAYLOAD, type Payload, readPayload } from "../core/jsonrpc.ts";
import { methodsOf } from "../core/method.ts";
import type { Limit } from "../core/policy.ts";
import { type Body, decodeUtf8, readBody } from "./body.ts";
import type { FieldReader } from "./fields.ts";

/** What a request's body says, or why nobody knows: then the request is refused unasked. */
export type Counted =
  | { readonly kind: "counted"; readonly payload: Payload }
  | Exclude<Body, { kind: "read" }>
  /** Content, but no JSON in UTF-8: an origin that reads it more laxly would carry out what nobody counted. */
  | { readonly kind: "foreign" };

/** Most bytes of a body that are read where its calls count. */
const MOST_COUNTED_BYTES = 1_048_576;
/** Most bytes of a refused request that are read for the ids of its calls alone. */
const MOST_CALL_BYTES = 65_536;

/** True where the calls of a request count. Only a POST, by whatever header, has calls: all else counts as one. */
export function countsCalls({ protocol }: Limit, { method, headers }: Request): boolean {
  return protocol === "jsonrpc" && methodsOf(method, (name) => headers.get(name)).includes("POST");
}

/** Reads the calls of a request, whatever it says of its content; the body stays in place for the origin. */
export async function countedOf(request: Request): Promise<Counted> {
  const body = await readBody(request, MOST_COUNTED_BYTES);
  if (body.kind !== "read") return body;
  const payload = body.bytes.byteLength === 0 ? NO_PAYLOAD : payloadOf(body.bytes);
  return payload ? { kind: "counted", payload } : { kind: "foreign" };
}

/** True for a request that says that its content is JSON. */
export function isJson(headers: FieldReader): boolean {
  return headers.get("content-type")?.includes("json") === true;
}

/** Who waits for the answer to a refused request whose calls nothing counted, if it is JSON-RPC. */
export async function waitingFor(request: Request): Promise<Callers | undefined> {
  if (!isJson(request.headers)) return undefined;
  const body = await readBody(request, MOST_CALL_BYTES);
  const payload = body.kind === "read" ? payloadOf(body.bytes) : undefined;
  return payload && callersOf(payload);
}

/** @returns undefined for what is not UTF-8, or no JSON. */
function payloadOf(bytes: Uint8Array): Payload | undefined {
  const text = decodeUtf8(bytes);
  return text === undefined ? undefined : readPayload(text);
}
