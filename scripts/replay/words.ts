// Figures and instants as people read them, the same in the table and on the page. Knows nothing of either.

import type { PolicyReport } from "./report.ts";

/** What each reason means, after a number of requests. */
const REASONS: Readonly<Record<string, string>> = {
  rate: "a window was full (429)",
  newcomer: "too many new keys from an address (429)",
  plan: "not in the plan (403)",
  cost: "costs more than a whole window (413)",
  characters: "too many characters (413)",
  unauthenticated: "no key (401)",
  denied: "address denied (403)",
  blocked: "address blocked (403)",
};

/** Why requests are refused, in words. */
export function reasonText(reason: string): string {
  return REASONS[reason] ?? reason;
}

/** `1,234,567`. */
export function count(value: number): string {
  return value.toLocaleString("en");
}

/** `1 line`, `2,000 lines`. */
export function counted(value: number, one: string): string {
  return `${count(value)} ${one}${value === 1 ? "" : "s"}`;
}

/** `12.3 %`, of something; a share that is not nothing never reads as nothing, and one that is not all never as all. */
export function percent(part: number, whole: number): string {
  if (part === 0 || whole === 0) return "0 %";
  const share = (100 * part) / whole;
  if (share < 0.1) return "< 0.1 %";
  if (part < whole && share > 99.9) return "> 99.9 %";
  return `${Number(share.toFixed(1))} %`;
}

/** An instant without its milliseconds: `2026-11-02 12:00:00`. */
export function time(at: string | null): string {
  return at === null ? "" : at.slice(0, 19).replace("T", " ");
}

/** A subject, its key id cut to what tells keys apart. */
export function name(who: string): string {
  return who.replace(/^(key [\da-f]{12})[\da-f]{20}$/, "$1");
}

/** Everything a policy was asked. */
export function requestsOf({ admitted, refused, unmetered }: PolicyReport): number {
  return admitted + refused + unmetered;
}

/** A length of time: `5 minutes`, `1 hour`. */
export function duration(seconds: number): string {
  const [length, unit] = (
    [
      [86_400, "day"],
      [3_600, "hour"],
      [60, "minute"],
    ] as const
  ).find(([unitSeconds]) => seconds % unitSeconds === 0) ?? [1, "second"];
  return counted(seconds / length, unit);
}
