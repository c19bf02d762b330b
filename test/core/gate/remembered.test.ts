import { describe, expect, it } from "vitest";
import type { Refused } from "../../../src/core/decision.ts";
import { recall, remember } from "../../../src/gate/remembered.ts";

const asks = [{ limit: "all" }];

function refusal(more: Partial<Refused> = {}): { readonly decision: Refused } {
  const standing = {
    limit: "all",
    window: "minute",
    size: 60,
    used: 60,
    cost: 1,
    held: false,
    resetAt: 160_000,
    lengthMs: 60_000,
  };
  return {
    decision: {
      admitted: false,
      at: 100_000,
      reason: "rate",
      standings: [standing],
      refusing: 0,
      retryAfterMs: 60_000,
      firm: true,
      ...more,
    },
  };
}

describe("recall", () => {
  it("answers the same asks, its instants moved on", () => {
    remember("moved", asks, refusal(), 1_000);
    expect(recall("moved", asks, 3_500)?.decision).toMatchObject({ at: 102_500, retryAfterMs: 57_500 });
  });

  it("forgets after 5 s, so that a reset or a larger plan is felt", () => {
    remember("old", asks, refusal(), 1_000);
    expect(recall("old", asks, 5_999)).toBeDefined();
    expect(recall("old", asks, 6_000)).toBeUndefined();
  });

  it("never answers in the last second of the wait", () => {
    remember("last", asks, refusal({ retryAfterMs: 3_000 }), 1_000);
    expect(recall("last", asks, 2_999)).toBeDefined();
    expect(recall("last", asks, 3_000)).toBeUndefined();
    remember("short", asks, refusal({ retryAfterMs: 1_000 }), 1_000);
    expect(recall("short", asks, 1_000)).toBeUndefined();
  });

  it("knows nothing of other asks, nor of other subjects", () => {
    remember("one", asks, refusal(), 1_000);
    expect(recall("one", [{ limit: "all" }], 1_000)).toBeUndefined();
    expect(recall("two", asks, 1_000)).toBeUndefined();
  });

  it.each([
    ["that a hold's refund may lift", refusal({ firm: false })],
    ["of a spent balance", refusal({ reason: "credits" })],
    ["of a key that is disabled", refusal({ reason: "disabled" })],
  ])("remembers no refusal %s", (why, answer) => {
    remember(why, asks, answer, 1_000);
    expect(recall(why, asks, 1_000)).toBeUndefined();
  });

  it("remembers no admission", () => {
    remember("admitted", asks, { decision: { admitted: true, at: 0, standings: [] } }, 1_000);
    expect(recall("admitted", asks, 1_000)).toBeUndefined();
  });

  it("is bounded: 5,000 subjects", () => {
    for (let index = 0; index <= 5_000; index++) remember(`many-${index}`, asks, refusal(), 1_000);
    expect(recall("many-0", asks, 1_000)).toBeUndefined();
    expect(recall("many-5000", asks, 1_000)).toBeDefined();
  });
});
