// Lists, a page at a time: what a query may ask of one, and the cursor that leads to the next.

import * as v from "valibot";
import type { Page, Registered } from "../objects/directory.ts";
import { expects } from "../policy/problems.ts";
import { reading, table, text, whole } from "../policy/shapes.ts";
import { planText } from "./answers.ts";

/** Entries of a page: as many as asked for, up to this. */
const MOST_ENTRIES = 1_000;
const ENTRIES = 100;

const cursor = v.pipe(
  reading(decodeCursor, "a cursor as an answer gave it"),
  v.description("`next` of the page before."),
);
const limit = v.pipe(
  text,
  v.regex(/^\d{1,4}$/, expects(`a whole number from 1 to ${MOST_ENTRIES}`)),
  v.transform(Number),
  whole(1, MOST_ENTRIES),
  v.description(`Entries of the page, up to ${MOST_ENTRIES}; ${ENTRIES} unless said.`),
);
const entries = { cursor: v.exactOptional(cursor), limit: v.exactOptional(limit) };

/** Query of a list. */
export const pageQuery = table(entries);

/** Query of the list of keys. */
export const keysQuery = table({
  ...entries,
  account: v.exactOptional(text),
  tier: v.exactOptional(text),
});

/** The page that a query asks for. */
export function pageOf({ cursor, limit }: v.InferOutput<typeof pageQuery>): Page {
  return { limit: limit ?? ENTRIES, ...(cursor !== undefined && { after: cursor }) };
}

/** What leads to the page after one that was found; nothing where that was the last. */
export function nextOf<Entry>(
  found: readonly Entry[],
  { limit }: Page,
  nameOf: (entry: Entry) => string,
): { readonly next?: string } {
  const last = found.length < limit ? undefined : found.at(-1);
  return last === undefined ? {} : { next: encodeCursor(nameOf(last)) };
}

/** A page of what is registered, under the name of its list. */
export function listed<const List extends string>(list: List, found: readonly Registered[], page: Page) {
  const shown = found.map(({ name, plan }) => ({ id: name, ...planText(plan) }));
  return { [list]: shown, ...nextOf(found, page, ({ name }) => name) };
}

/** Opaque to its caller, so that its meaning may change. */
function encodeCursor(last: string): string {
  return btoa(last).replace(/=+$/, "").replaceAll("+", "-").replaceAll("/", "_");
}

function decodeCursor(cursor: string): string | undefined {
  try {
    return atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return undefined;
  }
}
