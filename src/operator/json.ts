// JSON that somebody wrote by hand: read, or told where it stops being JSON. Its errors repeat nothing of the text, which
// may hold a key.

/** What a text is, or the index of the first character that is no JSON. */
export type Parsed = { readonly value: unknown } | { readonly faultAt: number };

/** Reads JSON (RFC 8259). */
export function parseJson(text: string): Parsed {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return { faultAt: faultAt(text) };
  }
}

/** Where in a text an index is, as an editor shows it. */
export function placeOf(text: string, index: number): string {
  const lines = text.slice(0, index).split("\n");
  return `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
}

const BLANK = /[ \t\r\n]*/y;
const SCALAR =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the ones that RFC 8259 keeps out of strings
  /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** What may come next: the start of a value, of a member's name, or what stands between. */
type State = "value" | "first value" | "name" | "first name" | "colon" | "after";

/** Walks the text token by token; a token that is broken inside is a fault at its beginning. */
function faultAt(text: string): number {
  const open: ("[" | "{")[] = [];
  let state: State = "value";
  let at = skip(BLANK, text, 0);
  for (; at < text.length; at = skip(BLANK, text, at)) {
    const sign = text.charAt(at);
    const inside = open.at(-1);
    if (state === "value" || state === "first value") {
      const end = skip(SCALAR, text, at);
      if (sign === "]" && state === "first value") {
        open.pop();
        state = "after";
      } else if (sign === "[" || sign === "{") {
        open.push(sign);
        state = sign === "[" ? "first value" : "first name";
      } else if (end > at) {
        at = end;
        state = "after";
        continue;
      } else return at;
    } else if (state === "name" || state === "first name") {
      const end = sign === '"' ? skip(SCALAR, text, at) : at;
      if (sign === "}" && state === "first name") {
        open.pop();
        state = "after";
      } else if (end > at) {
        at = end;
        state = "colon";
        continue;
      } else return at;
    } else if (state === "colon") {
      if (sign !== ":") return at;
      state = "value";
    } else if (sign === "," && inside !== undefined) state = inside === "[" ? "value" : "name";
    else if ((sign === "]" && inside === "[") || (sign === "}" && inside === "{")) open.pop();
    else return at;
    at += 1;
  }
  return at;
}

function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return at + (pattern.exec(text)?.[0].length ?? 0);
}
