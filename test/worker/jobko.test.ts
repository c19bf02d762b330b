// Jobko's page on rate limits, from top to bottom.

import { describe, expect, it } from "vitest";
import {
  type Asking,
  ask,
  askTimes,
  freshKey,
  HOUR_MS,
  limitHeaders,
  limitHeadersOf,
  moveClock,
  SECOND_MS,
  setClock,
  tally,
} from "./harness.ts";

describe("Default Limits", () => {
  it("allows 100 requests an hour", async () => {
    setClock("2036-03-12T13:00:00Z");
    const key = freshKey();
    expect(tally(await askTimes(101, "/api/mcp", { key }))).toEqual({ 200: 100, 429: 1 });
    moveClock(HOUR_MS);
    expect((await ask("/api/mcp", { key })).status).toBe(200);
  });

  it("allows 1,000 requests a day", async () => {
    setClock("2036-03-12T00:00:00Z");
    const key = freshKey();
    for (let hour = 0; hour < 10; hour += 1) {
      expect(tally(await askTimes(100, "/api/mcp", { key }))).toEqual({ 200: 100 });
      moveClock(HOUR_MS);
    }
    const refused = await ask("/api/mcp", { key });
    expect(refused.status).toBe(429);
    expect(limitHeadersOf(refused)).toEqual(limitHeaders(1_000, 0, "2036-03-13T00:00:00Z"));
    expect(refused.headers.get("retry-after")).toBe(String(14 * 3_600));
    setClock("2036-03-13T00:00:00Z");
    expect((await ask("/api/mcp", { key })).status).toBe(200);
  });

  it("applies them per API key, wherever the key is sent", async () => {
    setClock("2036-03-12T13:00:00Z");
    const [one, other] = [freshKey(), freshKey()];
    await askTimes(2, "/api/mcp", { key: one });
    const answers = [
      await ask("/api/mcp/status", { headers: { authorization: `Bearer ${one}` } }),
      await ask("/api/mcp/status", { headers: { authorization: `Bearer ${other}` } }),
    ];
    expect(answers.map((answer) => limitHeadersOf(answer).remaining)).toEqual(["97", "99"]);
  });
});

describe("Rate Limit Headers", () => {
  it("reads as on the page after 5 of 100", async () => {
    setClock("2024-03-12T13:20:00Z");
    const [answer] = (await askTimes(5, "/api/mcp/status", { key: freshKey() })).slice(-1);
    expect(answer && limitHeadersOf(answer)).toEqual({ limit: "100", remaining: "95", reset: "1710252000" });
  });

  it("speaks of the hour where the day has less left", async () => {
    setClock("2036-03-12T00:00:00Z");
    const key = freshKey();
    for (let hour = 0; hour < 10; hour += 1) {
      await askTimes(95, "/api/mcp", { key });
      moveClock(HOUR_MS);
    }
    const answer = await ask("/api/mcp", { key });
    expect(limitHeadersOf(answer)).toEqual(limitHeaders(100, 99, "2036-03-12T11:00:00Z"));
  });
});

describe("When Limits Are Exceeded", () => {
  const call = (body: string): Asking => ({
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });

  it.each<[string, Asking, string]>([
    ["the page's body", {}, '{"error":{"code":-32002,"message":"Rate limit exceeded"}}'],
    [
      "a JSON-RPC error to a JSON-RPC request",
      call('{"jsonrpc":"2.0","id":7,"method":"tools/call"}'),
      '{"jsonrpc":"2.0","error":{"code":-32002,"message":"Rate limit exceeded"},"id":7}',
    ],
    [
      "a JSON-RPC error with an id of text",
      call('{"jsonrpc":"2.0","id":"a-7","method":"tools/call"}'),
      '{"jsonrpc":"2.0","error":{"code":-32002,"message":"Rate limit exceeded"},"id":"a-7"}',
    ],
    [
      "the page's body to any other JSON",
      call('{"id":7,"job_url":"https://jobs.example/1"}'),
      '{"error":{"code":-32002,"message":"Rate limit exceeded"}}',
    ],
  ])("answers %s, with a Retry-After", async (_, asking, body) => {
    setClock("2036-03-12T13:00:00Z");
    const key = freshKey();
    await askTimes(100, "/api/mcp", { key });
    const refused = await ask("/api/mcp", { ...asking, key });
    expect(refused.status).toBe(429);
    expect(refused.headers.get("content-type")).toBe("application/json");
    expect(refused.headers.get("retry-after")).toBe("3600");
    expect(limitHeadersOf(refused)).toEqual(limitHeaders(100, 0, "2036-03-12T14:00:00Z"));
    expect(await refused.text()).toBe(body);
  });
});

describe("Best Practices", () => {
  it("admits a client that waits as long as it is told", async () => {
    setClock("2036-03-12T13:17:03.500Z");
    const key = freshKey();
    await askTimes(100, "/api/mcp", { key });
    const refused = await ask("/api/mcp", { key });
    moveClock(Number(refused.headers.get("retry-after")) * SECOND_MS);
    expect((await ask("/api/mcp", { key })).status).toBe(200);
  });
});
