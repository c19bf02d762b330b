// The JSON Schema that editors read: fresh, strict in [vars], and with words for everything.

import { describe, expect, it } from "vitest";
import committed from "../../../policy.schema.json";
import { policyJsonSchema } from "../../../scripts/policy-json-schema.ts";
import { WORDS } from "../../../scripts/policy-words.ts";
import { VARIABLES } from "../../../src/policy/schema.ts";

const { vars } = committed.definitions;

describe("policy.schema.json", () => {
  it("is what `npm run policy:schema` writes", () => {
    expect(committed).toEqual(JSON.parse(JSON.stringify(policyJsonSchema())));
  });

  it("admits every variable and no other", () => {
    expect(Object.keys(vars.properties)).toEqual(VARIABLES);
    expect(vars.additionalProperties).toBe(false);
    expect(vars.properties.LIMITS.items.additionalProperties).toBe(false);
    expect(vars.required).toEqual(["LIMITS"]);
  });

  it("has words for every variable and field", () => {
    const limits = Object.keys(vars.properties.LIMITS.items.properties).map((name) => `LIMITS.${name}`);
    const block = Object.keys(vars.properties.IP_BLOCK.properties).map((name) => `IP_BLOCK.${name}`);
    const tier = vars.properties.TIERS.additionalProperties.additionalProperties.properties;
    const tiers = Object.keys(tier).map((name) => `TIERS.*.*.${name}`);
    expect(Object.keys(WORDS).sort()).toEqual([...VARIABLES, ...limits, ...block, ...tiers].sort());
  });
});
