// What pages are made of: tables, times, gauges, facts, links to subjects. Draws; asks nobody.

import type { Child } from "hono/jsx";
import { isoTime } from "../core/calendar.ts";
import { remaining, type Standing } from "../core/decision.ts";
import type { SubjectName } from "../objects/directory.ts";

/** A column of a table. */
export interface Column {
  readonly title: string;
  readonly isNumber?: boolean;
}

// biome-ignore-start lint/a11y/noRedundantRoles: a table that is laid out as blocks is no table to browsers any more
// biome-ignore-start lint/a11y/useSemanticElements: as above
/** A table that becomes a list of cards where the screen is narrow; its roles say so to whoever does not see it. */
export function Table({
  label,
  columns,
  rows,
  empty,
}: {
  label: string;
  columns: readonly Column[];
  rows: readonly (readonly Child[])[];
  /** What is said instead of no rows. */
  empty: Child;
}) {
  if (rows.length === 0) return <p class="empty">{empty}</p>;
  return (
    <table role="table" aria-label={label}>
      <thead>
        <tr role="row">
          {columns.map(({ title, isNumber }) => (
            <th role="columnheader" scope="col" class={isNumber ? "number" : undefined}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((cells) => (
          <tr role="row">
            {cells.map((cell, index) => (
              <td
                role="cell"
                class={columns[index]?.isNumber ? "number" : undefined}
                data-label={columns[index]?.title}
              >
                <span>{cell}</span>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

// biome-ignore-end lint/a11y/useSemanticElements: as above
// biome-ignore-end lint/a11y/noRedundantRoles: as above

/** A whole number as English writes it. */
export function numberText(value: number): string {
  return value.toLocaleString("en-GB");
}

/** An instant in UTC, to the second. */
export function Time({ at }: { at: number }) {
  const iso = isoTime(at);
  return <time datetime={iso}>{`${iso.slice(0, 10)} ${iso.slice(11, 19)}`} UTC</time>;
}

/** How long it is to an instant, with the instant itself to point at. The script counts it down. */
export function Until({ at, nowMs }: { at: number; nowMs: number }) {
  const iso = isoTime(at);
  return (
    <time datetime={iso} title={`${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`} data-until={String(at)}>
      {durationText(at - nowMs)}
    </time>
  );
}

/** A length of time in its two largest units: `2 h 5 min`. */
export function durationText(lengthMs: number): string {
  const seconds = Math.max(0, Math.ceil(lengthMs / 1_000));
  const parts = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3_600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  if (first === -1) return "0 s";
  const shown = parts.slice(first, first + 2).filter(([count]) => count > 0);
  return shown.map(([count, unit]) => `${count} ${unit}`).join(" ");
}

/** How full a window is. */
export function Gauge({ label, standing }: { label: string; standing: Pick<Standing, "size" | "used"> }) {
  const { size, used } = standing;
  const share = size === 0 ? 1 : Math.min(1, used / size);
  const state = share >= 1 ? "full" : share >= 0.8 ? "close" : "free";
  return (
    // biome-ignore lint/a11y/useSemanticElements: each browser draws a <meter> in another way, and badly
    <span
      class={`gauge ${state}`}
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={size}
      aria-valuenow={Math.min(used, size)}
      aria-valuetext={`${used} of ${size}`}
    >
      <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
        <rect width={100 * share} height="8" />
      </svg>
    </span>
  );
}

/** Windows as gauges, each with the time to its reset. */
export function Gauges({ standings, nowMs }: { standings: readonly Standing[]; nowMs: number }) {
  return (
    <ul class="gauges">
      {standings.map((standing) => (
        <li>
          <span class="gauge-name">
            <strong>{standing.limit}</strong> {standing.window}
            {standing.isShadow && (
              <>
                {" "}
                <Badge tone="calm">shadow</Badge>
              </>
            )}
          </span>
          <Gauge label={`${standing.limit}, ${standing.window}`} standing={standing} />
          <span class="gauge-used">
            {numberText(standing.used)} of {numberText(standing.size)} used, {numberText(remaining(standing))}{" "}
            left
          </span>
          <span class="gauge-reset">
            resets in <Until at={standing.resetAt} nowMs={nowMs} />
          </span>
        </li>
      ))}
    </ul>
  );
}

/** Where the page of a key or an account is. */
export function subjectPath(base: string, { kind, name }: SubjectName): string {
  return `${base}/${kind === "key" ? "keys" : "accounts"}/${encodeURIComponent(name)}`;
}

/** A link to a key or an account; a key's id is cut short, and whole where it is pointed at. */
export function SubjectLink({
  base,
  subject,
  label,
}: {
  base: string;
  subject: SubjectName;
  label?: string;
}) {
  const { kind, name } = subject;
  const text = kind === "key" ? `${name.slice(0, 10)}…` : name;
  return (
    <a href={subjectPath(base, subject)} title={name}>
      {label === undefined ? <code>{text}</code> : label}
    </a>
  );
}

/** A word about a state, coloured and said. */
export function Badge({ tone, children }: { tone: "good" | "warn" | "bad" | "calm"; children?: Child }) {
  return <span class={`badge ${tone}`}>{children}</span>;
}

/** A page of a list that may go on. */
export function More({ href }: { href: string | undefined }) {
  if (href === undefined) return null;
  return (
    <p class="more">
      <a class="button" href={href} rel="next">
        Next page
      </a>
    </p>
  );
}

/** Names and what they are, side by side. */
export function Facts({ facts }: { facts: readonly (readonly [name: string, value: Child])[] }) {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
