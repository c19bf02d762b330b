// A limiter as one would write it in an afternoon, to check a replay by: it shares no line with weir. It reads the policy's
// TOML by itself, knows just what the examples need, and says of each line what becomes of it.

import { parse } from "smol-toml";

interface NaiveLimit {
  readonly name: string;
  readonly match: string | readonly string[];
  readonly windows?: readonly string[];
  readonly align?: "first";
  readonly per?: "account";
  readonly maxCharacters?: number;
}

interface NaivePolicy {
  readonly LIMITS: readonly NaiveLimit[];
  readonly TIERS?: Readonly<Record<string, Readonly<Record<string, Partial<NaiveLimit>>>>>;
  readonly IP_BLOCK?: { readonly strikes: number; readonly within: string; readonly for: string };
}

interface Line {
  readonly time: string;
  readonly method: string;
  readonly path: string;
  readonly key: string;
  readonly ip: string;
  readonly tier?: string;
  readonly account?: string;
  readonly characters?: number;
}

/** What becomes of a line. */
export type Fate = "unmetered" | "admitted" | "rate" | "characters" | "blocked";

const LENGTHS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** What becomes of each line of a log. */
export function naiveFates(toml: string, lines: readonly string[]): Fate[] {
  const policy = parse(toml).vars as unknown as NaivePolicy;
  const starts = new Map<string, number>();
  const counts = new Map<string, number>();
  const strikes = new Map<string, number[]>();
  const blockedUntil = new Map<string, number>();

  function fateOf(line: Line): Fate {
    const now = Date.parse(line.time);
    if (now < (blockedUntil.get(line.ip) ?? 0)) return "blocked";
    const limits = policy.LIMITS.filter((limit) => isMatched(limit, line)).map((limit) =>
      adjusted(limit, line),
    );
    if (limits.length === 0) return "unmetered";
    if (
      limits.some(({ maxCharacters }) => (line.characters ?? 0) > (maxCharacters ?? Number.POSITIVE_INFINITY))
    ) {
      return "characters";
    }
    const windows = limits.flatMap((limit) =>
      (limit.windows ?? []).map((window) => countOf(limit, window, line, now)),
    );
    if (windows.some(({ id, size }) => (counts.get(id) ?? 0) >= size)) return "rate";
    for (const { id, start, base } of windows) {
      starts.set(base, start);
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    return "admitted";
  }

  function adjusted(limit: NaiveLimit, { tier }: Line): NaiveLimit {
    return { ...limit, ...policy.TIERS?.[tier ?? ""]?.[limit.name] };
  }

  function countOf({ name, align, per }: NaiveLimit, window: string, { key, account }: Line, now: number) {
    const [size = "", unit = ""] = window.split("/");
    const who = per === "account" && account !== undefined ? `account:${account}` : key;
    const base = `${who} ${name} ${unit}`;
    const start = startOf(unit, align, now, starts.get(base));
    return { base, start, id: `${base} ${start}`, size: Number(size) };
  }

  return lines.map((text) => {
    const line: Line = JSON.parse(text);
    const fate = fateOf(line);
    const { IP_BLOCK: block } = policy;
    if (fate !== "rate" || block === undefined) return fate;
    const now = Date.parse(line.time);
    const recent = (strikes.get(line.ip) ?? []).filter((at) => now - at < lengthOf(block.within));
    strikes.set(line.ip, [...recent, now]);
    if (recent.length + 1 === block.strikes) {
      blockedUntil.set(line.ip, now + lengthOf(block.for));
      strikes.delete(line.ip);
    }
    return fate;
  });
}

function isMatched({ match }: NaiveLimit, line: Line): boolean {
  const path = line.path.split("?")[0] ?? "";
  return [match].flat().some((route) => {
    const [method, pattern] = route.includes(" ") ? route.split(" ") : [undefined, route];
    const isMethod =
      method === undefined || method === line.method || (method === "GET" && line.method === "HEAD");
    const segments = (pattern ?? "").replace("/*", "(/.*)?").replace(/:\w+/g, "[^/]+");
    return isMethod && new RegExp(`^${segments}$`).test(path);
  });
}

/** No plan of the sample has a billing date, so a billing period is a calendar month. */
function startOf(unit: string, align: "first" | undefined, now: number, last: number | undefined): number {
  const date = new Date(now);
  if (unit === "billing period") return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
  const length = LENGTHS[unit];
  if (length === undefined) throw new Error(`the naive limiter knows no ${unit}`);
  if (align === undefined) return Math.floor(now / length) * length;
  return last !== undefined && now < last + length ? last : now;
}

function lengthOf(text: string): number {
  const [count = "", unit = ""] = text.split(" ");
  return (
    Number(count) * (unit.startsWith("second") ? 1_000 : (LENGTHS[unit.replace(/s$/, "")] ?? Number.NaN))
  );
}
