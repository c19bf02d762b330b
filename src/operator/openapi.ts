// The OpenAPI description of the operator's API, made from the operations and the very schemas that validate. Nothing in
// it is written twice.

import { type JsonSchema, toJsonSchema } from "@valibot/to-json-schema";
import { answers } from "./answers.ts";
import { type Description, type Operation, ok, operation, type Schema } from "./operation.ts";
import { PROBLEM_TITLES, type ProblemStatus } from "./problem.ts";

/** Statuses that any call may get. */
const ALWAYS: readonly ProblemStatus[] = [401, 503];
const OF_BODIES: readonly ProblemStatus[] = [400, 413, 415];

/** The operation that shows the description of all others, and of itself. */
export function openApiOperation(others: readonly Operation[], adminPath: string): Operation {
  const own: Operation = operation(
    {
      method: "GET",
      path: "/openapi.json",
      operationId: "getOpenApi",
      summary: "This description",
      success: ok(answers.anything, "An OpenAPI 3.1 document."),
    },
    async () => openApi([...others, own], adminPath),
  );
  return own;
}

function openApi(operations: readonly Description[], adminPath: string) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const one of operations) {
    paths[one.path] = { ...paths[one.path], [one.method.toLowerCase()]: described(one) };
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "weir, the operator's API",
      version: "1",
      description:
        "What keys and accounts may do, changed while weir runs. Changes count from the next request.",
    },
    servers: [{ url: adminPath }],
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "The secret `ADMIN_TOKEN`." },
      },
      schemas: { Problem: PROBLEM },
    },
  };
}

function described(one: Description) {
  const { operationId, summary, description, success, bodyType = "json" } = one;
  const parameters = parametersOf(one);
  const contentType = bodyType === "json" ? "application/json" : "application/x-ndjson";
  return {
    operationId,
    summary,
    ...(description !== undefined && { description }),
    ...(parameters.length > 0 && { parameters }),
    ...(one.body !== undefined && {
      requestBody: { content: { [contentType]: { schema: schemaOf(one.body) } } },
    }),
    responses: {
      [success.status]: {
        description: success.description,
        content: { [success.contentType]: { schema: schemaOf(success.schema) } },
      },
      ...Object.fromEntries(problemsOf(one).map((status) => [status, problemResponse(status)])),
    },
  };
}

function parametersOf({ path, query, headers = {} }: Description) {
  const { properties = {} } = query === undefined ? {} : schemaOf(query);
  return [
    ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
      name,
      in: "path",
      required: true,
      schema: { type: "string" },
    })),
    ...Object.entries(properties).map(([name, schema]) => ({ name, in: "query", schema })),
    ...Object.entries(headers).map(([name, description]) => ({
      name,
      in: "header",
      description,
      schema: { type: "string" },
    })),
  ];
}

function problemsOf({ query, body, problems = [] }: Description): ProblemStatus[] {
  const ofRequest = body === undefined ? (query === undefined ? [] : [400 as const]) : OF_BODIES;
  return [...new Set([...ofRequest, ...problems, ...ALWAYS])].sort();
}

function problemResponse(status: ProblemStatus) {
  return {
    description: PROBLEM_TITLES[status],
    content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
  };
}

/** RFC 9457, with what is wrong in the request and where. */
const PROBLEM = {
  type: "object",
  required: ["type", "title", "status", "detail"],
  properties: {
    type: { type: "string" },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string" },
    problems: {
      type: "array",
      items: {
        type: "object",
        required: ["path", "message"],
        properties: {
          path: { type: "string", examples: ["overrides.apply.windows[0]"] },
          message: { type: "string" },
        },
      },
    },
  },
};

/** What may be written, as JSON Schema: that a text is then read into something else is no caller's business. */
function schemaOf(schema: Schema): JsonSchema {
  const { $schema: _, ...rest } = toJsonSchema(schema, {
    errorMode: "ignore",
    overrideSchema({ valibotSchema, jsonSchema }) {
      if (valibotSchema.type === "custom") return { ...jsonSchema, type: "object" };
      return valibotSchema.type === "loose_object" ? { ...jsonSchema, additionalProperties: false } : null;
    },
  });
  return rest;
}
