// The report as one HTML page that needs nothing but itself: no script, no request, light and dark, narrow and wide.

import { html, raw } from "hono/html";
import { type Html, headRoomChart, mostOf, refusedChart, timeChart } from "./chart.ts";
import type { Difference } from "./difference.ts";
import { STYLE } from "./page-style.ts";
import type { LogReport, PolicyReport, Report } from "./report.ts";
import { count, counted, name, percent, reasonText, requestsOf, time } from "./words.ts";

/** The whole page. */
export async function renderPage({ log, policy, against, difference }: Report): Promise<string> {
  const policies = against === undefined ? [policy] : [policy, against];
  const most = mostOf(policies);
  const each = (chart: (one: PolicyReport) => Html) => policies.map(chart);
  const page = await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Replay of ${log.files.join(", ")}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<header><h1>Replay of ${log.files.join(", ")}</h1>
<p>${counted(log.requests, "request")}, ${time(log.firstAt)} to ${time(log.lastAt)} UTC</p>
${notes(log)}</header>
<main>
<section class="tiles">${each(tile)}${difference && differenceTile(difference)}</section>
<section><h2>Over time</h2>
<p class="legend"><span class="admitted">let through</span><span class="refused">refused</span></p>
${each((one) => timeChart(one, most))}</section>
${policies.some(({ worst }) => worst.length > 0) && html`<section><h2>Who is refused</h2><div class="pair">${each(refusedChart)}</div></section>`}
<section><h2>Head-room</h2><div class="pair">${each(headRoomChart)}</div></section>
<section><h2>Windows</h2>${each(windowTable)}</section>
${difference && differenceTables(difference)}
</main>
</body>
</html>
`;
  return String(page);
}

function notes(log: LogReport): Html {
  return html`${log.skipped > 0 && html`<p>${counted(log.skipped, "line")} skipped: no client's request.</p>`}
${log.steppedBack > 0 && html`<p>${counted(log.steppedBack, "request")} older than one before, by up to ${log.furthestBackSeconds} s.</p>`}
${log.malformed > 0 && html`<details><summary>${counted(log.malformed, "malformed line")}</summary><pre>${log.malformedLines.join("\n")}</pre></details>`}`;
}

function tile(policy: PolicyReport): Html {
  const { config, refused, requesters, reasons, shadows, unmetered, unknownTiers } = policy;
  const all = requestsOf(policy);
  const about = requesters.isPartial ? "about " : "";
  return html`<article><h2>${config}</h2>
<p class="figure">${count(refused)} <small>refused, ${percent(refused, all)}</small></p>
<p>${count(requesters.refused)} of ${about}${count(requesters.count)} who asked</p>
<ul>${Object.entries(reasons).map(([reason, many]) => html`<li>${count(many)} ${reasonText(reason)}</li>`)}
${Object.entries(shadows).map(([limit, many]) => html`<li>${count(many)} more would be refused by ${limit}, a shadow limit</li>`)}
${unmetered > 0 && html`<li>${count(unmetered)} unmetered</li>`}
${unknownTiers.length > 0 && html`<li>tiers that the policy does not have: ${unknownTiers.join(", ")}</li>`}</ul></article>`;
}

function differenceTile({ newlyRefused, newlyAdmitted, refusedByBoth }: Difference): Html {
  return html`<article><h2>Difference</h2>
<p class="figure">${count(newlyRefused)} <small>newly refused</small></p>
<p class="figure">${count(newlyAdmitted)} <small>newly admitted</small></p>
<p>${count(refusedByBoth)} refused by both</p></article>`;
}

function windowTable({ config, windows }: PolicyReport): Html {
  return table(
    config,
    ["limit", "window", "admitted", "refused", "first", "last"],
    windows.map((one) => [
      one.limit,
      `${one.size}/${one.window}`,
      count(one.admitted),
      count(one.refused),
      time(one.firstRefusedAt),
      time(one.lastRefusedAt),
    ]),
  );
}

function differenceTables({ windows, subjects }: Difference): Html {
  return html`<section><h2>What changes</h2>
${table(
  "Refusals by window",
  ["limit", "window", "size", "then", "refused", "then"],
  windows.map(({ limit, window, sizes: [was, is], refused: [before, after] }) => [
    ...[limit, window, was.join(", ") || "none", is.join(", ") || "none"],
    ...[count(before), count(after)],
  ]),
)}
${table(
  "Refusals by whom",
  ["who", "refused", "then"],
  subjects.map(({ who, refused: [before, after] }) => [name(who), count(before), count(after)]),
)}</section>`;
}

/** A table that scrolls by itself where the page is narrow. */
function table(caption: string, head: readonly string[], rows: readonly (readonly string[])[]): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption>
<thead><tr>${head.map((cell) => html`<th scope="col">${cell}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody></table></div>`;
}
