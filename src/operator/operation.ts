// An operation of the API: what it takes, what it answers, what it does. One description, from which calls are routed
// and checked and the OpenAPI document is made.

import * as v from "valibot";
import type { Env } from "../env.ts";
import { answerAtEdge } from "../gate/answer.ts";
import type { Problem } from "../policy/problems.ts";
import { problemsOf } from "../policy/problems.ts";
import type { CompiledRules } from "../policy/rules.ts";
import { type BodyType, readJson } from "./body.ts";
import { invalid, type ProblemStatus } from "./problem.ts";

/** A schema of whatever reads what. */
export type Schema<Value = unknown> = v.GenericSchema<unknown, Value>;

/** Who calls, and all that answering takes. */
export interface Desk {
  readonly env: Env;
  readonly rules: CompiledRules;
  /** The label of the operator's token. */
  readonly who: string;
  /** Where the call came from, if Cloudflare says so. */
  readonly address?: string;
  /** Method and path without its values, for the audit log. */
  readonly what: string;
}

/** A call of an operation, its parts read. */
export interface Call<Query, Body> {
  readonly desk: Desk;
  readonly request: Request;
  /** The `{id}` or `{ip}` of the path; empty where it has none. */
  readonly id: string;
  readonly query: Query;
  readonly body: Body;
}

/** Content of an answer, and how the OpenAPI document describes it. */
export interface Success {
  readonly status: 200 | 201;
  readonly description: string;
  readonly contentType: "application/json" | "application/x-ndjson";
  /** Of the answer, or of each of its lines. */
  readonly schema: Schema;
}

/** A 200 with JSON. */
export function ok(schema: Schema, description: string): Success {
  return { status: 200, description, contentType: "application/json", schema };
}

/** What one operation is. */
export interface Description {
  readonly method: "GET" | "PUT" | "POST" | "PATCH" | "DELETE";
  /** Below the admin path: `/keys/{id}`. */
  readonly path: string;
  /** Its name in generated clients. */
  readonly operationId: string;
  readonly summary: string;
  /** What else one should know, in Markdown. */
  readonly description?: string;
  /** Parameters of the query; absent: none are read. */
  readonly query?: Schema;
  readonly body?: Schema;
  readonly bodyType?: BodyType;
  /** Request headers it reads. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly success: Success;
  /** Statuses it refuses with, beside those of any call. */
  readonly problems?: readonly ProblemStatus[];
}

/** An operation that can be called. */
export interface Operation extends Description {
  readonly answer: (desk: Desk, request: Request, id: string) => Promise<Response>;
}

/** What an operation does: gives the value to answer with, or a whole response. */
type Handler<Query, Body> = (call: Call<Query, Body>) => Promise<unknown>;

/** Makes an operation of its description and what it does; query and JSON body are checked before. */
export function operation<Query = undefined, Body = undefined>(
  description: Description & { readonly query?: Schema<Query>; readonly body?: Schema<Body> },
  handle: Handler<Query, Body>,
): Operation {
  const { query, body, bodyType, success } = description;
  return {
    ...description,
    async answer(desk, request, id) {
      const isRead = body !== undefined && bodyType !== "lines";
      const parts = {
        query: query && v.safeParse(query, Object.fromEntries(new URL(request.url).searchParams)),
        body: isRead ? v.safeParse(body, await readJson(request)) : undefined,
      };
      const problems = Object.values(parts).flatMap((part): Problem[] => problemsOf(part?.issues ?? []));
      if (problems.length > 0) throw invalid(problems);
      const value = await handle({
        desk,
        request,
        id,
        query: parts.query?.output as Query,
        body: parts.body?.output as Body,
      });
      if (value instanceof Response) return value;
      const { status, contentType } = success;
      return answerAtEdge(request, { status, contentType, body: JSON.stringify(value) });
    },
  };
}
