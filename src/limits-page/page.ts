// The limits page as data: sections of blocks, which view.tsx shows as HTML and markdown.ts as Markdown. Knows no policy.

import type { KeySource } from "../core/policy.ts";

/** A piece of a sentence: plain text, code, or a link. */
export type Inline = string | { readonly code: string } | { readonly href: string; readonly text: string };

/** A sentence, or a few. */
export type Text = readonly Inline[];

/** Lines, one below the other. */
export type Cell = readonly Text[];

/** A part of a section. */
export type Block =
  | { readonly kind: "text"; readonly text: Text }
  | { readonly kind: "list"; readonly items: readonly Text[] }
  | {
      readonly kind: "table";
      /** What the table is of, for whoever cannot see it. */
      readonly caption: string;
      readonly head: readonly string[];
      /** As many cells as the head has; the first names the row. */
      readonly rows: readonly (readonly Cell[])[];
      /** True: too wide for a phone, where each row is shown as a block of its own. */
      readonly isWide?: true;
    }
  | Code
  | {
      readonly kind: "example";
      readonly title: string;
      readonly when: Text;
      readonly code: string;
      /** True: worth reading without being asked to. */
      readonly isOpen: boolean;
    }
  | Standing;

/** Something to copy. */
export interface Code {
  readonly kind: "code";
  readonly title: string;
  readonly language: "sh" | "js" | "python" | "ruby" | "http";
  readonly code: string;
}

/** Where a reader with a key sees what is left of it. */
export interface Standing {
  readonly kind: "standing";
  /** Path of the usage endpoint. */
  readonly path: string;
  /** Where the key goes; a cookie is the browser's own. */
  readonly source: KeySource;
}

/** A heading and what is below it. */
export interface Section {
  /** The fragment of its address. */
  readonly id: string;
  readonly title: string;
  readonly blocks: readonly Block[];
}

/** The whole page. */
export interface Page {
  readonly title: string;
  readonly lead: Text;
  readonly sections: readonly Section[];
}

/** A sentence of which some parts are code, links or sentences themselves: `` text`Wait ${code("5")} seconds.` ``. */
export function text(strings: TemplateStringsArray, ...values: readonly (Inline | Text)[]): Text {
  const parts = strings.flatMap((string, index): Text => {
    const value = values[index];
    return value === undefined ? [string] : [string, ...(isText(value) ? value : [value])];
  });
  return parts.filter((part) => part !== "");
}

function isText(value: Inline | Text): value is Text {
  return Array.isArray(value);
}

/** Text that is to be read letter by letter. */
export function code(written: string): Inline {
  return { code: written };
}

/** A sentence as a block of its own. */
export function paragraph(sentence: Text): Block {
  return { kind: "text", text: sentence };
}

/** Sentences one after the other, a blank between them. */
export function sentences(...all: readonly Text[]): Text {
  return all.flatMap((one, index) => (index === 0 ? one : [" ", ...one]));
}
