import { describe, expect, it } from "vitest";
import { applied, type Override, type Plan } from "../../src/core/plan.ts";
import type { Tier } from "../../src/core/policy.ts";
import { limitOf, rulesOf, windowOf } from "./support/build.ts";

const limit = limitOf("all", ["60/minute"], { maxCharacters: 100 });
const other = limitOf("other", ["1/day"]);
const tier = (size: number) => new Map([["all", { windows: [windowOf(`${size}/minute`)] }]]);
const { policy } = rulesOf(
  [limit, other],
  new Map<string, Tier>([
    ["pro", tier(300)],
    ["team", tier(400)],
    ["costly", new Map([["all", { cost: 7, maxCharacters: 20_000 }]])],
  ]),
);
const override = (size: number, more: Partial<Override> = {}): Plan["overrides"] => ({
  all: { windows: [windowOf(`${size}/minute`)], ...more },
});
const sizeFor = (plans: (Plan | undefined)[], nowMs = 0) =>
  applied(limit, policy, plans, nowMs).windows[0]?.size;

describe("applied", () => {
  it.each<[string, Plan | undefined, Plan | undefined, number]>([
    ["the limit's own without a plan", undefined, undefined, 60],
    ["the limit's own with an empty plan", {}, {}, 60],
    ["the account's tier", {}, { tier: "team" }, 400],
    ["the key's tier before the account's", { tier: "pro" }, { tier: "team" }, 300],
    ["the account's override before the key's tier", { tier: "pro" }, { overrides: override(2) ?? {} }, 2],
    ["the key's override before all", { overrides: override(1) ?? {} }, { overrides: override(2) ?? {} }, 1],
    ["the key's override before its own tier", { tier: "pro", overrides: override(1) ?? {} }, undefined, 1],
    ["the limit's own in a tier that does not exist", { tier: "gone" }, undefined, 60],
    ["the account's tier where the key's does not exist", { tier: "gone" }, { tier: "team" }, 400],
  ])("reads %s", (_, key, account, size) => {
    expect(sizeFor([key, account])).toBe(size);
  });

  it("reads of an account's windows only the account's plan", () => {
    expect(sizeFor([{ tier: "team" }])).toBe(400);
  });

  it("lets an override end by itself, at its instant", () => {
    const plan = { tier: "pro", overrides: override(1, { untilAt: 1_000 }) ?? {} };
    expect(sizeFor([plan], 999)).toBe(1);
    expect(sizeFor([plan], 1_000)).toBe(300);
  });

  it("takes field by field what the nearest says, and the rest from farther away", () => {
    const key: Plan = { overrides: { all: { cost: 2 } }, tier: "pro" };
    expect(applied(limit, policy, [key, { tier: "costly" }], 0)).toEqual({
      ...limit,
      windows: [windowOf("300/minute")],
      cost: 2,
      maxCharacters: 20_000,
    });
  });

  it("changes windows, cost and characters alone", () => {
    const plan = {
      overrides: { all: { windows: [windowOf("1/day")], cost: 2, maxCharacters: 3, untilAt: 9 } },
    };
    expect(applied(limit, policy, [plan], 0)).toEqual({
      ...limit,
      windows: [windowOf("1/day")],
      cost: 2,
      maxCharacters: 3,
    });
  });

  it("leaves a limit that no plan speaks of as it is", () => {
    expect(applied(other, policy, [{ tier: "pro", overrides: override(1) ?? {} }], 0)).toBe(other);
  });
});
