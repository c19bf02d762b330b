// What the limits page says of the limits themselves: a table by endpoint, one by tier, and how requests are counted.

import type { Adjustment, Limit, Policy } from "../core/policy.ts";
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
  lines.push(...charges(limit));
  return lines;
}

/** For which answers a request counts, where that is not every answer. */
function charges({ charge, credits, windows }: Limit): Text[] {
  const ofCredits = credits > 0 ? [`${credits === 1 ? "The credit is" : "Credits are"} spent`] : [];
  const ofWindows = windows.length > 0 ? ["A request counts"] : [];
  const say = (subjects: readonly string[], when: string) => subjects.map((one): Text => [`${one} ${when}`]);
  const onSuccess = "only where it succeeds: where the answer is a 2xx.";
  if (charge === undefined) return say(ofCredits, onSuccess);
  const all = [...ofWindows, ...ofCredits];
  if (charge === "always") return say(ofCredits, "whatever the answer is.");
  if (charge === "success") return say(all, onSuccess);
  return say(all, `only where the answer is a ${listed(charge.map(String), "or")}.`);
}

/** A table for each limit that a tier changes, its first row what holds without a tier. */
function byTier(limits: readonly Limit[], { tiers }: Policy): Block[] {
  if (tiers.size === 0) return [];
  const changed = limits.filter(({ name }) => [...tiers.values()].some((tier) => tier.has(name)));
  const custom = [...tiers].filter(([, changes]) => changes.size === 0).map(([name]) => name);
  return [
    paragraph(text`A key, or the account it belongs to, may have a tier. Without one the default holds.`),
    ...changed.flatMap((limit) => tierTable(limit, tiers, limits.length > 1)),
    ...(custom.length === 0 ? [] : [paragraph(customTiers(custom))]),
  ];
}

function customTiers(names: readonly string[]): Text {
  const tiers = listedTexts(
    names.map((name) => [code(name)]),
    "and",
  );
  return text`What ${tiers} may do is custom: it is agreed with each customer. What is not agreed is as by default.`;
}

function tierTable(limit: Limit, tiers: Policy["tiers"], isOneOfMany: boolean): Block[] {
  const rows: { tier: string; change: Adjustment; isCustom: boolean }[] = [
    { tier: "default", change: {}, isCustom: false },
    ...[...tiers].map(([tier, changes]) => ({
      tier,
      change: changes.get(limit.name) ?? {},
      isCustom: changes.size === 0,
    })),
  ];
  const applied = rows.map(({ change }) => ({ ...limit, ...change }));
  const windows = [...new Set(applied.flatMap((one) => one.windows.map(({ name }) => name)))];
  const hasCharacters = applied.some(({ maxCharacters }) => maxCharacters !== undefined);
  const hasCost = applied.some(({ cost }) => cost !== limit.cost);
  const cells = ({ windows: own, maxCharacters, cost }: Limit): string[] => [
    ...windows.map((name) => {
      const window = own.find((one) => one.name === name);
      if (window === undefined) return "unlimited";
      return window.size === 0 ? "not included" : count(window.size);
    }),
    ...(hasCharacters ? [maxCharacters === undefined ? "unlimited" : count(maxCharacters)] : []),
    ...(hasCost ? [count(cost)] : []),
  ];
  const about = text`${listedTexts(limit.match.map(routeWords), "and")}, by tier:`;
  return [
    ...(isOneOfMany ? [paragraph(about)] : []),
    {
      kind: "table",
      caption: `Limit ${limit.name} by tier`,
      head: [
        "Tier",
        ...windows.map((name) => `Per ${name}`),
        ...(hasCharacters ? ["Characters per request"] : []),
        ...(hasCost ? ["A request counts as"] : []),
      ],
      rows: rows.map(({ tier, isCustom }, index) => {
        const values = cells(applied[index] ?? limit);
        return [[[tier]], ...values.map((value): Cell => [[isCustom ? "custom" : value]])];
      }),
    },
  ];
}
