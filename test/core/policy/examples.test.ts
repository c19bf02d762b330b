// The configurations that ship: each is sound, complete, and carries the figures of the API it is.

import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";
import jobko from "../../../examples/jobko.toml?raw";
import onboardinghub from "../../../examples/onboardinghub.toml?raw";
import uberduck from "../../../examples/uberduck.toml?raw";
import uphunt from "../../../examples/uphunt.toml?raw";
import upstat from "../../../examples/upstat.toml?raw";
import type { Limit, Policy, Route } from "../../../src/core/policy.ts";
import type { Window } from "../../../src/core/window.ts";
import { parsePolicy } from "../../../src/policy/parse.ts";
import standard from "../../../wrangler.toml?raw";

const examples = { jobko, onboardinghub, uberduck, uphunt, upstat };

function policyIn(toml: string): Policy {
  const parsed = parsePolicy(parse(toml).vars as Record<string, unknown>);
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.policy;
}

const written = (windows: readonly Window[] = []) => windows.map(({ size, name }) => `${size}/${name}`);
const route = ({ method, path }: Route) => (method === undefined ? path : `${method} ${path}`);
const table = (limits: readonly Limit[]) =>
  limits.map((limit) => [limit.name, limit.per, limit.match.map(route), written(limit.windows)]);

describe("every example", () => {
  it.each(Object.entries(examples))(
    "%s has an origin and reads the key from x-api-key or a bearer token",
    (_, toml) => {
      const policy = policyIn(toml);
      expect(policy.origin).toMatch(/^https:\/\/[^/]+$/);
      expect(policy.keyFrom).toEqual([{ in: "header", name: "x-api-key" }, { in: "bearer" }]);
    },
  );

  it.each(Object.entries(examples))("%s runs the Worker that wrangler.toml runs", (name, toml) => {
    const { vars: _vars, name: ownName, main, ...own } = parse(toml);
    const {
      vars,
      name: _name,
      main: _main,
      minify,
      keep_names,
      upload_source_maps,
      observability,
      ...rest
    } = parse(standard);
    expect(own).toEqual(rest);
    expect([ownName, main]).toEqual([`weir-${name}`, "../src/index.ts"]);
  });
});

describe("wrangler.toml", () => {
  it("meters every path by 60 a minute and 1,000 a day, in route mode", () => {
    const policy = policyIn(standard);
    expect(table(policy.limits)).toEqual([["default", "key", ["/*"], ["60/minute", "1000/day"]]]);
    expect(policy).not.toHaveProperty("origin");
  });
});

describe("uphunt", () => {
  const policy = policyIn(uphunt);

  it("has windows of its own for each endpoint, under both paths", () => {
    const both = (method: string, path: string) => [
      `${method} ${path}`,
      `${method} /api/auto-apply-v2${path}`,
    ];
    expect(table(policy.limits)).toEqual([
      ["apply", "key", both("POST", "/apply"), ["60/minute", "1000/day"]],
      ["status", "key", both("GET", "/status"), ["300/minute"]],
      ["applied-jobs", "key", both("GET", "/applied-jobs"), ["60/minute"]],
      ["generate-proposal", "key", both("POST", "/generate-proposal"), ["30/minute", "500/day"]],
      ["freelancers", "key", both("GET", "/external/freelancers"), ["30/minute"]],
      ["credits", "account", both("POST", "/apply"), []],
      [
        "monthly",
        "account",
        ["GET /api/v1/jobs/:ciphertext", "GET /api/v1/clients/:companyid/jobs"],
        ["10000/billing period"],
      ],
    ]);
    expect(policy.limits.map(({ credits }) => credits)).toEqual([0, 0, 0, 0, 0, 1, 0]);
  });

  it("refuses in the API's own words, of the monthly quota to the letter", () => {
    const refusal = {
      error: "rate_limit_exceeded",
      message: "Request limit of {limit} per {window} reached. Quota resets {reset_iso}.",
      limit: "{limit}",
      used: "{used}",
      resetsAt: "{reset_iso}",
    };
    const message = "Monthly request limit of {limit} reached. Quota resets {reset_iso}.";
    expect(policy.refusal).toEqual(refusal);
    expect(policy.limits.map((limit) => limit.refusal)).toEqual([
      ...Array(6).fill(undefined),
      { ...refusal, message },
    ]);
  });
});

describe("upstat", () => {
  it("has a minute and an hour of each token, a minute of each account, and the default refusal", () => {
    const policy = policyIn(upstat);
    expect(table(policy.limits)).toEqual([
      ["token", "key", ["/*"], ["1000/minute", "10000/hour"]],
      ["account", "account", ["/*"], ["5000/minute"]],
    ]);
    expect(policy.refusal).toBe("problem");
  });
});

describe("uberduck", () => {
  const policy = policyIn(uberduck);

  it("gives a key that nobody registered 5 a minute and 100 a day from its first request", () => {
    expect(table(policy.limits)).toEqual([["requests", "key", ["/*"], ["5/minute", "100/day"]]]);
    expect(policy.limits[0]).toMatchObject({ align: "first", maxCharacters: 10_000 });
  });

  it("has the tiers of its page", () => {
    const pro = policy.tiers.get("pro")?.get("requests");
    expect(written(pro?.windows)).toEqual(["60/minute", "1000/day"]);
    expect(pro?.maxCharacters).toBe(20_000);
    expect([...policy.tiers.keys()]).toEqual(["free", "pro", "enterprise"]);
    for (const tier of ["free", "enterprise"]) expect(policy.tiers.get(tier)).toEqual(new Map());
  });

  it("says when to try again", () => {
    expect(policy.refusal).toEqual({
      error: {
        code: "rate_limit_exceeded",
        message: "Rate limit exceeded. Please try again in {retry_after} seconds.",
        details: { reset_at: "{reset}", retry_after: "{retry_after}" },
      },
    });
  });
});

describe("jobko", () => {
  it("has an hour and a day, shows the hour, and refuses as JSON-RPC does", () => {
    const policy = policyIn(jobko);
    expect(table(policy.limits)).toEqual([["requests", "key", ["/*"], ["100/hour", "1000/day"]]]);
    expect(policy.limits[0]?.report).toBe("hour");
    expect(policy.refusal).toEqual({ error: { code: -32002, message: "Rate limit exceeded" } });
  });
});

describe("onboardinghub", () => {
  it("shares one limit between both endpoints and meters authenticated requests only", () => {
    const policy = policyIn(onboardinghub);
    expect(table(policy.limits)).toEqual([["api", "key", ["/api/v1/*", "/mcp"], ["60/minute", "500/hour"]]]);
    expect(policy.anonymous).toBe("pass");
    expect(policy.refusal).toEqual({
      error: { type: "rate_limited", message: "Too many requests. Please retry later." },
    });
  });
});
