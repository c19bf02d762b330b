// The lines are what crosses between Worker and objects, of this version and of the ones before and after it.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Admitted, Reason, Refused, Standing } from "../../../src/core/decision.ts";
import type { Ask } from "../../../src/core/subject.ts";
import { answerIn, answerLine, takeIn, takeLine } from "../../../src/objects/lines.ts";
import type { Answer, Take } from "../../../src/objects/messages.ts";

/** A line as its fields, for they are told apart by what cannot be seen. */
const line = (...fields: readonly string[]) => fields.join("\t");
const blanks = (count: number) => Array.from({ length: count }, () => "");

const standing: Standing = {
  limit: "all",
  window: "5 minutes",
  size: 60,
  used: 7,
  cost: 2,
  held: false,
  resetAt: 1_780_920_060_000,
  lengthMs: 300_000,
};
const at = 1_780_920_000_000;
const admitted = { admitted: true, at, standings: [standing] } as const;
const refused = {
  admitted: false,
  at,
  reason: "rate",
  standings: [standing],
  refusing: 0,
  retryAfterMs: 60_000,
  firm: true,
} as const;

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,9}$/);
const windowName = fc.constantFrom("minute", "5 minutes", "billing period");
const units = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const address = fc.oneof(
  fc.ipV4(),
  fc.constantFrom("2001:db8::/64", "2001:db8:1:2::/64", "::ffff:c000:201/128", "unknown"),
);

const asks: fc.Arbitrary<Ask[]> = fc.array(
  fc.record(
    { limit: name, calls: fc.integer({ min: 1 }), characters: units },
    { requiredKeys: ["limit"], noNullPrototype: true },
  ),
  { maxLength: 5 },
);
const takes: fc.Arbitrary<Take> = fc.record(
  {
    op: units,
    asks,
    address,
    newcomer: fc.stringMatching(/^[0-9a-f]{8}$/),
    peek: fc.constant(true),
    brief: fc.constant(true),
  },
  { requiredKeys: ["op", "asks"], noNullPrototype: true },
);

const standings = fc.array(
  fc.record(
    {
      limit: name,
      window: windowName,
      size: units,
      used: units,
      cost: units,
      held: fc.boolean(),
      resetAt: units,
      lengthMs: units,
      isShadow: fc.constant(true as const),
    },
    {
      requiredKeys: ["limit", "window", "size", "used", "cost", "held", "resetAt", "lengthMs"],
      noNullPrototype: true,
    },
  ),
  { maxLength: 5 },
);
const some = <Item>(items: fc.Arbitrary<Item[]>) => items.filter(({ length }) => length > 0);
const admissions: fc.Arbitrary<Admitted> = fc.record(
  {
    admitted: fc.constant(true),
    at: units,
    standings,
    shadow: fc.array(name, { minLength: 1, maxLength: 3 }),
    shadowStandings: some(standings),
  },
  { requiredKeys: ["admitted", "at", "standings"], noNullPrototype: true },
);
const reasons = fc.constantFrom<Reason[]>(
  ...([
    "rate",
    "plan",
    "cost",
    "characters",
    "credits",
    "newcomer",
    "unknown",
    "expired",
    "disabled",
  ] as const),
);
const refusals: fc.Arbitrary<Refused> = fc
  .record(
    {
      admitted: fc.constant(false),
      at: units,
      reason: reasons,
      standings,
      refusing: fc.nat({ max: 4 }),
      retryAfterMs: units,
      maxCharacters: units,
      firm: fc.constant(true),
      shadowStandings: some(standings),
    },
    { requiredKeys: ["admitted", "at", "reason", "standings"], noNullPrototype: true },
  )
  .filter(({ reason, retryAfterMs }) => reason !== "rate" || retryAfterMs !== undefined)
  .filter(({ refusing = -1, standings }) => refusing < standings.length);
const holders = fc
  .record(
    { key: fc.constant(true as const), account: name, address },
    { requiredKeys: [], noNullPrototype: true },
  )
  .filter((all) => Object.keys(all).length > 0);
const answers: fc.Arbitrary<Answer> = fc.record(
  {
    decision: fc.oneof(admissions, refusals),
    tier: name,
    account: name,
    holders,
    isTrustDue: fc.constant(true as const),
    isUnguarded: fc.constant(true as const),
  },
  { requiredKeys: ["decision"], noNullPrototype: true },
);

describe("takeLine", () => {
  it.each<[string, Take, string]>([
    [
      "a take of one limit",
      { op: 42, asks: [{ limit: "all" }], brief: true, address: "192.0.2.1", newcomer: "6d45f78a" },
      line("42", "b", "192.0.2.1", "6d45f78a", "all"),
    ],
    [
      "a look at several",
      { op: 7, asks: [{ limit: "all" }, { limit: "apply" }], peek: true, address: "2001:db8::/64" },
      line("7", "p", "2001:db8::/64", "", "all;apply"),
    ],
    [
      "calls and characters",
      {
        op: 7,
        asks: [
          { limit: "calls", calls: 3 },
          { limit: "text", characters: 0 },
          { limit: "both", calls: 3, characters: 500 },
        ],
      },
      line("7", "", "", "", "calls,3,;text,,0;both,3,500"),
    ],
    ["a take of no limit", { op: 7, asks: [] }, line("7", "", "", "", "")],
  ])("says %s", (_, take, said) => {
    expect(takeLine(take)).toBe(said);
  });

  it("leaves out what is false", () => {
    expect(takeLine({ op: 7, asks: [], peek: false, brief: false })).toBe(line("7", "", "", "", ""));
  });
});

