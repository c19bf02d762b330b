import { describe, expect, it } from "vitest";
import { BlockMemory } from "../../../src/gate/block-memory.ts";

const forMs = 3_000;
const t0 = 1_000_000;
/** The object's clock is ahead of the isolate's. */
const blockedFor = (remainingMs: number) => ({
  isStruck: false,
  block: { untilAt: t0 + 5_000 + remainingMs, remainingMs },
});
const clear = { isStruck: false };

describe("BlockMemory", () => {
  it("knows nothing of an address it has not heard of", () => {
    expect(new BlockMemory().recall("a", t0)).toEqual({ kind: "unknown" });
  });

  it("goes by a block for the time it may, then only suspects it, until its end", () => {
    const memory = new BlockMemory();
    memory.learn("a", blockedFor(60_000), forMs, t0);
    expect(memory.recall("a", t0 + 2_999)).toEqual({
      kind: "blocked",
      block: { untilAt: t0 + 65_000, remainingMs: 57_001 },
    });
    expect(memory.recall("a", t0 + 3_000)).toEqual({ kind: "suspect" });
    expect(memory.recall("a", t0 + 59_999)).toEqual({ kind: "suspect" });
    expect(memory.recall("a", t0 + 60_000)).toEqual({ kind: "unknown" });
  });

  it("drops a block in its last second", () => {
    const memory = new BlockMemory();
    memory.learn("a", blockedFor(2_000), forMs, t0);
    expect(memory.recall("a", t0 + 999).kind).toBe("blocked");
    expect(memory.recall("a", t0 + 1_000).kind).toBe("suspect");
    memory.learn("b", blockedFor(900), forMs, t0);
    expect(memory.recall("b", t0).kind).toBe("suspect");
  });

  it("goes by there being no block for the same time", () => {
    const memory = new BlockMemory();
    memory.learn("a", clear, forMs, t0);
    expect(memory.recall("a", t0 + 2_999)).toEqual({ kind: "clear" });
    expect(memory.recall("a", t0 + 3_000)).toEqual({ kind: "unknown" });
  });

  it("does not go by it where strikes count, and forgets that it did", () => {
    const memory = new BlockMemory();
    memory.learn("a", clear, forMs, t0);
    memory.learn("a", { isStruck: true }, forMs, t0);
    expect(memory.recall("a", t0)).toEqual({ kind: "unknown" });
  });

  it("is told of a lifted block only once it no longer goes by the block", () => {
    const memory = new BlockMemory();
    memory.learn("a", blockedFor(60_000), forMs, t0);
    memory.learn("a", clear, forMs, t0 + 2_999);
    expect(memory.recall("a", t0 + 2_999).kind).toBe("blocked");
    memory.learn("a", clear, forMs, t0 + 3_000);
    expect(memory.recall("a", t0 + 3_000)).toEqual({ kind: "clear" });
  });

  it("goes by nothing where it may not remember", () => {
    const memory = new BlockMemory();
    memory.learn("a", clear, 0, t0);
    memory.learn("b", blockedFor(60_000), 0, t0);
    expect([memory.recall("a", t0).kind, memory.recall("b", t0).kind]).toEqual(["unknown", "suspect"]);
  });

  it("forgets the addresses heard of longest ago", () => {
    const memory = new BlockMemory();
    for (let address = 0; address <= 10_000; address++) memory.learn(String(address), clear, forMs, t0);
    expect(memory.recall("0", t0)).toEqual({ kind: "unknown" });
    expect(memory.recall("1", t0)).toEqual({ kind: "clear" });
    expect(memory.recall("10000", t0)).toEqual({ kind: "clear" });
  });
});
