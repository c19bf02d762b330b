// Every way an origin might read a request's path, so that no spelling of it escapes a limit.
// It may not judge: which limits a reading meets is the matcher's part.

/**
 * The readings of one path: canonical and lower-case (a leading slash, no empty segment, no trailing slash), each
 * once; or `"any"`, where there are more than can be followed and every limit's path has to be taken as met.
 */
export type Readings = readonly string[] | "any";

/** Most readings that are followed. Honest paths have one to five; a path with an encoded URL in it has about ten. */
const MAX_READINGS = 32;

/** Most characters over all readings that are followed: what bounds the work for a long path. */
const MAX_CHARACTERS = 65_536;

/** What a lower-case path must hold to have a second reading, or to need a canonical form. */
const ODD = /[^a-z0-9\-._~!$&'()*+,=:@/]|^(?!\/)|\/\/|.\/$|\/\.\.?(?:\/|$)/;

/** Percent-encoded UTF-8, well-formed sequences only (RFC 3629, section 4), of a lower-case path. */
const ENCODED = new RegExp(
  [
    "%[0-7][0-9a-f]",
    "%(?:c[2-9a-f]|d[0-9a-f])T",
    "%e0%[ab][0-9a-f]T",
    "%e[1-9abcef]TT",
    "%ed%[89][0-9a-f]T",
    "%f0%[9ab][0-9a-f]TT",
    "%f[1-3]TTT",
    "%f4%8[0-9a-f]TT",
  ]
    .join("|")
    .replaceAll("T", "%[89ab][0-9a-f]"),
  "g",
);

/** What a hop between weir and the application may do to a path; each gives back the path itself where it has nothing to do. */
const STEPS: readonly ((path: string) => string)[] = [
  decode,
  decodeAllButSlashes,
  turnBackslashes,
  dropParameters,
  cutTail,
  dropBlanks,
  normalise,
  collapseSlashes,
  resolveDots,
];

/**
 * The paths that an origin might take `pathname` for. A request is governed by every limit that any of them meets:
 * a trick may add limits, never take one away.
 *
 * An origin is thought of as a chain of hops, each of which may percent-decode (`%2f` being a separator or not), read
 * `\` as `/`, drop `;parameters`, cut at a NUL, `?` or `#` that came encoded, drop control characters and blanks, fold
 * Unicode (NFKC), collapse slashes or resolve dot segments; so the readings are closed under these steps. Case and a
 * trailing slash never tell paths apart. Malformed UTF-8 is left as it stands.
 *
 * Work is bounded by 32 readings and 65,536 characters over all of them; past either the answer is `"any"`.
 */
export function candidatePaths(pathname: string): Readings {
  const path = pathname.toLowerCase();
  if (!ODD.test(path)) return [path];
  const readings = new Set([path]);
  let characters = 0;
  // A set hands out what is added while it is walked, so this ends when no step finds anything new.
  for (const reading of readings) {
    characters += reading.length;
    if (readings.size > MAX_READINGS || characters > MAX_CHARACTERS) return "any";
    for (const step of STEPS) readings.add(step(reading));
  }
  return [...new Set(Array.from(readings, canonical))];
}

/** True where one of a path's readings is `base` or below it. */
export function isWithin(paths: readonly string[], base: string): boolean {
  const folder = base.toLowerCase();
  const isIn = (path: string) =>
    path.startsWith(folder) && (path.length === folder.length || path[folder.length] === "/");
  return paths.some(isIn);
}

/** One round of percent-decoding. */
function decode(path: string): string {
  if (!path.includes("%")) return path;
  return path.replace(ENCODED, decodeURIComponent).toLowerCase();
}

/** As `decode`, for an origin whose segments may hold an encoded slash. */
function decodeAllButSlashes(path: string): string {
  if (!path.includes("%2f")) return path;
  return path.split("%2f").map(decode).join("%2f");
}

function turnBackslashes(path: string): string {
  return path.replaceAll("\\", "/");
}

/** `/api;v=1/x` is `/api/x`, and `/api/..;/x` is `/api/../x` (RFC 3986, section 3.3; servlet containers). */
function dropParameters(path: string): string {
  return path.replace(/;[^/]*/g, "");
}

/** What a hop leaves that takes a decoded path for a C string, or parses it as a URL again. */
function cutTail(path: string): string {
  const at = path.search(/[\p{Cc}?#]/u);
  return at === -1 ? path : path.slice(0, at);
}

function dropBlanks(path: string): string {
  return path
    .replace(/\p{Cc}/gu, "")
    .split("/")
    .map((segment) => segment.trim())
    .join("/");
}

/** Full-width and other compatibility forms: `／ａｐｉ` is `/api`. */
function normalise(path: string): string {
  return path.normalize("NFKC").toLowerCase();
}

function collapseSlashes(path: string): string {
  return path.replace(/\/{2,}/g, "/");
}

function resolveDots(path: string): string {
  if (!path.includes("/.")) return path;
  const kept: string[] = [];
  for (const segment of path.slice(1).split("/")) {
    if (segment === "..") kept.pop();
    else if (segment !== ".") kept.push(segment);
  }
  return `/${kept.join("/")}`;
}

function canonical(path: string): string {
  return collapseSlashes(`/${path}`).replace(/(?<=.)\/$/, "");
}
