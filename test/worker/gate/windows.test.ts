// Windows over HTTP: where they begin and end, what a refusal says of them, and that none is charged for it.

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { Limiter } from "../../../src/objects/limiter.ts";
import { answerIn, takeLine } from "../../../src/objects/lines.ts";
import {
  ask,
  askAtOnce,
  askTimes,
  freshKey,
  limiterOf,
  limitHeaders,
  limitHeadersOf,
  moveClock,
  SECOND_MS,
  setClock,
  takeAt,
  tally,
} from "../harness.ts";

async function usedOf(path: string, key: string): Promise<Record<string, number>> {
  const usage = await ask("/_weir/usage", { key });
  const { windows } = await usage.json<{ windows: { limit: string; window: string; used: number }[] }>();
  const own = windows.filter(({ limit }) => path === `/${limit}`);
  return Object.fromEntries(own.map(({ window, used }) => [window, used]));
}

describe("A window", () => {
  it("admits its size, the last with Remaining 0, and refuses the next (case 1)", async () => {
    setClock("2036-01-01T00:00:00Z");
    const answers = await askTimes(4, "/few", { key: freshKey() });
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    expect(answers.map(limitHeadersOf)).toEqual(
      [2, 1, 0, 0].map((remaining) => limitHeaders(3, remaining, "2036-01-01T00:01:00Z")),
    );
  });

  it("admits its size at its very end and again at the start of the next (case 2)", async () => {
    const key = freshKey();
    setClock("2036-01-01T00:00:59.999Z");
    expect(tally(await askTimes(3, "/few", { key }))).toEqual({ 200: 3 });
    setClock("2036-01-01T00:01:00.000Z");
    expect(tally(await askTimes(4, "/few", { key }))).toEqual({ 200: 3, 429: 1 });
  });

  it("ends where the next begins: a request at the end belongs to the new one (case 3)", async () => {
    const key = freshKey();
    setClock("2036-01-01T00:00:59.999Z");
    expect(limitHeadersOf(await ask("/few", { key }))).toEqual(limitHeaders(3, 2, "2036-01-01T00:01:00Z"));
    setClock("2036-01-01T00:01:00.000Z");
    expect(limitHeadersOf(await ask("/few", { key }))).toEqual(limitHeaders(3, 2, "2036-01-01T00:02:00Z"));
  });

  it("has room after exactly Retry-After (case 4)", async () => {
    const key = freshKey();
    setClock("2036-01-01T00:00:17Z");
    const [refused] = (await askTimes(4, "/few", { key })).slice(-1);
    expect(refused?.headers.get("retry-after")).toBe("43");
    moveClock(43 * SECOND_MS - 1);
    expect((await ask("/few", { key })).status).toBe(429);
    moveClock(1);
    expect((await ask("/few", { key })).status).toBe(200);
  });

  it("of 100 admits exactly 100 of 500 requests at once (case 7)", async () => {
    setClock("2036-01-01T00:00:00Z");
    const answers = await askAtOnce(500, "/many", { key: freshKey() });
    expect(tally(answers)).toEqual({ 200: 100, 429: 400 });
    const shown = answers.filter(({ status }) => status === 200).map((one) => limitHeadersOf(one).remaining);
    expect(shown.map(Number).sort((one, other) => one - other)).toEqual([...Array(100).keys()]);
  });

  it("of size 0 is not in the plan: 403 always, without Retry-After (case 21)", async () => {
    setClock("2036-01-01T00:00:00Z");
    const refused = await ask("/never", { key: freshKey() });
    expect([refused.status, refused.headers.has("retry-after")]).toEqual([403, false]);
    expect(limitHeadersOf(refused)).toEqual(limitHeaders(0, 0, "2036-01-02T00:00:00Z"));
    expect(await refused.json()).toMatchObject({ reason: "plan", status: 403 });
  });

  it("keeps its count when its size changes in its middle (case 24)", async () => {
    setClock("2036-01-01T00:00:00Z");
    const key = freshKey();
    await askTimes(2, "/few", { key });
    const sized = { LIMITS: [{ name: "few", match: "/few", windows: ["5/minute"] }] };
    // What a deploy does: the same storage under other variables.
    const [answer] = await runInDurableObject(await limiterOf(key), (_limiter, state) =>
      takeAt(new Limiter(state, { ...env, ...sized }), [{ op: 1, asks: [{ limit: "few" }] }]),
    );
    expect(answer?.decision.standings).toMatchObject([{ size: 5, used: 3 }]);
  });
});

describe("A call of the object", () => {
  const asks = [{ limit: "few" }];
  const newcomer = { address: "192.0.2.1", newcomer: "6d45f78a" };

  it("is answered at once where nobody else has to be asked", async () => {
    const takes = [1, 2, 3, 4].map((op) => takeLine({ op, asks }));
    const said = await runInDurableObject(await limiterOf(freshKey()), (limiter) => {
      const lines = limiter.take(takes.join("\n"));
      return typeof lines === "string" ? lines.split("\n").map(answerIn) : undefined;
    });
    expect(said?.map(({ decision }) => decision.admitted)).toEqual([true, true, true, false]);
  });

  it.each([
    [
      "first",
      [
        { op: 1, asks, ...newcomer },
        { op: 2, asks },
      ],
    ],
    [
      "later",
      [
        { op: 1, asks },
        { op: 2, asks, ...newcomer },
      ],
    ],
  ])("is answered once all are there where one that comes %s needs another's word", async (_, takes) => {
    const answers = await runInDurableObject(await limiterOf(freshKey()), (limiter) => {
      expect(limiter.take(takeLine({ op: 3, asks, ...newcomer }))).toBeInstanceOf(Promise);
      return takeAt(limiter, takes);
    });
    expect(answers.map(({ decision }) => decision.admitted)).toEqual([true, true]);
  });
});

describe("Several windows", () => {
  it("refuse until the last of those that are full has room (case 5)", async () => {
    setClock("2036-01-01T18:00:00Z");
    const key = freshKey();
    const [refused] = (await askTimes(3, "/spent", { key })).slice(-1);
    expect(refused?.status).toBe(429);
    expect(refused?.headers.get("retry-after")).toBe(String(6 * 3_600));
    expect(refused && limitHeadersOf(refused)).toEqual(limitHeaders(2, 0, "2036-01-02T00:00:00Z"));
  });

  it("are all left as they were by a refusal of one (case 6)", async () => {
    setClock("2036-01-01T00:00:00Z");
    const key = freshKey();
    expect(tally(await askTimes(3, "/nested", { key }))).toEqual({ 200: 3 });
    const refused = await ask("/nested", { key });
    expect(limitHeadersOf(refused)).toEqual(limitHeaders(3, 0, "2036-01-01T01:00:00Z"));
    expect(await usedOf("/nested", key)).toEqual({ minute: 3, hour: 3, day: 3, month: 3 });
  });

  it("show the one with the least remaining, of a tie the one that resets later", async () => {
    setClock("2036-01-01T00:00:00Z");
    const key = freshKey();
    expect(limitHeadersOf(await ask("/nested", { key }))).toEqual(limitHeaders(3, 2, "2036-01-01T01:00:00Z"));
    expect(limitHeadersOf(await ask("/spent", { key }))).toEqual(limitHeaders(2, 1, "2036-01-02T00:00:00Z"));
  });
});
