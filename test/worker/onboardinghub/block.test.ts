// OnboardingHub's page on rate limits: IP-level blocking.

import { beforeEach, describe, expect, it } from "vitest";
import { ask, askTimes, freshKey, HOUR_MS, moveClock, SECOND_MS, setClock, tally } from "../harness.ts";

const ip = "203.0.113.7";
let days = 0;

/** Spends a fresh key's minute, so that each further request with it is a throttle hit. */
async function spentKey(address: string): Promise<string> {
  const key = freshKey();
  expect(tally(await askTimes(60, "/mcp", from(address, key)))).toEqual({ 200: 60 });
  return key;
}

function from(address: string, key?: string) {
  return { headers: { "cf-connecting-ip": address }, ...(key !== undefined && { key }) };
}

/** A day of its own for each test, so that nothing is held against its address any more. */
beforeEach(() => {
  days += 1;
  setClock(Date.parse("2036-02-09T00:00:00Z") + days * 24 * HOUR_MS);
});

describe("IP-level blocking", () => {
  it("answers nine throttle hits within a minute with a 429 and no block, and the tenth too (case 11)", async () => {
    const key = await spentKey(ip);
    expect(tally(await askTimes(9, "/mcp", from(ip, key)))).toEqual({ 429: 9 });
    expect((await ask("/api/v2/guides", from(ip))).status).toBe(200);
    expect((await ask("/mcp", from(ip, key))).status).toBe(429);
    expect((await ask("/mcp", from(ip, key))).status).toBe(403);
  });

  it("answers all requests from a blocked IP as on the page", async () => {
    const key = await spentKey(ip);
    await askTimes(10, "/mcp", from(ip, key));
    const requests = [from(ip, key), from(ip, freshKey()), from(ip)].flatMap((asking) =>
      ["/mcp", "/api/v1/guides", "/api/v2/guides", "/_weir/usage"].map((path) => ask(path, asking)),
    );
    for (const answer of await Promise.all(requests)) {
      expect([answer.status, answer.statusText]).toEqual([403, "Forbidden"]);
      expect(answer.headers.get("content-type")).toBe("application/json");
      expect(await answer.text()).toBe(
        '{"error":"Access denied. Your IP has been temporarily blocked due to excessive requests."}',
      );
    }
    expect((await ask("/mcp", from("203.0.113.8", freshKey()))).status).toBe(200);
  });

  it.each([
    ["60.001 s", 60_001],
    ["60 s", 60_000],
  ])("does not block where the tenth hit comes %s after the first (case 12)", async (_, afterMs) => {
    const key = await spentKey(ip);
    expect((await ask("/mcp", from(ip, key))).status).toBe(429);
    moveClock(afterMs - SECOND_MS);
    expect(tally(await askTimes(8, "/mcp", from(ip, await spentKey(ip))))).toEqual({ 429: 8 });
    moveClock(SECOND_MS);
    expect((await ask("/mcp", from(ip, await spentKey(ip)))).status).toBe(429);
    expect((await ask("/mcp", from(ip, freshKey()))).status).toBe(200);
  });

  it("blocks where it comes 59.999 s after the first", async () => {
    const key = await spentKey(ip);
    expect((await ask("/mcp", from(ip, key))).status).toBe(429);
    moveClock(59_999);
    expect(tally(await askTimes(9, "/mcp", from(ip, key)))).toEqual({ 429: 9 });
    expect((await ask("/mcp", from(ip, key))).status).toBe(403);
  });

  it("ends the block after 1 hour, which requests made meanwhile do not extend (case 13)", async () => {
    const key = await spentKey(ip);
    await askTimes(10, "/mcp", from(ip, key));
    moveClock(1_800 * SECOND_MS);
    expect(tally(await askTimes(20, "/mcp", from(ip, key)))).toEqual({ 403: 20 });
    moveClock(1_799 * SECOND_MS);
    expect((await ask("/mcp", from(ip, key))).status).toBe(403);
    moveClock(SECOND_MS);
    expect((await ask("/mcp", from(ip, key))).status).toBe(200);
  });
});
