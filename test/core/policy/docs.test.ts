// The policy reference: its examples are sound, and it leaves nothing out.

import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";
import reference from "../../../docs/policy.md?raw";
import { WORDS } from "../../../scripts/policy-words.ts";
import { PLACEHOLDERS } from "../../../src/core/template.ts";
import { parsePolicy } from "../../../src/policy/parse.ts";

const examples = [...reference.matchAll(/```toml\n(.*?)```/gs)].map(([, toml = ""]) => toml);

describe("docs/policy.md", () => {
  it.each(examples)("has a sound policy in\n%s", (toml) => {
    expect(parsePolicy(parse(toml))).toHaveProperty("policy");
  });

  it("has a row for every variable, field and placeholder", () => {
    const names = Object.keys(WORDS).map((way) => way.split(".").at(-1) ?? way);
    const rows = new Set([...reference.matchAll(/^\| \[?`([^`]+)`/gm)].map(([, name]) => name));
    const missing = [...names, ...PLACEHOLDERS.map((name) => `{${name}}`)].filter((name) => !rows.has(name));
    expect(missing).toEqual([]);
  });
});
