// Every refusal that a policy can give is on its limits page, as the code that refuses makes it; no other is.

import { describe, expect, it } from "vitest";
import type { Cause } from "../../../src/core/refusal.ts";
import { refusalAnswer } from "../../../src/core/refusal-answer.ts";
import { casesOf } from "../../../src/limits-page/causes.ts";
import { enforced } from "../../../src/limits-page/limits.ts";
import { EVERYTHING, pageOf, policyOf, sectionOf } from "./policies.ts";

type Vars = Readonly<Record<string, unknown>>;

const ALWAYS: readonly Cause[] = ["unavailable", "unreachable", "timeout"];

function casesIn(vars: Vars) {
  const policy = policyOf(vars);
  return casesOf(enforced(policy), policy);
}
const causesIn = (vars: Vars) => casesIn(vars).map(({ cause }) => cause);
const limited = (fields: Vars): Vars => ({ LIMITS: [{ ...EVERYTHING, ...fields }] });

describe("casesOf", () => {
  it("has what every policy can do", () => {
    const plain = { NEW_KEYS: "any" };
    expect(causesIn(plain)).toEqual([
      "rate",
      "unauthenticated",
      "malformed",
      "expired",
      "disabled",
      ...ALWAYS,
    ]);
  });

  it.each<[Cause, Vars]>([
    ["newcomer", { NEW_KEYS: "5/hour" }],
    ["blocked", { IP_BLOCK: { strikes: 3, within: "1 minute", for: "1 hour" } }],
    ["denied", { DENY: ["203.0.113.0/24"] }],
    ["unknown", { UNKNOWN_KEYS: "reject" }],
    ["plan", { ...limited({}), TIERS: { free: { all: { windows: ["0/day"] } } } }],
    ["plan", limited({ windows: ["0/day"] })],
    ["cost", limited({ cost: 2 })],
    ["cost", limited({ protocol: "jsonrpc", tools: { dear: 5 } })],
    ["batch", limited({ protocol: "jsonrpc" })],
    ["credits", limited({ credits: 1 })],
    ["characters", limited({ maxCharacters: 9 })],
    ["characters", { ...limited({}), TIERS: { free: { all: { maxCharacters: 9 } } } }],
    ["oversized", limited({ maxCharacters: 9 })],
    ["encoding", limited({ maxCharacters: 9 })],
    ["invalid", limited({ maxCharacters: 9 })],
  ])("has %s under %j, and not without", (cause, vars) => {
    expect(causesIn({ NEW_KEYS: "any", ...vars })).toContain(cause);
    expect(causesIn({ NEW_KEYS: "any" })).not.toContain(cause);
  });

  it.each<[Cause, Vars]>([
    ["rate", limited({ windows: ["0/day"] })],
    ["rate", { ENFORCE: false }],
    ["disabled", { ENFORCE: false }],
    ["unauthenticated", { ANONYMOUS: "pass" }],
    ["malformed", { ANONYMOUS: "ip" }],
    ["unauthenticated", limited({ per: "ip" })],
    ["expired", limited({ per: "ip" })],
  ])("has no %s under %j", (cause, vars) => {
    expect(causesIn(vars)).not.toContain(cause);
  });

  it("has one full window for each body that a 429 may have", () => {
    const other = { name: "other", match: "/other", windows: ["7/day"], refusal: "jsonrpc" };
    const cases = casesIn({ LIMITS: [EVERYTHING, other, { ...other, name: "third" }], NEW_KEYS: "any" });
    const full = cases.filter(({ cause }) => cause === "rate");
    expect(full.map(({ when }) => when)).toEqual([
      ["A limit is reached: ", { code: "all" }, "."],
      ["A limit is reached: ", { code: "other" }, " or ", { code: "third" }, "."],
    ]);
  });

  it("is refused by the limit it is of, for the reason it is of", () => {
    const vars = {
      LIMITS: [
        { name: "tight", match: "/x", windows: ["7/minute", "9/hour"], cost: 2 },
        { name: "wide", match: "/*", per: "account", windows: ["100/minute"], credits: 1, maxCharacters: 9 },
      ],
      REFUSAL: { name: "{name}", limit: "{limit}", used: "{used}" },
    };
    for (const { cause, facts } of casesIn(vars)) {
      if (facts.decision) expect(facts.decision.reason).toBe(cause);
    }
    const [full] = casesIn(vars);
    const policy = policyOf(vars);
    expect(refusalAnswer("rate", { ...full?.facts, policy }).body).toEqual({
      name: "tight",
      limit: 7,
      used: 8,
    });
  });
});

describe("Refusals", () => {
  const refusals = (vars: Vars) => sectionOf(pageOf(vars), "Refusals");

  it("shows status, headers and body as they go out", () => {
    expect(refusals({ NEW_KEYS: "any", ADMIN_PATH: "/x" })).toContain(`\
HTTP/1.1 429 Too Many Requests
Content-Type: application/problem+json
X-RateLimit-Limit: 60
X-RateLimit-Remaining: 0
X-RateLimit-Reset: 1780314180
Retry-After: 47
Retry-After-Ms: 47000

{
  "type": "https://iana.org/assignments/http-problem-types#quota-exceeded",
`);
  });

  it("says that a JSON-RPC call is answered with its id, where the body is such an error", () => {
    const words = "The answer to a JSON-RPC call has its `id` and `jsonrpc` as well.";
    expect(refusals({ REFUSAL: "jsonrpc" })).toContain(words);
    expect(refusals({})).not.toContain(words);
  });

  it("shows the JSON-RPC error that calls get, where they count and the body is none", () => {
    const calls = limited({ protocol: "jsonrpc" });
    expect(refusals(calls)).toContain('A JSON-RPC call gets `{"jsonrpc":"2.0","error":{"code":-32002,');
    expect(causesIn(calls)).toEqual(expect.arrayContaining(["batch", "oversized", "encoding", "invalid"]));
    expect(refusals({ ...calls, REFUSAL: "jsonrpc" })).toContain("has its `id` and `jsonrpc` as well");
  });

  it("names how many characters there may be, and were", () => {
    expect(refusals(limited({ maxCharacters: 9 }))).toContain(
      "A request may have at most 9 characters; this one has 10.",
    );
  });
});