describe("takeIn", () => {
  it("reads what takeLine says", () => {
    fc.assert(
      fc.property(takes, (take) => {
        const said = takeLine(take);
        expect(said).not.toContain("\n");
        expect(takeIn(said)).toEqual(take);
      }),
    );
  });

  it("leaves alone the flags and fields that it does not know", () => {
    const known = { op: 42, asks: [{ limit: "all", calls: 3 }], address: "192.0.2.1", brief: true };
    expect(takeIn(line("42", "xbZ", "192.0.2.1", "", "all,3,,new", "more", ""))).toEqual(known);
  });
});

describe("answerLine", () => {
  const inAll = "all,5 minutes,60,7,2,1780920060000,300000";
  const inDay = "all,day,60,0,2,1780920060000,86400000";
  const day = { ...standing, window: "day", used: 0, lengthMs: 86_400_000 };

  it.each<[string, Answer, string]>([
    ["an admission", { decision: admitted }, line("1780920000000", "", "", "", inAll)],
    [
      "an admission in several windows",
      { decision: { ...admitted, standings: [standing, day] } },
      line("1780920000000", "", "", "", `${inAll};${inDay}`),
    ],
    [
      "an admission that no window governs, of a tier and an account, that nobody guarded and whose trust is due",
      {
        decision: { admitted: true, at, standings: [] },
        tier: "pro",
        account: "acme",
        isTrustDue: true,
        isUnguarded: true,
      },
      line("1780920000000", "tu", "pro", "acme", ""),
    ],
    [
      "a refusal",
      { decision: { ...refused, standings: [day, standing], refusing: 1 }, account: "acme" },
      line("1780920000000", "f", "", "acme", `${inDay};${inAll}`, "rate", "1", "60000", "", "", "", "", ""),
    ],
    [
      "a refusal that no window made",
      { decision: { admitted: false, at, reason: "characters", standings: [], maxCharacters: 500 } },
      line("1780920000000", "", "", "", "", "characters", "", "", "500", "", "", "", ""),
    ],
    [
      "what a key, its account and an address hold",
      {
        decision: { ...admitted, standings: [{ ...standing, held: true }] },
        holders: { key: true, account: "acme", address: "192.0.2.1" },
      },
      line("1780920000000", "k", "", "", `${inAll},h`, "", "", "", "", "acme", "192.0.2.1", "", ""),
    ],
    [
      "what shadow limits would refuse, and where they stand",
      {
        decision: { ...admitted, shadow: ["new", "newer"], shadowStandings: [{ ...day, isShadow: true }] },
      },
      line("1780920000000", "", "", "", inAll, "", "", "", "", "", "", "new;newer", `${inDay},s`),
    ],
  ])("says %s", (_, answer, said) => {
    expect(answerLine(answer)).toBe(said);
  });
});

describe("answerIn", () => {
  it("reads what answerLine says", () => {
    fc.assert(
      fc.property(answers, (answer) => {
        const said = answerLine(answer);
        expect(said).not.toContain("\n");
        expect(answerIn(said)).toEqual(answer);
      }),
      { numRuns: 1_000 },
    );
  });

  const whole = "all,5 minutes,60,7,2,1780920060000,300000";

  it("leaves alone the flags and fields that it does not know", () => {
    const admission = line(String(at), "xtZ", "", "acme", `${whole},xZ,new`);
    const answer = { decision: admitted, account: "acme", isTrustDue: true };
    expect(answerIn(admission)).toEqual(answer);
    expect(answerIn(line(admission, ...blanks(8), "more", ""))).toEqual(answer);
    expect(answerIn(line(answerLine({ decision: refused }), "more", ""))).toEqual({ decision: refused });
  });

  it.each([
    ["nothing", ""],
    ["a word", "ok"],
    ["JSON", '{"decision":{"admitted":true,"at":0,"standings":[]}}'],
    ["no instant", line("", "", "", "", whole)],
    ["an instant that is none", line("soon", "", "", "", whole)],
    ["an instant that is not whole", line("1.5", "", "", "", whole)],
    ["a size that is none", line(String(at), "", "", "", whole.replace("60", "many"))],
    ["no size", line(String(at), "", "", "", whole.replace("60", ""))],
    ["a use that is not whole", line(String(at), "", "", "", whole.replace(",7,", ",7.5,"))],
    [
      "a cost past where numbers are exact",
      line(String(at), "", "", "", whole.replace(",2,", ",9007199254740993,")),
    ],
    ["no end of the period", line(String(at), "", "", "", whole.replace("1780920060000", ""))],
    ["a window cut short", line(String(at), "", "", "", "all,day,60,7,2,1780920060000")],
    ["a window that follows nothing", line(String(at), "", "", "", `;${whole}`)],
    ["a reason that is none", line(String(at), "", "", "", whole, "constructor", "0", "5")],
    ["a window that refuses and is not there", line(String(at), "", "", "", whole, "rate", "1", "5")],
    ["a wait that is none", line(String(at), "", "", "", whole, "rate", "0", "soon")],
    ["no wait where waiting helps", line(String(at), "", "", "", whole, "rate", "0")],
    ["a shadow's window cut short", line(String(at), ...blanks(11), "all,day,60")],
  ])("throws for %s", (_, said) => {
    expect(() => answerIn(said)).toThrow("the object did not answer the question");
  });
});
