// Upstat's page on rate limits, from top to bottom.

import { beforeAll, describe, expect, it } from "vitest";
import {
  ask,
  askAtOnce,
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
import { done, register } from "./operator.ts";

/** Tokens of one account. */
function tokensOf(account: string, count: number): Promise<string[]> {
  return Promise.all(Array.from({ length: count }, async () => (await register({ account })).key));
}

describe("Rate Limit Overview", () => {
  it("allows a token 1,000 requests a minute and 10,000 an hour", async () => {
    setClock("2036-01-01T00:00:00Z");
    const key = freshKey();
    for (let minute = 0; minute < 10; minute += 1) {
      expect(tally(await askAtOnce(1_001, "/v1/monitors", { key }))).toEqual({ 200: 1_000, 429: 1 });
      moveClock(MINUTE_MS);
    }
    const refused = await ask("/v1/monitors", { key });
    expect(refused.status).toBe(429);
    expect(limitHeadersOf(refused)).toEqual(limitHeaders(10_000, 0, "2036-01-01T01:00:00Z"));
    expect(refused.headers.get("retry-after")).toBe("3000");
    setClock("2036-01-01T01:00:00Z");
    expect((await ask("/v1/monitors", { key })).status).toBe(200);
  });

  it("meters every path together", async () => {
    setClock("2036-01-01T00:00:00Z");
    const key = freshKey();
    const answers = [
      await ask("/", { key }),
      await ask("/v1/monitors?limit=100", { key }),
      await ask("/v1/incidents/7", { method: "DELETE", key }),
    ];
    expect(answers.map((answer) => limitHeadersOf(answer).remaining)).toEqual(["999", "998", "997"]);
  });
});

describe("Per Account", () => {
  it("allows all tokens of an account 5,000 requests a minute, and refuses with the account's window", async () => {
    setClock("2036-01-01T00:00:00Z");
    const tokens = await tokensOf("acme", 5);
    const askEach = async () => {
      const answers = [];
      for (const key of tokens) answers.push(...(await askTimes(1, "/v1/monitors", { key })));
      return answers;
    };
    // So that few requests spend nearly all of it.
    await done("subject", "PUT /accounts/acme", { overrides: { account: { cost: 999 } } });
    expect(tally(await askEach())).toEqual({ 200: 5 });
    await done("subject", "PUT /accounts/acme", {});
    expect(tally(await askEach())).toEqual({ 200: 5 });
    for (const refused of await askEach()) {
      expect(refused.status).toBe(429);
      expect(limitHeadersOf(refused)).toEqual(limitHeaders(5_000, 0, "2036-01-01T00:01:00Z"));
      expect(refused.headers.get("retry-after")).toBe("60");
    }
    const [elsewhere = ""] = await tokensOf("another", 1);
    expect((await ask("/v1/monitors", { key: elsewhere })).status).toBe(200);
    moveClock(MINUTE_MS);
    expect(tally(await askEach())).toEqual({ 200: 5 });
  });

  it("leaves each token its own 1,000", async () => {
    setClock("2036-01-01T00:00:00Z");
    const [spent = "", fresh = ""] = await tokensOf("two", 2);
    expect(tally(await askAtOnce(1_001, "/", { key: spent }))).toEqual({ 200: 1_000, 429: 1 });
    expect(limitHeadersOf(await ask("/", { key: fresh }))).toMatchObject({ limit: "1000", remaining: "999" });
  });
});

describe("Rate Limit Headers", () => {
  it("reads as on the page after 5 of 1,000", async () => {
    setClock("2021-12-31T23:59:30Z");
    const [answer] = (await askTimes(5, "/", { key: freshKey() })).slice(-1);
    expect(answer && limitHeadersOf(answer)).toEqual({
      limit: "1000",
      remaining: "995",
      reset: "1640995200",
    });
    expect(answer?.headers.has("retry-after")).toBe(false);
  });
});

describe("A token that is limited, with 30 seconds to go", () => {
  const key = freshKey();
  beforeAll(async () => {
    setClock("2021-12-31T23:59:30Z");
    await askAtOnce(1_000, "/", { key });
  });

  it("reads the page's headers", async () => {
    const refused = await ask("/", { key });
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("30");
    expect(limitHeadersOf(refused)).toEqual({ limit: "1000", remaining: "0", reset: "1640995200" });
  });

  it("is told in problem details", async () => {
    const refused = await ask("/", { key });
    expect(refused.headers.get("content-type")).toBe("application/problem+json");
    expect(await refused.json()).toEqual({
      type: "https://iana.org/assignments/http-problem-types#quota-exceeded",
      title: "Request cannot be satisfied as assigned quota has been exceeded",
      status: 429,
      detail:
        "The limit of 1000 per minute has no room for this request. Retry after 30 s; the window resets at 2022-01-01T00:00:00.000Z.",
      reason: "rate",
      "violated-policies": ["token-minute"],
      limit: 1_000,
      remaining: 0,
      retryAfterSeconds: 30,
      resetsAt: "2022-01-01T00:00:00.000Z",
    });
  });

  it("leaves separate tokens limits of their own", async () => {
    const other = await ask("/", { headers: { authorization: `Bearer ${freshKey()}` } });
    expect(limitHeadersOf(other)).toEqual(limitHeaders(1_000, 999, "2022-01-01T00:00:00Z"));
  });

  it("is one token, wherever it is sent", async () => {
    expect((await ask("/", { headers: { authorization: `Bearer ${key}` } })).status).toBe(429);
  });

  it("is admitted once it has waited as long as it is told", async () => {
    const refused = await ask("/", { key });
    moveClock(Number(refused.headers.get("retry-after")) * SECOND_MS);
    expect((await ask("/", { key })).status).toBe(200);
  });
});

describe("Monitor Your Usage", () => {
  it("works by the page's code", async () => {
    setClock("2036-01-01T00:00:00Z");
    const [answer] = (await askTimes(5, "/", { key: freshKey() })).slice(-1);
    const { limit, remaining } = limitHeadersOf(answer as Response);
    const usage = (((Number(limit) - Number(remaining)) / Number(limit)) * 100).toFixed(1);
    expect(usage).toBe("0.5");
  });
});
