import { describe, expect, it } from "vitest";
import { candidate, line, replayed } from "./support/build.ts";

const three = candidate('LIMITS = [{ name = "x", match = "/*", windows = ["3/minute"] }]');
const at = (second: number) => new Date(Date.UTC(2026, 5, 15) + second * 1_000).toISOString();
/** Lines of these seconds. */
const lines = (seconds: readonly number[], fields = {}) => seconds.map((second) => line(second, fields));

describe("a replay of a small log", () => {
  it("refuses exactly what a window of three has no room for, and says when and whom", () => {
    const log = [
      ...lines([0, 10, 20, 30, 59]),
      ...lines([59.999, 60, 61], { key: "b" }),
      ...lines([61, 62, 63, 64]),
    ];
    const { policy } = replayed(log, three);
    expect(policy).toMatchObject({ admitted: 9, refused: 3, unmetered: 0, reasons: { rate: 3 } });
    expect(policy.requesters).toEqual({ count: 2, refused: 1, isPartial: false });
    expect(policy.windows).toEqual([
      {
        ...{ limit: "x", window: "minute", size: 3, admitted: 9, refused: 3 },
        ...{ firstRefusedAt: at(30), lastRefusedAt: at(64) },
        worst: [{ who: "key a", refused: 3 }],
        fullest: [
          { who: "key a", peak: 1 },
          { who: "key b", peak: 2 / 3 },
        ],
        peaks: [0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1],
      },
    ]);
    expect(policy.worst).toEqual([
      { who: "key a", requests: 9, refused: 3, firstRefusedAt: at(30), lastRefusedAt: at(64) },
    ]);
  });

  it("tells what was let through and refused over time", () => {
    const { policy } = replayed(lines([0, 0.5, 1, 3, 3.999]), three);
    expect(policy.series).toEqual({
      ...{ widthSeconds: 1, from: at(0) },
      ...{ admitted: [2, 1, 0, 0], refused: [0, 0, 0, 2] },
    });
  });

  it("names the window that refuses: of several the one that resets last", () => {
    const both = candidate('LIMITS = [{ name = "x", match = "/*", windows = ["2/minute", "3/hour"] }]');
    const { policy } = replayed(lines([0, 1, 2, 60, 61]), both);
    expect(policy.windows.map(({ window, admitted, refused }) => [window, admitted, refused])).toEqual([
      ["minute", 3, 1],
      ["hour", 3, 1],
    ]);
  });

  it("gives a key the plan of its line, and names tiers that the policy does not have", () => {
    const tiers = candidate(
      'LIMITS = [{ name = "x", match = "/*", windows = ["1/minute"] }]\n[TIERS]\npro.x = { windows = ["3/minute"] }',
    );
    const log = [...lines([0, 1, 2, 3], { tier: "pro" }), ...lines([0, 1], { key: "b", tier: "gold" })];
    const { policy } = replayed(log, tiers);
    expect(policy.unknownTiers).toEqual(["gold"]);
    expect(policy.windows.map(({ size, admitted, refused }) => [size, admitted, refused])).toEqual([
      [1, 1, 1],
      [3, 3, 1],
    ]);
  });

  it("charges an account's windows for all of its keys, by the account's tier, or no window at all", () => {
    const policy = candidate(
      `LIMITS = [
        { name = "mine", match = "/*", windows = ["2/minute"] },
        { name = "ours", match = "/*", per = "account", windows = ["1/minute"] },
      ]
      [TIERS]
      pro.ours = { windows = ["3/minute"] }`,
    );
    const log = ["a", "b", "a", "b", "b"].map((key, second) =>
      line(second, { key, account: "acme", tier: "pro" }),
    );
    const { windows, worst } = replayed(log, policy).policy;
    expect(
      windows.map(({ limit, admitted, refused, fullest }) => [limit, admitted, refused, fullest]),
    ).toEqual([
      [
        "mine",
        3,
        0,
        [
          { who: "key a", peak: 1 },
          { who: "key b", peak: 0.5 },
        ],
      ],
      ["ours", 3, 2, [{ who: "account acme", peak: 1 }]],
    ]);
    expect(worst.map(({ who, refused }) => [who, refused])).toEqual([["key b", 2]]);
  });

  it("meters by address across keys, a /64 as one", () => {
    const byAddress = candidate(
      'LIMITS = [{ name = "x", match = "/*", per = "ip", windows = ["2/minute"] }]',
    );
    const log = ["1", "2", "3"].map((end, second) => line(second, { key: end, ip: `2001:db8::${end}` }));
    const { policy } = replayed(log, byAddress);
    expect(policy.worst.map(({ who }) => who)).toEqual(["key 3"]);
    expect(policy.windows[0]?.fullest).toEqual([{ who: "address 2001:db8::/64", peak: 1 }]);
  });

  it.each([
    ["reject", { admitted: 0, refused: 3, unmetered: 0, reasons: { unauthenticated: 3 } }],
    ["pass", { admitted: 0, refused: 0, unmetered: 3, reasons: {} }],
    ["ip", { admitted: 2, refused: 1, unmetered: 0, reasons: { rate: 1 } }],
  ])("goes by ANONYMOUS = %s for a line without a key", (anonymous, figures) => {
    const policy = candidate(
      `ANONYMOUS = "${anonymous}"\nLIMITS = [{ name = "x", match = "/*", windows = ["2/minute"] }]`,
    );
    expect(replayed(lines([0, 1, 2], { key: null }), policy).policy).toMatchObject(figures);
  });

  it.each([
    ["a path that no limit matches", { path: "/free" }],
    ["weir's own endpoints", { path: "/_WEIR//usage" }],
    ["an OPTIONS without a key, as a preflight is", { method: "OPTIONS", key: null }],
  ])("leaves %s unmetered", (_, fields) => {
    const policy = candidate(
      'LIMITS = [{ name = "x", match = ["/x/*", "/_weir/*"], windows = ["1/minute"] }]',
    );
    expect(replayed(lines([0, 1], fields), policy).policy).toMatchObject({ admitted: 0, unmetered: 2 });
  });

  it("finds the limit of a path however it is spelt, and of HEAD with GET's", () => {
    const policy = candidate('LIMITS = [{ name = "x", match = "GET /api/x", windows = ["1/minute"] }]');
    const spellings = [{ path: "/API//x/" }, { path: "/api/%78?y=1" }, { path: "https://h/api/x" }];
    const log = [{}, ...spellings, { method: "HEAD" }].map((fields, second) =>
      line(second, { path: "/api/x", ...fields }),
    );
    expect(replayed(log, policy).policy).toMatchObject({ admitted: 1, refused: 4 });
  });

  it.each([
    ["a status that is charged", { status: 200 }, 1],
    ["a status that is given back", { status: 500 }, 3],
    ["a client that left", { status: 499 }, 1],
    ["no status", { status: null }, 1],
  ])("settles a limit that charges on success by the logged answer: %s", (_, fields, admitted) => {
    const policy = candidate(
      'LIMITS = [{ name = "x", match = "/*", windows = ["1/minute"], charge = "success" }]',
    );
    expect(replayed(lines([0, 1, 2], fields), policy).policy.admitted).toBe(admitted);
  });

  it("charges what the answer said it cost", () => {
    const policy = candidate(
      'LIMITS = [{ name = "x", match = "/*", windows = ["10/minute"], cost_from = "answer:x-cost" }]',
    );
    expect(replayed(lines([0, 1, 2, 3], { cost: 4 }), policy).policy).toMatchObject({
      admitted: 3,
      refused: 1,
    });
  });

  it("refuses a body of too many characters and charges nothing for it", () => {
    const policy = candidate(
      'LIMITS = [{ name = "x", match = "/*", windows = ["1/minute"], maxCharacters = 10 }]',
    );
    const log = [line(0, { characters: 11 }), line(1, { characters: 10 })];
    expect(replayed(log, policy).policy).toMatchObject({ admitted: 1, reasons: { characters: 1 } });
  });

  it("counts what a shadow limit would refuse, and lets it through", () => {
    const policy = candidate(
      'LIMITS = [{ name = "x", match = "/*", windows = ["1/minute"], mode = "shadow" }]',
    );
    expect(replayed(lines([0, 1, 2]), policy).policy).toMatchObject({
      admitted: 3,
      refused: 0,
      shadows: { x: 2 },
    });
  });
});

