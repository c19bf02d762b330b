// Nothing an operator may write becomes markup, neither in the HTML nor in the Markdown.

import { describe, expect, it } from "vitest";
import { limitsPage } from "../../../src/limits-page/build.ts";
import { markdown } from "../../../src/limits-page/markdown.ts";
import type { Page } from "../../../src/limits-page/page.ts";
import { html } from "../../../src/limits-page/view.tsx";
import { EVERYTHING, policyOf } from "./policies.ts";

const MARKUP = `<img src=x onerror=alert(1)> "'&\`*_[](x)|`;
const LINKS = { stylesheet: "/style.css", script: "/standing.js" };

/** A policy with markup wherever an operator may write text. */
const hostile = policyOf({
  API_NAME: MARKUP,
  SUPPORT: `https://example.com/"onclick="alert(1)'`,
  KEY_FROM: ["header:x-'`$|key"],
  REFUSAL: { [MARKUP]: MARKUP },
  IP_BLOCK: { strikes: 1, within: "1 minute", for: "1 hour", refusal: { error: "```" } },
  LIMITS: [
    { ...EVERYTHING, match: "/a'&$(x)", note: MARKUP, maxCharacters: 5, charactersIn: `${MARKUP}\`\`` },
  ],
  ADMIN_PATH: "/x'&y",
});

describe("html", () => {
  it("escapes every text an operator may write", () => {
    const document = html(limitsPage(hostile, "https://api.example.com"), LINKS);
    expect(document).not.toContain("<img");
    expect(document).toContain("&lt;img");
    expect(tagsIn(document)).toEqual(tagsIn(html(limitsPage(plain(), "https://api.example.com"), LINKS)));
  });

  it("has no style, script or handler of its own in it", () => {
    const document = html(limitsPage(hostile, "https://api.example.com"), LINKS);
    expect(document).not.toMatch(/<style|<script[^>]*>[^<]|style=| on\w+=(?!alert)|javascript:/i);
  });
});

/** The same policy with harmless texts. */
function plain() {
  const { apiName: _, ...rest } = hostile;
  return {
    ...rest,
    apiName: "x",
    support: "https://example.com",
    refusal: { x: "x" },
    limits: hostile.limits.map((limit) => ({ ...limit, note: "x", charactersIn: "x" })),
  };
}

function tagsIn(document: string): string[] {
  return [...document.matchAll(/<\/?[a-z]\w*/g)].map(([tag]) => tag);
}

describe("markdown", () => {
  const page = (lead: string): Page => ({ title: "T", lead: [lead], sections: [] });

  it.each([
    ["<b>", "\\<b\\>"],
    ["*a* _b_ `c`", "\\*a\\* \\_b\\_ \\`c\\`"],
    ["[a](b) ![c]", "\\[a\\](b) \\!\\[c\\]"],
    ["a\\b ~~c~~ #d &amp;", "a\\\\b \\~\\~c\\~\\~ \\#d \\&amp;"],
    ["https://example.com", "https:\\//example.com"],
  ])("escapes %s", (written, escaped) => {
    expect(markdown(page(written))).toBe(`# T\n\n${escaped}\n`);
  });

  it.each([
    ["a", "`a`"],
    ["a`b", "``a`b``"],
    ["`a``", "``` `a`` ```"],
  ])("puts %s between enough backticks", (written, spanned) => {
    expect(markdown({ ...page(""), lead: [{ code: written }] })).toBe(`# T\n\n${spanned}\n`);
  });

  it("fences code with more backticks than it has", () => {
    const refusals = markdown(limitsPage(hostile, "https://api.example.com"));
    expect(refusals).toContain(
      '````http\nHTTP/1.1 403 Forbidden\nContent-Type: application/json\n\n{\n  "error": "```"\n}\n````',
    );
  });

  it("keeps every row of a table to its columns, whatever is in it", () => {
    const rows = markdown(limitsPage(hostile, "https://api.example.com"))
      .split("\n")
      .filter((one) => one.startsWith("|"));
    const widths = rows.map((row) => row.replace(/\\\|/g, "").split("|").length);
    expect(new Set(widths.slice(0, 3))).toEqual(new Set([6]));
  });
});
