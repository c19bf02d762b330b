import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pathnameOf } from "../../../scripts/replay/pathname.ts";

describe("pathnameOf", () => {
  it.each([
    ["/apply", "/apply"],
    ["/apply?key=1#x", "/apply"],
    ["//api//x", "//api//x"],
    ["/a/../b", "/b"],
    ["/a/%2E%2e/b", "/b"],
    ["/a\\b", "/a/b"],
    ["/é", "/%C3%A9"],
    ["https://api.example.com/v1/x?y", "/v1/x"],
  ])("%s is %s", (target, path) => {
    expect(pathnameOf(target)).toBe(path);
  });

  it("is what a URL parser makes of any path", () => {
    const part = fc.constantFrom(
      "/",
      "a",
      ".",
      "..",
      "%2e",
      "%41",
      "\\",
      "?",
      "#",
      ";x",
      " ",
      "\t",
      "é",
      "@",
      ":",
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const target = `/${parts.join("")}`;
        expect(pathnameOf(target)).toBe(new URL(`http://host${target}`).pathname);
      }),
    );
  });
});
