// UpHunt's page on rate limits, from top to bottom.

import { describe, expect, it, vi } from "vitest";
import {
  ask,
  askTimes,
  freshKey,
  HOUR_MS,
  limitHeaders,
  limitHeadersOf,
  MINUTE_MS,
  moveClock,
  SECOND_MS,
  setClock,
  tally,
  weirUnder,
} from "./harness.ts";
import { done, register } from "./operator.ts";

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

describe("POST /apply burns one credit only on success", () => {
  it.each(["/apply", `${UNDER}/apply`])(
    "%s: a 200 burns one, a failure none, and at 0 it is a 402",
    async (path) => {
      setClock("2036-06-08T12:00:00Z");
      const account = `applicant${path.length}`;
      const { key } = await register({ account });
      const asking = { method: "POST", key };
      await done("subject", `POST /accounts/${account}/credits`, { add: 2 });
      const left = async () => (await done("account", `GET /accounts/${account}`)).credits;
      expect((await ask(`${path}?status=500`, asking)).status).toBe(500);
      await vi.waitFor(async () => expect(await left()).toBe(2));
      expect(tally(await askTimes(2, path, asking))).toEqual({ 200: 2 });
      await vi.waitFor(async () => expect(await left()).toBe(0));
      const refused = await ask(path, asking);
      expect([refused.status, refused.headers.has("retry-after")]).toEqual([402, false]);
      // The failure was a request of the minute all the same; the refusal was not.
      expect(limitHeadersOf(refused)).toEqual(limitHeaders(60, 57, "2036-06-08T12:01:00Z"));
      expect((await ask("/status", { key })).status).toBe(200);
    },
  );

  it("is metered by no credits where the account was never given any", async () => {
    const { key } = await register({ account: "prepaid-nothing" });
    expect((await ask("/apply", { method: "POST", key })).status).toBe(200);
  });
});

