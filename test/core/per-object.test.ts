import { describe, expect, it } from "vitest";
import { perObject } from "../../src/core/per-object.ts";

describe("perObject", () => {
  it("makes a value once of each object, and another of its like", () => {
    const namesOf = perObject((object: object) => Object.keys(object));
    const object = { a: 1 };
    const names = namesOf(object);
    expect(names).toEqual(["a"]);
    expect(namesOf(object)).toBe(names);
    expect(namesOf({ a: 1 })).not.toBe(names);
  });
});
