// CONTRIBUTING.md: what its tree and commands name is there, its table of cases is whole, and each test in it says so too.

import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const guide = readFileSync("CONTRIBUTING.md", "utf8");
const rows = [...guide.matchAll(/^\| (\d+) \| .+ \| (.+) \|$/gm)].map(([, number = "", tests = ""]) => ({
  number,
  tests: [...tests.matchAll(/`([^`]+)`/g)].map(([, path = ""]) => path),
}));

/** Every path of the tree: indentation says which folder a name is in, two blanks end the names. */
function pathsIn(tree: string): string[] {
  const folders: string[] = [];
  return tree.split("\n").flatMap((line) => {
    const [, indent = "", names = ""] = /^( *)(\S+(?: \S+)*)/.exec(line) ?? [];
    folders.length = indent.length / 2;
    const paths = names.split(" ").map((name) => folders.join("") + name);
    if (names.endsWith("/")) folders.push(names);
    return paths;
  });
}

describe("the tree", () => {
  const [, tree = ""] = /^```\n(wrangler\.toml.+?)\n```$/ms.exec(guide) ?? [];

  it("names only what is there", () => {
    const paths = pathsIn(tree);
    expect(paths).toContain("src/core/ledger.ts");
    expect(paths.filter((path) => !existsSync(path))).toEqual([]);
  });
});

describe("the commands", () => {
  it("are scripts of package.json", () => {
    const { scripts } = JSON.parse(readFileSync("package.json", "utf8"));
    const named = [...guide.matchAll(/npm run ([\w-]+(?::[\w-]+)?)/g)].map(([, name = ""]) => name);
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });
});

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
