// The OpenAPI document: sound, whole, and true of the API.

import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { operationsOf } from "../../../src/operator/api.ts";
import { requireRules } from "../../../src/policy/rules.ts";
import { operate } from "../operator.ts";

const { status, body: document } = await operate("GET /openapi.json");
const operations = operationsOf(requireRules(env));

/** Every object in the document, with the way to it. */
function* objectsIn(value: unknown, way = "#"): Generator<[string, Record<string, unknown>]> {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) yield [way, value as Record<string, unknown>];
  for (const [key, member] of Object.entries(value)) yield* objectsIn(member, `${way}/${key}`);
}

const described = Object.entries<Record<string, Record<string, unknown>>>(document.paths).flatMap(
  ([path, methods]) => Object.entries(methods).map(([method, one]) => ({ path, method, one })),
);

describe("GET /openapi.json", () => {
  it("is an OpenAPI 3.1 document of this API", () => {
    expect(status).toBe(200);
    expect(document).toMatchObject({
      openapi: expect.stringMatching(/^3\.1\.\d+$/),
      info: { title: expect.any(String), version: expect.any(String) },
      servers: [{ url: "/_weir" }],
      security: [{ token: [] }],
      components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
    });
  });

  it("has each operation, and no other", () => {
    const has = described.map(({ path, method }) => `${method.toUpperCase()} ${path}`);
    expect(has.sort()).toEqual(operations.map(({ method, path }) => `${method} ${path}`).sort());
    expect(has).toHaveLength(20);
  });

  it.each(described)("describes $method $path, which exists", async ({ path, method, one }) => {
    expect(one).toMatchObject({ operationId: expect.any(String), summary: expect.any(String) });
    const parameters = (one.parameters ?? []) as {
      name: string;
      in: string;
      required?: boolean;
      schema: object;
    }[];
    const inPath = parameters.filter((parameter) => parameter.in === "path");
    expect(inPath.map(({ name, required }) => [`{${name}}`, required])).toEqual(
      (path.match(/\{\w+\}/g) ?? []).map((name) => [name, true]),
    );
    for (const parameter of parameters) expect(Object.keys(parameter.schema)).not.toEqual([]);
    const responses = Object.entries(
      one.responses as Record<string, { description: string; content: object }>,
    );
    expect(responses.map(([code]) => code)).toEqual(expect.arrayContaining(["401", "503"]));
    expect(responses.filter(([code]) => code.startsWith("2"))).toHaveLength(1);
    for (const [, response] of responses) expect(response.description).not.toBe("");
    const reply = await operate(
      `${method.toUpperCase()} ${path.replace(/\{\w+\}/, "0".repeat(32))}`,
      undefined,
      {
        authorization: "none",
      },
    );
    expect(reply.status).toBe(401);
  });

  it("names each operation once", () => {
    const names = operations.map(({ operationId }) => operationId);
    expect(new Set(names).size).toBe(names.length);
  });

  it("has no reference that leads nowhere, and no schema of nothing", () => {
    for (const [way, { $ref, schema, type, required, properties }] of objectsIn(document)) {
      if ($ref !== undefined) expect([way, $ref]).toEqual([way, "#/components/schemas/Problem"]);
      if (schema !== undefined) expect([way, Object.keys(schema as object)]).not.toEqual([way, []]);
      if (Array.isArray(required) && type === "object" && properties !== undefined) {
        expect([way, Object.keys(properties as object)]).toEqual([way, expect.arrayContaining(required)]);
      }
    }
  });

  it("takes tiers, limits and bounds from the policy's own schemas", () => {
    const put = document.paths["/keys"].put.requestBody.content["application/json"].schema;
    expect(put).toMatchObject({
      type: "object",
      additionalProperties: false,
      required: ["key"],
      properties: {
        key: { type: "string", minLength: 1, maxLength: 512, writeOnly: true },
        tier: { enum: ["pro", "basic"] },
        expiresAt: { type: "string", format: "date-time" },
        nextBillingAt: { anyOf: [{ type: "string", format: "date-time" }, { type: "null" }] },
        credits: { type: "integer", minimum: 0 },
        overrides: {
          type: "object",
          propertyNames: { enum: ["own", "shared", "billed", "burned", "spoken", "apply", "address"] },
          additionalProperties: {
            additionalProperties: false,
            properties: { windows: { type: "array", items: { type: "string" } }, cost: { minimum: 1 } },
          },
        },
      },
    });
  });
});
