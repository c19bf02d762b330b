// Who is metered: the key of a request from wherever the policy looks for it, its address, or nobody. And that no object
// is made for a request that has no business being metered.

import { listDurableObjectIds } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { type Asking, ask, freshKey, limitHeaders, limitHeadersOf, setClock, weirUnder } from "../harness.ts";

async function objects(): Promise<number> {
  const ids = await Promise.all([listDurableObjectIds(env.LIMITER), listDurableObjectIds(env.IP_GUARD)]);
  return ids.flat().length;
}

const from = (address: string): Asking => ({ headers: { "cf-connecting-ip": address } });
const remainingOf = async (asked: Promise<Response>) => limitHeadersOf(await asked).remaining;

describe("A request's key", () => {
  it.each<[string, number, Asking]>([
    ["is missing", 401, {}],
    ["is empty", 401, { headers: { "x-api-key": "" } }],
    ["is an empty bearer token", 401, { headers: { authorization: "Bearer " } }],
    ["is another scheme's", 401, { headers: { authorization: "Basic a2V5OmtleQ==" } }],
    ["has 10 KB", 400, { key: "k".repeat(10_240) }],
    ["has a blank in it", 400, { key: "one two" }],
    ["has a tab in it", 400, { key: "one\ttwo" }],
    ["is not ASCII", 400, { key: "k\u00e9y" }],
    ["comes twice", 400, { headers: [...Array(2)].map((_, index) => ["x-api-key", `key-${index}`]) }],
    ["comes beside another in x_api_key", 400, { key: "one", headers: { x_api_key: "two" } }],
    ["is not the one of the bearer token", 400, { key: "one", headers: { authorization: "Bearer two" } }],
  ])("that %s is answered with %i, and makes no object (case 26)", async (_, status, asking) => {
    const before = await objects();
    const refused = await ask("/few", asking);
    expect(refused.status).toBe(status);
    expect(refused.headers.get("www-authenticate")).toMatch(/^Bearer realm="api"/);
    expect(refused.headers.get("content-type")).toBe("application/problem+json");
    expect(limitHeadersOf(refused)).toEqual(limitHeaders());
    expect(await objects()).toBe(before);
  });

  it("makes one object, whatever it is asked for", async () => {
    const before = await objects();
    const key = freshKey();
    for (const path of ["/few", "/many", "/nested", "/_weir/usage"]) await ask(path, { key });
    expect(await objects()).toBe(before + 1);
  });

  it("is none of weir's business where no limit governs", async () => {
    const before = await objects();
    for (const asking of [{}, { key: freshKey() }, { key: "one two" }]) {
      const answer = await ask("/free", asking);
      expect([answer.status, limitHeadersOf(answer)]).toEqual([200, limitHeaders()]);
    }
    expect(await objects()).toBe(before);
  });

  it("is one key in every place that the policy names", async () => {
    setClock("2036-01-01T00:00:00Z");
    const weir = weirUnder({ KEY_FROM: ["query:api_key", "cookie:session", "header:x-token", "bearer"] });
    const key = freshKey();
    expect(await remainingOf(weir(`/many?api_key=${key}`))).toBe("99");
    expect(await remainingOf(weir("/many", { headers: { cookie: `a=b; session=${key}` } }))).toBe("98");
    expect(await remainingOf(weir("/many", { headers: { "x-token": key } }))).toBe("97");
    expect(await remainingOf(weir("/many", { headers: { authorization: `bearer ${key}` } }))).toBe("96");
    expect((await weir("/many", { key })).status).toBe(401);
  });

  it("is never reflected, not even with line breaks in it (case 41)", async () => {
    const weir = weirUnder({ KEY_FROM: "query:api_key" });
    const refused = await weir("/few?api_key=evil%0d%0aset-cookie:%20a=b");
    expect(refused.status).toBe(400);
    expect(JSON.stringify([...refused.headers]) + (await refused.text())).not.toMatch(/evil|set-cookie/);
  });
});

describe("ANONYMOUS", () => {
  it('"pass" forwards a request without a key unmetered', async () => {
    const weir = weirUnder({ ANONYMOUS: "pass" });
    const answer = await weir("/few");
    expect([answer.status, limitHeadersOf(answer)]).toEqual([200, limitHeaders()]);
    expect((await weir("/few", { key: "one two" })).status).toBe(400);
  });

  it('"ip" meters it by its address, whatever other headers say of that (case 31)', async () => {
    setClock("2036-01-01T00:00:00Z");
    const weir = weirUnder({ ANONYMOUS: "ip" });
    expect(await remainingOf(weir("/few", from("192.0.2.1")))).toBe("2");
    for (const forged of ["x-forwarded-for", "true-client-ip", "x-real-ip", "forwarded"]) {
      const headers = { "cf-connecting-ip": "192.0.2.1", [forged]: "192.0.2.200" };
      await weir("/few", { headers });
    }
    expect((await weir("/few", from("192.0.2.1"))).status).toBe(429);
    expect(await remainingOf(weir("/few", from("192.0.2.200")))).toBe("2");
  });

  it('"ip" takes a /64 for one address, and a mapped IPv4 for itself (case 32)', async () => {
    setClock("2036-01-01T00:00:00Z");
    const weir = weirUnder({ ANONYMOUS: "ip" });
    for (let host = 0; host < 100; host += 1) await weir("/many", from(`2001:db8::${host.toString(16)}:1`));
    expect((await weir("/many", from("2001:db8::ffff"))).status).toBe(429);
    expect(await remainingOf(weir("/many", from("2001:db8:0:1::1")))).toBe("99");
    expect(await remainingOf(weir("/many", from("198.51.100.4")))).toBe("99");
    expect(await remainingOf(weir("/many", from("::ffff:198.51.100.4")))).toBe("98");
  });

  it('"ip" leaves a request with a key to its key', async () => {
    setClock("2036-01-01T00:00:00Z");
    const weir = weirUnder({ ANONYMOUS: "ip" });
    const address = from("192.0.2.7");
    await weir("/few", address);
    expect(await remainingOf(weir("/few", { ...address, key: freshKey() }))).toBe("2");
  });
});
