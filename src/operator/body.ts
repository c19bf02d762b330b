// The body of an operator's call, read within bounds: its type, its size, its encoding, its JSON. Knows no schema.

import { decodeUtf8, readBody } from "../gate/body.ts";
import { parseJson, placeOf } from "./json.ts";
import { OperatorProblem } from "./problem.ts";

/** Most bytes of a body. */
const MOST_BYTES = 1_048_576;

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json$/i;
/** There is no registered name; these are the ones in use. */
const LINES_TYPE = /^application\/(?:x-ndjson|ndjson|jsonl|x-jsonlines)$/i;

/** What a body is: a JSON value, or one a line. */
export type BodyType = "json" | "lines";

/**
 * The text of a body.
 *
 * @returns undefined where there is none.
 * @throws OperatorProblem 400, 413 or 415.
 */
export async function readText(request: Request, type: BodyType): Promise<string | undefined> {
  const body = await readBody(request, MOST_BYTES);
  switch (body.kind) {
    case "over":
      throw new OperatorProblem(413, `A body may have at most ${MOST_BYTES} bytes. Send it in parts.`);
    case "unsupported":
      throw new OperatorProblem(415, "Content-Encoding: expected gzip, deflate or none.");
    case "malformed":
      throw new OperatorProblem(400, "The body is not as long or not encoded as its headers say.");
    case "read":
      if (body.bytes.byteLength === 0) return undefined;
  }
  const contentType = request.headers.get("content-type")?.split(";")[0]?.trim() ?? "";
  if (!(type === "json" ? JSON_TYPE : LINES_TYPE).test(contentType)) {
    const wanted = type === "json" ? "application/json" : "application/x-ndjson";
    throw new OperatorProblem(415, `Content-Type: expected ${wanted}.`);
  }
  const text = decodeUtf8(body.bytes);
  if (text === undefined) throw new OperatorProblem(400, "The body is not UTF-8.");
  return text;
}

/**
 * The JSON value of a body; an empty one is `{}`.
 *
 * @throws OperatorProblem 400, 413 or 415.
 */
export async function readJson(request: Request): Promise<unknown> {
  const text = (await readText(request, "json")) ?? "{}";
  const parsed = parseJson(text);
  if ("value" in parsed) return parsed.value;
  throw new OperatorProblem(400, `The body is not JSON from ${placeOf(text, parsed.faultAt)} on.`);
}
