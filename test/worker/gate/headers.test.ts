// Limit headers and CORS over HTTP, in every style (case 41). That each parses is asked of structured-headers.

import { parseList } from "structured-headers";
import { describe, expect, it } from "vitest";
import {
  type Asking,
  ask,
  askTimes,
  freshKey,
  limitHeaders,
  limitHeadersOf,
  setClock,
  weirUnder,
} from "../harness.ts";

const app = "https://app.example";

/** Members of a structured list: name and parameters. */
function listIn({ headers }: Response, name: string): unknown[] {
  return parseList(headers.get(name) ?? "").map(([item, parameters]) => [
    item,
    Object.fromEntries(parameters),
  ]);
}

async function refusedBy(weir: typeof ask, asking: Asking = {}): Promise<Response> {
  const key = freshKey();
  await askTimes(2, "/spent", { key });
  return weir("/spent", { key, ...asking });
}

describe("A 429", () => {
  it.each([
    ["2036-01-01T00:00:00.000Z", "86400"],
    ["2036-01-01T00:00:00.001Z", "86400"],
    ["2036-01-01T23:59:59.000Z", "1"],
    ["2036-01-01T23:59:59.999Z", "1"],
  ])(
    "at %s says %s seconds, whole and at least 1, and the reset to the second (case 41)",
    async (at, seconds) => {
      setClock(at);
      const refused = await refusedBy(ask);
      expect(refused.status).toBe(429);
      expect(refused.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
      expect(refused.headers.get("retry-after")).toBe(seconds);
      const untilReset = Number(limitHeadersOf(refused).reset) - Math.floor(Date.parse(at) / 1_000);
      expect(String(untilReset)).toBe(seconds);
    },
  );

  it("is never cached, and is a problem whose status is the status (case 41)", async () => {
    setClock("2036-01-01T00:00:00Z");
    const refused = await refusedBy(ask);
    expect(refused.headers.get("cache-control")).toBe("no-store");
    expect(refused.headers.get("content-type")).toBe("application/problem+json");
    expect(await refused.json()).toMatchObject({
      type: "https://iana.org/assignments/http-problem-types#quota-exceeded",
      status: 429,
      "violated-policies": ["spent-minute", "spent-day"],
    });
  });
});

describe("HEADERS", () => {
  it('"x-ratelimit" writes its three headers and no other, admitted or refused', async () => {
    setClock("2036-01-01T00:00:00Z");
    const admitted = await ask("/spent", { key: freshKey() });
    expect(limitHeadersOf(admitted)).toEqual(limitHeaders(2, 1, "2036-01-02T00:00:00Z"));
    const refused = await refusedBy(ask);
    for (const { headers } of [admitted, refused]) {
      expect([headers.has("ratelimit"), headers.has("ratelimit-policy")]).toEqual([false, false]);
    }
  });

  it('"ietf" writes RateLimit and RateLimit-Policy of every window (case 41)', async () => {
    setClock("2036-01-01T00:00:30.500Z");
    const weir = weirUnder({ HEADERS: "ietf" });
    const admitted = await weir("/spent", { key: freshKey() });
    const refused = await refusedBy(weir);
    for (const [answer, left] of [
      [admitted, 1],
      [refused, 0],
    ] as const) {
      expect(limitHeadersOf(answer)).toEqual(limitHeaders());
      expect(listIn(answer, "ratelimit-policy")).toEqual([
        ["spent-minute", { q: 2, w: 60 }],
        ["spent-day", { q: 2, w: 86_400 }],
      ]);
      expect(listIn(answer, "ratelimit")).toEqual([
        ["spent-minute", { r: left, t: 30 }],
        ["spent-day", { r: left, t: 86_370 }],
      ]);
    }
    expect(refused.headers.get("retry-after")).toBe("86370");
  });

  it('"both" writes both', async () => {
    setClock("2036-01-01T00:00:00Z");
    const answer = await weirUnder({ HEADERS: "both" })("/few", { key: freshKey() });
    expect(limitHeadersOf(answer)).toEqual(limitHeaders(3, 2, "2036-01-01T00:01:00Z"));
    expect(answer.headers.get("ratelimit-policy")).toBe('"few-minute";q=3;w=60');
    expect(answer.headers.get("ratelimit")).toBe('"few-minute";r=2;t=60');
  });

  it('"none" writes none, and on a 429 when to try again alone', async () => {
    setClock("2036-01-01T00:00:00Z");
    const weir = weirUnder({ HEADERS: "none" });
    const refused = await refusedBy(weir);
    for (const answer of [await weir("/few", { key: freshKey() }), refused]) {
      expect([...answer.headers.keys()].filter((name) => /rate-?limit/.test(name))).toEqual([]);
    }
    expect(refused.headers.get("retry-after")).toBe("86400");
  });
});

describe("Date (RFC 9110, section 6.6.1)", () => {
  const now = "Tue, 01 Jan 2036 00:00:30 GMT";
  it.each([
    ["a forwarded answer", "/few", now],
    ["an unmetered answer", "/", now],
    ["one of weir's own", "/_weir/usage", now],
    [
      "a forwarded answer that has one",
      "/few?header=date:Mon, 31 Dec 2035 23:59:00 GMT",
      "Mon, 31 Dec 2035 23:59:00 GMT",
    ],
  ])("is on %s", async (_, path, date) => {
    setClock("2036-01-01T00:00:30Z");
    expect((await ask(path, { key: freshKey() })).headers.get("date")).toBe(date);
  });

  it("is on a refusal", async () => {
    setClock("2036-01-01T00:00:30Z");
    expect((await refusedBy(ask)).headers.get("date")).toBe(now);
  });
});

describe("CORS_ORIGINS", () => {
  const exposed =
    "X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, RateLimit, RateLimit-Policy, Retry-After, Retry-After-Ms, X-Should-Retry, Date";

  it("lets pages of a listed origin read a refusal, and of no other", async () => {
    setClock("2036-01-01T00:00:00Z");
    const refused = await refusedBy(ask, { headers: { origin: app } });
    expect(refused.headers.get("access-control-allow-origin")).toBe(app);
    expect(refused.headers.get("access-control-expose-headers")).toBe(exposed);
    expect(refused.headers.get("vary")).toBe("Origin");
    const other = await refusedBy(ask, { headers: { origin: "https://evil.example" } });
    expect(other.headers.has("access-control-allow-origin")).toBe(false);
  });

  it("exposes the limit headers of a forwarded answer, and leaves the rest to the origin", async () => {
    const { headers } = await ask("/few?header=access-control-expose-headers:x-own", {
      key: freshKey(),
      headers: { origin: app },
    });
    expect(headers.get("access-control-expose-headers")).toBe(`x-own, ${exposed}`);
    expect(headers.has("access-control-allow-origin")).toBe(false);
  });

  const preflight = { method: "OPTIONS", headers: { origin: app, "access-control-request-method": "GET" } };

  it("asks a preflight for no key, and charges nothing for it (case 29)", async () => {
    setClock("2036-01-01T00:00:00Z");
    const key = freshKey();
    const answers = [...(await askTimes(4, "/few", { ...preflight, key })), await ask("/few", preflight)];
    for (const answer of answers) {
      expect([answer.status, limitHeadersOf(answer)]).toEqual([200, limitHeaders()]);
    }
    expect(limitHeadersOf(await ask("/few", { key })).remaining).toBe("2");
  });

  it("takes an OPTIONS that is no preflight for a request", async () => {
    expect((await ask("/few", { method: "OPTIONS" })).status).toBe(401);
    expect((await ask("/few", { ...preflight, body: "x" })).status).toBe(401);
  });

  it("answers preflights for weir's own paths", async () => {
    const answer = await ask("/_weir/usage", preflight);
    expect(answer.status).toBe(204);
    expect(answer.headers.get("access-control-allow-origin")).toBe(app);
    expect(answer.headers.get("access-control-allow-headers")).toBe("x-api-key, authorization");
  });
});
