// What has to agree between the fields of a limit, between limits, between tiers and limits, and between how long the
// origin may take and how long a charge is held. Looks only at what its schema found sound, so that one mistake is one
// problem.

import { nearest } from "../core/nearest.ts";
import type { Adjustment, Limit } from "../core/policy.ts";
import { timeText } from "./notation.ts";
import { either, expected, type Keys, meanToSay, type Problem, problemAt } from "./problems.ts";
import { isTable } from "./shapes.ts";

/** What of a policy has to agree: as read, where `isSound` says so, else as written. */
export interface Draft {
  readonly LIMITS?: unknown;
  readonly TIERS?: unknown;
  readonly ORIGIN_TIMEOUT?: unknown;
  readonly HOLD_FOR?: unknown;
}

/** The fields of a limit that have to agree. */
type Fields = Pick<Limit, (typeof FIELDS)[number]>;
const FIELDS = [
  "windows",
  "report",
  "cost",
  "maxCharacters",
  "credits",
  "protocol",
  "free",
  "tools",
] as const;

/**
 * Every disagreement of a draft.
 *
 * @param isSound true where no schema found a problem at these keys or below.
 */
export function disagreements(draft: Draft, isSound: (keys: Keys) => boolean): Problem[] {
  return [...disagreementsOfLimits(draft, isSound), ...lapses(draft, isSound)];
}

/** A hold that ends while the origin may still work would give back what is then charged as well. */
function lapses({ ORIGIN_TIMEOUT, HOLD_FOR }: Draft, isSound: (keys: Keys) => boolean): Problem[] {
  if (!isSound(["ORIGIN_TIMEOUT"]) || !isSound(["HOLD_FOR"])) return [];
  const [timeoutMs, heldMs] = [Number(ORIGIN_TIMEOUT), Number(HOLD_FOR)];
  if (!(heldMs <= timeoutMs)) return [];
  const rule = `more than the ORIGIN_TIMEOUT of ${timeText(timeoutMs)}`;
  return [problemAt(["HOLD_FOR"], `expected ${rule}, got ${timeText(heldMs)}`)];
}

function disagreementsOfLimits(draft: Draft, isSound: (keys: Keys) => boolean): Problem[] {
  if (!Array.isArray(draft.LIMITS)) return [];
  const written: readonly unknown[] = draft.LIMITS;
  const names = written.map((limit) => (isTable(limit) ? limit.name : undefined));
  const limits = written.map((limit, index): Fields | undefined => {
    const isRead = isTable(limit) && FIELDS.every((field) => isSound(["LIMITS", index, field]));
    // Each field is what its schema read, even where another field of the same limit is wrong.
    return isRead ? (limit as unknown as Fields) : undefined;
  });
  const adjustments = isTable(draft.TIERS) ? adjustmentsIn(draft.TIERS) : [];
  return [
    ...repeatedNames(names),
    ...limits.flatMap((limit, index) => (limit ? faultsOfLimit(limit, ["LIMITS", index]) : [])),
    ...adjustments.flatMap(({ keys, limitName, adjustment }) => {
      if (!names.includes(limitName)) return [unknownLimit(keys, limitName, names)];
      const limit = limits[names.indexOf(limitName)];
      return limit && isSound(keys) ? placed(faultsOfAdjustment(limit, adjustment), keys) : [];
    }),
  ];
}

interface PlacedAdjustment {
  readonly keys: Keys;
  readonly limitName: string;
  readonly adjustment: Adjustment;
}

function adjustmentsIn(tiers: Readonly<Record<string, unknown>>): PlacedAdjustment[] {
  return Object.entries(tiers).flatMap(([tierName, tier]) => {
    if (!isTable(tier)) return [];
    return Object.entries(tier).map(([limitName, adjustment]) => ({
      keys: ["TIERS", tierName, limitName],
      limitName,
      adjustment: adjustment as Adjustment,
    }));
  });
}

