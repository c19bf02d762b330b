// CONTRIBUTING.md: its table of cases is whole, and each test that it names says so too.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const guide = readFileSync("CONTRIBUTING.md", "utf8");
const rows = [...guide.matchAll(/^\| (\d+) \| .+ \| (.+) \|$/gm)].map(([, number = "", tests = ""]) => ({
  number,
  tests: [...tests.matchAll(/`([^`]+)`/g)].map(([, path = ""]) => path),
}));

describe("the table of cases", () => {
  it("has each case once, in order", () => {
    expect(rows.map(({ number }) => Number(number))).toEqual(
      Array.from({ length: 41 }, (_, index) => index + 1),
    );
  });

  it.each(rows)("names for case $number tests that name it", ({ number, tests }) => {
    expect(tests).not.toEqual([]);
    const named = new RegExp(`\\bcases? (?:\\d+, )*${number}\\b`);
    for (const path of tests) expect(readFileSync(path, "utf8")).toMatch(named);
  });
});
