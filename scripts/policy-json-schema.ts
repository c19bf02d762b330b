// The JSON Schema of a wrangler.toml with a policy, made from the schemas that validate the policy. Writes nothing.

import { type JsonSchema, toJsonSchema } from "@valibot/to-json-schema";
import { variables } from "../src/policy/schema.ts";
import { WORDS } from "./policy-words.ts";

/** Describes [vars] strictly and leaves the rest of a wrangler.toml open; draft-07, which TOML editors read. */
export function policyJsonSchema(): JsonSchema {
  const { $schema, ...vars } = toJsonSchema(variables, {
    // What a transformation makes is the Worker's own business; what may be written is all an editor needs.
    errorMode: "ignore",
    overrideSchema({ valibotSchema, jsonSchema }) {
      if (valibotSchema.type === "custom") return { ...jsonSchema, type: "object" };
      return valibotSchema.type === "loose_object" ? { ...jsonSchema, additionalProperties: false } : null;
    },
  });
  const properties = { vars: { $ref: "#/definitions/vars" } };
  return {
    ...($schema !== undefined && { $schema }),
    title: "A wrangler.toml with weir's policy",
    type: "object",
    properties: {
      ...properties,
      env: { type: "object", additionalProperties: { type: "object", properties } },
    },
    definitions: { vars: described(vars, []) },
  };
}

type Definition = JsonSchema | boolean;

/** The same schema, with the words for each of its properties. */
function described(schema: Definition, way: readonly string[]): Definition {
  if (typeof schema === "boolean") return schema;
  const { items, properties, additionalProperties } = schema;
  return {
    ...schema,
    ...(items !== undefined && !Array.isArray(items) && { items: described(items, way) }),
    ...(properties !== undefined && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, property]) => {
          const below = [...way, name];
          return [name, Object.assign({ description: WORDS[below.join(".")] }, described(property, below))];
        }),
      ),
    }),
    ...(additionalProperties !== undefined && {
      additionalProperties: described(additionalProperties, [...way, "*"]),
    }),
  };
}
