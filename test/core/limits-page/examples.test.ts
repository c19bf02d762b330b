// The limits pages of the five APIs that weir can be: each says at least what the API's own page says of the service.

import { describe, expect, it } from "vitest";
import jobko from "../../../examples/jobko.toml?raw";
import onboardinghub from "../../../examples/onboardinghub.toml?raw";
import uberduck from "../../../examples/uberduck.toml?raw";
import uphunt from "../../../examples/uphunt.toml?raw";
import upstat from "../../../examples/upstat.toml?raw";
import { pageOfToml, rowsOf } from "./policies.ts";

/** What all five say alike. */
const COMMON: readonly (readonly [string, string])[] = [
  ["every answer has limit headers", "Every answer to a request that is limited carries these"],
  ["X-RateLimit-Limit", "| `X-RateLimit-Limit` | The most that fits into the window. |"],
  ["X-RateLimit-Remaining", "| `X-RateLimit-Remaining` | What is left of it."],
  ["0 remaining is followed by a refusal", "At 0 the next request is refused."],
  ["X-RateLimit-Reset in Unix seconds", "When the window resets, as a Unix timestamp in seconds."],
  ["Retry-After in seconds", "| `Retry-After` | On a refusal that waiting mends: whole seconds until"],
  ["429", "HTTP/1.1 429 Too Many Requests\n"],
  ["respect Retry-After, and back off", "wait as many seconds as `Retry-After` says"],
  ["exponential backoff: 1, 2, 4, 8, 16 s", "wait 1 second, then 2, 4, 8 and 16"],
  ["a key for each purpose", "each key's own: no other key takes from them. Use a key for each environment."],
];

/** Rows of the table of limits: endpoint, limit, per. */
function limitsIn(page: string): string[][] {
  const rows = rowsOf(page);
  const heads = rows.flatMap(([first], index) => (first === "Endpoint" ? [index] : []));
  const [head = 0] = heads;
  const end = rows.findIndex(([first], index) => index > head && (first === "Header" || first === "Tier"));
  return rows.slice(head + 2, end).map((cells) => cells.slice(0, 3));
}

function says(page: string, facts: readonly (readonly [string, string])[]) {
  it.each([...COMMON, ...facts])("says: %s", (_, words) => {
    expect(page).toContain(words);
  });
}

describe("UpHunt's page", () => {
  const page = pageOfToml(uphunt);

  it("has every endpoint with its limit", () => {
    const both = (method: string, path: string) =>
      `\`${method} ${path}\`<br>\`${method} /api/auto-apply-v2${path}\``;
    expect(limitsIn(page)).toEqual([
      [both("POST", "/apply"), "60 per minute<br>1,000 per day", "API key"],
      [both("GET", "/status"), "300 per minute", "API key"],
      [both("GET", "/applied-jobs"), "60 per minute", "API key"],
      [both("POST", "/generate-proposal"), "30 per minute<br>500 per day", "API key"],
      [both("GET", "/external/freelancers"), "30 per minute", "API key"],
      [both("POST", "/apply"), "1 credit per request", "account"],
      [
        "`GET /api/v1/jobs/:ciphertext`<br>`GET /api/v1/clients/:companyid/jobs`",
        "10,000 per billing period",
        "account",
      ],
    ]);
  });

  says(page, [
    ["the API's name", "# UpHunt API: rate limits"],
    ["a credit is burned only on success", "The credit is spent only on success: where the answer is a 2xx."],
    ["GET /status is to be polled freely", "Cheap, and safe to repeat: poll as you like."],
    ["results of GET /applied-jobs are to be cached", "Keep the results where you can."],
    ["reasoning effort does not matter", "Counts the same at any reasoning effort."],
    ["freelancers are to be cached for 5 minutes", "Keep an answer for 5 minutes or more."],
    ["/api/v1 shares one quota of the user", "One quota for both, shared by all keys of a user."],
    ["the period ends at the next billing date", "A billing period ends at the account's next billing date"],
    ["it starts 30 days before", "the first one 30 days before its end"],
    ["without a subscription: the calendar month", "Without a billing date it is the calendar month"],
    ["which resets on the 1st, UTC", "resets on the 1st, 00:00 UTC"],
    [
      "headers of a minute",
      "X-RateLimit-Limit: 60\nX-RateLimit-Remaining: 48\nX-RateLimit-Reset: 1780314180\n",
    ],
    [
      "the monthly 429 and its body",
      `X-RateLimit-Limit: 10000
X-RateLimit-Remaining: 0
X-RateLimit-Reset: 1782864000
Retry-After: 1728000
Retry-After-Ms: 1728000000
X-Should-Retry: false

{
  "error": "rate_limit_exceeded",
  "message": "Monthly request limit of 10000 reached. Quota resets 2026-07-01T00:00:00.000Z.",
  "limit": 10000,
  "used": 10001,
  "resetsAt": "2026-07-01T00:00:00.000Z"
}`,
    ],
    ["the key goes into x-api-key", 'headers: { "x-api-key": process.env.API_KEY }'],
    [
      "limits can be raised, case by case",
      "Limits can be raised for a single key or account. Ask [https:\\//uphunt.io]",
    ],
  ]);
});

