// Reading the policy: defaults, every notation, and every problem with its path, rule and value.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Policy } from "../../../src/core/policy.ts";
import { parsePolicy } from "../../../src/policy/parse.ts";
import { renderProblem } from "../../../src/policy/problems.ts";

type Vars = Readonly<Record<string, unknown>>;

const all = { name: "all", match: "/*", windows: ["60/minute"] };

function policy(vars: Vars): Policy {
  const parsed = parsePolicy({ LIMITS: [all], ...vars });
  if ("problems" in parsed) throw new Error(parsed.problems.map(renderProblem).join("\n"));
  return parsed.policy;
}

function problems(vars: Vars): string[] {
  const parsed = parsePolicy({ LIMITS: [all], ...vars });
  return "problems" in parsed ? parsed.problems.map(renderProblem) : [];
}

const block = { strikes: 10, within: "1 minute", for: "1 hour" };
const limit = (fields: Vars) => policy({ LIMITS: [{ ...all, ...fields }] }).limits[0];
const faults = (fields: Vars) => problems({ LIMITS: [{ ...all, ...fields }] });

describe("parsePolicy", () => {
  it("fills in every default", () => {
    expect(policy({})).toEqual({
      keyFrom: [{ in: "header", name: "x-api-key" }, { in: "bearer" }],
      anonymous: "reject",
      enforce: true,
      unknownKeys: "allow",
      newKeys: { size: 20, unit: "hour", multiple: 1, name: "hour" },
      allow: [],
      deny: [],
      ipv6Prefix: 64,
      blockMemoryMs: 3_000,
      limits: [
        {
          name: "all",
          match: [{ path: "/*" }],
          per: "key",
          windows: [{ size: 60, unit: "minute", multiple: 1, name: "minute" }],
          align: "clock",
          cost: 1,
          credits: 0,
          mode: "enforce",
        },
      ],
      tiers: new Map(),
      refusal: "problem",
      headers: "x-ratelimit",
      onError: "allow",
      decisionTimeoutMs: 2_000,
      originTimeoutMs: 100_000,
      holdForMs: 300_000,
      shareCalls: true,
      writeAheadShare: 0.05,
      corsOrigins: [],
      auditRetentionMs: 7_776_000_000,
      limitsPage: true,
      adminPath: "/_weir",
    } satisfies Policy);
  });

  it("reads every variable", () => {
    expect(
      policy({
        ORIGIN: "https://api.example.com/base/",
        KEY_FROM: ["bearer", "header:X-Key", "query:apiKey", "cookie:Session"],
        ANONYMOUS: "ip",
        ENFORCE: false,
        UNKNOWN_KEYS: "reject",
        TIERS: { pro: { all: { windows: ["5/5 minutes"], cost: 2, maxCharacters: 9 } }, enterprise: {} },
        REFUSAL: { error: "{limit}" },
        HEADERS: "both",
        ORIGIN_TIMEOUT: "80 seconds",
        HOLD_FOR: "90 seconds",
        WRITE_AHEAD: 0,
        LOCATION_HINT: "weur",
        JURISDICTION: "eu",
        CORS_ORIGINS: ["https://app.example.com", "http://localhost:3000"],
        AUDIT_RETENTION: "30 days",
        LIMITS_PAGE: false,
        API_NAME: "Example API",
        SUPPORT: "https://example.com/support",
        ADMIN_PATH: "/internal/weir",
      }),
    ).toMatchObject({
      origin: "https://api.example.com/base",
      keyFrom: [
        { in: "bearer" },
        { in: "header", name: "x-key" },
        { in: "query", name: "apiKey" },
        { in: "cookie", name: "Session" },
      ],
      anonymous: "ip",
      enforce: false,
      unknownKeys: "reject",
      tiers: new Map([
        [
          "pro",
          new Map([
            [
              "all",
              {
                windows: [{ size: 5, unit: "minute", multiple: 5, name: "5 minutes" }],
                cost: 2,
                maxCharacters: 9,
              },
            ],
          ]),
        ],
        ["enterprise", new Map()],
      ]),
      refusal: { error: "{limit}" },
      headers: "both",
      originTimeoutMs: 80_000,
      holdForMs: 90_000,
      writeAheadShare: 0,
      locationHint: "weur",
      jurisdiction: "eu",
      corsOrigins: ["https://app.example.com", "http://localhost:3000"],
      auditRetentionMs: 2_592_000_000,
      limitsPage: false,
      apiName: "Example API",
      support: "https://example.com/support",
      adminPath: "/internal/weir",
    });
  });

  it.each([
    ["https://api.example.com", "https://api.example.com"],
    ["https://api.example.com/", "https://api.example.com"],
    ["http://localhost:8080/a/b//", "http://localhost:8080/a/b"],
    ["https://api.example.com//a", "https://api.example.com//a"],
  ])("reads ORIGIN %s as %s, which a path follows", (written, origin) => {
    expect(policy({ ORIGIN: written }).origin).toBe(origin);
  });

  it("reads every field of a limit", () => {
    expect(
      limit({
        match: ["post /Apply", "/api/v1/jobs/:jobId", "/caf\u00e9/*", "/"],
        per: "account",
        windows: ["10/billing period", "0/day"],
        align: "first",
        report: "day",
        cost: 3,
        cost_from: "answer:X-Cost",
        charge: [200, 404],
        credits: 1,
        maxCharacters: 10_000,
        charactersIn: "text",
        mode: "shadow",
        refusal: "jsonrpc",
        note: "Cache what you can.",
      }),
    ).toEqual({
      name: "all",
      match: [
        { method: "POST", path: "/apply" },
        { path: "/api/v1/jobs/:jobid" },
        { path: "/caf\u00e9/*" },
        { path: "/" },
      ],
      per: "account",
      windows: [
        { size: 10, unit: "billing period", multiple: 1, name: "billing period" },
        { size: 0, unit: "day", multiple: 1, name: "day" },
      ],
      align: "first",
      report: "day",
      cost: 3,
      costFrom: "x-cost",
      charge: [200, 404],
      credits: 1,
      maxCharacters: 10_000,
      charactersIn: "text",
      mode: "shadow",
      refusal: "jsonrpc",
      note: "Cache what you can.",
    });
  });

  it("takes from a string what the dashboard makes of a list, a table, a number or a boolean", () => {
    const vars = {
      KEY_FROM: ["bearer"],
      ENFORCE: false,
      LIMITS: [all],
      TIERS: { pro: { all: { cost: 2 } } },
      REFUSAL: { error: "x" },
      CORS_ORIGINS: ["*"],
      WRITE_AHEAD: 0.1,
    };
    const strings = Object.fromEntries(
      Object.entries(vars).map(([name, value]) => [name, JSON.stringify(value)]),
    );
    expect(policy(strings)).toEqual(policy(vars));
  });

  it("takes one key source as a list of one", () => {
    expect(policy({ KEY_FROM: "bearer" }).keyFrom).toEqual([{ in: "bearer" }]);
  });

  it("needs no window where characters or credits are limited", () => {
    expect(limit({ windows: [], maxCharacters: 5 })?.windows).toEqual([]);
    expect(limit({ windows: [], credits: 1 })?.windows).toEqual([]);
  });

  it("leaves secrets, bindings and variables of others alone", () => {
    const others = {
      KEY_HASH_SECRET: "s",
      ADMIN_TOKEN: "s",
      ORIGIN_SECRET: "s",
      LIMITER: {},
      ORIGIN_SERVICE: {},
      SENTRY_DSN: "x",
      limit: [],
      HEADER: new (class Fetcher {
        readonly [Symbol.toStringTag] = "Fetcher";
      })(),
    };
    expect(problems(others)).toEqual([]);
  });

  it.each([
    ["deny", "DENY"],
    ["Deny", "DENY"],
    ["ip_block", "IP_BLOCK"],
    ["ON-ERROR", "ON_ERROR"],
    ["hold-For", "HOLD_FOR"],
  ])("takes %s for %s misspelt", (name, meant) => {
    expect(problems({ [name]: "x" })).toEqual([`${name}: unknown variable (did you mean "${meant}"?)`]);
  });

  it("names every problem at once", () => {
    expect(
      problems({
        TEIRS: {},
        LIMIT: [],
        ANONYMOUS: "alow",
        LIMITS: [
          { name: "one", match: "apply", windows: ["60/minit"], chrage: "always", foo: 1 },
          { name: "two", match: "/*", windows: ["5/minute", "6/minute"], cost: 7, report: "hour", per: 1 },
          "three",
        ],
        TIERS: { pro: { on: { cost: 2 }, two: { cost: "2" } } },
        REFUSAL: { error: ["{limt}"] },
        HEADERS: "itef",
      }),
    ).toEqual([
      'TEIRS: unknown variable (did you mean "TIERS"?)',
      'LIMIT: unknown variable (did you mean "LIMITS"?)',
      'ANONYMOUS: expected "reject", "ip" or "pass", got "alow"',
      'LIMITS[0].match: expected a path of segments, ":parameters" and a last "*", got "apply" (did you mean "/apply"?)',
      'LIMITS[0].windows[0]: expected "<count>/<unit>", got "60/minit" (did you mean "60/minute"?)',
      'LIMITS[0].chrage: unknown field (did you mean "charge"?)',
      "LIMITS[0].foo: unknown field",
      'LIMITS[1].per: expected "key", "account" or "ip", got 1',
      'LIMITS[2]: expected a table, got "three"',
      'TIERS.pro.two.cost: expected a whole number from 1, got "2"',
      'REFUSAL.error[0]: expected placeholders {name} {limit} {remaining} {used} {window} {retry_after} {reset} {reset_iso}, got "{limt}" (did you mean "{limit}"?)',
      'HEADERS: expected "x-ratelimit", "ietf", "both" or "none", got "itef" (did you mean "ietf"?)',
      'LIMITS[1].windows[1]: expected windows of different lengths, got a second "minute"',
      'LIMITS[1].cost: expected a cost that ever fits into "5/minute", got 7',
      'LIMITS[1].report: expected the name of one of its windows ("minute"), got "hour"',
      'TIERS.pro.on: no limit has this name (did you mean "one"?)',
    ]);
  });

  it.each([["-5/minute"], ["NaN/minute"], ["1.5/minute"], ["sixty/minute"], ["60"]])(
    "rejects the window %s (case 21)",
    (window) => {
      expect(faults({ windows: [window] })).toEqual([
        expect.stringMatching(/^LIMITS\[0\]\.windows\[0\]: expected .*, got "/),
      ]);
    },
  );

  it("takes a window of 0, which is not in the plan, at any cost", () => {
    expect(limit({ windows: ["0/minute"], cost: 5 })?.windows[0]?.size).toBe(0);
  });

  it.each([['a"b'], ["caf\u00e9"], ["-a"], ["Apply"], [""], ["a".repeat(65)]])(
    "rejects the name %j (case 23)",
    (name) => {
      expect(faults({ name })).toEqual([
        expect.stringMatching(/^LIMITS\[0\]\.name: expected a name of 1 to 64 /),
      ]);
    },
  );

  it.each([
    ["/a/*/b"],
    ["/a*"],
    ["/*/"],
    ["/%61pi"],
    ["/a;v=1"],
    ["/a/../b"],
    ["/a b"],
    ["/:"],
    ["POST"],
    ["*"],
  ])("rejects the route %s", (match) => {
    expect(faults({ match })).toEqual([
      expect.stringMatching(/^LIMITS\[0\]\.match: expected a path of segments/),
    ]);
  });

  it.each([
    ["/x?y=1", "/x"],
    ["GET /x/", "GET /x"],
    ["/jobs/{jobId}", "/jobs/:jobId"],
    ["//x", "/x"],
    ["GET x/y", "GET /x/y"],
    ["PSOT /x", "POST"],
  ])("says for the route %s that %s was meant", (match, meant) => {
    expect(faults({ match: ["/ok", match] })).toEqual([
      expect.stringContaining(`(did you mean ${JSON.stringify(meant)}?)`),
    ]);
    expect(faults({ match: ["/ok", match] })[0]).toMatch(/^LIMITS\[0\]\.match\[1\]: /);
  });

  it.each<[Vars, string]>([
    [
      { ORIGIN: "ftp://example.com" },
      'ORIGIN: expected an http:// or https:// URL without credentials, query or fragment, got "ftp://example.com"',
    ],
    [
      { ORIGIN: "api.example.com" },
      'ORIGIN: expected an http:// or https:// URL without credentials, query or fragment, got "api.example.com"',
    ],
    [
      { KEY_FROM: ["headr:x-key"] },
      'KEY_FROM[0]: expected "bearer", "header:<name>", "query:<name>" or "cookie:<name>", got "headr:x-key" (did you mean "header:x-key"?)',
    ],
    [
      { KEY_FROM: "bearr" },
      'KEY_FROM: expected "bearer", "header:<name>", "query:<name>" or "cookie:<name>", got "bearr" (did you mean "bearer"?)',
    ],
    [
      { KEY_FROM: ["header:x y"] },
      'KEY_FROM[0]: expected "bearer", "header:<name>", "query:<name>" or "cookie:<name>", got "header:x y"',
    ],
    [{ KEY_FROM: [] }, "KEY_FROM: expected at least one key source, got none"],
    [{ ENFORCE: "flase" }, 'ENFORCE: expected true or false, got "flase"'],
    [{ LIMITS: undefined }, "LIMITS: is required"],
    [{ LIMITS: [] }, "LIMITS: expected at least one limit, got none"],
    [{ LIMITS: all }, "LIMITS: expected a list of tables, got a table"],
    [{ LIMITS: "60/minute" }, 'LIMITS: expected a list of tables, got "60/minute"'],
    [{ LIMITS: "[{" }, 'LIMITS: expected valid JSON, got "[{"'],
    [{ LIMITS: [all, all] }, 'LIMITS[1].name: expected a name that LIMITS[0] does not have, got "all"'],
    [{ TIERS: "pro" }, 'TIERS: expected a table, got "pro"'],
    [{ TIERS: { pro: [] } }, "TIERS.pro: expected a table, got a list"],
    [
      { TIERS: { "Pro!": {} } },
      'TIERS["Pro!"]: expected a name of 1 to 64 characters from a-z, 0-9, "-" and "_", the first a letter or digit, got "Pro!"',
    ],
    [
      { TIERS: { pro: { all: { cost: 61 } } } },
      'TIERS.pro.all.cost: expected a cost that ever fits into "60/minute", got 61',
    ],
    [
      { TIERS: { pro: { all: { windows: [] } } } },
      'TIERS.pro.all.windows: expected a window, "maxCharacters" or "credits", got none',
    ],
    [
      { TIERS: { pro: { all: { window: ["1/day"] } } } },
      'TIERS.pro.all.window: unknown field (did you mean "windows"?)',
    ],
    [
      { REFUSAL: "jsonrcp" },
      'REFUSAL: expected "problem" or "jsonrpc", or a table, got "jsonrcp" (did you mean "jsonrpc"?)',
    ],
    [{ REFUSAL: { at: new Date(0) } }, "REFUSAL.at: expected a JSON value, got a date"],
    [
      { CORS_ORIGINS: ["https://x.example/"] },
      'CORS_ORIGINS[0]: expected "*" or an origin such as "https://app.example.com", got "https://x.example/"',
    ],
    [
      { CORS_ORIGINS: ["*", "https://x.example"] },
      'CORS_ORIGINS: expected "*" to stand alone, got other origins beside it',
    ],
    [{ NEW_KEYS: "20/hou" }, 'NEW_KEYS: expected "<count>/<unit>", got "20/hou" (did you mean "20/hour"?)'],
    [
      { NEW_KEYS: "0/hour" },
      'NEW_KEYS: expected "any", or 1 to 1000 keys in a time, such as "20/hour", got "0/hour"',
    ],
    [
      { NEW_KEYS: "20/billing period" },
      'NEW_KEYS: expected "any", or 1 to 1000 keys in a time, such as "20/hour", got "20/billing period"',
    ],
    [
      { DENY: ["192.0.2.1", "office"] },
      'DENY[1]: expected an address or a CIDR, such as "203.0.113.7" or "2001:db8::/32", got "office"',
    ],
    [
      { ALLOW: "192.0.2.1" },
      'ALLOW: expected a list of addresses and CIDRs, such as "203.0.113.0/24", got "192.0.2.1"',
    ],
    [{ IPV6_PREFIX: 129 }, "IPV6_PREFIX: expected a whole number from 1 to 128, got 129"],
    [
      { BLOCK_MEMORY: "2 minutes" },
      'BLOCK_MEMORY: expected a time from "0 seconds" to "1 minute", got "2 minutes"',
    ],
    [{ IP_BLOCK: true }, "IP_BLOCK: expected a table, got true"],
    [
      { IP_BLOCK: { ...block, strikes: 0 } },
      "IP_BLOCK.strikes: expected a whole number from 1 to 1000, got 0",
    ],
    [{ IP_BLOCK: { strikes: 10, within: "1 minute" } }, "IP_BLOCK.for: is required"],
    [
      { IP_BLOCK: { ...block, refusal: "jsonrpc" } },
      'IP_BLOCK.refusal: expected "problem", or a table, got "jsonrpc"',
    ],
    [
      { IP_BLOCK: { ...block, refusal: { error: "{limit}" } } },
      'IP_BLOCK.refusal.error: expected placeholders {retry_after} {reset} {reset_iso}, got "{limit}"',
    ],
    [{ HOLD_FOR: "5 seconds" }, 'HOLD_FOR: expected a time from "30 seconds" to "24 hours", got "5 seconds"'],
    [{ WRITE_AHEAD: 1.5 }, "WRITE_AHEAD: expected a number from 0 to 1, got 1.5"],
    ...["javascript:alert(1)", "https://x.example/<b>", "ask us", "@x.example"].map(
      (SUPPORT): [Vars, string] => [
        { SUPPORT },
        `SUPPORT: expected an http:// or https:// URL or a mail address, got ${JSON.stringify(SUPPORT)}`,
      ],
    ),
    [
      { API_NAME: " x" },
      'API_NAME: expected 1 to 200 characters in one line, no blank around them, got " x"',
    ],
    [{ ADMIN_PATH: "/" }, 'ADMIN_PATH: expected a path such as "/_weir", got "/"'],
  ])("says of %j what is wrong", (vars, message) => {
    expect(problems(vars)).toEqual([message]);
  });

  it.each<[Vars, string]>([
    [{ windows: [] }, 'windows: expected a window, "maxCharacters" or "credits", got none'],
    [{ windows: "60/minute" }, 'windows: expected a list of windows such as "60/minute", got "60/minute"'],
    [{ match: [] }, 'match: expected at least one "<METHOD> /path" or "/path", got none'],
    [{ match: 1 }, 'match: expected one "<METHOD> /path" or "/path" or a list of them, got 1'],
    [{ cost: 0 }, "cost: expected a whole number from 1, got 0"],
    [{ cost: 1.5 }, "cost: expected a whole number from 1, got 1.5"],
    [{ cost: Number.NaN }, "cost: expected a whole number from 1, got NaN"],
    [{ cost_from: "x-cost" }, 'cost_from: expected "answer:<header>", got "x-cost"'],
    [
      { charge: "succes" },
      'charge: expected "always", "success" or a list of statuses from 100 to 599, got "succes" (did you mean "success"?)',
    ],
    [{ charge: [99] }, "charge[0]: expected a whole number from 100 to 599, got 99"],
    [{ charge: [] }, "charge: expected at least one status, got none"],
    [{ charactersIn: "" }, 'charactersIn: expected the name of a JSON field, got ""'],
    [
      { note: "one\ntwo" },
      'note: expected 1 to 200 characters in one line, no blank around them, got "one\\ntwo"',
    ],
    [{ protocol: "json-rpc" }, 'protocol: expected "jsonrpc", got "json-rpc" (did you mean "jsonrpc"?)'],
    [{ free: ["ping"] }, 'free: expected protocol = "jsonrpc" beside it, got none'],
    [{ tools: { search: 2 } }, 'tools: expected protocol = "jsonrpc" beside it, got none'],
    [
      { protocol: "jsonrpc", tools: { search: 1.5 } },
      "tools.search: expected a whole number from 0, got 1.5",
    ],
    [
      { protocol: "jsonrpc", cost: 2, tools: { search: 30, analyze: 31 } },
      'tools.analyze: expected a cost that ever fits into "60/minute", got 62',
    ],
    [
      { protocol: "jsonrpc", free: ["*"] },
      'free[0]: expected a method such as "ping", or the start of some such as "notifications/*", got "*"',
    ],
    [{ mode: "shaddow" }, 'mode: expected "enforce" or "shadow", got "shaddow" (did you mean "shadow"?)'],
    [
      { report: "minutes" },
      'report: expected the name of one of its windows ("minute"), got "minutes" (did you mean "minute"?)',
    ],
  ])("says of a limit with %j what is wrong", (fields, message) => {
    expect(faults(fields)).toEqual([`LIMITS[0].${message}`]);
  });

  it.each(["constructor", "prototype", "__proto__"])("takes no table that has something named %s", (name) => {
    const one = (value: unknown) => Object.fromEntries([[name, value]]);
    const fault = `expected another name, got "${name}"`;
    expect(faults({ protocol: "jsonrpc", tools: { a: -1, ...one(5) } })).toEqual([
      "LIMITS[0].tools.a: expected a whole number from 0, got -1",
      `LIMITS[0].tools.${name}: ${fault}`,
    ]);
    expect(problems({ TIERS: { ...one({}), pro: { all: { cost: 61 }, ...one({}) } } })).toEqual([
      `TIERS.pro.${name}: ${fault}`,
      `TIERS.${name}: ${fault}`,
      'TIERS.pro.all.cost: expected a cost that ever fits into "60/minute", got 61',
    ]);
    expect(problems({ TIERS: `{"${name}":{}}` })).toEqual([`TIERS.${name}: ${fault}`]);
    expect(faults(one(1))).toEqual([`LIMITS[0].${name}: unknown field`]);
  });

  it("takes no limit that a table cannot name", () => {
    expect(faults({ name: "constructor" })).toEqual([
      'LIMITS[0].name: expected another name, got "constructor"',
    ]);
    expect(faults({ name: "__proto__" })).toHaveLength(1);
    expect(faults({ name: "constructors" })).toEqual([]);
  });

  it("holds a tier's windows to the limit's report and cost", () => {
    const LIMITS = [{ ...all, windows: ["100/hour"], report: "hour", cost: 3 }];
    expect(problems({ LIMITS, TIERS: { pro: { all: { windows: ["2/day"] } } } })).toEqual([
      'TIERS.pro.all.windows: expected a window "hour", which the limit reports, got none',
      'TIERS.pro.all.windows: expected a cost that ever fits into "2/day", got 3',
    ]);
  });

  it("holds a charge for longer than the origin may take", () => {
    expect(problems({ ORIGIN_TIMEOUT: "5 minutes", HOLD_FOR: "5 minutes" })).toEqual([
      "HOLD_FOR: expected more than the ORIGIN_TIMEOUT of 5 minutes, got 5 minutes",
    ]);
    expect(problems({ HOLD_FOR: "90 seconds" })).toEqual([
      "HOLD_FOR: expected more than the ORIGIN_TIMEOUT of 100 seconds, got 90 seconds",
    ]);
    expect(problems({ ORIGIN_TIMEOUT: "10 minutes", LIMITS: [] })).toEqual([
      "LIMITS: expected at least one limit, got none",
      "HOLD_FOR: expected more than the ORIGIN_TIMEOUT of 10 minutes, got 5 minutes",
    ]);
    expect(problems({ ORIGIN_TIMEOUT: "100 seconds", HOLD_FOR: "101 seconds" })).toEqual([]);
  });

  it("reads what is said of addresses", () => {
    expect(
      policy({
        NEW_KEYS: "any",
        ALLOW: ["192.0.2.0/28"],
        DENY: '["192.0.2.0/24", "2001:db8::1"]',
        IP_BLOCK: { ...block, strike_on_401: true, refusal: { error: "until {reset_iso}" } },
        IPV6_PREFIX: "56",
        BLOCK_MEMORY: "0 seconds",
        IP_RETENTION: "1 day",
      }),
    ).toMatchObject({
      allow: [{ prefixLength: 28 }],
      deny: [{ prefixLength: 24 }, { prefixLength: 128 }],
      ipBlock: {
        strikes: 10,
        withinMs: 60_000,
        forMs: 3_600_000,
        strikeOn401: true,
        refusal: { error: "until {reset_iso}" },
      },
      ipv6Prefix: 56,
      blockMemoryMs: 0,
      ipRetentionMs: 86_400_000,
    });
    expect(policy({ NEW_KEYS: "any" })).not.toHaveProperty("newKeys");
    expect(policy({ IP_BLOCK: JSON.stringify(block) }).ipBlock).toMatchObject({
      strikeOn401: false,
      refusal: "problem",
    });
  });

  it("holds everything about addresses to IP_RETENTION", () => {
    const byAddress = { ...all, per: "ip", windows: ["5/minute", "50/day", "900/month"] };
    expect(
      problems({ IP_RETENTION: "1 day", IP_BLOCK: block, LIMITS: [all, { ...byAddress, name: "ip" }] }),
    ).toEqual(["LIMITS[1].windows[2]: expected at most the IP_RETENTION of 1 day, got 31 days"]);
    expect(
      problems({
        IP_RETENTION: "30 minutes",
        NEW_KEYS: "20/hour",
        IP_BLOCK: { ...block, within: "40 minutes" },
      }),
    ).toEqual([
      "IP_BLOCK.within: expected at most the IP_RETENTION of 30 minutes, got 40 minutes",
      "IP_BLOCK.for: expected at most the IP_RETENTION of 30 minutes, got 1 hour",
      "NEW_KEYS: expected at most the IP_RETENTION of 30 minutes, got 1 hour",
    ]);
  });

  it("holds every limit to IP_RETENTION where requests without a key are metered by address", () => {
    const LIMITS = [
      { ...all, windows: ["5/minute", "900/month"] },
      { ...all, name: "account", per: "account", windows: ["900/billing period"] },
    ];
    expect(problems({ IP_RETENTION: "1 day", ANONYMOUS: "ip", LIMITS })).toEqual([
      "LIMITS[0].windows[1]: expected at most the IP_RETENTION of 1 day, got 31 days",
      "LIMITS[1].windows[0]: expected at most the IP_RETENTION of 1 day, got 31 days",
    ]);
    for (const ANONYMOUS of ["reject", "pass"]) {
      expect(problems({ IP_RETENTION: "1 day", ANONYMOUS, LIMITS })).toEqual([]);
    }
  });

  it("holds a tier's windows and cost to what the limit's tools count as", () => {
    const LIMITS = [{ ...all, protocol: "jsonrpc", tools: { analyze: 5 } }];
    const pro = { all: { windows: ["4/minute"] } };
    const basic = { all: { cost: 13 } };
    expect(problems({ LIMITS, TIERS: { pro, basic } })).toEqual([
      'TIERS.pro.all.windows: expected a cost that ever fits into "4/minute", got 5',
      'TIERS.basic.all.cost: expected a cost that ever fits into "60/minute", got 65',
    ]);
  });

  it("says how large a variable may be (case 25)", () => {
    const LIMITS = [{ ...all, refusal: { text: "\u00e9".repeat(3_000) } }];
    expect(problems({ LIMITS })).toEqual([
      `LIMITS: expected at most 5120 bytes, got ${new TextEncoder().encode(JSON.stringify(LIMITS)).length}`,
    ]);
  });

  it("never repeats credentials, nor a long value whole", () => {
    const secret = "hunter2-hunter2";
    expect(problems({ ORIGIN: `https://user:${secret}@example.com` }).join()).not.toContain(secret);
    expect(problems({ ORIGIN: `https://example.com?token=${secret}` }).join()).not.toContain(secret);
    for (const vars of [{ HEADERS: "x".repeat(999) }, { LIMITS: [{ ...all, windows: ["9".repeat(999)] }] }]) {
      expect(problems(vars).join()).toMatch(/^.{40,200}$/);
    }
  });

  it("never throws, whatever the variables hold", () => {
    const names = fc.constantFrom(
      "LIMITS",
      "TIERS",
      "REFUSAL",
      "KEY_FROM",
      "ORIGIN",
      "CORS_ORIGINS",
      "HOLD_FOR",
    );
    fc.assert(
      fc.property(
        fc.dictionary(names, fc.anything()),
        fc.dictionary(fc.string(), fc.jsonValue()),
        (vars, limit) => {
          expect(problems({ LIMITS: [limit], ...vars })).toBeInstanceOf(Array);
        },
      ),
    );
  });
});
