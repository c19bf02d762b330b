import { describe, expect, it } from "vitest";
import { placeholdersIn, render } from "../../src/core/template.ts";

const values = {
  limit: 60,
  used: 61,
  window: "minute",
  retry_after: 47,
  reset_iso: "2026-06-09T00:00:00.000Z",
};

describe("render", () => {
  it.each([
    ["{limit}", 60],
    ["{window}", "minute"],
    ["in {retry_after} seconds", "in 47 seconds"],
    ["{limit}/{window}", "60/minute"],
    ["{limit}{used}", "6061"],
    ["{{limit}}", "{60}"],
    ["no placeholder", "no placeholder"],
    ["{unknown} of {limit}", "{unknown} of 60"],
    ["{unknown}", "{unknown}"],
    ["{constructor} {}", "{constructor} {}"],
    [42, 42],
    [null, null],
    [false, false],
  ])("makes of %j %j", (template, expected) => {
    expect(render(template, values)).toBe(expected);
  });

  it("fills in every string of a tree and keeps the order of its members", () => {
    const template = {
      error: "rate_limit_exceeded",
      message: "Limit of {limit} reached. Resets {reset_iso}.",
      limit: "{limit}",
      details: [{ used: "{used}" }, null, 1.5, "{window}"],
    };
    expect(JSON.stringify(render(template, values))).toBe(
      '{"error":"rate_limit_exceeded","message":"Limit of 60 reached. Resets 2026-06-09T00:00:00.000Z.",' +
        '"limit":60,"details":[{"used":61},null,1.5,"minute"]}',
    );
  });

  it("never reads a value as a pattern", () => {
    expect(render("<{name}>", { name: "$& {limit} $1" })).toBe("<$& {limit} $1>");
  });
});

describe("placeholdersIn", () => {
  it("finds each once, the unknown and the misspelt too, and none in names of members", () => {
    const template = {
      "{not}": "{limit} {retryAfter}",
      list: ["{limit}", { deep: "{Retry-After}" }, 3, null],
    };
    expect(placeholdersIn(template)).toEqual(["limit", "retryAfter", "Retry-After"]);
  });
});
