import { describe, expect, it } from "vitest";
import type { Admitted, Standing } from "../../src/core/decision.ts";
import { type OriginAnswer, outcomesOf, settled } from "../../src/core/outcome.ts";
import type { Limit } from "../../src/core/policy.ts";
import { limitOf } from "./support/build.ts";
import { Desk } from "./support/desk.ts";

const answer = (status: number, headers: Record<string, string> = {}): OriginAnswer => ({
  status,
  header: (name) => headers[name] ?? null,
});
const outcome = (more: Partial<Limit>, of: OriginAnswer | undefined) =>
  outcomesOf([limitOf("all", ["9/minute"], more)], of)[0];

describe("outcomesOf", () => {
  it.each<[Limit["charge"], number | undefined, boolean, boolean]>([
    [undefined, 200, true, true],
    [undefined, 500, true, false],
    [undefined, undefined, true, false],
    ["always", 200, true, true],
    ["always", 500, true, true],
    ["success", 199, false, false],
    ["success", 200, true, true],
    ["success", 299, true, true],
    ["success", 300, false, false],
    ["success", 404, false, false],
    ["success", 101, true, true],
    ["success", undefined, false, false],
    [[200, 404], 404, true, true],
    [[200, 404], 201, false, false],
    [[200, 404], undefined, false, false],
  ])("with charge %j and status %s charges windows: %s, credits: %s", (charge, status, windows, credits) => {
    const of = outcome(
      charge === undefined ? {} : { charge },
      status === undefined ? undefined : answer(status),
    );
    expect(of).toEqual({ limit: "all", ...(!windows && { cost: 0 }), credits });
  });

  it.each([
    ["12", 12],
    ["0", 0],
    ["007", 7],
    ["999999999999999", 999_999_999_999_999],
    ["1000000000000000", undefined],
    ["1.5", undefined],
    ["-1", undefined],
    ["1e3", undefined],
    ["", undefined],
    ["12, 12", undefined],
    [undefined, undefined],
  ])("reads the true cost from %j as %s", (value, cost) => {
    const of = outcome({ costFrom: "x-cost" }, answer(200, value === undefined ? {} : { "x-cost": value }));
    expect(of).toEqual({ limit: "all", ...(cost !== undefined && { cost }), credits: true });
  });

  it("charges a failure its true cost where the limit charges always, and nothing where it does not", () => {
    const failure = answer(500, { "x-cost": "3" });
    expect(outcome({ costFrom: "x-cost" }, failure)).toMatchObject({ cost: 3 });
    expect(outcome({ costFrom: "x-cost", charge: "success" }, failure)).toMatchObject({ cost: 0 });
  });

  it("keeps the estimate where there is no answer and the limit charges always", () => {
    expect(outcome({ costFrom: "x-cost" }, undefined)).toEqual({ limit: "all", credits: false });
  });

  it("names every limit", () => {
    const limits = [limitOf("a", ["1/day"]), limitOf("b", ["1/day"], { charge: "success" })];
    expect(outcomesOf(limits, answer(500)).map(({ limit }) => limit)).toEqual(["a", "b"]);
  });
});

describe("settled", () => {
  const standing: Standing = {
    limit: "all",
    window: "minute",
    size: 9,
    used: 5,
    cost: 2,
    held: true,
    resetAt: 60_000,
    lengthMs: 60_000,
  };
  const decision = (...standings: Standing[]): Admitted => ({ admitted: true, at: 0, standings });

  it("shows the refund in every window that was held", () => {
    const hour = { ...standing, window: "hour", used: 8 };
    expect(settled(decision(standing, hour), [{ limit: "all", cost: 0 }]).standings).toEqual([
      { ...standing, used: 3, cost: 0, held: false },
      { ...hour, used: 6, cost: 0, held: false },
    ]);
  });

  it("keeps what no outcome changes", () => {
    expect(settled(decision(standing), [{ limit: "all", credits: false }]).standings).toEqual([
      { ...standing, held: false },
    ]);
  });

  it("leaves what was not held, and a decision that held nothing", () => {
    const final = { ...standing, held: false };
    const outcomes = [{ limit: "all", cost: 0 }];
    expect(settled(decision({ ...standing, limit: "other" }, final), outcomes).standings[1]).toBe(final);
    const nothingHeld = decision(final);
    expect(settled(nothingHeld, outcomes)).toBe(nothingHeld);
  });

  it.each([0, 1, 2, 5, 30])("says what the ledger then says, at a true cost of %i", (cost) => {
    const limit = limitOf("all", ["9/minute", "20/hour"], { cost: 2, costFrom: "x-cost" });
    const desk = new Desk();
    desk.take([limit]);
    const taken = desk.take([limit]);
    if (!taken.admitted) throw new Error("Expected room for two takes");
    const outcomes = outcomesOf([limit], answer(200, { "x-cost": String(cost) }));
    desk.settle(2, ...outcomes);
    const left = ({ size, used }: Standing) => Math.max(0, size - used);
    expect(settled(taken, outcomes).standings.map(left)).toEqual(desk.peek([limit]).standings.map(left));
  });
});
