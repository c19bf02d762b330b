import { describe, expect, it } from "vitest";
import { type Brought, bring, type Newcomers, newcomerName } from "../../src/core/newcomers.ts";
import { windowOf } from "./support/build.ts";

const window = windowOf("3/hour");
const t0 = Date.UTC(2036, 0, 1);

function bringAll(names: readonly string[], nowMs: number, from?: Newcomers): Brought[] {
  let newcomers = from;
  return names.map((name) => {
    const brought = bring(newcomers, name, window, nowMs);
    if (brought.kind === "welcome") newcomers = brought.newcomers;
    return brought;
  });
}

describe("bring", () => {
  it("welcomes as many keys as fit, each as often as it comes, and no other", () => {
    const kinds = bringAll(["a", "a", "b", "c", "d", "a", "e"], t0).map(({ kind }) => kind);
    expect(kinds).toEqual(["welcome", "welcome", "welcome", "welcome", "refused", "welcome", "refused"]);
  });

  it("gives back the very newcomers where nothing is new", () => {
    const [first] = bringAll(["a"], t0);
    const newcomers = first?.kind === "welcome" ? first.newcomers : undefined;
    expect(bring(newcomers, "a", window, t0 + 1)).toEqual({ kind: "welcome", newcomers });
    const again = bring(newcomers, "a", window, t0 + 1);
    expect(again.kind === "welcome" && again.newcomers).toBe(newcomers);
  });

  it("refuses until the window is over, and never firmly: the key may come from another address", () => {
    const refused = bringAll(["a", "b", "c", "d"], t0 + 1_000).at(-1);
    expect(refused).toEqual({
      kind: "refused",
      decision: {
        admitted: false,
        at: t0 + 1_000,
        reason: "newcomer",
        standings: [
          {
            limit: "new-keys",
            window: "hour",
            size: 3,
            used: 3,
            cost: 1,
            held: false,
            resetAt: t0 + 3_600_000,
            lengthMs: 3_600_000,
          },
        ],
        refusing: 0,
        retryAfterMs: 3_599_000,
      },
    });
  });

  it("forgets all of them with the end of the window", () => {
    const last = bringAll(["a", "b", "c"], t0).at(-1);
    const newcomers = last?.kind === "welcome" ? last.newcomers : undefined;
    expect(bring(newcomers, "d", window, t0 + 3_599_999).kind).toBe("refused");
    expect(bring(newcomers, "d", window, t0 + 3_600_000)).toEqual({
      kind: "welcome",
      newcomers: { startAt: t0 + 3_600_000, endAt: t0 + 7_200_000, names: ["d"] },
    });
  });
});

describe("newcomerName", () => {
  it("is a short part of the key's id", () => {
    expect(newcomerName("0123456789abcdef0123456789abcdef")).toBe("01234567");
  });
});
