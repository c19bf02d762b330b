// The console's script: charts, clocks that count down, and the overview's fresh numbers. Every page works without it.

import uPlot from "uplot";

/** How often the overview asks for new numbers, in milliseconds. */
const ASK_EVERY_MS = 10_000;
const PLOT_HEIGHT = 168;

/** What a chart is drawn from, as the page carries it. */
interface Data {
  readonly startAt: number;
  readonly stepMs: number;
  readonly admitted: readonly number[];
  readonly refused: readonly number[];
}

const charts = new Map<HTMLElement, uPlot>();

drawAll();
setInterval(countDown, 1_000);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
new ResizeObserver(fitAll).observe(document.body);
const live = document.querySelector<HTMLElement>("[data-live]");
if (live !== null) setInterval(() => refresh(live), ASK_EVERY_MS);

/** Draws every chart anew: there may be others, in other colours. */
function drawAll(): void {
  for (const [place, chart] of charts) {
    chart.destroy();
    place.replaceChildren();
  }
  charts.clear();
  for (const place of document.querySelectorAll<HTMLElement>("[data-chart]")) {
    const data: Data = JSON.parse(place.dataset.chart ?? "");
    charts.set(place, draw(place, data));
  }
}

function draw(place: HTMLElement, { startAt, stepMs, admitted, refused }: Data): uPlot {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const axis = { stroke: colour("muted"), font: "12px system-ui, sans-serif", ticks: { show: false } };
  const bars = uPlot.paths.bars?.({ size: [0.78, 32], align: 1 });
  const series = (name: "admitted" | "refused") => ({
    fill: colour(name),
    width: 0,
    points: { show: false },
    ...(bars && { paths: bars }),
  });
  const from = startAt / 1_000;
  const step = stepMs / 1_000;
  const times = admitted.map((_, index) => from + index * step);
  // The bars of all requests first, then those of the admitted over them: what is left to see is refused.
  const all = admitted.map((count, index) => count + (refused[index] ?? 0));
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  const chart = new uPlot(
    {
      width: place.clientWidth,
      height: PLOT_HEIGHT,
      padding: [8, 20, 0, 0],
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), "Etc/UTC"),
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      scales: {
        x: { range: [from, from + times.length * step] },
        y: { range: (_, __, most) => [0, Math.max(4, most * 1.05)] },
      },
      axes: [
        { ...axis, size: 24, grid: { show: false }, values: (_, ticks) => ticks.map(clock) },
        {
          ...axis,
          size: 44,
          grid: { stroke: colour("line"), width: 1 },
          space: 36,
          values: (_, ticks) => ticks.map((tick) => (Number.isInteger(tick) ? short(tick) : "")),
        },
      ],
      series: [{}, series("refused"), series("admitted")],
      hooks: {
        setCursor: [
          ({ cursor: { idx, left = -1 } }) => {
            tip.hidden = idx === null || idx === undefined || left < 0;
            if (tip.hidden || typeof idx !== "number") return;
            tip.textContent = `${clock(times[idx] ?? 0)}  ${admitted[idx]} admitted, ${refused[idx]} refused`;
            tip.style.left = `${Math.max(0, Math.min(left + 52, place.clientWidth - tip.offsetWidth))}px`;
          },
        ],
      },
    },
    [times, all, [...admitted]],
    place,
  );
  place.append(tip);
  return chart;
}

function fitAll(): void {
  for (const [place, chart] of charts) {
    if (chart.width !== place.clientWidth) chart.setSize({ width: place.clientWidth, height: PLOT_HEIGHT });
  }
}

/** Puts new numbers in place, unless somebody is at one of them with the keyboard or the page is not seen. */
async function refresh(place: HTMLElement): Promise<void> {
  if (document.hidden || place.contains(document.activeElement)) return;
  const answer = await fetch(place.dataset.live ?? "").catch(() => undefined);
  if (answer?.status === 401) return location.reload();
  if (!answer?.ok) return;
  const { html } = await answer.json();
  const open = [...place.querySelectorAll("details")].map((one) => one.open);
  place.innerHTML = html;
  for (const [index, one] of place.querySelectorAll("details").entries()) one.open = open[index] ?? false;
  drawAll();
}

/** Shows how long it still is, in the two largest units, as the server wrote it. */
function countDown(): void {
  for (const time of document.querySelectorAll<HTMLElement>("[data-until]")) {
    time.textContent = lasting(Number(time.dataset.until) - Date.now());
  }
}

function lasting(lengthMs: number): string {
  const seconds = Math.max(0, Math.ceil(lengthMs / 1_000));
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3_600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first === -1) return "0 s";
  const shown = parts.slice(first, first + 2).filter(([count]) => count > 0);
  return shown.map(([count, unit]) => `${count} ${unit}`).join(" ");
}

function clock(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().slice(11, 16);
}

function short(count: number): string {
  return new Intl.NumberFormat("en-GB", { notation: "compact" }).format(count);
}
