// Charts as SVG and HTML, without a script: marks stretch with the page, words are HTML and keep their size.

import { html } from "hono/html";
import type { PolicyReport } from "./report.ts";
import { count, duration, name, percent, time } from "./words.ts";

/** What a template makes. */
export type Html = ReturnType<typeof html>;

/** Height of a chart in its own units. */
const HEIGHT = 100;

/**
 * Requests let through and refused over time, one on the other.
 *
 * @param most what fills the height, so that two charts can be compared.
 */
export function timeChart({ config, series }: PolicyReport, most: number): Html {
  const { admitted, refused, from, widthSeconds } = series;
  const totals = admitted.map((one, index) => one + (refused[index] ?? 0));
  const at = (index: number) => new Date(Date.parse(from ?? "") + index * widthSeconds * 1_000).toISOString();
  const hint = (index: number) =>
    `${time(at(index))}: ${count(admitted[index] ?? 0)} let through, ${count(refused[index] ?? 0)} refused`;
  return html`<figure>
<figcaption>${config}: requests in each ${duration(widthSeconds)}</figcaption>
<div class="plot"><span class="most">${count(most)}</span>
<svg viewBox="0 0 ${totals.length} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="Requests let through and refused over time">
<path class="refused" d="${steps(totals, most)}"/><path class="admitted" d="${steps(admitted, most)}"/>
${totals.map((_, index) => html`<rect class="hit" x="${index}" width="1" height="${HEIGHT}"><title>${hint(index)}</title></rect>`)}
</svg></div>
<div class="ends"><time>${time(from)}</time><time>${time(at(totals.length))} UTC</time></div>
</figure>`;
}

/** The most requests in a bucket of several charts. */
export function mostOf(policies: readonly PolicyReport[]): number {
  return policies.reduce((most, { series: { admitted, refused } }) => {
    return admitted.reduce((sum, one, index) => Math.max(sum, one + (refused[index] ?? 0)), most);
  }, 1);
}

/** A bar for each of several subjects, as long as its refusals are many. */
export function refusedChart({ config, worst }: PolicyReport): Html {
  const most = worst[0]?.refused ?? 1;
  return html`<figure>
<figcaption>${config}: most refused</figcaption>
<dl class="bars">${worst.map(
    ({ who, requests, refused }) => html`<div><dt title="${who}">${name(who)}</dt>
<dd>${bar(refused / most)}<span>${count(refused)} of ${count(requests)}</span></dd></div>`,
  )}</dl>
</figure>`;
}

/** For each window, how many subjects came how near to its end: a bar for each tenth, and one for those that filled it. */
export function headRoomChart({ config, windows }: PolicyReport): Html {
  return html`<figure>
<figcaption>${config}: most of a window that each key, account or address used</figcaption>
<div class="small">${windows.map(({ limit, window, size, peaks }) => {
    const most = Math.max(...peaks, 1);
    const all = peaks.reduce((sum, one) => sum + one, 0);
    return html`<section><h3>${limit} ${count(size)}/${window}</h3>
<svg viewBox="0 0 ${peaks.length} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${peakWords(peaks)}">
${peaks.map((many, index) => {
  // Nobody is no bar; anybody is one that can be seen.
  const height = many === 0 ? 0 : Math.max(2, (HEIGHT * many) / most);
  return html`<rect class="${index === peaks.length - 1 ? "refused" : "admitted"}" x="${index + 0.05}" y="${HEIGHT - height}" width="0.9" height="${height}"/><rect class="hit" x="${index}" width="1" height="${HEIGHT}"><title>${peakRange(index, peaks.length)}: ${count(many)} (${percent(many, all)})</title></rect>`;
})}
</svg><div class="ends"><span>0 %</span><span>full</span></div></section>`;
  })}</div>
</figure>`;
}

function peakWords(peaks: readonly number[]): string {
  return peaks.map((many, index) => `${peakRange(index, peaks.length)}: ${count(many)}`).join("; ");
}

function peakRange(index: number, bars: number): string {
  return index === bars - 1 ? "full" : `${index * 10} to ${index * 10 + 10} %`;
}

function bar(share: number): Html {
  return html`<svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true"><rect class="refused" width="${Math.max(0.5, 100 * share)}" height="1"/></svg>`;
}

/** The outline of equally wide columns, from the ground to the ground. */
function steps(values: readonly number[], most: number): string {
  const y = (value: number) => Number((HEIGHT - (HEIGHT * value) / most).toFixed(2));
  return `M0 ${HEIGHT}${values.map((value) => `V${y(value)}h1`).join("")}V${HEIGHT}Z`;
}