function repeatedNames(names: readonly unknown[]): Problem[] {
  return names.flatMap((name, index) => {
    const first = names.indexOf(name);
    if (typeof name !== "string" || first === index) return [];
    return [
      problemAt(["LIMITS", index, "name"], expected(`a name that LIMITS[${first}] does not have`, name)),
    ];
  });
}

function unknownLimit(keys: Keys, limitName: string, names: readonly unknown[]): Problem {
  const known = names.filter((name) => typeof name === "string");
  return problemAt(keys, `no limit has this name${meanToSay(nearest(limitName, known))}`);
}

/** What is wrong inside a limit, told from the limit on. */
export interface Fault {
  readonly keys: Keys;
  readonly message: string;
}

function faultsOfLimit(limit: Fields, keys: Keys): Problem[] {
  const names = namesOf(limit);
  const reports = (report: string) => ({
    keys: ["report"],
    message: expected(`the name of one of its windows (${either(names)})`, report, names),
  });
  const faults = [
    ...faultsOfWindows(limit),
    ...faultsOfCost(limit),
    ...faultsOfReport(limit, reports),
    ...faultsOfProtocol(limit),
  ];
  return placed(faults, keys);
}

/** What a tier or an override makes wrong of a limit, told at the field that does it. */
export function faultsOfAdjustment(limit: Fields, adjustment: Adjustment): Fault[] {
  const adjusted = { ...limit, ...adjustment };
  const at = (field: string) => (fault: Pick<Fault, "message">) => ({ ...fault, keys: [field] });
  const atWindows = at("windows");
  const reports = (report: string) =>
    atWindows({ message: `expected a window ${JSON.stringify(report)}, which the limit reports, got none` });
  const ofCost = faultsOfCost(adjusted);
  if (adjustment.windows === undefined) return adjustment.cost === undefined ? [] : ofCost.map(at("cost"));
  const ofWindows = [...faultsOfWindows(adjusted), ...faultsOfReport(adjusted, reports)];
  return [...ofWindows, ...ofCost.map(at(adjustment.cost === undefined ? "windows" : "cost"))];
}

function placed(faults: readonly Fault[], keys: Keys): Problem[] {
  return faults.map((fault) => problemAt([...keys, ...fault.keys], fault.message));
}

function namesOf({ windows }: Fields): string[] {
  return [...new Set(windows.map((window) => window.name))];
}

function faultsOfWindows({ windows, maxCharacters, credits }: Fields): Fault[] {
  if (windows.length === 0 && maxCharacters === undefined && credits === 0) {
    return [{ keys: ["windows"], message: 'expected a window, "maxCharacters" or "credits", got none' }];
  }
  const names = windows.map((window) => window.name);
  return names.flatMap((name, index) => {
    if (names.indexOf(name) === index) return [];
    return [
      { keys: ["windows", index], message: `expected windows of different lengths, got a second "${name}"` },
    ];
  });
}

/** A size of 0 is no fault: such a window is not in the plan, whatever a request costs. */
function faultsOfCost({ windows, cost, tools = {} }: Fields): Fault[] {
  const faultOf = (keys: Keys, units: number): Fault[] => {
    const window = windows.find(({ size }) => size > 0 && size < units);
    if (window === undefined) return [];
    const rule = `a cost that ever fits into "${window.size}/${window.name}"`;
    return [{ keys, message: expected(rule, units) }];
  };
  const ofCall = faultOf(["cost"], cost);
  if (ofCall.length > 0) return ofCall;
  return Object.entries(tools).flatMap(([tool, calls]) => faultOf(["tools", tool], calls * cost));
}

function faultsOfProtocol({ protocol, free, tools }: Fields): Fault[] {
  if (protocol !== undefined) return [];
  const message = 'expected protocol = "jsonrpc" beside it, got none';
  return Object.entries({ free, tools }).flatMap(([field, value]) =>
    value === undefined ? [] : [{ keys: [field], message }],
  );
}

function faultsOfReport(limit: Fields, fault: (report: string) => Fault): Fault[] {
  const { report, windows } = limit;
  if (report === undefined || windows.length === 0 || namesOf(limit).includes(report)) return [];
  return [fault(report)];
}
