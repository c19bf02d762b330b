import { describe, expect, it } from "vitest";
import { onErrorOf } from "../../src/core/on-error.ts";
import type { Limit, OnError } from "../../src/core/policy.ts";
import { limitOf } from "./support/build.ts";

const plain = limitOf("plain", ["5/minute"]);
const allowing = limitOf("allowing", ["5/minute"], { onError: "allow" });
const denying = limitOf("denying", ["5/minute"], { onError: "deny" });
const credits = limitOf("credits", ["5/minute"], { credits: 1 });
const billing = limitOf("billing", ["5/minute", "5/billing period"]);
const shadow: Partial<Limit> = { mode: "shadow" };

describe("onErrorOf", () => {
  it.each<[string, readonly Limit[], OnError, OnError]>([
    ["takes the policy's choice to allow", [plain], "allow", "allow"],
    ["takes the policy's choice to deny", [plain], "deny", "deny"],
    ["takes a limit's own choice to allow", [allowing], "deny", "allow"],
    ["takes a limit's own choice to deny", [denying], "allow", "deny"],
    ["denies where one of several limits does", [allowing, denying, plain], "allow", "deny"],
    ["denies what is paid for with credits", [credits], "allow", "deny"],
    ["denies what is paid for by the period", [billing], "allow", "deny"],
    ["allows what is paid for where its limit says so", [{ ...credits, onError: "allow" }], "deny", "allow"],
    [
      "gives shadow limits no say",
      [
        { ...denying, ...shadow },
        { ...credits, ...shadow },
      ],
      "allow",
      "allow",
    ],
    ["allows where nothing governs", [], "deny", "allow"],
  ])("%s", (_, limits, onError, chosen) => {
    expect(onErrorOf(limits, { onError })).toBe(chosen);
  });
});
