import { describe, expect, it } from "vitest";
import type { Decision } from "../../src/core/decision.ts";
import type { Plan } from "../../src/core/plan.ts";
import { type Ask, Subject } from "../../src/core/subject.ts";
import { limitOf, rulesOf, windowOf } from "./support/build.ts";
import { refused } from "./support/desk.ts";

const quota = limitOf("quota", ["3/billing period"]);
const burst = limitOf("burst", ["5/hour"], { cost: 2, maxCharacters: 10 });
const paid = limitOf("paid", [], { credits: 2 });
const rules = rulesOf(
  [quota, burst, paid],
  new Map([["pro", new Map([["burst", { windows: [windowOf("20/hour")] }]])]]),
);
const at = (text: string) => Date.parse(text);

/** Takes with numbers of their own, none of which is held. */
function taker(subject: Subject, above?: Plan) {
  let op = 0;
  return (nowMs: number, ...asks: Ask[]): Decision =>
    subject.take(asks, rules, above, nowMs, { op: ++op, holdUntilAt: nowMs + 300_000 });
}

describe("Subject.take", () => {
  it("asks the limit's cost for each call", () => {
    const take = taker(new Subject());
    expect(take(0, { limit: "burst", calls: 2 }).standings).toMatchObject([{ used: 4, cost: 4 }]);
    expect(refused(take(0, { limit: "burst", calls: 3 }))).toMatchObject({ reason: "cost" });
    expect(refused(take(0, { limit: "burst", calls: Number.MAX_SAFE_INTEGER }))).toMatchObject({
      reason: "cost",
      standings: [{ cost: Number.MAX_SAFE_INTEGER }],
    });
  });

  it("spends the limit's credits for each call", () => {
    const subject = new Subject();
    subject.ledger.credits = 5;
    const take = taker(subject);
    expect(take(0, { limit: "paid", calls: 2 }).admitted).toBe(true);
    expect(subject.ledger.credits).toBe(1);
    expect(refused(take(0, { limit: "paid" }))).toMatchObject({ reason: "credits" });
  });

  it("passes on the characters", () => {
    const take = taker(new Subject());
    expect(refused(take(0, { limit: "burst", characters: 11 }))).toMatchObject({
      reason: "characters",
      maxCharacters: 10,
    });
  });

  it("skips a limit that the policy does not have", () => {
    expect(taker(new Subject())(0, { limit: "newer" }, { limit: "burst" }).standings).toHaveLength(1);
  });

  it("keeps what was used when the plan is raised, and refuses with nothing remaining when it is lowered", () => {
    const subject = new Subject();
    const take = taker(subject);
    subject.adopt({ tier: "pro" }, undefined, 0);
    for (let count = 0; count < 4; count++) take(0, { limit: "burst" });
    subject.adopt(undefined, undefined, 0);
    expect(refused(take(0, { limit: "burst" })).standings).toMatchObject([{ size: 5, used: 8 }]);
    subject.adopt({ tier: "pro" }, undefined, 0);
    expect(take(0, { limit: "burst" }).standings).toMatchObject([{ size: 20, used: 10 }]);
  });

  it("applies the account's plan to the key's windows where the key has none", () => {
    expect(taker(new Subject(), { tier: "pro" })(0, { limit: "burst" }).standings).toMatchObject([
      { size: 20 },
    ]);
  });
});

describe("Subject.peek", () => {
  it("shows where the windows stand, charging and starting nothing", () => {
    const subject = new Subject();
    const take = taker(subject);
    const asks = [{ limit: "burst" }, { limit: "quota" }];
    expect(subject.peek(asks, rules, undefined, 0).standings).toMatchObject([
      { used: 0, cost: 0 },
      { used: 0, cost: 0 },
    ]);
    expect(subject.ledger.counters.size).toBe(0);
    take(0, ...asks);
    subject.peek(asks, rules, undefined, 0);
    expect(subject.peek(asks, rules, undefined, 0).standings).toMatchObject([{ used: 2 }, { used: 1 }]);
  });
});

