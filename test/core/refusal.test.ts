import { describe, expect, it } from "vitest";
import { type Cause, REFUSALS } from "../../src/core/refusal.ts";

const causes = Object.keys(REFUSALS) as Cause[];

describe("REFUSALS", () => {
  it("counts nothing but a 429 as a strike", () => {
    expect(causes.filter((cause) => REFUSALS[cause].isStrike)).toEqual(["rate", "newcomer"]);
    expect(causes.filter((cause) => REFUSALS[cause].status === 429)).toEqual(["rate", "newcomer"]);
  });

  it("challenges on every 401", () => {
    const unauthorized = causes.filter((cause) => REFUSALS[cause].status === 401);
    expect(unauthorized).toEqual(["unauthenticated", "unknown", "expired"]);
    expect(unauthorized.filter((cause) => !REFUSALS[cause].challenge?.startsWith("Bearer "))).toEqual([]);
  });
});
