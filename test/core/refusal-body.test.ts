import { describe, expect, it } from "vitest";
import type { Refused, Standing } from "../../src/core/decision.ts";
import type { Limit, RefusalFormat } from "../../src/core/policy.ts";
import { type Cause, REFUSALS } from "../../src/core/refusal.ts";
import { refusalBody } from "../../src/core/refusal-body.ts";

const resetAt = Date.UTC(2026, 5, 9);
const minute: Standing = {
  limit: "apply",
  window: "minute",
  size: 60,
  used: 60,
  cost: 1,
  held: false,
  resetAt,
  lengthMs: 60_000,
};
const day: Standing = { ...minute, window: "day", size: 1_000, used: 60 };
const refused: Refused = {
  admitted: false,
  at: resetAt - 29_600,
  reason: "rate",
  standings: [minute, day],
  refusing: 0,
  retryAfterMs: 29_600,
};
const causes = Object.keys(REFUSALS) as Cause[];

function limit(refusal: RefusalFormat): Limit {
  return {
    name: "apply",
    match: [],
    per: "key",
    windows: [],
    align: "clock",
    cost: 1,
    credits: 0,
    mode: "enforce",
    refusal,
  };
}

describe("refusalBody", () => {
  it("is problem details of an exceeded quota", () => {
    expect(refusalBody("rate", { decision: refused })).toEqual({
      contentType: "application/problem+json",
      value: {
        type: "https://iana.org/assignments/http-problem-types#quota-exceeded",
        title: "Request cannot be satisfied as assigned quota has been exceeded",
        status: 429,
        detail:
          "The limit of 60 per minute has no room for this request. Retry after 30 s; the window resets at 2026-06-09T00:00:00.000Z.",
        reason: "rate",
        "violated-policies": ["apply-minute"],
        limit: 60,
        remaining: 0,
        retryAfterSeconds: 30,
        resetsAt: "2026-06-09T00:00:00.000Z",
      },
    });
  });

  it("names every window that had no room for what was asked of it", () => {
    const standings = [minute, { ...day, used: 998, cost: 3 }, { ...day, window: "hour", used: 999 }];
    const { value } = refusalBody("rate", { decision: { ...refused, standings } });
    expect(value).toMatchObject({ "violated-policies": ["apply-minute", "apply-day"] });
  });

  it("fills in the policy's template, with numbers as numbers", () => {
    const format = {
      error: "rate_limit_exceeded",
      message: "Limit reached. Resets {reset_iso}.",
      limit: "{limit}",
      used: "{used}",
      name: "{name}",
      remaining: "{remaining}",
      window: "{window}",
      retry_after: "{retry_after}",
      reset_at: "{reset}",
    };
    expect(refusalBody("rate", { decision: refused, format })).toEqual({
      contentType: "application/json",
      value: {
        error: "rate_limit_exceeded",
        message: "Limit reached. Resets 2026-06-09T00:00:00.000Z.",
        limit: 60,
        used: 61,
        name: "apply",
        remaining: 0,
        window: "minute",
        retry_after: 30,
        reset_at: 1_780_963_200,
      },
    });
  });

  it("prefers the template of the limit that refused to the policy's", () => {
    const limits = [{ ...limit({ error: "status" }), name: "status" }, limit({ error: "apply" })];
    expect(refusalBody("rate", { decision: refused, limits, format: "jsonrpc" }).value).toEqual({
      error: "apply",
    });
  });

  it("is a JSON-RPC error where the policy names that format", () => {
    expect(refusalBody("rate", { decision: refused, format: "jsonrpc" })).toEqual({
      contentType: "application/json",
      value: {
        error: {
          code: -32002,
          message: "Rate limit exceeded",
          data: { limit: 60, remaining: 0, retryAfterSeconds: 30, resetsAt: "2026-06-09T00:00:00.000Z" },
        },
      },
    });
  });

  const formatted: readonly Cause[] = ["rate", "newcomer", "blocked"];

  it.each(formatted)("is the policy's own for %s", (cause) => {
    const { contentType, value } = refusalBody(cause, { format: { error: "Slow down." } });
    expect({ contentType, value }).toEqual({
      contentType: "application/json",
      value: { error: "Slow down." },
    });
  });

  it.each(causes.filter((cause) => !formatted.includes(cause)))(
    "is problem details for %s whatever the format",
    (cause) => {
      const { contentType, value } = refusalBody(cause, { format: { error: "{limit}" } });
      expect(contentType).toBe("application/problem+json");
      expect(value).toMatchObject({ status: REFUSALS[cause].status, reason: cause });
    },
  );

  describe("for calls", () => {
    const data = { limit: 60, remaining: 0, retryAfterSeconds: 30, resetsAt: "2026-06-09T00:00:00.000Z" };
    const forCalls = (cause: Cause, format: RefusalFormat) =>
      refusalBody(cause, { decision: refused, format, isForCalls: true });

    it.each<[string, RefusalFormat]>([
      ["problem details", "problem"],
      ["a body without a code", { error: "rate_limit_exceeded" }],
    ])("is a JSON-RPC error in place of %s", (_, format) => {
      expect(forCalls("rate", format)).toEqual({
        contentType: "application/json",
        value: { error: { code: -32002, message: "Rate limit exceeded", data } },
      });
    });

    it("is the policy's own body where that is a JSON-RPC error", () => {
      const format = { error: { code: -32029, message: "Wait {retry_after} s", data: { at: "{reset}" } } };
      expect(forCalls("rate", format).value).toEqual({
        error: { code: -32029, message: "Wait 30 s", data: { at: 1_780_963_200 } },
      });
    });

    it("says of a batch to split it, with the policy's code", () => {
      const { retryAfterMs: _, ...spent } = refused;
      const decision: Refused = { ...spent, reason: "cost", standings: [{ ...minute, cost: 61 }] };
      const format = { error: { code: -32029, message: "Slow down" } };
      expect(refusalBody("batch", { decision, format, isForCalls: true }).value).toEqual({
        error: {
          code: -32029,
          message: expect.stringContaining("splitting the batch does"),
          data: { limit: 60, remaining: 0 },
        },
      });
    });
  });

  it.each([
    [12_345, "A request may have at most 10000 characters; this one has 12345. Send fewer."],
    [undefined, "A request may have at most 10000 characters; this one has more. Send fewer."],
  ])("says how many characters may be sent, and of %s how many were", (characters, detail) => {
    const decision: Refused = {
      admitted: false,
      at: 0,
      reason: "characters",
      standings: [day],
      maxCharacters: 10_000,
    };
    const facts = { decision, ...(characters !== undefined && { characters }) };
    expect(refusalBody("characters", facts).value).toMatchObject({ status: 413, detail });
    expect(refusalBody("characters", facts).value).not.toHaveProperty("violated-policies");
  });

  it.each([
    ["plan", { ...minute, size: 0, used: 0 }, "This is not in the plan: its limit is 0 per minute."],
    [
      "cost",
      { ...minute, used: 0, cost: 61 },
      "This request costs more than the whole limit of 60 per minute.",
    ],
  ] as const)("says for %s that waiting does not help", (reason, standing, start) => {
    const decision: Refused = { admitted: false, at: 0, reason, standings: [standing], refusing: 0 };
    const { value } = refusalBody(reason, { decision });
    expect(value).toMatchObject({
      detail: expect.stringContaining(`${start} Waiting does not help`),
      "violated-policies": ["apply-minute"],
    });
    expect(value).not.toHaveProperty("retryAfterSeconds");
  });
});
