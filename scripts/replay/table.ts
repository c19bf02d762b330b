// The report as text for a terminal. Shows what the report says and adds nothing.

import type { Difference } from "./difference.ts";
import type { LogReport, PolicyReport, Report, WindowReport } from "./report.ts";
import { count, counted, name, percent, reasonText, requestsOf, time } from "./words.ts";

type Row = readonly string[];

/** Most of the bars of a histogram, in rising order. */
const BLOCKS = "▁▂▃▄▅▆▇█";

/** The whole report. */
export function renderTable({ log, policy, against, difference }: Report): string {
  const parts = [logText(log), policyText(policy)];
  if (against && difference) parts.push(policyText(against), differenceText(policy, against, difference));
  return parts.join("\n\n");
}

function logText(log: LogReport): string {
  const lines = [
    `${counted(log.requests, "request")}, ${time(log.firstAt)} to ${time(log.lastAt)} UTC`,
    ...(log.skipped > 0 ? [`${counted(log.skipped, "line")} skipped: no client's request`] : []),
    ...(log.malformed > 0 ? [`${counted(log.malformed, "malformed line")}, such as`] : []),
    ...log.malformedLines.map((line) => `  ${line}`),
    ...(log.steppedBack > 0
      ? [
          `${counted(log.steppedBack, "request")} older than one before, by up to ${log.furthestBackSeconds} s`,
        ]
      : []),
  ];
  return lines.join("\n");
}

function policyText(policy: PolicyReport): string {
  const { config, refused, requesters, windows, worst } = policy;
  const all = requestsOf(policy);
  const about = requesters.isPartial ? "about " : "";
  const head = [
    `${config}: ${count(refused)} of ${counted(all, "request")} refused (${percent(refused, all)}), ` +
      `of ${count(requesters.refused)} of ${about}${count(requesters.count)} who asked`,
    ...Object.entries(policy.reasons).map(([reason, many]) => `  ${count(many)} ${reasonText(reason)}`),
    ...Object.entries(policy.shadows).map(
      ([limit, many]) => `  ${count(many)} more would be refused by ${limit}, a shadow limit`,
    ),
    ...(policy.unmetered > 0 ? [`  ${count(policy.unmetered)} unmetered`] : []),
    ...(policy.unknownTiers.length > 0
      ? [`  tiers that the policy does not have: ${policy.unknownTiers.join(", ")}`]
      : []),
  ];
  const tables = [
    columns(
      ["limit", "window", "admitted", "refused", "first", "last", "peaks"],
      windows.map(windowRow),
      [2, 3],
    ),
    columns(
      ["most refused", "requests", "refused", "first", "last"],
      worst.map((one) => [
        name(one.who),
        count(one.requests),
        count(one.refused),
        time(one.firstRefusedAt),
        time(one.lastRefusedAt),
      ]),
      [1, 2],
    ),
    columns(
      ["limit", "window", "least head-room", "peak"],
      windows.flatMap(({ limit, window, size, fullest }) =>
        fullest.slice(0, 3).map(({ who, peak }) => [limit, `${size}/${window}`, name(who), percent(peak, 1)]),
      ),
      [3],
    ),
  ];
  return [head.join("\n"), ...tables.filter((table) => table !== "")].join("\n\n");
}

function windowRow({
  limit,
  window,
  size,
  admitted,
  refused,
  firstRefusedAt,
  lastRefusedAt,
  peaks,
}: WindowReport): Row {
  return [
    limit,
    `${size}/${window}`,
    count(admitted),
    count(refused),
    time(firstRefusedAt),
    time(lastRefusedAt),
    spark(peaks),
  ];
}

function differenceText(before: PolicyReport, after: PolicyReport, difference: Difference): string {
  const head = [
    `${after.config} against ${before.config}`,
    `  ${counted(difference.newlyRefused, "request")} newly refused`,
    `  ${counted(difference.newlyAdmitted, "request")} newly admitted`,
    `  ${count(difference.refusedByBoth)} refused by both`,
  ].join("\n");
  const tables = [
    columns(
      ["limit", "window", "size", "refused", "then"],
      difference.windows.map(({ limit, window, sizes: [was, is], refused }) => [
        limit,
        window,
        `${was.join(", ") || "none"} → ${is.join(", ") || "none"}`,
        ...refused.map(count),
      ]),
      [3, 4],
    ),
    columns(
      ["most changed", "refused", "then"],
      difference.subjects.map(({ who, refused }) => [name(who), ...refused.map(count)]),
      [1, 2],
    ),
  ];
  return [head, ...tables.filter((table) => table !== "")].join("\n\n");
}

/** A histogram in one word; a bar that is not empty is never shown as nothing. */
function spark(bars: readonly number[]): string {
  const most = Math.max(...bars);
  return bars.map((bar) => (bar === 0 ? "·" : BLOCKS[Math.min(7, Math.floor((8 * bar) / most))])).join("");
}

/** Rows under a head, each column as wide as its widest cell; nothing where there are no rows. */
function columns(head: Row, rows: readonly Row[], numeric: readonly number[]): string {
  if (rows.length === 0) return "";
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  const pad = (cell: string, column: number) =>
    numeric.includes(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0);
  return all.map((row) => row.map(pad).join("  ").trimEnd()).join("\n");
}
