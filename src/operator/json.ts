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
const TOKEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the ones that RFC 8259 keeps out of strings
  /[[\]{}:,]|"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** The tokens a value may begin with, each by its first character, and `0` for every number and literal. */
const VALUE = '[{"0';

/** Walks the text token by token; a token that is broken inside is a fault at its beginning. */
function faultAt(text: string): number {
  const open: string[] = [];
  let may = VALUE;
  for (let at = endOf(BLANK, text, 0); ; at = endOf(BLANK, text, at)) {
    const end = endOf(TOKEN, text, at);
    const first = text.charAt(at);
    const kind = '[]{}:,"'.includes(first) ? first : "0";
    if (end === at || !may.includes(kind)) return at;
    at = end;
    if (kind === "[" || kind === "{") {
      open.push(kind);
      may = kind === "[" ? `${VALUE}]` : '"}';
    } else if (kind === ":") may = VALUE;
    else if (kind === ",") may = open.at(-1) === "[" ? VALUE : '"';
    else if (kind === '"' && !may.includes("[")) may = ":";
    else {
      // A value has ended.
      if (kind === "]" || kind === "}") open.pop();
      const inside = open.at(-1);
      may = inside === undefined ? "" : inside === "[" ? ",]" : ",}";
    }
  }
}

/** Where a match that begins here ends; here, where there is none. */
function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return at + (pattern.exec(text)?.[0].length ?? 0);
}
