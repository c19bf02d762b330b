// Shadow limits over HTTP: a candidate beside the live limit decides, counts and reports, and refuses nobody.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ask, askTimes, limitHeaders, limitHeadersOf, setClock, tally } from "../harness.ts";
import { done, register } from "../operator.ts";

beforeEach(() => setClock("2036-02-09T12:00:00Z"));
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** A window as usage shows it. */
function window(limit: string, size: number, used: number) {
  const resetsAt = "2036-02-09T12:01:00.000Z";
  return { limit, window: "minute", size, used, remaining: size - used, resetsAt };
}

describe("A shadow limit", () => {
  it("refuses nobody, is in no header, and says in the log whom it would have refused", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    const { key, id } = await register();
    const answers = await askTimes(5, "/trial", { key });
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(answers.map(limitHeadersOf)).toEqual(
      [4, 3, 2, 1, 0].map((left) => limitHeaders(5, left, "2036-02-09T12:01:00Z")),
    );
    const line = (...limits: string[]) => ({ event: "refusal.shadow", keyId: id, limits });
    expect(log.mock.calls.map(([text]) => JSON.parse(text))).toEqual([
      line("trial"),
      line("trial", "joint-trial"),
      line("trial", "joint-trial"),
    ]);
    expect((await ask("/trial", { key })).status).toBe(429);
  });

  it("shows where its windows stand in the usage of the key and for the operator, marked as a shadow's", async () => {
    const { key, id } = await register({ account: "trying" });
    const { key: other } = await register({ account: "trying" });
    for (const one of [key, key, key, other]) await ask("/trial", { key: one });
    const live = window("live", 5, 3);
    const trial = { ...window("trial", 2, 2), mode: "shadow" };
    const joint = { ...window("joint-trial", 3, 3), mode: "shadow" };
    const ofTrial = (windows: readonly { limit: string }[]) =>
      windows.filter(({ limit }) => limit === "live" || limit.endsWith("trial"));
    const usage = await ask("/_weir/usage", { key });
    expect(ofTrial((await usage.json<{ windows: [] }>()).windows)).toEqual([live, trial, joint]);
    expect(ofTrial((await done("key", `GET /keys/${id}`)).windows)).toEqual([live, trial, joint]);
    expect(ofTrial((await done("account", "GET /accounts/trying")).windows)).toEqual([joint]);
  });

  it("counts nothing of a request that the live limit refuses", async () => {
    const { key, id } = await register({ overrides: { live: { windows: ["1/minute"] } } });
    expect(tally(await askTimes(3, "/trial", { key }))).toEqual({ 200: 1, 429: 2 });
    const { windows } = await done("key", `GET /keys/${id}`);
    expect(windows.find(({ limit }) => limit === "trial")).toMatchObject({ used: 1 });
  });
});
