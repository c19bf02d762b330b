import { describe, expect, it } from "vitest";
import { spellingsOf } from "../../src/core/spellings.ts";

describe("spellingsOf", () => {
  it.each([
    ["upgrade", ["upgrade"]],
    ["api-key", ["api-key", "api_key"]],
    ["api_key", ["api_key", "api-key"]],
    ["x-api-key", ["x-api-key", "x_api-key", "x-api_key", "x_api_key"]],
    ["-a--", ["-a--", "_a--", "-a_-", "_a_-", "-a-_", "_a-_", "-a__", "_a__"]],
  ])("spells %s as %j", (name, spellings) => {
    expect(spellingsOf(name)).toEqual(spellings);
  });
});