describe("a replay under a policy that guards", () => {
  const guarding = candidate(
    `DENY = ["198.51.100.0/24"]
    ALLOW = ["203.0.113.9"]
    LIMITS = [{ name = "x", match = "/x", windows = ["1/minute"] }]
    [IP_BLOCK]
    strikes = 3
    within = "60 seconds"
    for = "1 hour"
    strike_on_401 = true`,
  );
  const reasons = (log: readonly string[]) => replayed(log, guarding).policy.reasons;

  it("blocks an address from the request after its last strike until the block is over", () => {
    const log = [...lines([0, 1, 2, 3]), ...lines([4, 3602], { key: "b" }), ...lines([3603], { key: "c" })];
    expect(reasons(log)).toEqual({ rate: 3, blocked: 2 });
  });

  it("strikes for an origin's 401, on an unmetered path too", () => {
    expect(reasons(lines([0, 1, 2, 3], { path: "/login", status: 401 }))).toEqual({ blocked: 1 });
  });

  it("never blocks an address of the ALLOW list, and refuses one of the DENY list everything", () => {
    expect(reasons(lines([0, 1, 2, 3, 4, 5], { ip: "203.0.113.9" }))).toEqual({ rate: 5 });
    expect(reasons(lines([0, 1], { ip: "198.51.100.7", path: "/login" }))).toEqual({ denied: 2 });
  });

  it("refuses an address more new keys than it may bring, unless the API answered them with a 2xx", () => {
    const policy = candidate(
      'NEW_KEYS = "2/hour"\nLIMITS = [{ name = "x", match = "/*", windows = ["9/minute"] }]',
    );
    const keys = ["a", "b", "c", "a", "d"];
    const log = (fields: object) => keys.map((key, second) => line(second, { key, ...fields }));
    expect(replayed(log({ status: 404 }), policy).policy.reasons).toEqual({ newcomer: 2 });
    expect(replayed(log({ status: 204 }), policy).policy.reasons).toEqual({});
    expect(replayed(log({ status: 404, tier: "pro" }), policy).policy.reasons).toEqual({});
  });
});

