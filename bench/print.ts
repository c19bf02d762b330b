// Prints results as tables of plain text.

import type { CountedScenario } from "./counts.ts";
import type { Goal } from "./goals.ts";
import type { Spread, TimedWorkload } from "./rounds.ts";
import type { Size } from "./size.ts";

/** A workload's speeds: medians over the rounds, and each ratio with the least and the most of them. */
export function speedTable({ title, lines, note }: TimedWorkload): string {
  const against = lines.map(({ line }) => line).filter((one) => lines.some(({ ratios }) => one in ratios));
  const isBesidePassthrough = lines.some(({ latency }) => latency !== undefined);
  const heads = ["", "requests/s", "p50 ms", "p99 ms"];
  if (isBesidePassthrough) heads.push("p50 over passthrough");
  const rows = lines.map(({ line, perSecond, p50Ms, p99Ms, latency, ratios }) => [
    line,
    whole(perSecond.median),
    p50Ms.median.toFixed(2),
    p99Ms.median.toFixed(2),
    ...(isBesidePassthrough
      ? [latency ? `${signed(latency.addedMs.median)} ms, ${ratioText(latency.ratio)}` : ""]
      : []),
    ...against.map((other) => ratioText(ratios[other])),
  ]);
  const printed = table(title, [...heads, ...against.map((other) => `/ ${other}`)], rows);
  return note === undefined ? printed : `${printed}${note.replace(/^/gm, "  ")}\n`;
}

/** A scenario's counts per 1,000 requests, and dollars for a million. */
export function countTable({ title, lines }: CountedScenario): string {
  const heads = ["per 1,000", "calls", "rows written", "rows read", "bytes", "alarms set", "run"];
  const prices = ["$/million: calls", "rows", "awake ≤", "all"];
  const rows = lines.map(({ line, per1000, dollars }) => [
    line,
    ...[per1000.calls, per1000.rowsWritten, per1000.rowsRead, per1000.bytes].map(whole),
    ...[per1000.alarmsSet, per1000.alarmRuns].map((count) => count.toFixed(1)),
    ...[dollars.calls, dollars.rows, dollars.awake, dollars.total].map((amount) => amount.toFixed(3)),
  ]);
  return table(title, [...heads, ...prices], rows);
}

/** The bundle and its start. */
export function sizeText({ whole, requestPath, startUpMs: { median, min, max } }: Size): string {
  return `Bundle, gzip: ${kibibytes(whole.gzipBytes)} KiB, of which the request path ${kibibytes(requestPath.gzipBytes)} KiB
Start: ${median.toFixed(0)} ms (${min.toFixed(0)}–${max.toFixed(0)}) more than an empty Worker\n`;
}

/** Which goals were reached. */
export function goalTable(goals: readonly Goal[]): string {
  const rows = goals.map(({ what, least, most, value, reached }) => [
    what,
    least === undefined ? `≤ ${most}` : `≥ ${least}`,
    value >= 100 ? whole(value) : value.toFixed(2),
    reached ? "reached" : "not reached",
  ]);
  return table("Goals", ["", "goal", "is", ""], rows);
}

function table(title: string, heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => (row[column] ?? "").length)),
  );
  const lines = [heads, ...rows].map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
  return `${title}\n${lines.map((line) => `  ${line}\n`).join("")}`;
}

function ratioText(ratio: Spread | undefined): string {
  if (ratio === undefined) return "";
  return `${ratio.median.toFixed(2)} (${ratio.min.toFixed(2)}–${ratio.max.toFixed(2)})`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}

function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;
}

function kibibytes(bytes: number): string {
  return (bytes / 1024).toFixed(1);
}
