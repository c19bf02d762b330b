// What the limits page says of the headers: which there are, what they mean, and how they look.

import { dayMs } from "../core/calendar.ts";
import { reportOf } from "../core/decision.ts";
import { type Header, limitHeaders } from "../core/headers.ts";
import type { Limit, Policy } from "../core/policy.ts";
import { spanAt } from "../core/window.ts";
import { admission, EXAMPLE_AT } from "./example.ts";
import { enforced } from "./limits.ts";
import { type Block, type Cell, code, paragraph, type Section, type Text, text } from "./page.ts";
import { nameOf } from "./words.ts";

const MEANINGS: Readonly<Record<string, Text>> = {
  "X-RateLimit-Limit": text`The most that fits into the window.`,
  "X-RateLimit-Remaining": text`What is left of it. At 0 the next request is refused.`,
  "X-RateLimit-Reset": text`When the window resets, as a Unix timestamp in seconds.`,
  "RateLimit-Policy": text`Every limit that governs the request: its name, how much (${code("q")}) in how many seconds (${code("w")}).`,
  RateLimit: text`What is left of each of them (${code("r")}), and in how many seconds it resets (${code("t")}).`,
};

/** What a 429 carries beside them. */
const RETRY: Readonly<Record<string, Text>> = {
  "Retry-After": text`On a refusal that waiting mends: whole seconds until there is room in every window that refused.`,
  "Retry-After-Ms": text`The same to the millisecond, for SDKs that know it.`,
};

const SHOULD_RETRY: Text = text`${code("false")} where a day or more is spent and the wait is long: give up for now.`;

/** The limit headers of this policy. */
export function headersSection(policy: Policy): Section {
  const { headers: style } = policy;
  const limits = enforced(policy);
  const shown = firstAdmission(limits, policy);
  const headers = shown === undefined ? [] : limitHeaders(shown.decision, style, shown.report);
  const meanings = Object.entries({
    ...Object.fromEntries(headers.flatMap(([name]) => (MEANINGS[name] ? [[name, MEANINGS[name]]] : []))),
    ...RETRY,
    ...(limits.some(isLong) && { "X-Should-Retry": SHOULD_RETRY }),
  });
  const rows = meanings.map(([name, meaning]): Cell[] => [[[code(name)]], [meaning]]);
  const table: Block = {
    kind: "table",
    caption: "What each header means",
    head: ["Header", "Meaning"],
    rows,
  };
  const blocks: Block[] =
    headers.length === 0
      ? [table]
      : [
          paragraph(text`Every answer to a request that is limited carries these, refusals too:`),
          { kind: "code", title: "Headers of an answer", language: "http", code: headerLines(headers) },
          table,
          ...(style === "ietf" ? [] : whichWindow(limits)),
        ];
  return { id: "headers", title: "Headers", blocks };
}

function isLong({ windows, align }: Limit): boolean {
  const spans = windows.map((window) => spanAt(window, align, null, EXAMPLE_AT));
  return spans.some(({ startAt, endAt }) => endAt - startAt >= dayMs);
}

/** Headers as they stand in an answer. */
export function headerLines(headers: readonly Header[]): string {
  return headers.map(([name, value]) => `${name}: ${value}`).join("\n");
}

function firstAdmission(limits: readonly Limit[], policy: Policy) {
  for (const limit of limits) {
    const found = admission(limit, policy);
    if (found === undefined || found.decision.standings.length === 0) continue;
    return { decision: found.decision, report: reportOf(found.limits) };
  }
  return undefined;
}

function whichWindow(limits: readonly Limit[]): Block[] {
  const reporting = limits.filter(({ report }) => report !== undefined);
  const many = limits.length > 1 || limits.some(({ windows }) => windows.length > 1);
  const named = reporting.map(
    (limit) => text`For ${nameOf(limit)} they always show the ${limit.report ?? ""}. `,
  );
  if (named.length > 0) {
    return [paragraph([...named.flat(), "A refusal shows the window that refused."])];
  }
  if (!many) return [];
  return [
    paragraph(
      text`Of several windows they show the one with the least left; a refusal shows the window that refused.`,
    ),
  ];
}
