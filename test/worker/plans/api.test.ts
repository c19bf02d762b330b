// The door of the operator's API: who may call it, and what it says to a call it cannot read.

import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { keyId } from "../../../src/gate/keyid.ts";
import { ask, freshKey, weirUnder } from "../harness.ts";
import { done, operate } from "../operator.ts";

const calls = [
  ["PUT", "/keys"],
  ["POST", "/keys"],
  ["GET", "/keys"],
  ["GET", "/keys/00000000000000000000000000000000"],
  ["PATCH", "/keys/00000000000000000000000000000000"],
  ["DELETE", "/keys/00000000000000000000000000000000"],
  ["POST", "/keys/00000000000000000000000000000000/reset"],
  ["GET", "/accounts"],
  ["PUT", "/accounts/acme"],
  ["GET", "/accounts/acme"],
  ["PATCH", "/accounts/acme"],
  ["POST", "/accounts/acme/credits"],
  ["GET", "/plans"],
  ["POST", "/plans"],
  ["GET", "/audit"],
  ["GET", "/policy"],
  ["GET", "/openapi.json"],
] as const;

describe("authentication", () => {
  it.each(calls)("%s %s is nothing at all where there is no token", async (method, path) => {
    for (const ADMIN_TOKEN of [undefined, ""]) {
      const answer = await weirUnder({ ADMIN_TOKEN })(`/_weir${path}`, {
        method,
        headers: { authorization: "Bearer " },
      });
      expect(answer.status).toBe(404);
      expect(await answer.json()).toMatchObject({ detail: "weir has nothing at this path." });
    }
  });

  it.each(calls)("%s %s needs the token", async (method, path) => {
    for (const authorization of [
      "",
      "Bearer",
      "Bearer wrong",
      "Bearer the-operator's-ow",
      "Bearer the-operator's-own2",
      "Basic the-operator's-own",
    ]) {
      const answer = await ask(`/_weir${path}`, { method, headers: { authorization } });
      expect([authorization, answer.status]).toEqual([authorization, 401]);
      expect(answer.headers.get("www-authenticate")).toBe('Bearer realm="weir operator"');
      expect(answer.headers.get("content-type")).toBe("application/problem+json");
      expect(await answer.text()).not.toContain("the-operator");
    }
  });

  it("takes the token however the scheme is written", async () => {
    const answer = await operate("GET /policy", undefined, { authorization: "bEARER  the-operator's-own" });
    expect(answer.status).toBe(200);
  });

  it("does not take it as an API key, a cookie or a query", async () => {
    const headers = { "x-api-key": "the-operator's-own", cookie: "token=the-operator's-own" };
    const answer = await ask("/_weir/policy?token=the-operator's-own", { headers });
    expect(answer.status).toBe(401);
  });
});

