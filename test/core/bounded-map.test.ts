import { describe, expect, it } from "vitest";
import { BoundedMap } from "../../src/core/bounded-map.ts";

describe("BoundedMap", () => {
  it("forgets everything rather than hold more than it may", () => {
    const map = new BoundedMap<string, number>(2);
    map.set("a", 1).set("b", 2);
    expect([...map]).toEqual([
      ["a", 1],
      ["b", 2],
    ]);
    expect([...map.set("c", 3)]).toEqual([["c", 3]]);
  });

  it("forgets nothing where a value replaces another", () => {
    const map = new BoundedMap<string, number>(2).set("a", 1).set("b", 2).set("a", 3);
    expect([...map]).toEqual([
      ["a", 3],
      ["b", 2],
    ]);
  });

  it("makes a value once, of its key", () => {
    const map = new BoundedMap<string, object>(2);
    const made = map.getOrMake("a", (key) => ({ key }));
    expect(made).toEqual({ key: "a" });
    expect(map.getOrMake("a", (key) => ({ key }))).toBe(made);
  });
});
