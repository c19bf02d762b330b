// What a client may try, and what an origin may say: neither moves a request to a looser limit, nor speaks for weir.

import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import {
  ask,
  askTimes,
  echoOf,
  freshKey,
  limitHeaders,
  limitHeadersOf,
  setClock,
  weirUnder,
} from "../harness.ts";

describe("A spelling of a path (case 33)", () => {
  it.each([
    "/API/x",
    "/api/X",
    "//api/x",
    "/api//x",
    "/api/x/",
    "/%61pi/x",
    "/api/%78",
    "/api%2fx",
    "/api%2Fx",
    "/%2561pi/x",
    "/api/..;/x",
    "/api;v=1/x",
    "/api/x;v=1",
    "/api/./x",
    "/other/../api/x",
    "/other/%2e%2e/api/x",
    "/api\\x",
    "/api%5cx",
    "/api/x%00",
    "/api/x%3f",
    "/\uff41pi/x",
    "/api/x?a=b",
    "/api/x/?",
  ])("%s is governed by the limit of /api/x", async (path) => {
    setClock("2036-01-01T00:00:00Z");
    const key = freshKey();
    expect((await ask("/api/x", { key })).status).toBe(200);
    const refused = await ask(path, { key });
    expect([refused.status, limitHeadersOf(refused).limit]).toEqual([429, "1"]);
  });

  it.each(["/api/y", "/api/xx", "/api/x/y"])("%s is not", async (path) => {
    const key = freshKey();
    await ask("/api/x", { key });
    const answer = await ask(path, { key });
    expect([answer.status, limitHeadersOf(answer).limit]).toEqual([200, "1000"]);
  });
});

describe("A method", () => {
  it.each(["x-http-method-override", "x-http-method", "x-method-override"])(
    "in %s is charged beside the real one (case 33)",
    async (name) => {
      setClock("2036-01-01T00:00:00Z");
      const key = freshKey();
      expect((await ask("/api/y", { method: "DELETE", key })).status).toBe(200);
      const headers = { [name]: "delete" };
      expect((await ask("/api/y", { method: "POST", key, headers })).status).toBe(429);
      expect((await ask("/api/y", { method: "POST", key })).status).toBe(200);
    },
  );

  it("in a header takes a request out of no limit", async () => {
    setClock("2036-01-01T00:00:00Z");
    const asking = { method: "DELETE", key: freshKey(), headers: { "x-http-method-override": "GET" } };
    const answers = await askTimes(2, "/api/y", asking);
    expect(answers.map(({ status }) => status)).toEqual([200, 429]);
  });

  it("HEAD counts as GET, and gets the headers alone (case 29)", async () => {
    setClock("2036-01-01T00:00:00Z");
    const head = { method: "HEAD", key: freshKey() };
    expect(limitHeadersOf(await ask("/reads", head))).toEqual(limitHeaders(2, 1, "2036-01-01T00:01:00Z"));
    expect((await ask("/reads", { key: head.key })).status).toBe(200);
    const refused = await ask("/reads", head);
    expect([refused.status, await refused.text()]).toEqual([429, ""]);
    expect(refused.headers.get("retry-after")).toBe("60");
  });
});

describe("A client's own header (case 34)", () => {
  it.each([
    "RateLimit",
    "RateLimit-Policy",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-Rate-Limit-Reset",
    "X-Weir-Key-Id",
    "X-Weir-Account",
    "X-Weir-Tier",
    "X-Weir-Secret",
    "X_Weir_Account",
  ])("%s never reaches the origin, metered or not", async (name) => {
    const headers = { [name]: "forged" };
    for (const path of ["/few", "/free"]) {
      const echo = await echoOf(await ask(path, { key: freshKey(), headers }));
      expect(Object.values(echo.headers)).not.toContain("forged");
    }
  });
});

