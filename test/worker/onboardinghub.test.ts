// OnboardingHub's page on rate limits, from top to bottom.

import { describe, expect, it } from "vitest";
import {
  ask,
  askTimes,
  freshKey,
  limitHeaders,
  limitHeadersOf,
  MINUTE_MS,
  moveClock,
  SECOND_MS,
  setClock,
  tally,
} from "./harness.ts";

describe("Limits", () => {
  it("allows a token 60 requests a minute, shared by API v1 and MCP", async () => {
    setClock("2036-02-09T00:00:00Z");
    const key = freshKey();
    const paths = ["/api/v1/guides", "/mcp", "/api/v1", "/api/v1/users/7"];
    for (const path of paths) expect(tally(await askTimes(15, path, { key }))).toEqual({ 200: 15 });
    for (const path of paths) expect((await ask(path, { key })).status).toBe(429);
    moveClock(MINUTE_MS);
    expect((await ask("/mcp", { key })).status).toBe(200);
  });

  it("allows a token 500 requests an hour", async () => {
    setClock("2036-02-09T00:00:00Z");
    const key = freshKey();
    for (let left = 500; left > 0; left -= 60) {
      const answers = await askTimes(Math.min(60, left), "/api/v1/guides", { key });
      expect(tally(answers)).toEqual({ 200: answers.length });
      moveClock(MINUTE_MS);
    }
    const refused = await ask("/api/v1/guides", { key });
    expect(refused.status).toBe(429);
    expect(limitHeadersOf(refused)).toEqual(limitHeaders(500, 0, "2036-02-09T01:00:00Z"));
    expect(refused.headers.get("retry-after")).toBe(String(51 * 60));
  });

  it("tracks both windows independently: what the minute refuses, the hour does not count", async () => {
    setClock("2036-02-09T00:00:00Z");
    const key = freshKey();
    await askTimes(70, "/mcp", { key });
    const usage = await ask("/_weir/usage", { key });
    expect(await usage.json()).toMatchObject({
      windows: [
        { window: "minute", used: 60 },
        { window: "hour", used: 60 },
      ],
    });
  });

  it("gives each access token limits of its own", async () => {
    setClock("2036-02-09T00:00:00Z");
    const [apiKey, oauthToken] = [freshKey(), freshKey()];
    await askTimes(61, "/mcp", { key: apiKey });
    const answer = await ask("/mcp", { headers: { authorization: `Bearer ${oauthToken}` } });
    expect([answer.status, limitHeadersOf(answer).remaining]).toEqual([200, "59"]);
  });

  it("meters authenticated requests only, and no other path", async () => {
    const key = freshKey();
    const unmetered = [
      ...(await askTimes(70, "/api/v1/guides")),
      ...(await askTimes(70, "/api/v2/guides", { key })),
      ...(await askTimes(1, "/mcp/sse", { key })),
    ];
    expect(tally(unmetered)).toEqual({ 200: 141 });
    for (const answer of unmetered) expect(limitHeadersOf(answer)).toEqual(limitHeaders());
  });
});

describe("Response headers", () => {
  it("reads as on the page after 2 of 60", async () => {
    setClock("2024-02-09T00:00:00Z");
    const [answer] = (await askTimes(2, "/mcp", { key: freshKey() })).slice(-1);
    expect(answer && limitHeadersOf(answer)).toEqual({ limit: "60", remaining: "58", reset: "1707436860" });
  });
});

describe("Handling 429 responses", () => {
  it("answers as on the page", async () => {
    setClock("2036-02-09T00:00:00Z");
    const key = freshKey();
    await askTimes(60, "/mcp", { key });
    const refused = await ask("/mcp", { key });
    expect([refused.status, refused.statusText]).toEqual([429, "Too Many Requests"]);
    expect(refused.headers.get("retry-after")).toBe("60");
    expect(refused.headers.get("content-type")).toBe("application/json");
    expect(await refused.text()).toBe(
      '{"error":{"type":"rate_limited","message":"Too many requests. Please retry later."}}',
    );
  });

  it("admits a client that waits as long as it is told", async () => {
    setClock("2036-02-09T00:00:12.345Z");
    const key = freshKey();
    await askTimes(60, "/mcp", { key });
    const refused = await ask("/mcp", { key });
    moveClock(Number(refused.headers.get("retry-after")) * SECOND_MS);
    expect((await ask("/mcp", { key })).status).toBe(200);
  });
});