describe("Subject.adopt", () => {
  const now = at("2026-06-10T00:00:00Z");
  const resetOf = (decision: Decision) =>
    new Date(decision.standings[0]?.resetAt ?? 0).toISOString().slice(0, 10);

  it("reads billing periods from the key's date, else from the account's, else from the calendar", () => {
    const date = (text: string): Plan => ({ nextBillingAt: at(text) });
    const subject = new Subject();
    expect(resetOf(taker(subject)(now, { limit: "quota" }))).toBe("2026-07-01");
    const keyed = new Subject();
    keyed.adopt(date("2026-06-20T00:00:00Z"), undefined, now);
    expect(resetOf(taker(keyed, date("2026-06-25T00:00:00Z"))(now, { limit: "quota" }))).toBe("2026-06-20");
    expect(resetOf(taker(new Subject(), date("2026-06-25T00:00:00Z"))(now, { limit: "quota" }))).toBe(
      "2026-06-25",
    );
  });

  it("moves the end of the current period and keeps its count", () => {
    const subject = new Subject();
    const take = taker(subject);
    subject.adopt({ nextBillingAt: at("2026-06-15T00:00:00Z") }, undefined, now);
    for (let count = 0; count < 3; count++) take(now, { limit: "quota" });
    subject.adopt({ nextBillingAt: at("2026-06-20T00:00:00Z") }, undefined, now);
    const later = at("2026-06-19T23:59:59Z");
    expect(resetOf(take(later, { limit: "quota" }))).toBe("2026-06-20");
    expect(take(later, { limit: "quota" }).admitted).toBe(false);
    expect(take(at("2026-06-20T00:00:00Z"), { limit: "quota" }).admitted).toBe(true);
  });

  it("keeps the end of a period when a renewal is told early", () => {
    const subject = new Subject();
    const take = taker(subject);
    subject.adopt({ nextBillingAt: at("2026-06-15T00:00:00Z") }, undefined, now);
    for (let count = 0; count < 3; count++) take(now, { limit: "quota" });
    subject.adopt({ nextBillingAt: at("2026-07-15T00:00:00Z") }, undefined, now);
    expect(resetOf(take(now, { limit: "quota" }))).toBe("2026-06-15");
  });

  it("goes to the end of the calendar month when the billing date is cancelled", () => {
    const subject = new Subject();
    const take = taker(subject);
    subject.adopt({ nextBillingAt: at("2026-06-15T00:00:00Z") }, undefined, now);
    for (let count = 0; count < 3; count++) take(now, { limit: "quota" });
    subject.adopt({ nextBillingAt: null }, undefined, now);
    expect(take(at("2026-06-30T23:59:59Z"), { limit: "quota" }).admitted).toBe(false);
    expect(take(at("2026-07-01T00:00:00Z"), { limit: "quota" }).admitted).toBe(true);
  });

  it("leaves a period by the account's date alone, known here or not, where only a label changes", () => {
    const above = { nextBillingAt: at("2026-07-15T00:00:00Z") };
    for (const known of [above, undefined]) {
      const subject = new Subject();
      const take = taker(subject, above);
      const start = at("2026-06-20T00:00:00Z");
      for (let count = 0; count < 3; count++) take(start, { limit: "quota" });
      subject.adopt({ label: "renamed" }, known, start);
      expect(take(at("2026-07-10T00:00:00Z"), { limit: "quota" }).admitted).toBe(false);
      expect(take(at("2026-07-15T00:00:00Z"), { limit: "quota" }).admitted).toBe(true);
    }
  });

  it("goes over to the account's date where the key's own is taken away", () => {
    const above = { nextBillingAt: at("2026-07-15T00:00:00Z") };
    const subject = new Subject();
    const take = taker(subject, above);
    subject.adopt({ nextBillingAt: at("2026-06-25T00:00:00Z") }, above, now);
    for (let count = 0; count < 3; count++) take(now, { limit: "quota" });
    subject.adopt({}, above, now);
    expect(take(at("2026-06-14T00:00:00Z"), { limit: "quota" }).admitted).toBe(false);
    expect(take(at("2026-06-15T00:00:00Z"), { limit: "quota" }).admitted).toBe(true);
  });

  it("touches no other window, and has the plan written", () => {
    const subject = new Subject();
    const take = taker(subject);
    take(now, { limit: "burst" });
    const before = resetOf(take(now, { limit: "burst" }));
    subject.ledger.isUnsaved = false;
    subject.adopt({ nextBillingAt: at("2026-06-15T00:00:00Z") }, undefined, now);
    expect(subject.ledger.isUnsaved).toBe(true);
    expect(resetOf(take(now, { limit: "burst" }))).toBe(before);
  });
});
