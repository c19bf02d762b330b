// The policy as the Worker finds it: wrong, or one that only watches.

import { afterEach, describe, expect, it, vi } from "vitest";
import { askTimes, freshKey, limitHeaders, limitHeadersOf, setClock, weirUnder } from "../harness.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** The events logged from now on. */
function events(): () => unknown[] {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  return () => log.mock.calls.map(([line]) => JSON.parse(line));
}

describe("A wrong policy (case 25)", () => {
  const wrong = {
    ANONYMOUS: "let-in",
    LIMITS: [{ name: "few", match: "/few", windows: ["60/minit"], widows: [] }],
    REFUSAL: "x".repeat(6_000),
  };

  it("answers every request with a 500 that names no secret", async () => {
    events();
    const weir = weirUnder(wrong);
    for (const path of ["/few", "/free", "/_weir/usage"]) {
      const answer = await weir(path, { key: freshKey() });
      expect([answer.status, answer.headers.get("content-type")]).toEqual([500, "application/problem+json"]);
      const body = await answer.text();
      expect(JSON.parse(body)).toMatchObject({ status: 500, reason: "misconfigured" });
      expect(body).not.toMatch(/for-tests-only|minit|let-in/);
    }
  });

  it("logs every problem with its path, its rule and its value, once", async () => {
    const logged = events();
    const weir = weirUnder(wrong);
    await weir("/few");
    await weir("/few");
    expect(logged()).toEqual([{ event: "policy.invalid", problems: expect.any(Array) }]);
    const [{ problems }] = logged() as [{ problems: string[] }];
    expect(problems).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^ANONYMOUS: expected .*"reject".*got "let-in"/),
        expect.stringMatching(
          /^LIMITS\[0\]\.windows\[0\]: expected .*got "60\/minit" \(did you mean "60\/minute"\?\)/,
        ),
        expect.stringMatching(/^LIMITS\[0\]\.widows: unknown field \(did you mean "windows"\?\)/),
        expect.stringMatching(/^REFUSAL: expected at most 5120 bytes, got 6000/),
      ]),
    );
    expect(problems.join()).not.toContain("for-tests-only");
  });

  it.each([
    ["missing", undefined],
    ["empty", ""],
  ])("is one whose secret is %s", async (_, secret) => {
    const logged = events();
    const answer = await weirUnder({ KEY_HASH_SECRET: secret })("/few", { key: freshKey() });
    expect(answer.status).toBe(500);
    expect(await answer.json()).toMatchObject({ reason: "misconfigured" });
    expect(logged()).toEqual([
      {
        event: "policy.invalid",
        problems: ["KEY_HASH_SECRET: expected a secret that keys are hashed with, got none"],
      },
    ]);
  });
});

describe("ENFORCE = false", () => {
  it("counts, reports and logs, and refuses nothing", async () => {
    setClock("2036-01-01T00:00:00Z");
    const key = freshKey();
    const logged = events();
    await askTimes(3, "/few", { key });
    const weir = weirUnder({ ENFORCE: false });
    const answer = await weir("/few", { key });
    expect(answer.status).toBe(200);
    expect(limitHeadersOf(answer)).toEqual(limitHeaders(3, 0, "2036-01-01T00:01:00Z"));
    expect(answer.headers.has("retry-after")).toBe(false);
    expect(logged()).toEqual([
      expect.objectContaining({ event: "refusal.unenforced", reason: "rate", limit: "few" }),
    ]);
    expect(JSON.stringify(logged())).not.toContain(`"${key}"`);
  });
});

describe("Two keys in one request", () => {
  it('are refused where ANONYMOUS = "ip" too, or the second would switch the first one\'s limits off', async () => {
    const answer = await weirUnder({ ANONYMOUS: "ip" })("/few", {
      key: freshKey(),
      headers: { authorization: "Bearer another" },
    });
    expect(answer.status).toBe(400);
  });
});

describe("ENFORCE = false", () => {
  it.each<[string, RequestInit]>([
    ["without a key", {}],
    ["with two keys", { headers: { "x-api-key": "one", authorization: "Bearer another" } }],
  ])("lets a request pass %s", async (_, init) => {
    expect((await weirUnder({ ENFORCE: false })("/few", init)).status).toBe(200);
  });
});
