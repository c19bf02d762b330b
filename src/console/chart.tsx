// Requests over time: what the script draws a chart of, with the same numbers as a table for whoever has no script or does
// not see it.

import { isoTime } from "../core/calendar.ts";
import type { Series } from "../core/history.ts";
import { numberText, Table } from "./parts.tsx";

/** Admitted and refused requests of each step. */
export function Chart({ title, series }: { title: string; series: Series }) {
  const { startAt, stepMs, admitted, refused } = series;
  const steps = admitted.map((count, index) => ({
    at: startAt + index * stepMs,
    admitted: count,
    refused: refused[index] ?? 0,
  }));
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
  const busy = steps.filter((step) => step.admitted + step.refused > 0).reverse();
  return (
    <figure class="chart">
      <figcaption>
        <span class="chart-title">{title}</span>
        <span class="key admitted">{numberText(sum(admitted))} admitted</span>
        <span class="key refused">{numberText(sum(refused))} refused</span>
      </figcaption>
      <div
        class="plot"
        aria-hidden="true"
        data-chart={JSON.stringify({ startAt, stepMs, admitted, refused })}
      />
      <details>
        <summary>As a table</summary>
        <Table
          label={title}
          columns={[
            { title: "From (UTC)" },
            { title: "Admitted", isNumber: true },
            { title: "Refused", isNumber: true },
          ]}
          rows={busy.map((step) => [
            isoTime(step.at).slice(11, 16),
            numberText(step.admitted),
            numberText(step.refused),
          ])}
          empty="No requests."
        />
      </details>
    </figure>
  );
}
