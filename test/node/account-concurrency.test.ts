// Keys of one account at once, and what its operator does at once, in a workerd of its own.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Served, serveWeir } from "./serving.ts";

let served: Served;

beforeAll(async () => {
  // From the first request: no clock's end comes in between.
  const limits = [
    { name: "own", match: "/*", windows: ["1000/day"], align: "first" },
    { name: "shared", match: "/*", per: "account", windows: ["100/day"], align: "first" },
  ];
  served = await serveWeir({ weir: { ADMIN_TOKEN: "for-tests-only", LIMITS: limits } });
}, 300_000);

afterAll(() => served?.stop());

async function operate(method: string, path: string, body?: object, headers: Record<string, string> = {}) {
  const answer = await fetch(`${served.urlOf("weir")}/_weir${path}`, {
    method,
    headers: { authorization: "Bearer for-tests-only", "content-type": "application/json", ...headers },
    ...(body && { body: JSON.stringify(body) }),
  });
  return (await answer.json()) as {
    id: string;
    credits?: number;
    windows: { limit: string; used: number }[];
  };
}

async function statusOf(key: string): Promise<number> {
  const answer = await fetch(served.urlOf("weir"), { headers: { "x-api-key": key } });
  await answer.body?.cancel();
  return answer.status;
}

const used = ({ windows }: Awaited<ReturnType<typeof operate>>, limit: string) =>
  windows.find((one) => one.limit === limit)?.used;

describe("An account's limit of 100", () => {
  it("passes exactly 100 of 200 requests at once over ten of its keys, and charges no key for the others (cases 8, 9)", async () => {
    const keys = Array.from({ length: 10 }, (_, place) => `key-${place}`);
    const made = await Promise.all(keys.map((key) => operate("PUT", "/keys", { key, account: "acme" })));
    const statuses = await Promise.all(
      keys.flatMap((key) => Array.from({ length: 20 }, () => statusOf(key))),
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(100);
    expect(statuses.filter((status) => status === 429)).toHaveLength(100);
    const shown = await Promise.all(made.map(({ id }) => operate("GET", `/keys/${id}`)));
    expect(shown.reduce((sum, key) => sum + (used(key, "own") ?? 0), 0)).toBe(100);
    expect(used(await operate("GET", "/accounts/acme"), "shared")).toBe(100);
  }, 120_000);
});

describe("Top-ups at once", () => {
  it("count once for each Idempotency-Key", async () => {
    const topUps = Array.from({ length: 20 }, (_, place) =>
      operate("POST", "/accounts/bank/credits", { add: 5 }, { "idempotency-key": `order-${place % 4}` }),
    );
    expect((await Promise.all(topUps)).every(({ credits = 0 }) => credits % 5 === 0 && credits <= 20)).toBe(
      true,
    );
    expect((await operate("GET", "/accounts/bank")).credits).toBe(20);
  });
});
