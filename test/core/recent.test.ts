import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RecentTakes } from "../../src/core/recent.ts";

/** What may happen to the takes, and how often: a take, a retry's number again, a cancel, a clock that goes on, all gone. */
const steps = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: fc.record({ kind: fc.constant("take" as const), op: fc.nat({ max: 200 }) }) },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("cancel" as const), op: fc.nat({ max: 200 }) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.nat({ max: 40_000 }) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("clear" as const) }) },
  ),
  { maxLength: 400, size: "max" },
);

describe("RecentTakes", () => {
  it("remembers the takes of the last minute that were not cancelled, and which are the latest", () => {
    fc.assert(
      fc.property(steps, (taken) => {
        const recent = new RecentTakes();
        let model: [op: number, at: number][] = [];
        let nowMs = 0;
        for (const step of taken) {
          if (step.kind === "wait") nowMs += step.ms;
          if (step.kind === "clear") {
            recent.clear();
            model = [];
          }
          if (step.kind === "cancel") {
            recent.delete(step.op);
            model = model.filter(([op]) => op !== step.op);
          }
          if (step.kind === "take" && !recent.has(step.op)) {
            recent.remember(step.op, nowMs, []);
            model = [...model, [step.op, nowMs] as [number, number]].filter(([, at]) => at > nowMs - 60_000);
          }
          expect([...recent].map(([op, { at }]) => [op, at])).toEqual(model);
          expect(recent.latest).toEqual(model.slice(-16).map(([op]) => op));
        }
      }),
      { numRuns: 50 },
    );
  });

  it("forgets the oldest of very many, whichever were cancelled before", () => {
    const recent = new RecentTakes();
    for (let op = 0; op < 2_048; op++) recent.remember(op, 0, []);
    for (const op of [0, 1, 3]) recent.delete(op);
    for (let op = 2_048; op < 2_052; op++) recent.remember(op, 0, []);
    expect(recent.size).toBe(2_048);
    expect([...recent.keys()].slice(0, 3)).toEqual([4, 5, 6]);
  });

  it("takes a number again as the latest that was cancelled", () => {
    const recent = new RecentTakes();
    for (const op of [1, 2]) recent.remember(op, 0, []);
    recent.delete(1);
    recent.remember(1, 0, []);
    expect([...recent.keys()]).toEqual([2, 1]);
    expect(recent.latest).toEqual([2, 1]);
  });
});