describe("Monthly quota", () => {
  const paths = ["/api/v1/jobs/~0123456789", "/api/v1/clients/42/jobs"] as const;

  it("is 10,000 for both endpoints and all keys of a user together, then refuses in the page's words", async () => {
    setClock("2026-06-08T23:00:00Z");
    const nextBillingAt = "2026-06-09T00:00:00Z";
    const keys = [await register({ account: "agency" }), await register({ account: "agency" })];
    const askEach = async () => {
      const answers = [];
      for (const { key } of keys) {
        for (const path of paths) answers.push(await ask(path, { key }));
      }
      return answers;
    };
    // So that few requests spend nearly all of it.
    await done("subject", "PUT /accounts/agency", { nextBillingAt, overrides: { monthly: { cost: 2_499 } } });
    expect(tally(await askEach())).toEqual({ 200: 4 });
    await done("subject", "PUT /accounts/agency", { nextBillingAt });
    expect((await askEach()).map((answer) => limitHeadersOf(answer))).toEqual(
      [3, 2, 1, 0].map((left) => limitHeaders(10_000, left, nextBillingAt)),
    );
    for (const refused of await askEach()) {
      expect(refused.status).toBe(429);
      expect(refused.headers.get("retry-after")).toBe("3600");
      expect(limitHeadersOf(refused)).toEqual(limitHeaders(10_000, 0, nextBillingAt));
      expect(await refused.text()).toBe(
        JSON.stringify({
          error: "rate_limit_exceeded",
          message: "Monthly request limit of 10000 reached. Quota resets 2026-06-09T00:00:00.000Z.",
          limit: 10_000,
          used: 10_001,
          resetsAt: "2026-06-09T00:00:00.000Z",
        }),
      );
    }
    moveClock(HOUR_MS);
    expect((await askEach()).map((answer) => limitHeadersOf(answer))).toEqual(
      [9_999, 9_998, 9_997, 9_996].map((left) => limitHeaders(10_000, left, "2026-07-09T00:00:00Z")),
    );
  });

  it("ends an active subscriber's period at the next billing date, and rewinds 30 days for its start", async () => {
    const { key } = await register({ nextBillingAt: "2036-06-09T00:00:00Z" });
    setClock("2036-05-10T00:00:00Z");
    const answer = await weirUnder({ HEADERS: "both" })(paths[0], { key });
    expect(limitHeadersOf(answer)).toEqual(limitHeaders(10_000, 9_999, "2036-06-09T00:00:00Z"));
    expect(answer.headers.get("ratelimit-policy")).toBe(`"monthly-billing-period";q=10000;w=${30 * 86_400}`);
  });

  it("spent 30 days early, asks for no longer a wait than clients' timers can count (case 20)", async () => {
    setClock("2036-05-10T00:00:00Z");
    const nextBillingAt = "2036-06-09T00:00:00Z";
    const { key } = await register({ nextBillingAt, overrides: { monthly: { cost: 10_000 } } });
    const [refused] = (await askTimes(2, paths[0], { key })).slice(-1);
    expect([refused?.status, refused?.headers.get("retry-after")]).toEqual([429, "1728000"]);
    expect(refused && limitHeadersOf(refused)).toEqual(limitHeaders(10_000, 0, nextBillingAt));
  });

  it("is the calendar month in UTC without a subscription, and resets on the 1st", async () => {
    const { key } = await register({ account: "free-rider" });
    const standing = async () => limitHeadersOf(await ask(paths[1], { key }));
    setClock("2036-06-30T23:59:59.999Z");
    expect(await standing()).toEqual(limitHeaders(10_000, 9_999, "2036-07-01T00:00:00Z"));
    expect(await standing()).toEqual(limitHeaders(10_000, 9_998, "2036-07-01T00:00:00Z"));
    moveClock(1);
    expect(await standing()).toEqual(limitHeaders(10_000, 9_999, "2036-08-01T00:00:00Z"));
  });

  it("is each key's own where it belongs to no account", async () => {
    setClock("2036-06-08T12:00:00Z");
    const [staging, production] = [freshKey(), freshKey()];
    await askTimes(2, paths[0], { key: staging });
    expect(limitHeadersOf(await ask(paths[0], { key: production })).remaining).toBe("9999");
  });
});

describe("Response headers", () => {
  it.each([
    ["POST", "/apply"],
    ["GET", "/status"],
    ["GET", "/applied-jobs"],
    ["POST", "/generate-proposal"],
    ["GET", "/external/freelancers"],
    ["GET", "/api/v1/jobs/~01"],
    ["GET", "/api/v1/clients/7/jobs"],
  ])("are on every response of %s %s, whatever the origin says", async (method, path) => {
    setClock("2036-06-08T12:00:00Z");
    for (const status of [200, 302, 404, 500, 503]) {
      const answer = await ask(`${path}?status=${status}`, { method, key: freshKey() });
      expect(answer.status).toBe(status);
      for (const value of Object.values(limitHeadersOf(answer))) expect(value).toMatch(/^\d+$/);
    }
  });

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

describe("Requesting higher limits", () => {
  it("is an override of one account: its monthly quota, and its keys' limits too", async () => {
    setClock("2036-06-08T12:00:00Z");
    const overrides = {
      monthly: { windows: ["50000/billing period"] },
      apply: { windows: ["600/minute", "10000/day"] },
    };
    const verified = [await register({ account: "verified" }), await register({ account: "verified" })];
    const { key: other } = await register({ account: "unverified" });
    await done("subject", "PUT /accounts/verified", { overrides });
    const limitsOf = async (key: string) => [
      limitHeadersOf(await ask("/api/v1/jobs/~01", { key })).limit,
      limitHeadersOf(await ask("/apply", { method: "POST", key })).limit,
      limitHeadersOf(await ask("/status", { key })).limit,
    ];
    for (const { key } of verified) expect(await limitsOf(key)).toEqual(["50000", "600", "300"]);
    expect(await limitsOf(other)).toEqual(["10000", "60", "300"]);
  });
});
