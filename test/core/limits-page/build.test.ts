// The limits page says of a policy what is true of it, and nothing else.

import { describe, expect, it } from "vitest";
import { limitsPage } from "../../../src/limits-page/build.ts";
import { EVERYTHING, pageOf, policyOf, rowsOf, sectionOf } from "./policies.ts";

type Vars = Readonly<Record<string, unknown>>;
const limits = (vars: Vars) => sectionOf(pageOf(vars), "Limits");
const withLimit = (fields: Vars) => limits({ LIMITS: [{ ...EVERYTHING, ...fields }] });

describe("limitsPage", () => {
  it("depends on nothing but the policy and the address", () => {
    const policy = policyOf({});
    expect(limitsPage(policy, "https://a.example")).toEqual(limitsPage(policy, "https://a.example"));
  });

  it("names the API where the policy does", () => {
    expect(pageOf({})).toMatch(/^# Rate limits\n/);
    expect(pageOf({ API_NAME: "Example API" })).toMatch(/^# Example API: rate limits\n/);
  });

  it("says whom to ask for more only where the policy does", () => {
    expect(pageOf({})).not.toContain("Asking for more");
    expect(pageOf({ SUPPORT: "https://example.com/help" })).toContain("(<https://example.com/help>)");
    expect(pageOf({ SUPPORT: "help@example.com" })).toContain(
      "[help@example.com](<mailto:help@example.com>)",
    );
  });

  it("says so while nothing is refused, and then shows no refusal of a limit, a plan or a block", () => {
    const page = pageOf({ ENFORCE: false, IP_BLOCK: { strikes: 3, within: "1 minute", for: "1 hour" } });
    expect(page).toContain("not yet refused");
    expect(page).not.toContain("Blocked addresses");
    expect(statusesOf(page)).toEqual(["401", "400", "503", "502", "504"]);
  });
});

describe("Limits", () => {
  it("has a row for each limit: its routes, windows and subject", () => {
    const LIMITS = [
      { name: "apply", match: ["POST /apply", "/v1/:id/*"], windows: ["60/minute", "10000/billing period"] },
      { name: "all", match: "/*", per: "account", windows: ["5/5 minutes", "0/day"] },
      { name: "reads", match: "GET /*", per: "ip", windows: ["7/month"] },
    ];
    expect(rowsOf(limits({ LIMITS })).slice(2)).toEqual([
      ["`POST /apply`<br>`/v1/:id/*`", "60 per minute<br>10,000 per billing period", "API key"],
      ["every request", "5 per 5 minutes<br>none per day: not included", "account"],
      ["every GET request", "7 per month", "IP address"],
    ]);
  });

  it("leaves out a shadow, which refuses nobody", () => {
    const LIMITS = [EVERYTHING, { ...EVERYTHING, name: "trial", windows: ["7/day"], mode: "shadow" }];
    expect(limits({ LIMITS })).not.toContain("7 per day");
  });

  it.each<[Vars, string]>([
    [{ note: "Cache what you can." }, "Cache what you can."],
    [{ align: "first" }, "From the first request on."],
    [{ cost: 3 }, "A request counts as 3."],
    [
      { cost_from: "answer:x-cost", cost: 2 },
      "A request counts as much as its answer says in `x-cost`; until then as 2.",
    ],
    [{ credits: 1 }, "The credit is spent only on success: where the answer is a 2xx."],
    [{ credits: 2, charge: "always" }, "Credits are spent whatever the answer is."],
    [{ charge: "success" }, "A request counts only on success: where the answer is a 2xx."],
    [{ charge: [200, 404] }, "A request counts only where the answer is a 200 or 404."],
    [{ maxCharacters: 10_000 }, "60 per minute<br>10,000 characters per request"],
    [{ maxCharacters: 5, charactersIn: "a|b" }, "5 characters in the field `a\\|b`"],
    [{ credits: 1 }, "1 credit per request"],
    [{ protocol: "jsonrpc" }, "A batch of JSON-RPC calls counts as all of them."],
    [{ protocol: "jsonrpc", free: ["ping", "tools/list"] }, "Free: `ping` and `tools/list`."],
    [
      { protocol: "jsonrpc", tools: { analyze: 5, status: 0 } },
      "A call of `analyze` counts as 5 calls.<br>A call of `status` counts as nothing.",
    ],
  ])("says of a limit with %j: %s", (fields, words) => {
    expect(withLimit(fields)).toContain(words);
    expect(withLimit({})).not.toContain(words);
  });

  it.each<[Vars, string]>([
    [{ per: "key" }, "each key's own"],
    [{ per: "account" }, "shared by all keys of the account"],
    [{ per: "ip" }, "of a /64 network"],
    [{ windows: ["1/minute"] }, "clock in UTC: a minute at second 0."],
    [
      { windows: ["1/hour", "1/day", "1/month"] },
      "an hour at minute 0, a day at 00:00 and a month on the 1st, 00:00.",
    ],
    [{ windows: ["1/5 minutes"] }, "`5 minutes` counted from 1 January 1970"],
    [{ align: "first" }, "begins with the first request after the one before was over"],
    [{ windows: ["1/billing period"] }, "resets on the 1st, 00:00 UTC"],
    [{ windows: ["1/minute", "2/hour"] }, "tracked independently"],
    [{ match: "/a/:id" }, "`:name` stands for any one part"],
    [{ match: "/a/*" }, "Requests that are not in the table are not limited."],
  ])("explains what %j means", (fields, words) => {
    expect(withLimit(fields)).toContain(words);
  });

  it("explains nothing that does not occur", () => {
    const said = withLimit({ match: "POST /apply" });
    for (const words of [
      "account",
      "IP addresses are",
      "first request",
      "billing",
      "independently",
      ":name",
      "HEAD",
    ])
      expect(said).not.toContain(words);
  });

  it.each([
    ["reject", "Without one a request is refused with a 401."],
    ["ip", "Requests without one are counted per IP address instead."],
    ["pass", "Requests without one are not limited."],
  ])("says where the key goes, and what becomes of a request without (%s)", (ANONYMOUS, words) => {
    const KEY_FROM = ["cookie:session", "query:key", "bearer", "header:x-key"];
    expect(limits({ ANONYMOUS, KEY_FROM })).toContain(
      `the cookie \`session\`, the query parameter \`key\`, \`Authorization: Bearer <key>\` or the header \`x-key\`. An access token is a key as well. ${words}`,
    );
  });

  it("says how many new keys an address may bring, where there is a bound", () => {
    expect(limits({ NEW_KEYS: "5/hour" })).toContain("at most 5 keys per hour");
    expect(limits({ NEW_KEYS: "any" })).not.toContain("keys per hour");
    expect(limits({ UNKNOWN_KEYS: "reject" })).not.toContain("keys per hour");
  });
});

describe("Tiers", () => {
  const LIMITS = [{ ...EVERYTHING, windows: ["5/minute", "100/day"], maxCharacters: 10_000 }];

  it("has what holds without a tier, then each tier, with what it does not change", () => {
    const TIERS = {
      pro: { all: { windows: ["60/minute", "9/hour"], maxCharacters: 20_000 } },
      none: { all: { windows: ["0/day"] } },
    };
    expect(rowsOf(limits({ LIMITS, TIERS })).slice(3)).toEqual([
      ["Tier", "Per minute", "Per day", "Per hour", "Characters per request"],
      ["---", "---", "---", "---", "---"],
      ["default", "5", "100", "unlimited", "10,000"],
      ["pro", "60", "unlimited", "9", "20,000"],
      ["none", "unlimited", "not included", "unlimited", "10,000"],
    ]);
  });

  it("has a tier that changes nothing as it is: as the default", () => {
    const TIERS = { free: {}, pro: { all: { cost: 2 } } };
    expect(rowsOf(limits({ LIMITS, TIERS })).slice(-3)).toEqual([
      ["default", "5", "100", "10,000", "1"],
      ["free", "5", "100", "10,000", "1"],
      ["pro", "5", "100", "10,000", "2"],
    ]);
  });

  it("are no matter where none changes anything", () => {
    expect(limits({ LIMITS, TIERS: { free: {} } })).not.toContain("tier");
  });

  it("have a table for each limit they change", () => {
    const other = { name: "other", match: ["/a", "/b"], windows: ["7/day"] };
    const TIERS = { pro: { all: { windows: ["9/day"] }, other: { windows: ["8/day"] } } };
    expect(limits({ LIMITS: [...LIMITS, other], TIERS })).toMatch(
      /\nevery request:\n\n.*\n\n`\/a` and `\/b`:\n\n\| Tier \| Per day \|\n/s,
    );
  });
});

describe("Blocked addresses", () => {
  it("has the rule, and only where there is one", () => {
    const IP_BLOCK = { strikes: 10, within: "90 seconds", for: "1 hour", strike_on_401: true };
    expect(sectionOf(pageOf({ IP_BLOCK }), "Blocked addresses")).toContain(
      "gets 10 answers of 429 or 401 within 90 seconds is blocked for 1 hour",
    );
    expect(pageOf({})).not.toContain("Blocked addresses");
  });
});

describe("Headers", () => {
  const headers = (vars: Vars) => sectionOf(pageOf(vars), "Headers");

  it("shows those of the policy's style, with the policy's own figures", () => {
    expect(headers({})).toContain(
      "X-RateLimit-Limit: 60\nX-RateLimit-Remaining: 48\nX-RateLimit-Reset: 1780314180\n",
    );
    expect(headers({ HEADERS: "ietf" })).toContain(
      'RateLimit-Policy: "all-minute";q=60;w=60\nRateLimit: "all-minute";r=48;t=47\n',
    );
    expect(headers({ HEADERS: "both" })).toMatch(/X-RateLimit-Limit: 60.*RateLimit-Policy: /s);
  });

  it("has only when to retry where the policy has no limit headers", () => {
    const names = rowsOf(headers({ HEADERS: "none" })).map(([name]) => name);
    expect(names).toEqual(["Header", "---", "`Retry-After`", "`Retry-After-Ms`"]);
  });

  it("says when not to retry, where a day or more may be spent", () => {
    expect(headers({ LIMITS: [{ ...EVERYTHING, windows: ["60/minute", "9/24 hours"] }] })).toContain(
      "X-Should-Retry",
    );
    expect(headers({})).not.toContain("X-Should-Retry");
  });

  it("says which window they show", () => {
    const LIMITS = [{ ...EVERYTHING, windows: ["60/minute", "100/hour"] }];
    expect(headers({ LIMITS })).toContain("the one with the least left");
    expect(headers({ LIMITS: [{ ...LIMITS[0], report: "hour" }] })).toContain(
      "For `all` they always show the hour.",
    );
  });

  it("shows a tier's where the default has nothing of it", () => {
    const LIMITS = [{ ...EVERYTHING, windows: ["0/minute"] }];
    const TIERS = { pro: { all: { windows: ["10/minute"] } } };
    expect(headers({ LIMITS, TIERS })).toContain("X-RateLimit-Limit: 10\n");
  });
});

describe("Your usage", () => {
  it("is at the admin path, asked for with the key in the first place it may be", () => {
    const vars = { ADMIN_PATH: "/internal", KEY_FROM: ["query:key", "bearer"] };
    expect(sectionOf(pageOf(vars), "Your usage")).toContain(
      'curl "https://api.example.com/internal/usage?key=$API_KEY"',
    );
  });
});

function statusesOf(page: string): string[] {
  return [...page.matchAll(/^### (\d+)/gm)].map(([, status = ""]) => status);
}
