import { describe, expect, it } from "vitest";
import { renderPage } from "../../../scripts/replay/page.ts";
import { renderTable } from "../../../scripts/replay/table.ts";
import { candidate, line, replayed } from "./support/build.ts";

const three = 'LIMITS = [{ name = "x", match = "/*", windows = ["3/minute"] }]';
const hostile = `<script src="https://evil.example/x"></script>"'&`;
const log = [
  ...[0, 1, 2, 3, 4].map((second) => line(second)),
  line(5, { key: hostile, tier: hostile }),
  `{${hostile}`,
];
const report = replayed(
  log,
  candidate(three, hostile),
  candidate(three.replace("3/minute", "2/minute"), "two.toml"),
);

interface Parsed {
  readonly elements: ReadonlySet<string>;
  readonly attributes: ReadonlySet<string>;
  readonly text: string;
}

/** Reads a page as strictly as XML is read: every element is closed, in order, and nothing is left over. */
function parse(page: string): Parsed {
  const elements = new Set<string>();
  const attributes = new Set<string>();
  const open: string[] = [];
  const tag = /<(\/?)([a-z]\w*)((?: [\w-]+(?:="[^"<>]*")?)*)(\/?)>/gi;
  const text = page.replace(/^<!doctype html>/, "").replace(tag, (_, closes, name, rest, closesItself) => {
    if (closes) expect(open.pop()).toBe(name);
    else if (!closesItself && name !== "meta") open.push(name);
    elements.add(name);
    for (const [, attribute] of rest.matchAll(/ ([\w-]+)(?:="[^"]*")?/g)) attributes.add(attribute);
    return "";
  });
  expect(open).toEqual([]);
  expect(text).not.toMatch(/[<>]/);
  return { elements, attributes, text };
}

describe("renderPage", () => {
  it("is sound HTML, whatever the log and the policy are called", async () => {
    const { elements, text } = parse(await renderPage(report));
    expect(elements).not.toContain("script");
    expect(text).toContain("&lt;script");
  });

  it("asks for nothing outside itself", async () => {
    const page = await renderPage(report);
    const { attributes, elements } = parse(page);
    for (const name of ["src", "href", "srcset", "action", "style", "onload"])
      expect(attributes).not.toContain(name);
    for (const name of ["link", "img", "iframe", "script"]) expect(elements).not.toContain(name);
    expect(page).not.toMatch(/url\(|@import/);
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  });

  it("has a language, a title, a width for phones, and both colour schemes", async () => {
    const page = await renderPage(report);
    expect(page).toContain('<html lang="en">');
    expect(page).toContain("<title>Replay of access.ndjson</title>");
    expect(page).toContain('content="width=device-width, initial-scale=1"');
    expect(page).toContain("color-scheme: light dark");
  });

  it("names every chart for those who cannot see it", async () => {
    const charts = (await renderPage(report)).match(/<svg[^>]*>/g) ?? [];
    expect(charts.length).toBeGreaterThan(4);
    for (const chart of charts) expect(chart).toMatch(/ aria-label="[^"]+"| aria-hidden="true"/);
  });

  it("is sound where nothing was refused and there is no second policy", async () => {
    const page = await renderPage(replayed([line(0)], candidate(three)));
    parse(page);
    expect(page).not.toContain("Who is refused");
    expect(page).not.toContain("Difference");
  });
});

describe("renderTable", () => {
  it("says what the report says", () => {
    const plain = replayed(log.slice(0, 5), candidate(three), candidate(three.replace("3", "2"), "two.toml"));
    expect(renderTable(plain)).toBe(
      `5 requests, 2026-06-15 00:00:00 to 2026-06-15 00:00:04 UTC

policy.toml: 2 of 5 requests refused (40 %), of 1 of 1 who asked
  2 a window was full (429)

limit  window    admitted  refused  first                last                 peaks
x      3/minute         3        2  2026-06-15 00:00:03  2026-06-15 00:00:04  ··········█

most refused  requests  refused  first                last
key a                5        2  2026-06-15 00:00:03  2026-06-15 00:00:04

limit  window    least head-room   peak
x      3/minute  key a            100 %

two.toml: 3 of 5 requests refused (60 %), of 1 of 1 who asked
  3 a window was full (429)

limit  window    admitted  refused  first                last                 peaks
x      2/minute         2        3  2026-06-15 00:00:02  2026-06-15 00:00:04  ··········█

most refused  requests  refused  first                last
key a                5        3  2026-06-15 00:00:02  2026-06-15 00:00:04

limit  window    least head-room   peak
x      2/minute  key a            100 %

two.toml against policy.toml
  1 request newly refused
  0 requests newly admitted
  2 refused by both

limit  window  size   refused  then
x      minute  3 → 2        2     3

most changed  refused  then
key a               2     3`,
    );
  });
});
