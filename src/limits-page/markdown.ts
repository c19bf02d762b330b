// The limits page as Markdown (GitHub's, for the tables). Everything that is not code is escaped; nothing is looked up.

import type { Block, Cell, Inline, Page, Section, Text } from "./page.ts";

/** The page as one Markdown document. */
export function markdown({ title, lead, sections }: Page): string {
  return `${[`# ${escaped(title)}`, line(lead), ...sections.map(section)].join("\n\n")}\n`;
}

function section({ title, blocks }: Section): string {
  return [`## ${escaped(title)}`, ...blocks.flatMap(block)].join("\n\n");
}

function block(one: Block): string[] {
  switch (one.kind) {
    case "text":
      return [line(one.text)];
    case "list":
      return [one.items.map((item) => `- ${line(item)}`).join("\n")];
    case "table":
      return [table(one.head, one.rows)];
    case "code":
      return [`**${escaped(one.title)}**`, fenced(one.code, one.language)];
    case "example":
      return [`### ${escaped(one.title)}`, line(one.when), fenced(one.code, "http")];
    // Needs a browser; the endpoint it asks is named above it.
    case "standing":
      return [];
  }
}

function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const lines = [
    head.map(escaped),
    head.map(() => "---"),
    ...rows.map((cells) => cells.map((cell) => cell.map(line).join("<br>").replaceAll("|", "\\|"))),
  ];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function line(sentence: Text): string {
  return sentence.map(inline).join("");
}

function inline(part: Inline): string {
  if (typeof part === "string") return escaped(part);
  if ("code" in part) return spanned(part.code);
  return `[${escaped(part.text)}](<${part.href}>)`;
}

/** Code in a line, within more backticks than it has in a row (CommonMark, section 6.1). */
function spanned(written: string): string {
  const ticks = "`".repeat(longestRun(written) + 1);
  const pad = /^`|`$/.test(written) ? " " : "";
  return `${ticks}${pad}${written}${pad}${ticks}`;
}

function fenced(written: string, language: string): string {
  const fence = "`".repeat(Math.max(3, longestRun(written) + 1));
  return `${fence}${language}\n${written}\n${fence}`;
}

function longestRun(written: string): number {
  return Math.max(0, ...[...written.matchAll(/`+/g)].map(([run]) => run.length));
}

/** Whatever would be read as markup, and a bare address that would become a link; `|` is the table's business. */
function escaped(plain: string): string {
  return plain.replace(/[\\`*_{}[\]<>#~&!]/g, "\\$&").replace(/:\/\//g, ":\\//");
}