describe("a replay of a log that is not in order", () => {
  it("counts a late line where its key stands by then, and says how far time stepped back", () => {
    const { log, policy } = replayed(lines([0, 60, 61, 62, 30]), three);
    expect(log).toMatchObject({ steppedBack: 1, furthestBackSeconds: 32, firstAt: at(0), lastAt: at(62) });
    expect(policy).toMatchObject({ admitted: 4, refused: 1 });
  });
});

describe("a replay of a log with malformed lines", () => {
  it("counts them, names the first few by their line, and goes on", () => {
    const log = ["nonsense", "", line(0), ...Array<string>(7).fill("{"), line(1)];
    const report = replayed(log, three);
    expect(report.log).toMatchObject({ lines: 10, requests: 2, malformed: 8, skipped: 0 });
    expect(report.log.malformedLines).toEqual([
      'access.ndjson:1: expected a JSON object, got "nonsense"',
      ...[4, 5, 6, 7].map((at) => `access.ndjson:${at}: expected a JSON object, got "{"`),
    ]);
  });
});

describe("a replay against a second policy", () => {
  const two = candidate('LIMITS = [{ name = "x", match = "/*", windows = ["2/minute"] }]', "two.toml");
  const log = [...lines([0, 1, 2, 3]), ...lines([0, 1], { key: "b" })];

  it("tells each request's two fates apart", () => {
    const { policy, against, difference } = replayed(log, three, two);
    expect([policy.refused, against?.refused]).toEqual([1, 2]);
    expect(difference).toEqual({
      ...{ refusedByBoth: 1, newlyRefused: 1, newlyAdmitted: 0 },
      windows: [{ limit: "x", window: "minute", sizes: [[3], [2]], refused: [1, 2] }],
      subjects: [{ who: "key a", refused: [1, 2] }],
    });
  });

  it("finds no difference between a policy and itself", () => {
    expect(replayed(log, three, three).difference).toEqual({
      ...{ refusedByBoth: 1, newlyRefused: 0, newlyAdmitted: 0 },
      ...{ windows: [], subjects: [] },
    });
  });

  it("names a window that only one of them has", () => {
    const hour = candidate('LIMITS = [{ name = "y", match = "/*", windows = ["3/hour"] }]');
    expect(replayed(log, three, hour).difference?.windows).toEqual([
      { limit: "x", window: "minute", sizes: [[3], []], refused: [1, 0] },
      { limit: "y", window: "hour", sizes: [[], [3]], refused: [0, 1] },
    ]);
  });
});
