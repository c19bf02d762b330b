import { describe, expect, it } from "vitest";
import { keyIds } from "../../../scripts/replay/keys.ts";
import { keyId } from "../../../src/gate/keyid.ts";

describe("keyIds", () => {
  it.each(["sk_live_1", "key with ünicode"])("makes %s the id that the Worker makes it", async (key) => {
    expect(keyIds("a secret")(key)).toBe(await keyId("a secret", key));
  });

  it("makes the same key the same id", () => {
    const idOf = keyIds("a secret");
    expect(idOf("one")).toBe(idOf("one"));
    expect(idOf("one")).not.toBe(idOf("other"));
  });

  it("makes ids without a secret", () => {
    expect(keyIds("")("key")).toMatch(/^[\da-f]{32}$/);
  });
});
