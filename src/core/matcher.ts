// Which limits govern a method and a path: the policy's routes, compiled once into a trie of segments.
// It compares readings as they come; what readings a path has is path.ts's part.

import { BoundedMap } from "./bounded-map.ts";
import type { Readings } from "./path.ts";
import type { Limit } from "./policy.ts";

/** Finds the limits that govern a request. */
export interface Matcher {
  /** True where a route asks for a method: else no method need be known. */
  readonly isByMethod: boolean;

  /**
   * Every limit that one of the methods and one of the paths meet, in the policy's order, each once. The same limits
   * are always the same array, so that a cache may be keyed by it.
   *
   * Work is bounded by the policy (a trie has no node twice), and no path is read further than the longest route.
   *
   * @param methods upper-case, from `methodsOf`.
   * @param paths canonical, from `candidatePaths`; `"any"` meets every path.
   */
  match(methods: readonly string[], paths: Readings): readonly Limit[];
}

/** A limit by its place in the policy, under the method its route asks for; absent: under every method. */
interface Rule {
  readonly method?: string;
  readonly index: number;
}

interface Node {
  /** By segment; a parameter's under `PARAMETER`. */
  readonly children: Map<string, Node>;
  /** Rules whose route ends here. */
  readonly ends: Rule[];
  /** Rules whose route goes on from here with any number of segments, none included. */
  readonly rests: Rule[];
}

/** Stands for `:name`; no segment is a slash. */
const PARAMETER = "/";

/**
 * Most sets of limits remembered. Far more than honest paths make; a client who makes that many costs the others a
 * fresh array, which is a cache miss and nothing worse.
 */
const MAX_SETS = 1_024;

/** Compiles the limits' routes; see {@link Route} for what a pattern means. */
export function compileMatcher(limits: readonly Limit[]): Matcher {
  const root = node();
  const rules: Rule[] = [];
  for (const [index, limit] of limits.entries()) {
    for (const { path, ...route } of limit.match) {
      const rule = { ...route, index };
      rules.push(rule);
      insert(root, path, rule);
    }
  }

  const NONE: readonly Limit[] = [];
  const singles = limits.map((limit) => [limit]);
  const sets = new BoundedMap<string, readonly Limit[]>(MAX_SETS);
  function limitsAt(found: ReadonlySet<number>): readonly Limit[] {
    if (found.size < 2) {
      for (const index of found) return singles[index] ?? NONE;
      return NONE;
    }
    const indices = [...found].sort((one, other) => one - other);
    return sets.getOrMake(indices.join(), () => indices.flatMap((index) => singles[index] ?? []));
  }

  return {
    isByMethod: rules.some(({ method }) => method !== undefined),
    match(methods, paths) {
      const found = new Set<number>();
      if (paths === "any") collect(rules, methods, found);
      else for (const path of paths) walk(root, path, methods, found);
      return limitsAt(found);
    },
  };
}

function node(): Node {
  return { children: new Map(), ends: [], rests: [] };
}

function insert(root: Node, pattern: string, rule: Rule): void {
  const segments = pattern.split("/").filter((segment) => segment !== "");
  const open = segments.at(-1) === "*";
  if (open) segments.pop();
  let at = root;
  for (const segment of segments) at = child(at, segment.startsWith(":") ? PARAMETER : segment);
  (open ? at.rests : at.ends).push(rule);
}

function child(parent: Node, segment: string): Node {
  const known = parent.children.get(segment);
  if (known) return known;
  const made = node();
  parent.children.set(segment, made);
  return made;
}

/** Follows a path along static segments and parameters at once, one level of the trie after the other. */
function walk(root: Node, path: string, methods: readonly string[], found: Set<number>): void {
  let start = 1;
  for (let level = [root]; level.length > 0; ) {
    for (const at of level) collect(at.rests, methods, found);
    if (start >= path.length) {
      for (const at of level) collect(at.ends, methods, found);
      break;
    }
    const slash = path.indexOf("/", start);
    const end = slash === -1 ? path.length : slash;
    level = next(level, path.slice(start, end));
    start = end + 1;
  }
}

function next(level: readonly Node[], segment: string): Node[] {
  const nodes: Node[] = [];
  for (const { children } of level) {
    if (children.size === 0) continue;
    for (const name of [segment, PARAMETER]) {
      const known = children.get(name);
      if (known) nodes.push(known);
    }
  }
  return nodes;
}

function collect(rules: readonly Rule[], methods: readonly string[], found: Set<number>): void {
  for (const { method, index } of rules) {
    if (method === undefined || methods.includes(method)) found.add(index);
  }
}
