// Requests at once, in a workerd of its own: only there may requests of one isolate wait for one another, as in production.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Served, serveWeir } from "./serving.ts";

let served: Served;

beforeAll(async () => {
  // From the first request: no clock's end comes in between.
  const limit = { name: "requests", match: "/*", windows: ["100/day", "1000/month"], align: "first" };
  served = await serveWeir({ weir: { LIMITS: [limit] } });
}, 300_000);

afterAll(() => served?.stop());

interface Seen {
  readonly status: number;
  readonly remaining: number;
  readonly body: string;
}

async function ask(key: string): Promise<Seen> {
  const answer = await fetch(served.urlOf("weir"), { headers: { "x-api-key": key } });
  const { status, headers } = answer;
  return { status, remaining: Number(headers.get("x-ratelimit-remaining")), body: await answer.text() };
}

function askAtOnce(times: number, key: string): Promise<Seen[]> {
  return Promise.all(Array.from({ length: times }, () => ask(key)));
}

const statuses = (seen: readonly Seen[]) => Object.groupBy(seen, ({ status }) => status);
const ascending = (numbers: readonly number[]) => numbers.toSorted((one, other) => one - other);

describe("A limit of 100", () => {
  it("passes exactly 100 of 500 requests at once (case 7)", async () => {
    const { 200: passed = [], 429: refused = [], ...others } = statuses(await askAtOnce(500, "alone"));
    expect([passed.length, refused.length, others]).toEqual([100, 400, {}]);
    expect(passed.every(({ body }) => body === "passed")).toBe(true);
    expect(ascending(passed.map(({ remaining }) => remaining))).toEqual([...Array(100).keys()]);
    expect(new Set(refused.map(({ remaining }) => remaining))).toEqual(new Set([0]));
  });

  it("passes exactly 100 of each key, whatever other keys ask at the same time", async () => {
    const keys = ["one", "two", "three"];
    const seen = await Promise.all(keys.map((key) => askAtOnce(150, key)));
    expect(seen.map((ofKey) => statuses(ofKey)[200]?.length)).toEqual([100, 100, 100]);
  });
});
