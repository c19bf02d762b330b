// What an operator reads of a policy: the table, and the warnings.

import { describe, expect, it } from "vitest";
import type { Policy } from "../../../src/core/policy.ts";
import { describePolicy, warnings } from "../../../src/policy/describe.ts";
import { parsePolicy } from "../../../src/policy/parse.ts";

type Vars = Readonly<Record<string, unknown>>;

function policy(vars: Vars): Policy {
  const parsed = parsePolicy(vars);
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.policy;
}

describe("describePolicy", () => {
  it("shows every limit with its routes, and what each tier changes", () => {
    const table = describePolicy(
      policy({
        ORIGIN: "https://api.example.com",
        ENFORCE: false,
        CORS_ORIGINS: ["*"],
        KEY_FROM: ["cookie:session", "bearer"],
        REFUSAL: { error: "x" },
        LIMITS: [
          {
            name: "speech",
            match: ["POST /speech", "/v1/*"],
            windows: ["5/minute", "100/5 days"],
            align: "first",
            report: "minute",
            cost: 2,
            cost_from: "answer:x-cost",
            charge: [200, 404],
            maxCharacters: 100,
            charactersIn: "text",
            refusal: "jsonrpc",
          },
          { name: "trial", match: "/*", per: "account", credits: 1, mode: "shadow", charge: "success" },
        ],
        TIERS: {
          pro: { speech: { windows: ["60/minute"], maxCharacters: 200, cost: 1 } },
          max: { trial: { windows: ["1/day"] }, speech: { maxCharacters: 300 } },
        },
      }),
    );
    expect(table).toBe(`\
origin           https://api.example.com
key from         cookie session, bearer token
without a key    reject
unknown keys     allow, 20/hour new from one address
blocks           none
enforced         no: decides and counts, refuses nothing
refusal          a body of its own
headers          x-ratelimit
readable for     *
weir's own path  /_weir

limit   match         per      tier  windows               rules
speech  POST /speech  key      -     5/minute, 100/5 days  from the first request, reports minute, at most 100 characters, counted in text, cost 2, cost from the answer's x-cost, charge 200 404, refusal jsonrpc
        /v1/*                  pro   60/minute             at most 200 characters, cost 1
                               max   the same              at most 300 characters
trial   /*            account  -     none                  charge success, credits 1, shadow
                               max   1/day
`);
  });

  it("shows who is let in, kept out and blocked, and how many new keys an address may bring", () => {
    const LIMITS = [{ name: "all", match: "/*", windows: ["60/minute"] }];
    const table = describePolicy(
      policy({
        LIMITS,
        NEW_KEYS: "any",
        ALLOW: ["192.0.2.1", "2001:db8::/32"],
        DENY: ["198.51.100.0/24"],
        IP_BLOCK: { strikes: 10, within: "1 minute", for: "1 hour" },
      }),
    );
    expect(table).toContain(`
unknown keys     allow, any number new from one address
always let in    192.0.2.1/32, 2001:db8::/32
never let in     198.51.100.0/24
blocks           after 10 strikes within 1 minute, for 1 hour
`);
    expect(describePolicy(policy({ LIMITS, UNKNOWN_KEYS: "reject" }))).toContain(
      "\nunknown keys     reject\n",
    );
  });

  it("says how JSON-RPC calls count", () => {
    const mcp = { name: "mcp", match: "POST /mcp", windows: ["60/minute"], protocol: "jsonrpc" };
    const LIMITS = [mcp, { ...mcp, name: "strict", free: [], tools: { analyze: 5, status: 0 } }];
    expect(describePolicy(policy({ LIMITS })).split("\n").slice(-3, -1)).toEqual([
      expect.stringContaining("counts JSON-RPC calls, free initialize ping tools/list notifications/*"),
      expect.stringContaining("counts JSON-RPC calls, none free, analyze as 5, status as 0"),
    ]);
  });
});

describe("warnings", () => {
  const base = { ORIGIN: "https://api.example.com", UNKNOWN_KEYS: "reject" };
  const limit = { name: "all", match: "/*", windows: ["60/minute"] };
  const warned = (vars: Vars) => warnings(policy(vars), vars);

  it("has none for a policy that meters every path of a known origin", () => {
    expect(warned({ ...base, LIMITS: [limit] })).toEqual([]);
  });

  it.each([
    ["/api/*", "GET /"],
    ["GET /*", "POST /"],
    [["/", "/:one"], "GET /any/path"],
  ])("names a request that %j leaves unmetered", (match, request) => {
    expect(warned({ ...base, LIMITS: [{ ...limit, match }] })).toEqual([
      `Requests that no limit matches are forwarded unmetered, such as ${request}; a limit on "/*" meters all.`,
    ]);
  });

  it("does not take a shadow limit for one that meters", () => {
    expect(warned({ ...base, LIMITS: [{ ...limit, mode: "shadow" }] })).toHaveLength(1);
  });

  it("says when requests go on to the route's own origin", () => {
    expect(warned({ UNKNOWN_KEYS: "reject", LIMITS: [limit] })).toEqual([
      "ORIGIN is not set: route mode, where a request goes on to the origin of the Worker's own route.",
    ]);
    expect(warned({ UNKNOWN_KEYS: "reject", LIMITS: [limit], ORIGIN_SERVICE: {} })).toEqual([]);
  });

  it("names a route on which whoever invents keys may not be bounded", () => {
    const allowed = { ...base, UNKNOWN_KEYS: "allow" };
    const byAddress = { name: "ip", match: "/api/*", per: "ip", windows: ["60/minute"] };
    const warning = (route: string) =>
      `UNKNOWN_KEYS is "allow": where the origin does not authenticate, only a limit per = "ip" bounds a caller who invents keys, and ${route} has none.`;
    expect(warned({ ...allowed, LIMITS: [limit] })).toEqual([warning("/*")]);
    expect(warned({ ...allowed, LIMITS: [limit, byAddress] })).toEqual([warning("/*")]);
    expect(warned({ ...allowed, LIMITS: [limit, { ...byAddress, match: "/*", mode: "shadow" }] })).toEqual([
      warning("/*"),
    ]);
    expect(warned({ ...allowed, LIMITS: [limit, { ...byAddress, match: "/*" }] })).toEqual([]);
    const narrow = { ...limit, match: ["/api/jobs/:id", "POST /upload"] };
    const [, open] = warned({ ...allowed, LIMITS: [narrow, byAddress] });
    expect(open).toBe(warning("POST /upload"));
  });

  it("says when a variable is nearly full", () => {
    const refusal = { text: "x".repeat(4_100) };
    expect(warned({ ...base, LIMITS: [{ ...limit, refusal }] })).toEqual([
      expect.stringMatching(/^LIMITS takes 41\d\d of the 5120 bytes it may\.$/),
    ]);
  });
});
