import { parseList } from "structured-headers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Refused, Standing } from "../../../src/core/decision.ts";
import type { Policy } from "../../../src/core/policy.ts";
import { type Cause, REFUSALS } from "../../../src/core/refusal.ts";
import type { RefusalOptions } from "../../../src/core/refusal-answer.ts";
import { answerAtEdge, dated, refuse, withLimitHeaders } from "../../../src/gate/answer.ts";

const at = 1_780_963_170_400;
const minute: Standing = {
  limit: "default",
  window: "minute",
  size: 60,
  used: 60,
  cost: 1,
  held: false,
  resetAt: 1_780_963_200_000,
  lengthMs: 60_000,
};
const decision: Refused = {
  admitted: false,
  at,
  reason: "rate",
  standings: [minute],
  refusing: 0,
  retryAfterMs: minute.resetAt - at,
};
const policy: Pick<Policy, "refusal" | "headers" | "corsOrigins"> = {
  refusal: "problem",
  headers: "both",
  corsOrigins: [],
};
const get = new Request("https://api.example.com/apply");
const causes = Object.keys(REFUSALS) as Cause[];
const now = "Tue, 09 Jun 2026 00:00:00 GMT";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.parse(now) + 999 });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("refuse", () => {
  it("answers with limit headers that parse and agree with each other", () => {
    const { status, headers } = refuse(get, "rate", { decision, policy });
    expect(status).toBe(429);
    expect(headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
    expect(Number(headers.get("x-ratelimit-reset")) - Math.floor(at / 1000)).toBe(
      Number(headers.get("retry-after")),
    );
    expect(parseList(headers.get("ratelimit") ?? "")).toEqual([
      ["default-minute", new Map(Object.entries({ r: 0, t: 30 }))],
    ]);
    expect(parseList(headers.get("ratelimit-policy") ?? "")).toEqual([
      ["default-minute", new Map(Object.entries({ q: 60, w: 60 }))],
    ]);
  });

  it.each(causes)(
    "answers %s with a problem whose status is the status, uncached, unsniffed and dated",
    async (cause) => {
      const answer = refuse(get, cause, { decision: { ...decision, maxCharacters: 10 }, policy });
      expect(answer.headers.get("content-type")).toBe("application/problem+json");
      expect(answer.headers.get("cache-control")).toBe("no-store");
      expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
      expect(answer.headers.get("date")).toBe(now);
      const problem = (await answer.json()) as { status: number; detail: string };
      expect(problem.status).toBe(answer.status);
      expect(problem.detail).not.toMatch(/[{}]/);
    },
  );

  it.each([
    ["unauthenticated", 401, 'Bearer realm="api"'],
    ["unknown", 401, 'Bearer realm="api", error="invalid_token"'],
    ["expired", 401, 'Bearer realm="api", error="invalid_token"'],
    ["malformed", 400, 'Bearer realm="api", error="invalid_request"'],
    ["disabled", 403, null],
  ] as const)("answers %s with %i and the challenge %s", (cause, status, challenge) => {
    const answer = refuse(get, cause, { policy });
    expect(answer.status).toBe(status);
    expect(answer.headers.get("www-authenticate")).toBe(challenge);
  });

  it("asks to come back in a second where no decision could be had, and invents no limits", () => {
    const { headers } = refuse(get, "unavailable", { policy });
    expect(headers.get("retry-after")).toBe("1");
    expect(headers.has("x-ratelimit-limit")).toBe(false);
  });

  it("needs no policy where the policy has errors", () => {
    expect(refuse(get, "misconfigured").status).toBe(500);
  });

  it("gives a HEAD the headers alone", async () => {
    const head = refuse(new Request(get.url, { method: "HEAD" }), "rate", { decision, policy });
    expect([...head.headers]).toEqual([...refuse(get, "rate", { decision, policy }).headers]);
    expect(head.body).toBeNull();
  });

  it("writes the policy's template", async () => {
    const refusal = { error: { code: "limit", retry_after: "{retry_after}" } };
    const answer = refuse(get, "rate", { decision, policy: { ...policy, refusal } });
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(await answer.text()).toBe('{"error":{"code":"limit","retry_after":30}}');
  });

  it("answers a JSON-RPC call with its id, escaped", async () => {
    const options: RefusalOptions = {
      decision,
      policy: { ...policy, refusal: { error: { code: -32002, message: "Rate limit exceeded" } } },
      callers: { ids: ['a"\r\n</script>'], isBatch: false },
    };
    const text = await refuse(get, "rate", options).text();
    expect(text).not.toMatch(/[\r\n]/);
    expect(JSON.parse(text)).toEqual({
      jsonrpc: "2.0",
      error: { code: -32002, message: "Rate limit exceeded" },
      id: options.callers?.ids[0],
    });
  });

  it("is readable for a page of a configured origin", () => {
    const request = new Request(get.url, { headers: { Origin: "https://app.example.com" } });
    const { headers } = refuse(request, "rate", {
      decision,
      policy: { ...policy, corsOrigins: ["https://app.example.com"] },
    });
    expect(headers.get("access-control-allow-origin")).toBe("https://app.example.com");
    expect(headers.get("access-control-expose-headers")).toMatch(/\bRetry-After\b/);
    expect(headers.get("vary")).toBe("Origin");
  });

  it("reflects nothing of the request", async () => {
    const request = new Request("https://api.example.com/leak-path?key=leak-query", {
      method: "POST",
      headers: { "X-API-Key": "leak-key", Origin: "https://leak.example", "User-Agent": "leak-agent" },
      body: "leak-body",
    });
    for (const cause of causes) {
      const answer = refuse(request, cause, {
        decision,
        policy: { ...policy, corsOrigins: ["https://app.example.com"] },
      });
      expect(JSON.stringify([...answer.headers]) + (await answer.text())).not.toContain("leak");
    }
  });
});

describe("answerAtEdge", () => {
  const content = { status: 200, contentType: "text/html", body: "<p>" };

  it("is never cached, never sniffed, and says when it was given", async () => {
    const answer = answerAtEdge(get, { ...content, headers: [["X-Other", "1"]] });
    expect(Object.fromEntries(answer.headers)).toEqual({
      "cache-control": "no-store",
      "content-type": "text/html",
      date: now,
      "x-content-type-options": "nosniff",
      "x-other": "1",
    });
    expect(await answer.text()).toBe("<p>");
  });
});

describe("withLimitHeaders", () => {
  const limits = [
    ["X-RateLimit-Limit", "60"],
    ["X-RateLimit-Remaining", "47"],
  ] as const;

  it("replaces the origin's limit headers and leaves the others", () => {
    const origin = new Response("ok", {
      status: 503,
      statusText: "Down",
      headers: {
        "X-RateLimit-Limit": "5",
        "X-RateLimit-Used": "1",
        "X-Rate-Limit-Reset": "1",
        RateLimit: '"theirs";r=1;t=1',
        "Retry-After": "120",
        ETag: '"1"',
      },
    });
    const answer = withLimitHeaders(origin, limits);
    expect([answer.status, answer.statusText]).toEqual([503, "Down"]);
    expect(Object.fromEntries(answer.headers)).toEqual({
      "content-type": "text/plain;charset=UTF-8",
      date: now,
      etag: '"1"',
      "retry-after": "120",
      "x-ratelimit-limit": "60",
      "x-ratelimit-remaining": "47",
    });
  });

  it("keeps every Set-Cookie", () => {
    const headers = new Headers([
      ["Set-Cookie", "a=1; Expires=Wed, 09 Jun 2027 00:00:00 GMT"],
      ["Set-Cookie", "b=2"],
    ]);
    const answer = withLimitHeaders(new Response("ok", { headers }), limits);
    expect(answer.headers.getSetCookie()).toEqual(["a=1; Expires=Wed, 09 Jun 2027 00:00:00 GMT", "b=2"]);
  });

  it("hands the body on without reading it", async () => {
    const { readable, writable } = new TransformStream<string, string>();
    const answer = withLimitHeaders(new Response(readable.pipeThrough(new TextEncoderStream())), limits);
    const writer = writable.getWriter();
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    for (const chunk of ["data: 1\n\n", "data: 2\n\n"]) {
      const read = reader?.read();
      await writer.write(chunk);
      expect(await read).toEqual({ done: false, value: chunk });
    }
    await writer.close();
    expect((await reader?.read())?.done).toBe(true);
  });

  it("takes an answer whose headers are immutable", () => {
    const redirect = Response.redirect("https://elsewhere.example/", 302);
    const answer = withLimitHeaders(redirect, limits);
    expect(answer.status).toBe(302);
    expect(answer.headers.get("location")).toBe("https://elsewhere.example/");
    expect(answer.headers.get("x-ratelimit-limit")).toBe("60");
  });

  it.each([204, 205, 304])("keeps a %i without a body", (status) => {
    const answer = withLimitHeaders(new Response(null, { status }), limits);
    expect([answer.status, answer.body]).toEqual([status, null]);
  });

  it("adds what weir wrote to what the origin exposes, and grants nothing", () => {
    const origin = new Response("ok", {
      headers: {
        "Access-Control-Allow-Origin": "https://theirs.example",
        "Access-Control-Expose-Headers": "ETag",
      },
    });
    const { headers } = withLimitHeaders(origin, limits, ["https://app.example.com"]);
    expect(headers.get("access-control-allow-origin")).toBe("https://theirs.example");
    expect(headers.get("access-control-expose-headers")).toMatch(
      /^ETag, X-RateLimit-Limit, .*Retry-After-Ms, X-Should-Retry, Date$/,
    );
    expect(
      withLimitHeaders(new Response("ok"), limits, ["*"]).headers.has("access-control-allow-origin"),
    ).toBe(false);
  });
});

describe("the date of an origin's answer", () => {
  const theirs = "Mon, 08 Jun 2026 12:00:00 GMT";
  const both: readonly [string, (answer: Response) => Response][] = [
    ["withLimitHeaders", (answer) => withLimitHeaders(answer, [["X-RateLimit-Limit", "60"]])],
    ["dated", dated],
  ];

  it.each(both)("stays as it is in %s", (_, put) => {
    const answer = put(new Response("ok", { headers: { Date: theirs, ETag: '"1"' } }));
    expect([...answer.headers].filter(([name]) => name === "date")).toEqual([["date", theirs]]);
    expect(answer.headers.get("etag")).toBe('"1"');
  });

  it.each(both)("is when it came where it has none, in %s", async (_, put) => {
    const answer = put(new Response("ok", { status: 503, headers: { ETag: '"1"' } }));
    expect([...answer.headers].filter(([name]) => name === "date")).toEqual([["date", now]]);
    expect([answer.status, answer.headers.get("etag"), await answer.text()]).toEqual([503, '"1"', "ok"]);
  });

  it.each(both)("is put on an answer whose headers are immutable, in %s", (_, put) => {
    expect(put(Response.redirect("https://elsewhere.example/", 302)).headers.get("date")).toBe(now);
  });
});
