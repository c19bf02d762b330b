// What tests need to be weir's operator: calls of the API with its token, and answers held to their schema. Judges nothing.

import { env } from "cloudflare:workers";
import * as v from "valibot";
import { answers } from "../../src/operator/answers.ts";
import { ask, freshKey } from "./harness.ts";

/** An answer of the API, read. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests compare what it is with what it should be
  readonly body: any;
}

const token = env.ADMIN_TOKEN ?? "";

/** Calls the API as the operator; a body is sent as JSON, or as it is where it is a text. */
export async function operate(call: string, body?: unknown, headers: HeadersInit = {}): Promise<Reply> {
  const [method = "", path = ""] = call.split(" ");
  const given = new Headers({ authorization: `Bearer ${token}`, "content-type": "application/json" });
  new Headers(headers).forEach((value, name) => {
    given.set(name, value);
  });
  const answer = await ask(`/_weir${path}`, {
    method,
    headers: given,
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = new TextDecoder().decode(await answer.arrayBuffer());
  const isJson = answer.headers.get("content-type")?.endsWith("json") && !path.startsWith("/plans");
  return {
    status: answer.status,
    headers: answer.headers,
    body: isJson && text !== "" ? JSON.parse(text) : text,
  };
}

/** The same for a call that has to succeed, its answer held to the schema that describes it. */
export async function done<const Name extends keyof typeof answers>(
  name: Name,
  call: string,
  body?: unknown,
  headers?: HeadersInit,
): Promise<v.InferOutput<(typeof answers)[Name]>> {
  const reply = await operate(call, body, headers);
  if (reply.status >= 300) throw new Error(`${call}: ${reply.status} ${JSON.stringify(reply.body)}`);
  const read = typeof reply.body === "string" ? JSON.parse(reply.body) : reply.body;
  return v.parse(answers[name], read) as v.InferOutput<(typeof answers)[Name]>;
}

/** Registers a key of its own under a plan. */
export async function register(plan: object = {}): Promise<{ readonly key: string; readonly id: string }> {
  const key = `${freshKey()}-${crypto.randomUUID()}`;
  const { id } = await done("subject", "PUT /keys", { key, ...plan });
  return { key, id };
}
