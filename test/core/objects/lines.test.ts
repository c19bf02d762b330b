// The lines are what crosses between Worker and objects, of this version and of the ones before and after it.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Standing } from "../../../src/core/decision.ts";
import type { Ask } from "../../../src/core/subject.ts";
import { answerIn, answerLine, takeIn, takeLine } from "../../../src/objects/lines.ts";
import type { Answer, Take } from "../../../src/objects/messages.ts";

/** A line as its fields, for they are told apart by what cannot be seen. */
const line = (...fields: readonly string[]) => fields.join("\t");

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

const free = fc.record({
  limit: name,
  window: windowName,
  size: units,
  used: units,
  cost: units,
  held: fc.constant(false),
  resetAt: units,
  lengthMs: units,
});
const held = free.map((one) => ({ ...one, held: true }));
const standings = fc.array(free, { maxLength: 5 });
const plainDecision = fc.record({ admitted: fc.constant(true as const), at: units, standings });
const shadowed = fc.record(
  {
    admitted: fc.constant(true as const),
    at: units,
    standings: fc.array(fc.oneof(free, held), { maxLength: 5 }),
    shadow: fc.array(name, { minLength: 1, maxLength: 3 }),
    shadowStandings: fc.array(free, { maxLength: 3 }),
  },
  { requiredKeys: ["admitted", "at", "standings"], noNullPrototype: true },
);
const refusals = fc
  .tuple(units, fc.array(free, { minLength: 1, maxLength: 5 }), fc.nat(), units, fc.boolean())
  .map(([at, standings, seed, retryAfterMs, firm]) => ({
    admitted: false as const,
    at,
    reason: "rate" as const,
    standings,
    refusing: seed % standings.length,
    retryAfterMs,
    firm,
  }));
const holders = fc.record(
  { key: fc.constant(true as const), account: name, address },
  { requiredKeys: [], noNullPrototype: true },
);

function answersOf<Decision extends Answer["decision"]>(decision: fc.Arbitrary<Decision>) {
  const members = {
    decision,
    tier: name,
    account: name,
    isTrustDue: fc.constant(true as const),
    isUnguarded: fc.constant(true as const),
  };
  return fc.record(members, { requiredKeys: ["decision"], noNullPrototype: true });
}

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
  it.each<[string, Answer, string]>([
    [
      "an admission",
      { decision: admitted },
      line("1780920000000", "", "", "", "all,5 minutes,60,7,2,1780920060000,300000"),
    ],
    [
      "an admission in several windows",
      { decision: { ...admitted, standings: [standing, { ...standing, window: "day", used: 0 }] } },
      line(
        "1780920000000",
        "",
        "",
        "",
        "all,5 minutes,60,7,2,1780920060000,300000;all,day,60,0,2,1780920060000,300000",
      ),
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
      { decision: refused, account: "acme" },
      '{"decision":{"admitted":false,"at":1780920000000,"reason":"rate","standings":[{"limit":"all",' +
        '"window":"5 minutes","size":60,"used":7,"cost":2,"held":false,"resetAt":1780920060000,"lengthMs":300000}],' +
        '"refusing":0,"retryAfterMs":60000,"firm":true},"account":"acme"}',
    ],
  ])("says %s", (_, answer, said) => {
    expect(answerLine(answer)).toBe(said);
  });
});

describe("answerIn", () => {
  it.each<[string, fc.Arbitrary<Answer>, isJson: boolean]>([
    ["an admission, in fields", answersOf(plainDecision), false],
    ["a refusal, in JSON", answersOf(refusals), true],
    [
      "what has to be settled, in JSON",
      fc.tuple(answersOf(plainDecision), holders).map(([answer, holders]) => ({ ...answer, holders })),
      true,
    ],
    [
      "what is held, in JSON",
      answersOf(
        fc
          .tuple(plainDecision, held)
          .map(([plain, one]) => ({ ...plain, standings: [...plain.standings, one] })),
      ),
      true,
    ],
    [
      "what shadow limits said, in JSON",
      answersOf(shadowed.filter(({ shadow, shadowStandings }) => (shadow ?? shadowStandings) !== undefined)),
      true,
    ],
  ])("reads %s, as answerLine says it", (_, answers, isJson) => {
    fc.assert(
      fc.property(answers, (answer) => {
        const said = answerLine(answer);
        expect(said).not.toContain("\n");
        expect(said.startsWith("{")).toBe(isJson);
        expect(answerIn(said)).toEqual(answer);
      }),
    );
  });

  it("leaves alone the flags and fields that it does not know", () => {
    const said = line(
      String(at),
      "xtZ",
      "",
      "acme",
      "all,5 minutes,60,7,2,1780920060000,300000,new",
      "more",
      "",
    );
    expect(answerIn(said)).toEqual({ decision: admitted, account: "acme", isTrustDue: true });
    expect(answerIn(JSON.stringify({ decision: refused, more: 1 }))).toMatchObject({ decision: refused });
  });

  const whole = "all,day,60,7,2,1780920060000,86400000";
  it.each([
    ["nothing", ""],
    ["a word", "ok"],
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
    ["JSON that is no answer", "{}"],
    ["JSON of another answer", '{"decision":{"admitted":"yes"}}'],
    ["a refusal that does not say why", '{"decision":{"admitted":false,"at":1,"standings":[]}}'],
  ])("throws for %s", (_, said) => {
    expect(() => answerIn(said)).toThrow("the object did not answer the question");
  });

  it("throws for JSON that is none", () => {
    expect(() => answerIn('{"decision":')).toThrow(SyntaxError);
  });
});
