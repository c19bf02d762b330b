// UpHunt's page on rate limits, from top to bottom.

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

const UNDER = "/api/auto-apply-v2";

describe("Limits by endpoint", () => {
  it.each([
    ["POST", "/apply", 60],
    ["GET", "/status", 300],
    ["GET", "/applied-jobs", 60],
    ["POST", "/generate-proposal", 30],
    ["GET", "/external/freelancers", 30],
  ])("%s %s has %i a minute, under both of its paths together", async (method, path, size) => {
    setClock("2036-06-08T12:00:00Z");
    const asking = { method, key: freshKey() };
    const paths = [path, UNDER + path] as const;
    for (let used = 1; used <= size; used += 1) {
      const [admitted] = await askTimes(1, paths[used % 2 ? 0 : 1], asking);
      expect(admitted?.status).toBe(200);
      expect(admitted && limitHeadersOf(admitted)).toEqual(
        limitHeaders(size, size - used, "2036-06-08T12:01:00Z"),
      );
    }
    for (const one of paths) expect((await ask(one, asking)).status).toBe(429);
    moveClock(MINUTE_MS);
    for (const one of paths) expect((await ask(one, asking)).status).toBe(200);
  });

  it.each([
    ["/apply", 60, 1000],
    ["/generate-proposal", 30, 500],
  ])("POST %s, at %i a minute, has %i a day", async (path, aMinute, aDay) => {
    setClock("2036-06-08T12:00:00Z");
    const asking = { method: "POST", key: freshKey() };
    for (let left = aDay; left > 0; left -= aMinute) {
      const answers = await askTimes(Math.min(aMinute, left), path, asking);
      expect(tally(answers)).toEqual({ 200: answers.length });
      moveClock(MINUTE_MS);
    }
    const refused = await ask(path, asking);
    expect(refused.status).toBe(429);
    expect(limitHeadersOf(refused)).toEqual(limitHeaders(aDay, 0, "2036-06-09T00:00:00Z"));
    expect(await refused.json()).toMatchObject({ limit: aDay, used: aDay + 1 });
    setClock("2036-06-09T00:00:00Z");
    expect((await ask(path, asking)).status).toBe(200);
  });

  it("gives each endpoint windows of its own", async () => {
    setClock("2036-06-08T12:00:00Z");
    const key = freshKey();
    await askTimes(31, "/external/freelancers", { key });
    const others = [
      await ask("/status", { key }),
      await ask("/applied-jobs", { key }),
      await ask("/apply", { method: "POST", key }),
      await ask("/generate-proposal", { method: "POST", key }),
    ];
    expect(others.map((answer) => limitHeadersOf(answer).remaining)).toEqual(["299", "59", "59", "29"]);
  });

  it("meters no other method and no other path", async () => {
    const key = freshKey();
    for (const path of ["/apply", "/pricing", `${UNDER}/generate-proposal`]) {
      const answer = await ask(path, { key });
      expect([answer.status, limitHeadersOf(answer)]).toEqual([200, limitHeaders()]);
    }
  });

  it("is per API key: staging and production share nothing", async () => {
    setClock("2036-06-08T12:00:00Z");
    const [staging, production] = [freshKey(), freshKey()];
    expect(tally(await askTimes(61, "/applied-jobs", { key: staging }))).toEqual({ 200: 60, 429: 1 });
    const answer = await ask("/applied-jobs", { key: production });
    expect(limitHeadersOf(answer).remaining).toBe("59");
  });

  it("takes the key from x-api-key or a bearer token, as one and the same", async () => {
    setClock("2036-06-08T12:00:00Z");
    const key = freshKey();
    await ask("/applied-jobs", { key });
    const answer = await ask("/applied-jobs", { headers: { authorization: `Bearer ${key}` } });
    expect(limitHeadersOf(answer).remaining).toBe("58");
  });

  it("answers 401 where there is no key", async () => {
    const answer = await ask("/applied-jobs");
    expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([401, 'Bearer realm="api"']);
  });
});

describe("Response headers", () => {
  it("reads as on the page after 13 of 60", async () => {
    setClock("2024-11-21T15:59:30Z");
    const [answer] = (await askTimes(13, "/applied-jobs", { key: freshKey() })).slice(-1);
    expect(answer && limitHeadersOf(answer)).toEqual({
      limit: "60",
      remaining: "47",
      reset: "1732204800",
    });
  });
});

describe("Handling 429", () => {
  it("refuses the 61st of a minute in the page's words, and says how long to wait", async () => {
    setClock("2026-06-08T23:59:30Z");
    const asking = { method: "POST", key: freshKey() };
    await askTimes(60, `${UNDER}/apply`, asking);
    const refused = await ask(`${UNDER}/apply`, asking);
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("30");
    expect(refused.headers.get("content-type")).toBe("application/json");
    expect(refused.headers.get("cache-control")).toBe("no-store");
    expect(limitHeadersOf(refused)).toEqual(limitHeaders(60, 0, "2026-06-09T00:00:00Z"));
    expect(await refused.text()).toBe(
      JSON.stringify({
        error: "rate_limit_exceeded",
        message: "Request limit of 60 per minute reached. Quota resets 2026-06-09T00:00:00.000Z.",
        limit: 60,
        used: 61,
        resetsAt: "2026-06-09T00:00:00.000Z",
      }),
    );
  });

  it("admits a client that waits as long as it is told", async () => {
    setClock("2036-06-08T23:59:30Z");
    const asking = { method: "POST", key: freshKey() };
    const [refused] = (await askTimes(61, "/apply", asking)).slice(-1);
    moveClock(Number(refused?.headers.get("retry-after")) * SECOND_MS);
    expect((await ask("/apply", asking)).status).toBe(200);
  });
});