describe("calls that cannot be read", () => {
  it("answers 404 where there is nothing, and never asks the origin", async () => {
    for (const path of ["", "/key", "/keys/", "/keys/a/b/c", "/accounts/acme/reset", "//keys"]) {
      const { status, body } = await operate(`GET ${path}`);
      expect([path, status]).toEqual([path, 404]);
      expect(body).toMatchObject({ title: "Not Found", status: 404 });
    }
  });

  it("answers 404 for what is no key's id and no account's name", async () => {
    expect(await operate("GET /keys/ABCDEF")).toMatchObject({ status: 404 });
    expect(await operate("PUT /accounts/a%20b", {})).toMatchObject({ status: 404 });
    expect(await operate("PUT /accounts/-a", {})).toMatchObject({ status: 404 });
    expect(await operate("GET /accounts/nobody")).toMatchObject({
      status: 404,
      body: { detail: "No account has this name." },
    });
  });

  it.each([
    ["DELETE /keys", "PUT, POST, GET, HEAD"],
    ["PUT /keys/00000000000000000000000000000000", "GET, HEAD, PATCH, DELETE"],
    ["GET /keys/00000000000000000000000000000000/reset", "POST"],
    ["DELETE /accounts/acme", "PUT, GET, HEAD, PATCH"],
    ["OPTIONS /audit", "GET, HEAD"],
  ])("answers 405 to %s", async (call, allow) => {
    const { status, headers, body } = await operate(call);
    expect([status, headers.get("allow")]).toEqual([405, allow]);
    expect(body.detail).toBe(`Methods here: ${allow}.`);
  });

  it.each([["text/plain"], ["application/x-www-form-urlencoded"], [""]])(
    "answers 415 to %j",
    async (contentType) => {
      const { status, body } = await operate("PUT /keys", '{"key":"k"}', { "content-type": contentType });
      expect([status, body.detail]).toEqual([415, "Content-Type: expected application/json."]);
    },
  );

  it("takes any JSON type, with parameters", async () => {
    const contentType = "application/merge-patch+json; charset=utf-8";
    const { status } = await operate("PATCH /accounts/typed", "{}", { "content-type": contentType });
    expect(status).toBe(200);
  });

  it("answers 413 to more than 1 MiB", async () => {
    const { status } = await operate("PUT /keys", `{"key":"${"k".repeat(1_048_576)}"}`);
    expect(status).toBe(413);
  });

  it.each([
    ['{"key":"k",}', "line 1, column 12"],
    ['{"key":\n  tru}', "line 2, column 3"],
    ['{"key":"secret-key', "line 1, column 8"],
    ['{"key":"a"} x', "line 1, column 13"],
    ["[1 2]", "line 1, column 4"],
    ["{1:2}", "line 1, column 2"],
    ['{"a":01}', "line 1, column 7"],
    ['{"a" "b"}', "line 1, column 6"],
    ["]", "line 1, column 1"],
    ["{]", "line 1, column 2"],
    ["[1}", "line 1, column 3"],
    ["[1,]", "line 1, column 4"],
    ["  ", "line 1, column 3"],
  ])("names the place where %j stops being JSON", async (text, place) => {
    const { status, body } = await operate("PUT /keys", text);
    expect([status, body.detail]).toEqual([400, `The body is not JSON from ${place} on.`]);
  });

  it("answers 400 to what is not UTF-8", async () => {
    const answer = await ask("/_weir/keys", {
      method: "PUT",
      headers: { authorization: "Bearer the-operator's-own", "content-type": "application/json" },
      body: Uint8Array.of(0x22, 0xff, 0x22),
    });
    expect([answer.status, await answer.json()]).toMatchObject([400, { detail: "The body is not UTF-8." }]);
  });

  it("names every problem at once, each with its path", async () => {
    const { status, headers, body } = await operate("PUT /keys", {
      key: "bad key",
      teir: "pro",
      tier: "prp",
      account: "a b",
      label: "",
      nextBillingAt: "2026-02-30",
      expiresAt: 5,
      disabled: "yes",
      credits: -1,
      overrides: {
        onw: {},
        own: { windows: ["60/minit"], cost: 0, untill: "2026-01-01" },
        spoken: { maxCharacters: 1.5, until: "soon" },
      },
    });
    expect(status).toBe(400);
    expect(headers.get("content-type")).toBe("application/problem+json");
    const messages = body.problems.map(
      (one: { path: string; message: string }) => `${one.path}: ${one.message}`,
    );
    expect(messages.sort()).toEqual(
      [
        "key: expected 1 to 512 visible ASCII characters without blank or comma",
        'teir: unknown field (did you mean "tier"?)',
        'tier: expected "pro" or "basic", got "prp" (did you mean "pro"?)',
        'account: expected a name of 1 to 128 characters from A-Z, a-z, 0-9 and "_.:@+~-", the first a letter, digit or "_", got "a b"',
        'label: expected a text of 1 to 200 characters without line breaks, got ""',
        'nextBillingAt: expected an instant such as "2026-06-09T00:00:00Z", got "2026-02-30"',
        "expiresAt: expected a string, got 5",
        'disabled: expected true or false, got "yes"',
        "credits: expected a whole number from 0 to 1000000000000, got -1",
        'overrides.onw: no limit has this name (did you mean "own"?)',
        'overrides.own.windows[0]: expected "<count>/<unit>", got "60/minit" (did you mean "60/minute"?)',
        "overrides.own.cost: expected a whole number from 1, got 0",
        'overrides.own.untill: unknown field (did you mean "until"?)',
        "overrides.spoken.maxCharacters: expected a whole number from 1, got 1.5",
        'overrides.spoken.until: expected an instant such as "2026-06-09T00:00:00Z", got "soon"',
      ].sort(),
    );
  });

  it("says of a name that no table can have that another is expected", async () => {
    const overrides = JSON.parse('{"constructor":{"cost":2},"prototype":{},"__proto__":{}}');
    const { status, body } = await operate("PUT /keys", { key: "k-reserved", overrides });
    expect([status, body.problems]).toEqual([
      400,
      ["constructor", "prototype", "__proto__"].map((name) => ({
        path: `overrides.${name}`,
        message: `expected another name, got "${name}"`,
      })),
    ]);
  });

  it("rejects an override that its limit cannot do with", async () => {
    const { status, body } = await operate("PUT /accounts/odd", {
      overrides: {
        own: { windows: ["5/minute"], cost: 6 },
        apply: { windows: ["9/day"] },
        shared: { windows: ["5/minute", "6/minute"] },
      },
    });
    expect([status, body.problems]).toEqual([
      400,
      [
        { path: "overrides.own.cost", message: 'expected a cost that ever fits into "5/minute", got 6' },
        {
          path: "overrides.apply.windows",
          message: 'expected a window "hour", which the limit reports, got none',
        },
        {
          path: "overrides.shared.windows[1]",
          message: 'expected windows of different lengths, got a second "minute"',
        },
      ],
    ]);
  });

  it("rejects fields that only keys have on an account", async () => {
    const { body } = await operate("PUT /accounts/plain", { account: "a", disabled: true, expiresAt: null });
    expect(body.problems.map(({ path }: { path: string }) => path)).toEqual([
      "account",
      "disabled",
      "expiresAt",
    ]);
  });

  it.each([
    ["GET /keys?cursr=x", 'cursr: unknown field (did you mean "cursor"?)'],
    ["GET /keys?limit=0", "limit: expected a whole number from 1 to 1000, got 0"],
    ["GET /keys?limit=1001", "limit: expected a whole number from 1 to 1000, got 1001"],
    ["GET /accounts?limit=x", 'limit: expected a whole number from 1 to 1000, got "x"'],
    ["GET /keys?cursor=%2A", 'cursor: expected a cursor as an answer gave it, got "*"'],
    ["GET /audit?cursor=YQ", "cursor: expected one of this list's"],
  ])("answers 400 to %s", async (call, problem) => {
    const { status, body } = await operate(call);
    const [{ path, message }] = body.problems;
    expect([status, `${path}: ${message}`]).toEqual([400, problem]);
  });

  it("answers a HEAD with the headers alone", async () => {
    const { status, headers, body } = await operate("HEAD /policy");
    expect([status, headers.get("content-type"), body]).toEqual([200, "application/json", ""]);
  });

  it("is not readable for any page, and never cached", async () => {
    const { headers } = await operate("GET /policy", undefined, { origin: "https://app.example" });
    expect(headers.get("access-control-allow-origin")).toBeNull();
    expect(headers.get("cache-control")).toBe("no-store");
  });
});

