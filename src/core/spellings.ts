// The names under which an origin may read one header. Knows names only: what the headers hold is for others to judge.

/**
 * Every spelling of a header's name that CGI, WSGI and Rack make one variable of: there `-` and `_` are the same
 * (RFC 3875, section 4.1.18). The name itself is the first; each `-` or `_` in it doubles them.
 */
export function spellingsOf(name: string): readonly string[] {
  let spellings = [""];
  for (const part of name.split(/([-_])/)) {
    const ends = part === "-" ? ["-", "_"] : part === "_" ? ["_", "-"] : [part];
    spellings = ends.flatMap((end) => spellings.map((start) => start + end));
  }
  return spellings;
}
