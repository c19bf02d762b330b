import { describe, expect, it } from "vitest";
import { isTrustDue, trustedUntil } from "../../src/core/trust.ts";

const dayMs = 86_400_000;
const t0 = Date.UTC(2036, 0, 1);

describe("trustedUntil", () => {
  it("remembers a 2xx for 30 days", () => {
    expect(trustedUntil(t0)).toBe(t0 + 30 * dayMs);
  });
});

describe("isTrustDue", () => {
  it("is due for a key that was never trusted", () => {
    expect(isTrustDue(0, t0)).toBe(true);
  });

  it("is due again only after half of the time", () => {
    const untilAt = trustedUntil(t0);
    expect(isTrustDue(untilAt, t0)).toBe(false);
    expect(isTrustDue(untilAt, t0 + 15 * dayMs)).toBe(false);
    expect(isTrustDue(untilAt, t0 + 15 * dayMs + 1)).toBe(true);
  });
});