describe("a call that fails between the object and the Directory", () => {
  it("answers 503, is in force, and is mended by the same call", async () => {
    const log = vi.spyOn(console, "log");
    const key = freshKey();
    const id = await keyId(env.KEY_HASH_SECRET, key);
    const body = JSON.stringify({ key, tier: "pro" });
    const headers = { authorization: "Bearer the-operator's-own", "content-type": "application/json" };
    // A Limiter in the Directory's place cannot take note of anything.
    const weir = weirUnder({ DIRECTORY: env.LIMITER });
    const answer = await weir("/_weir/keys", { method: "PUT", headers, body });
    expect([answer.status, answer.headers.get("retry-after"), await answer.json()]).toMatchObject([
      503,
      "1",
      {
        title: "Service Unavailable",
        detail: expect.stringContaining("PUT, PATCH, DELETE and reset may be repeated"),
      },
    ]);
    expect(log.mock.calls.map(([line]) => JSON.parse(line))).toEqual([
      { event: "operator.failed", what: "PUT /keys", cause: expect.any(String) },
    ]);
    expect(JSON.stringify(log.mock.calls)).not.toContain(key);
    log.mockRestore();

    expect(await done("key", `GET /keys/${id}`)).toMatchObject({ tier: "pro" });
    expect((await done("keys", "GET /keys?limit=1000")).keys).toEqual([]);
    await done("subject", "PUT /keys", { key, tier: "pro" });
    expect((await done("keys", "GET /keys?limit=1000")).keys).toEqual([{ id, tier: "pro" }]);
  });
});

describe("GET /policy", () => {
  it("shows the policy as understood", async () => {
    const { body } = await operate("GET /policy");
    expect(body).toMatchObject({
      adminPath: "/_weir",
      auditRetentionMs: 30 * 86_400_000,
      keyFrom: ["header:x-api-key", "bearer"],
      tiers: { pro: { own: { windows: ["6/minute", "1000/day"] }, spoken: { maxCharacters: 20 } } },
    });
    expect(body.limits[0]).toEqual({
      name: "own",
      match: ["/own/*"],
      per: "key",
      windows: ["3/minute", "1000/day"],
      align: "clock",
      cost: 1,
      credits: 0,
      mode: "enforce",
    });
    expect(JSON.stringify(body)).not.toContain("operator's-own");
  });
});
