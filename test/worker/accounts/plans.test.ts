// Whose plan counts where: keys of one account in different tiers, and the account's windows, which read the account's alone.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ask, askTimes, limitHeaders, limitHeadersOf, setClock, tally } from "../harness.ts";
import { done, register } from "../operator.ts";

beforeEach(() => setClock("2036-02-09T12:00:00Z"));
afterEach(() => vi.useRealTimers());

describe("Keys of one account in different tiers", () => {
  it("have each its own windows, and share the account's", async () => {
    const { key: basic } = await register({ account: "mixed" });
    const { key: pro } = await register({ account: "mixed", tier: "pro" });
    const [last] = (await askTimes(6, "/mixed", { key: basic })).slice(-1);
    expect([last?.status, last && limitHeadersOf(last)]).toEqual([
      429,
      limitHeaders(5, 0, "2036-02-09T12:01:00Z"),
    ]);
    const answers = await askTimes(4, "/mixed", { key: pro });
    expect(tally(answers)).toEqual({ 200: 3, 429: 1 });
    expect(limitHeadersOf(answers[3] as Response)).toEqual(limitHeaders(8, 0, "2036-02-09T12:01:00Z"));
  });
});

describe("An account's windows", () => {
  it("read the account's plan alone, whatever the key's says", async () => {
    const overrides = { mixed: { windows: ["1/minute"], cost: 1 } };
    const { key } = await register({ account: "alone", tier: "pro", overrides });
    expect(limitHeadersOf(await ask("/mixed", { key }))).toMatchObject({ limit: "8", remaining: "7" });
    await done("subject", "PUT /accounts/alone", { overrides: { mixed: { windows: ["9/minute"] } } });
    expect(limitHeadersOf(await ask("/mixed", { key }))).toMatchObject({ limit: "9", remaining: "7" });
  });

  it("are the key's own where it has no account, and read its plan", async () => {
    const { key } = await register({ overrides: { mixed: { windows: ["1/minute"] } } });
    expect(tally(await askTimes(2, "/mixed", { key }))).toEqual({ 200: 1, 429: 1 });
  });
});

describe("An account's billing period", () => {
  it("keeps its count where a renewal is told early, and where the subscription is cancelled", async () => {
    await done("subject", "PUT /accounts/subscriber", { nextBillingAt: "2036-02-20T00:00:00Z" });
    const { key } = await register({ account: "subscriber" });
    const standing = async () => limitHeadersOf(await ask("/billed", { key }));
    expect(await standing()).toEqual(limitHeaders(4, 3, "2036-02-20T00:00:00Z"));
    await done("subject", "PATCH /accounts/subscriber", { nextBillingAt: "2036-03-20T00:00:00Z" });
    expect(await standing()).toEqual(limitHeaders(4, 2, "2036-02-20T00:00:00Z"));
    await done("subject", "PATCH /accounts/subscriber", { nextBillingAt: null });
    expect(await standing()).toEqual(limitHeaders(4, 1, "2036-03-01T00:00:00Z"));
    setClock("2036-03-01T00:00:00Z");
    expect(await standing()).toEqual(limitHeaders(4, 3, "2036-04-01T00:00:00Z"));
  });

  it("goes on from where it ended, with no free day, once the renewal is told", async () => {
    await done("subject", "PUT /accounts/punctual", { nextBillingAt: "2036-02-10T00:00:00Z" });
    const { key } = await register({ account: "punctual" });
    const standing = async () => limitHeadersOf(await ask("/billed", { key }));
    expect(await standing()).toEqual(limitHeaders(4, 3, "2036-02-10T00:00:00Z"));
    setClock("2036-02-10T00:00:00Z");
    expect(await standing()).toEqual(limitHeaders(4, 3, "2036-03-10T00:00:00Z"));
    await done("subject", "PATCH /accounts/punctual", { nextBillingAt: "2036-03-10T00:00:00Z" });
    expect(await standing()).toEqual(limitHeaders(4, 2, "2036-03-10T00:00:00Z"));
  });
});
