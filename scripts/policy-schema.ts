// Writes policy.schema.json, which completes a policy in an editor. Run it after every change of src/policy/schema.ts:
//
//   npm run policy:schema

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { policyJsonSchema } from "./policy-json-schema.ts";

const file = "policy.schema.json";
writeFileSync(file, JSON.stringify(policyJsonSchema()));
execFileSync("biome", ["format", "--write", file], { stdio: "ignore" });
