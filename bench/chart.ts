// The chart that the README shows: speed and price of weir beside what it is compared with, readable on light and dark.

import type { Results } from "./results.ts";
import type { Spread } from "./rounds.ts";

/** A bar: its length, and where it may have ended in another round. */
interface Bar {
  readonly name: string;
  readonly value: number;
  readonly spread?: Spread;
  readonly text: string;
}

const WIDTH = 760;
const BAR_AT = 190;
const BAR_MOST = 400;
const ROW = 30;

const STYLE = `
  text { font: 14px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600 }
  .note { font-size: 12px; fill: #59636e }
  .bar { fill: #afb8c1 }
  .weir { fill: #0969da }
  .spread { stroke: #1f2328; stroke-width: 1.5 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .note { fill: #9198a1 }
    .bar { fill: #484f58 }
    .weir { fill: #4493f8 }
    .spread { stroke: #e6edf3 }
  }`;

/** Draws a run's results as SVG. */
export function chart({ timed, counted }: Results): string {
  // What is only simulated has no speed to show.
  const real = timed.map((one) => ({
    ...one,
    lines: one.lines.filter(({ line }) => line !== "Cloudflare's binding"),
  }));
  const speeds = bars(real, "hot", ({ line, perSecond }) => ({
    name: line,
    value: perSecond.median,
    spread: perSecond,
    text: Math.round(perSecond.median).toLocaleString("en"),
  }));
  const prices = bars(counted, "busy", ({ line, dollars }) => ({
    name: line,
    value: dollars.total,
    text: `$${dollars.total.toFixed(2)}`,
  }));
  const speedsHeight = 70 + speeds.length * ROW;
  const height = speedsHeight + 70 + prices.length * ROW;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img">
<title>Requests per second, and dollars for a million requests, of weir and what it is compared with</title>
<style>${STYLE}
</style>
${panel(0, "Requests a second", "One hot key, two windows (hono-rate-limiter: one), 32 connections, one core. Lines: slowest to fastest round.", speeds)}
${panel(speedsHeight, "Dollars for a million requests", "Objects and rows of a busy key at list prices, 1,000/minute and 10,000/hour. Less is better.", prices)}
</svg>
`;
}

/** The bars of one workload or scenario. */
function bars<Line>(
  all: readonly { readonly id: string; readonly lines: readonly Line[] }[],
  id: string,
  bar: (line: Line) => Bar,
): Bar[] {
  return all.filter((one) => one.id === id).flatMap(({ lines }) => lines.map(bar));
}

function panel(top: number, title: string, note: string, bars: readonly Bar[]): string {
  const most = Math.max(...bars.map(({ value, spread }) => spread?.max ?? value));
  const scaled = (value: number) => Math.round((value / most) * BAR_MOST);
  const rows = bars.map((bar, index) => barRow(bar, top + 64 + index * ROW, scaled));
  return `<text class="title" x="0" y="${top + 20}">${title}</text>
<text class="note" x="0" y="${top + 40}">${note}</text>
${rows.join("\n")}`;
}

function barRow({ name, value, spread, text }: Bar, top: number, scaled: (value: number) => number): string {
  const middle = top + 4;
  const end = BAR_AT + Math.max(scaled(value), scaled(spread?.max ?? 0));
  const whisker =
    spread === undefined
      ? ""
      : `<line class="spread" x1="${BAR_AT + scaled(spread.min)}" x2="${BAR_AT + scaled(spread.max)}" y1="${middle}" y2="${middle}"/>`;
  return `<text x="${BAR_AT - 10}" y="${middle + 5}" text-anchor="end">${name}</text>
<rect class="${name.startsWith("weir") ? "weir" : "bar"}" x="${BAR_AT}" y="${middle - 10}" width="${scaled(value)}" height="20" rx="2"/>${whisker}
<text x="${end + 8}" y="${middle + 5}">${text}</text>`;
}
