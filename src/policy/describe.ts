// The policy as weir understood it, for an operator to read, and what in it may surprise. Judges nothing.

import type { Network } from "../core/address.ts";
import { FREE_METHODS } from "../core/jsonrpc-cost.ts";
import { compileMatcher } from "../core/matcher.ts";
import type { Adjustment, IpBlock, KeySource, Limit, Policy, RefusalFormat, Route } from "../core/policy.ts";
import { type Window, windowText } from "../core/window.ts";
import { timeText } from "./notation.ts";
import { bytesOf, MOST_BYTES } from "./parse.ts";
import { VARIABLES } from "./schema.ts";

/** A variable fuller than this is worth a warning. */
const NEARLY_FULL = 0.8;

/** Requests of every depth and kind, to find one that no limit matches. */
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];
const PATHS = ["/", "/any", "/any/path", "/any/long/path"];

/** The policy in aligned columns: what holds for all, then each limit with what its tiers change. */
export function describePolicy(policy: Policy): string {
  const limits = [
    ["limit", "match", "per", "tier", "windows", "rules"],
    ...policy.limits.flatMap((limit) => rowsOf(limit, policy)),
  ];
  return `${aligned(generalTerms(policy))}\n\n${aligned(limits)}\n`;
}

/** What holds for all limits, by name. */
export function generalTerms(policy: Policy): string[][] {
  return [
    ["origin", policy.origin ?? "the route's own"],
    ["key from", policy.keyFrom.map(sourceText).join(", ")],
    ["without a key", policy.anonymous],
    ["unknown keys", unknownKeysText(policy)],
    ...(policy.allow.length > 0 ? [["always let in", networksText(policy.allow)]] : []),
    ...(policy.deny.length > 0 ? [["never let in", networksText(policy.deny)]] : []),
    ["blocks", blockText(policy.ipBlock)],
    ["enforced", policy.enforce ? "yes" : "no: decides and counts, refuses nothing"],
    ["refusal", refusalText(policy.refusal)],
    ["headers", policy.headers],
    ...(policy.corsOrigins.length > 0 ? [["readable for", policy.corsOrigins.join(", ")]] : []),
    ["weir's own path", policy.adminPath],
  ];
}

/**
 * What an operator should know before a deploy.
 *
 * @param vars the environment the policy was read from; a binding `ORIGIN_SERVICE` counts.
 */
export function warnings(policy: Policy, vars: Readonly<Record<string, unknown>>): string[] {
  const found: string[] = [];
  const unmetered = unmeteredRequest(policy.limits);
  if (unmetered !== undefined) {
    const request = `such as ${unmetered}`;
    found.push(
      `Requests that no limit matches are forwarded unmetered, ${request}; a limit on "/*" meters all.`,
    );
  }
  if (policy.origin === undefined && vars.ORIGIN_SERVICE === undefined) {
    found.push(
      "ORIGIN is not set: route mode, where a request goes on to the origin of the Worker's own route.",
    );
  }
  const open = policy.unknownKeys === "allow" ? routeOpenToInvention(policy.limits) : undefined;
  if (open !== undefined) {
    found.push(
      `UNKNOWN_KEYS is "allow": where the origin does not authenticate, only a limit per = "ip" bounds a caller who invents keys, and ${open} has none.`,
    );
  }
  for (const name of VARIABLES) {
    const bytes = vars[name] === undefined ? 0 : bytesOf(vars[name]);
    if (bytes > MOST_BYTES * NEARLY_FULL)
      found.push(`${name} takes ${bytes} of the ${MOST_BYTES} bytes it may.`);
  }
  return found;
}

/** A request that no limit which refuses would match, if one of the plain ones is such. */
function unmeteredRequest(limits: readonly Limit[]): string | undefined {
  const matcher = compileMatcher(limits.filter(({ mode }) => mode === "enforce"));
  const requests = METHODS.flatMap((method) => PATHS.map((path) => ({ method, path })));
  const free = requests.find(({ method, path }) => matcher.match([method], [path]).length === 0);
  return free && routeText(free);
}

/** A route that limits by key alone govern: whoever has as many keys as they like is not limited there. */
function routeOpenToInvention(limits: readonly Limit[]): string | undefined {
  const enforced = limits.filter(({ mode }) => mode === "enforce");
  const byAddress = compileMatcher(enforced.filter(({ per }) => per === "ip"));
  const routes = enforced.filter(({ per }) => per !== "ip").flatMap(({ match }) => match);
  const open = routes.find(({ method = "GET", path }) => {
    const request = path.replace(/:\w+|\*/g, "any");
    return byAddress.match([method], [request]).length === 0;
  });
  return open && routeText(open);
}

