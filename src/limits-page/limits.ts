// What the limits page says of the limits themselves: a table by endpoint, one by tier, and how requests are counted.

import { FREE_METHODS } from "../core/jsonrpc-cost.ts";
import type { Limit, Policy } from "../core/policy.ts";
import { type Block, type Cell, code, paragraph, type Section, type Text, text } from "./page.ts";
import { rulesOfCounting } from "./rules.ts";
import { count, counted, listed, listedTexts, PER, routeWords, windowWords } from "./words.ts";

/** The limits that may ever refuse; a shadow is nobody's business but the operator's. */
export function enforced({ limits }: Policy): readonly Limit[] {
  return limits.filter(({ mode }) => mode === "enforce");
}

/** What may be asked how often. */
export function limitsSection(policy: Policy): Section {
  const limits = enforced(policy);
  const blocks = [byEndpoint(limits), ...byTier(limits, policy), ...rulesOfCounting(limits, policy)];
  return { id: "limits", title: "Limits", blocks };
}

function byEndpoint(limits: readonly Limit[]): Block {
  const rows = limits.map((limit): Cell[] => [
    limit.match.map(routeWords),
    figures(limit),
    [[PER[limit.per]]],
    remarks(limit),
  ]);
  const head = ["Endpoint", "Limit", "Counted per", "Notes"];
  const hasRemarks = rows.some(([, , , notes]) => notes?.length !== 0);
  const width = hasRemarks ? 4 : 3;
  return {
    kind: "table",
    caption: "Limits by endpoint",
    head: head.slice(0, width),
    rows: rows.map((row) => row.slice(0, width)),
    isWide: true,
  };
}

function figures({ windows, maxCharacters, charactersIn, credits }: Limit): Cell {
  const lines: Text[] = windows.map((window) => [windowWords(window)]);
  if (maxCharacters !== undefined) {
    const where = charactersIn === undefined ? text`per request` : text`in the field ${code(charactersIn)}`;
    lines.push(text`${count(maxCharacters)} characters ${where}`);
  }
  if (credits > 0) lines.push([`${counted(credits, "credit")} per request`]);
  return lines;
}

function remarks(limit: Limit): Cell {
  const { cost, costFrom, align, note } = limit;
  const lines: Text[] = [];
  if (note !== undefined) lines.push([note]);
  if (align === "first") lines.push(["From the first request on."]);
  if (costFrom !== undefined) {
    lines.push(
      text`A request counts as much as its answer says in ${code(costFrom)}; until then as ${count(cost)}.`,
    );
  } else if (cost > 1) lines.push([`A request counts as ${count(cost)}.`]);
  lines.push(...calls(limit), ...charges(limit));
  return lines;
}

/** What JSON-RPC calls count as, where they count. */
function calls({ protocol, free = FREE_METHODS, tools = {} }: Limit): Text[] {
  if (protocol === undefined) return [];
  const lines = [text`A batch of JSON-RPC calls counts as all of them.`];
  const names = free.map((method): Text => [code(method)]);
  if (names.length > 0) lines.push(text`Free: ${listedTexts(names, "and")}.`);
  for (const [tool, times] of Object.entries(tools)) {
    lines.push(text`A call of ${code(tool)} counts as ${times === 0 ? "nothing" : counted(times, "call")}.`);
  }
  return lines;
}

/** For which answers a request counts, where that is not every answer. */
function charges({ charge, credits, windows }: Limit): Text[] {
  const ofCredits = credits > 0 ? [`${credits === 1 ? "The credit is" : "Credits are"} spent`] : [];
  const ofWindows = windows.length > 0 ? ["A request counts"] : [];
  const say = (subjects: readonly string[], when: string) => subjects.map((one): Text => [`${one} ${when}`]);
  const onSuccess = "only on success: where the answer is a 2xx.";
  if (charge === undefined) return say(ofCredits, onSuccess);
  const all = [...ofWindows, ...ofCredits];
  if (charge === "always") return say(ofCredits, "whatever the answer is.");
  if (charge === "success") return say(all, onSuccess);
  return say(all, `only where the answer is a ${listed(charge.map(String), "or")}.`);
}

/** A table for each limit that a tier changes, its first row what holds without a tier. */
function byTier(limits: readonly Limit[], { tiers }: Policy): Block[] {
  const changed = limits.filter(({ name }) => [...tiers.values()].some((tier) => tier.has(name)));
  if (changed.length === 0) return [];
  const intro = text`A key, or the account it belongs to, may have a tier; without one the default holds. A single key or account may also have limits of its own.`;
  return [paragraph(intro), ...changed.flatMap((limit) => ofTiers(limit, tiers, limits.length > 1))];
}

function ofTiers(limit: Limit, tiers: Policy["tiers"], isOneOfMany: boolean): Block[] {
  const table = tierTable(limit, tiers);
  return isOneOfMany
    ? [paragraph(text`${listedTexts(limit.match.map(routeWords), "and")}:`), table]
    : [table];
}

function tierTable(limit: Limit, tiers: Policy["tiers"]): Block {
  const rows = [
    { tier: "default", applied: limit },
    ...[...tiers].map(([tier, changes]) => ({ tier, applied: { ...limit, ...changes.get(limit.name) } })),
  ];
  const windows = [...new Set(rows.flatMap(({ applied }) => applied.windows.map(({ name }) => name)))];
  const columns: { readonly head: string; readonly cell: (limit: Limit) => string }[] = [
    ...windows.map((name) => ({ head: `Per ${name}`, cell: (one: Limit) => sizeWords(one, name) })),
  ];
  if (rows.some(({ applied }) => applied.maxCharacters !== undefined)) {
    const cell = ({ maxCharacters }: Limit) =>
      maxCharacters === undefined ? UNLIMITED : count(maxCharacters);
    columns.push({ head: "Characters per request", cell });
  }
  if (rows.some(({ applied }) => applied.cost !== limit.cost)) {
    columns.push({ head: "A request counts as", cell: ({ cost }) => count(cost) });
  }
  return {
    kind: "table",
    caption: `Limit ${limit.name} by tier`,
    head: ["Tier", ...columns.map(({ head }) => head)],
    rows: rows.map(({ tier, applied }) => [[[tier]], ...columns.map(({ cell }): Cell => [[cell(applied)]])]),
  };
}

const UNLIMITED = "unlimited";

function sizeWords({ windows }: Limit, name: string): string {
  const window = windows.find((one) => one.name === name);
  if (window === undefined) return UNLIMITED;
  return window.size === 0 ? "not included" : count(window.size);
}