describe("Upstat's page", () => {
  const page = pageOfToml(upstat);

  it("has the limits of a token and of an account", () => {
    expect(limitsIn(page)).toEqual([
      ["every request", "1,000 per minute<br>10,000 per hour", "API key"],
      ["every request", "5,000 per minute", "account"],
    ]);
  });

  says(page, [
    ["the API's name", "# Upstat API: rate limits"],
    ["a token is a key", "`Authorization: Bearer <key>`. An access token is a key as well."],
    ["an account's limit is shared", "Limits per account are shared by all keys of the account."],
    ["headers of the minute", "X-RateLimit-Limit: 1000\nX-RateLimit-Remaining: 800\n"],
    [
      "the headers of a 429",
      "X-RateLimit-Limit: 1000\nX-RateLimit-Remaining: 0\nX-RateLimit-Reset: 1780314180\nRetry-After: 47\n",
    ],
  ]);
});

describe("Uberduck's page", () => {
  const page = pageOfToml(uberduck);

  it("has the tiers", () => {
    const rows = rowsOf(page);
    const head = rows.findIndex(([first]) => first === "Tier");
    expect(rows.slice(head).filter(([first = ""]) => /^(?:Tier|free|pro)$/.test(first))).toEqual([
      ["Tier", "Per minute", "Per day", "Characters per request"],
      ["free", "5", "100", "10,000"],
      ["pro", "60", "1,000", "20,000"],
    ]);
  });

  says(page, [
    ["the API's name", "# Uberduck API: rate limits"],
    ["enterprise is custom", "Enterprise: custom limits, as agreed."],
    [
      "the 429 and its body",
      `Retry-After: 47
Retry-After-Ms: 47000

{
  "error": {
    "code": "rate_limit_exceeded",
    "message": "Rate limit exceeded. Please try again in 47 seconds.",
    "details": {
      "reset_at": 1780314180,
      "retry_after": 47
    }
  }
}`,
    ],
    ["too many characters are refused", "A request may have at most 10000 characters; this one has 10001."],
    ["a larger tier has larger limits", "A larger tier has larger limits."],
    ["whom to ask", "Ask [support@uberduck.ai](<mailto:support@uberduck.ai>)"],
  ]);
});

describe("Jobko's page", () => {
  const page = pageOfToml(jobko);

  it("has an hour and a day of each key", () => {
    expect(limitsIn(page)).toEqual([["every request", "100 per hour<br>1,000 per day", "API key"]]);
  });

  says(page, [
    ["the API's name", "# Jobko API: rate limits"],
    ["the headers show the hour", "For `requests` they always show the hour."],
    [
      "headers of the hour",
      "X-RateLimit-Limit: 100\nX-RateLimit-Remaining: 80\nX-RateLimit-Reset: 1780315200\n",
    ],
    ["the 429's body", '{\n  "error": {\n    "code": -32002,\n    "message": "Rate limit exceeded"\n  }\n}'],
    ["its Retry-After", "Retry-After: 1067\n"],
    ["whom to ask for more", "Limits can be raised for a single key or account. Ask [https:\\//jobko.ai]"],
  ]);
});

describe("OnboardingHub's page", () => {
  const page = pageOfToml(onboardinghub);

  it("has one limit for API v1 and MCP", () => {
    expect(limitsIn(page)).toEqual([["`/api/v1/*`<br>`/mcp`", "60 per minute<br>500 per hour", "API key"]]);
  });

  says(page, [
    ["the API's name", "# OnboardingHub API: rate limits"],
    ["authenticated requests only", "Requests without one are not limited."],
    ["both windows are tracked independently", "Each limit is tracked independently of the others."],
    ["a token is a key", "An access token is a key as well."],
    ["headers of the minute", "X-RateLimit-Limit: 60\nX-RateLimit-Remaining: 48\n"],
    [
      "the 429 and its body",
      `HTTP/1.1 429 Too Many Requests
Content-Type: application/json
X-RateLimit-Limit: 60
X-RateLimit-Remaining: 0
X-RateLimit-Reset: 1780314180
Retry-After: 47
Retry-After-Ms: 47000

{
  "error": {
    "type": "rate_limited",
    "message": "Too many requests. Please retry later."
  }
}`,
    ],
    [
      "the block",
      "gets 10 answers of 429 within 1 minute is blocked for 1 hour. Every request from it is then refused",
    ],
    [
      "the 403 and its body",
      `HTTP/1.1 403 Forbidden
Content-Type: application/json

{
  "error": "Access denied. Your IP has been temporarily blocked due to excessive requests."
}`,
    ],
  ]);
});
