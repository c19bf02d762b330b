// Uberduck's page on rate limits, from top to bottom.

import { describe, expect, it } from "vitest";
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

/** What becomes of a text of so many characters. */
async function speak(key: string, characters: number): Promise<number> {
  const answer = await ask("/v1/speak", { method: "POST", key, body: "ź".repeat(characters) });
  await answer.body?.cancel();
  return answer.status;
}

describe("Rate Limit Tiers", () => {
  it("gives a key that nobody registered 5 requests a minute", async () => {
    setClock("2036-05-20T10:32:09Z");
    const key = freshKey();
    expect(tally(await askTimes(6, "/v1/speak", { key }))).toEqual({ 200: 5, 429: 1 });
  });

  it("counts a minute from its first request, not by the clock", async () => {
    setClock("2036-05-20T10:32:09.250Z");
    const key = freshKey();
    await ask("/v1/speak", { key });
    setClock("2036-05-20T10:33:00Z");
    await askTimes(4, "/v1/speak", { key });
    setClock("2036-05-20T10:33:09.249Z");
    expect((await ask("/v1/speak", { key })).status).toBe(429);
    setClock("2036-05-20T10:33:09.250Z");
    const answer = await ask("/v1/speak", { key });
    expect(limitHeadersOf(answer)).toMatchObject({ limit: "5", remaining: "4" });
  });

  it("gives it 100 a day, from its first request too", async () => {
    setClock("2036-05-20T10:32:09Z");
    const key = freshKey();
    for (let minute = 0; minute < 20; minute += 1) {
      expect(tally(await askTimes(5, "/v1/speak", { key }))).toEqual({ 200: 5 });
      moveClock(MINUTE_MS);
    }
    const refused = await ask("/v1/speak", { key });
    expect(refused.status).toBe(429);
    expect(limitHeadersOf(refused)).toEqual(limitHeaders(100, 0, "2036-05-21T10:32:09Z"));
    setClock("2036-05-21T10:32:09Z");
    expect((await ask("/v1/speak", { key })).status).toBe(200);
  });

  it("gives it 10,000 characters a request, and charges nothing for more", async () => {
    setClock("2036-05-20T10:32:09Z");
    const speak = { method: "POST", key: freshKey() };
    const most = await ask("/v1/speak", { ...speak, body: "ź".repeat(10_000) });
    expect([most.status, limitHeadersOf(most).remaining]).toEqual([200, "4"]);
    const over = await ask("/v1/speak", { ...speak, body: "ź".repeat(10_001) });
    expect(over.status).toBe(413);
    expect(limitHeadersOf(over)).toEqual(limitHeaders(5, 4, "2036-05-20T10:33:09Z"));
    expect(over.headers.has("retry-after")).toBe(false);
    expect(await over.json()).toMatchObject({
      status: 413,
      detail: "A request may have at most 10000 characters; this one has 10001. Send fewer.",
    });
  });

  it("gives Pro 60 a minute, 1,000 a day and 20,000 characters", async () => {
    setClock("2036-05-20T10:32:09Z");
    const { key } = await register({ tier: "pro" });
    expect([await speak(key, 20_000), await speak(key, 20_001)]).toEqual([200, 413]);
    expect(tally(await askAtOnce(60, "/v1/speak", { key }))).toEqual({ 200: 59, 429: 1 });
    for (let left = 940; left > 0; left -= 60) {
      moveClock(MINUTE_MS);
      const answers = await askAtOnce(Math.min(60, left), "/v1/speak", { key });
      expect(tally(answers)).toEqual({ 200: answers.length });
    }
    moveClock(MINUTE_MS);
    const refused = await ask("/v1/speak", { key });
    expect(refused.status).toBe(429);
    expect(limitHeadersOf(refused)).toEqual(limitHeaders(1_000, 0, "2036-05-21T10:32:09Z"));
  });

  it("gives an Enterprise customer what was agreed with it, characters too", async () => {
    setClock("2036-05-20T10:32:09Z");
    const { key, id } = await register({ tier: "enterprise" });
    expect(tally(await askTimes(6, "/v1/speak", { key }))).toEqual({ 200: 5, 429: 1 });
    const requests = { windows: ["600/minute", "50000/day"], maxCharacters: 100_000 };
    await done("subject", `PATCH /keys/${id}`, { overrides: { requests } });
    expect([await speak(key, 100_000), await speak(key, 100_001)]).toEqual([200, 413]);
    expect(tally(await askAtOnce(595, "/v1/speak", { key }))).toEqual({ 200: 594, 429: 1 });
    const { windows } = await done("key", `GET /keys/${id}`);
    expect(windows.map(({ window, size }) => `${size}/${window}`)).toEqual(requests.windows);
  });

  it("takes the key from x-api-key or a bearer token, as one and the same", async () => {
    setClock("2036-05-20T10:32:09Z");
    const key = freshKey();
    await ask("/v1/voices", { key });
    const answer = await ask("/v1/speak", { headers: { authorization: `Bearer ${key}` } });
    expect(limitHeadersOf(answer).remaining).toBe("3");
  });
});

describe("Rate Limit Headers", () => {
  it("are on every answer, and count down to 0", async () => {
    setClock("2036-05-20T10:32:09Z");
    const answers = await askTimes(6, "/v1/speak", { key: freshKey() });
    expect(answers.map(limitHeadersOf)).toEqual(
      [4, 3, 2, 1, 0, 0].map((remaining) => limitHeaders(5, remaining, "2036-05-20T10:33:09Z")),
    );
  });
});

describe("Rate Limit Exceeded Response", () => {
  it("is the page's own, 47 seconds before the reset", async () => {
    setClock((1_621_506_789 - 60) * SECOND_MS);
    const key = freshKey();
    await askTimes(5, "/v1/speak", { key });
    moveClock(13 * SECOND_MS);
    const refused = await ask("/v1/speak", { key });
    expect(refused.status).toBe(429);
    expect(refused.headers.get("content-type")).toBe("application/json");
    expect(refused.headers.get("retry-after")).toBe("47");
    expect(refused.headers.get("x-ratelimit-reset")).toBe("1621506789");
    expect(await refused.text()).toBe(
      JSON.stringify({
        error: {
          code: "rate_limit_exceeded",
          message: "Rate limit exceeded. Please try again in 47 seconds.",
          details: { reset_at: 1621506789, retry_after: 47 },
        },
      }),
    );
  });
});

describe("Handling Rate Limits", () => {
  it("admits a client that waits the time it reads from the body", async () => {
    setClock("2036-05-20T10:32:09.250Z");
    const key = freshKey();
    await askTimes(5, "/v1/speak", { key });
    moveClock(20 * SECOND_MS + 1);
    const refused = await ask("/v1/speak", { key });
    const { error } = await refused.json<{ error: { details: { retry_after: number } } }>();
    moveClock(error.details.retry_after * SECOND_MS);
    expect((await ask("/v1/speak", { key })).status).toBe(200);
  });
});

describe("Requesting Higher Rate Limits", () => {
  it("is an upgrade of the tier: from the next request on, and what was used stays used", async () => {
    setClock("2036-05-20T10:32:09Z");
    const { key, id } = await register({ tier: "free" });
    expect(tally(await askTimes(6, "/v1/speak", { key }))).toEqual({ 200: 5, 429: 1 });
    await done("subject", `PATCH /keys/${id}`, { tier: "pro" });
    expect(limitHeadersOf(await ask("/v1/speak", { key }))).toEqual(
      limitHeaders(60, 54, "2036-05-20T10:33:09Z"),
    );
  });
});