describe("The origin", () => {
  it("is told who asks, by an id that is not the key, and that the way came through weir", async () => {
    const weir = weirUnder({ ORIGIN_SECRET: "s3cret" });
    const key = freshKey();
    const { headers } = await echoOf(await weir("/few", { key }));
    expect(headers).toMatchObject({ "x-weir-secret": "s3cret", "x-api-key": key });
    expect(headers["x-weir-key-id"]).toMatch(/^[0-9a-f]{32}$/);
    expect((await echoOf(await ask("/few", { key }))).headers).not.toHaveProperty("x-weir-secret");
  });

  it("is asked the host that the client asked, and gets the request as it came", async () => {
    const headers = { "content-type": "text/plain", "x-own": "1" };
    const asking = { method: "PATCH", key: freshKey(), headers, body: "zażółć" };
    const echo = await echoOf(await ask("/few/%41?q=%41+b", asking));
    expect(echo).toMatchObject({ method: "PATCH", path: "/few/%41", query: "?q=%41+b", body: "zażółć" });
    expect(echo.headers).toMatchObject({
      "x-own": "1",
      "x-forwarded-host": "weir.test",
      "x-forwarded-proto": "https",
    });
  });

  const limits =
    "header=x-ratelimit-remaining:99999&header=ratelimit-policy:%22x%22;q=1&header=x-rate-limit:7";

  it("never replaces weir's limit headers (case 34)", async () => {
    setClock("2036-01-01T00:00:00Z");
    const answer = await ask(`/few?${limits}`, { key: freshKey() });
    expect(limitHeadersOf(answer)).toEqual(limitHeaders(3, 2, "2036-01-01T00:01:00Z"));
    expect([answer.headers.has("ratelimit-policy"), answer.headers.has("x-rate-limit")]).toEqual([
      false,
      false,
    ]);
  });

  it("keeps its own where weir meters nothing", async () => {
    const { headers } = await ask(`/free?${limits}`);
    expect([headers.get("x-ratelimit-remaining"), headers.get("ratelimit-policy")]).toEqual([
      "99999",
      '"x";q=1',
    ]);
  });

  it("keeps its own Retry-After, its status and every cookie", async () => {
    const query = "status=503&header=retry-after:7&header=set-cookie:a=b&header=set-cookie:c=d";
    const answer = await ask(`/few?${query}`, { key: freshKey() });
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "7"]);
    expect(answer.headers.getSetCookie()).toEqual(["a=b", "c=d"]);
  });

  it("redirects the client, not weir (case 35)", async () => {
    const answer = await ask("/few?redirect=/elsewhere", { key: freshKey() });
    expect([answer.status, answer.headers.get("location")]).toEqual([302, "/elsewhere"]);
    expect(limitHeadersOf(answer).remaining).toBe("2");
  });

  it("that cannot be reached is a 502 with limit headers and a clear body", async () => {
    const ORIGIN_SERVICE = { fetch: () => Promise.reject(new Error("connection refused by 10.0.0.1")) };
    const answer = await weirUnder({ ORIGIN_SERVICE })("/few", { key: freshKey() });
    expect([answer.status, limitHeadersOf(answer).remaining]).toEqual([502, "2"]);
    const body = await answer.text();
    expect(JSON.parse(body)).toMatchObject({
      status: 502,
      detail: "The origin behind the rate limiter cannot be reached.",
    });
    expect(body).not.toContain("10.0.0.1");
    expect(env).not.toHaveProperty("ORIGIN_SERVICE");
  });
});

describe("A spelling of weir's own paths", () => {
  it.each([
    ["/_WEIR/keys", 404],
    ["//_weir/keys", 404],
    ["/%5fweir/keys", 401],
    ["/_weir;x/keys", 404],
    ["/x/../_weir%2fkeys", 404],
    ["/_Weir", 404],
    [`/_weir/keys/%${"25".repeat(36)}61`, 401],
    [`/_WEIR/keys/%${"25".repeat(36)}61`, 404],
  ])("%s never reaches the origin", async (path, status) => {
    const answer = await ask(path, { key: freshKey() });
    expect(answer.status).toBe(status);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
  });
});