function unknownKeysText({ unknownKeys, newKeys }: Policy): string {
  if (unknownKeys === "reject") return "reject";
  return `allow, ${newKeys === undefined ? "any number" : windowText(newKeys)} new from one address`;
}

function networksText(networks: readonly Network[]): string {
  return networks.map(({ address, prefixLength }) => `${address}/${prefixLength}`).join(", ");
}

function blockText(block: IpBlock | undefined): string {
  if (block === undefined) return "none";
  return `after ${block.strikes} strikes within ${timeText(block.withinMs)}, for ${timeText(block.forMs)}`;
}

/** A limit as it is for a tier. */
export interface TierTerms {
  /** `"-"`: for who has no tier, or one that changes nothing of the limit. */
  readonly tier: string;
  readonly windows: string;
  readonly rules: string;
}

/** What a limit says, and then what each tier changes of it. */
export function tierTerms(limit: Limit, { tiers }: Policy): TierTerms[] {
  const changes = [...tiers].flatMap(([tier, byLimit]) => {
    const change = byLimit.get(limit.name);
    if (change === undefined) return [];
    const rules = joined([charactersText(change), costText(change)]);
    return [{ tier, windows: windowsText(change.windows), rules }];
  });
  return [{ tier: "-", windows: windowsText(limit.windows), rules: rulesText(limit) }, ...changes];
}

function rowsOf(limit: Limit, policy: Policy): string[][] {
  const lines = tierTerms(limit, policy);
  const length = Math.max(lines.length, limit.match.length);
  return Array.from({ length }, (_, index) => {
    const route = limit.match[index];
    const line = lines[index];
    return [
      index === 0 ? limit.name : "",
      route ? routeText(route) : "",
      index === 0 ? limit.per : "",
      ...(line ? [line.tier, line.windows, line.rules] : []),
    ];
  });
}

function rulesText(limit: Limit): string {
  const { align, report, cost, costFrom, charge, credits, charactersIn, protocol, mode, refusal } = limit;
  return joined([
    align === "first" ? "from the first request" : "",
    report === undefined ? "" : `reports ${report}`,
    charactersText(limit),
    charactersIn === undefined ? "" : `counted in ${charactersIn}`,
    cost === 1 ? "" : costText(limit),
    protocol === undefined ? "" : callsText(limit),
    costFrom === undefined ? "" : `cost from the answer's ${costFrom}`,
    charge === undefined ? "" : `charge ${typeof charge === "string" ? charge : charge.join(" ")}`,
    credits === 0 ? "" : `credits ${credits}`,
    refusal === undefined ? "" : `refusal ${refusalText(refusal)}`,
    mode === "shadow" ? "shadow" : "",
  ]);
}

function callsText({ free = FREE_METHODS, tools = {} }: Limit): string {
  const costs = Object.entries(tools).map(([tool, calls]) => `${tool} as ${calls}`);
  return joined([
    "counts JSON-RPC calls",
    free.length === 0 ? "none free" : `free ${free.join(" ")}`,
    ...costs,
  ]);
}

function charactersText({ maxCharacters }: Adjustment): string {
  return maxCharacters === undefined ? "" : `at most ${maxCharacters} characters`;
}

function costText({ cost }: Adjustment): string {
  return cost === undefined ? "" : `cost ${cost}`;
}

/** The rules there are, in one cell. */
function joined(rules: readonly string[]): string {
  return rules.filter((rule) => rule !== "").join(", ");
}

function windowsText(windows: readonly Window[] | undefined): string {
  if (windows === undefined) return "the same";
  return windows.length === 0 ? "none" : windows.map(windowText).join(", ");
}

/** A route as a policy writes it. */
export function routeText({ method, path }: Route): string {
  return method === undefined ? path : `${method} ${path}`;
}

function sourceText(source: KeySource): string {
  return source.in === "bearer" ? "bearer token" : `${source.in} ${source.name}`;
}

function refusalText(refusal: RefusalFormat): string {
  return typeof refusal === "string" ? refusal : "a body of its own";
}

/** Rows of cells as lines, each column as wide as its widest cell. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
