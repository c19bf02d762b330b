// Blocks by hand: listed, made, lifted and logged.

import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { guardStub } from "../../../src/objects/stubs.ts";
import { ask, HOUR_MS, MINUTE_MS, moveClock, SECOND_MS, setClock } from "../harness.ts";
import { done, operate } from "../operator.ts";

beforeEach(() => setClock("2036-02-09T00:00:00Z"));

const from = (address: string) => ({ headers: { "cf-connecting-ip": address } });
const statusOf = async (address: string) => (await ask("/free", from(address))).status;

async function listed(): Promise<string[]> {
  const { blocks } = await done("blocks", "GET /blocks?limit=1000");
  return blocks.map(({ address }) => address);
}

describe("PUT /blocks/{ip}", () => {
  it("shuts an address out for the time it says, and tells why", async () => {
    const block = {
      address: "203.0.113.1",
      from: "2036-02-09T00:00:00.000Z",
      until: "2036-02-09T02:00:00.000Z",
      reason: "scrapes",
    };
    expect(await done("block", "PUT /blocks/203.0.113.1", { for: "2 hours", reason: "scrapes" })).toEqual(
      block,
    );
    expect(await statusOf("203.0.113.1")).toBe(403);
    expect((await done("blocks", "GET /blocks")).blocks).toContainEqual(block);
    moveClock(2 * HOUR_MS);
    expect(await statusOf("203.0.113.1")).toBe(200);
    expect(await listed()).not.toContain("203.0.113.1");
  });

  it("does so until an instant, or for as long as IP_BLOCK says, in place of a block there is", async () => {
    const until = "2036-02-10T00:00:00.000Z";
    expect(await done("block", "PUT /blocks/203.0.113.2", { until })).toMatchObject({ until });
    expect(await done("block", "PUT /blocks/203.0.113.2", {})).toMatchObject({
      until: "2036-02-09T01:00:00.000Z",
    });
  });

  it("takes an IPv6 address for its network, and a network as lists show it", async () => {
    const address = "2001:db8:1:2::/64";
    expect(await done("block", "PUT /blocks/2001:db8:1:2::9", {})).toMatchObject({ address });
    expect(await statusOf("2001:db8:1:2:ffff::1")).toBe(403);
    expect(await done("address", `DELETE /blocks/${encodeURIComponent(address)}`)).toEqual({ address });
    moveClock(3 * SECOND_MS);
    expect(await statusOf("2001:db8:1:2:ffff::1")).toBe(200);
  });

  it.each([
    ["PUT /blocks/office", {}, "ip"],
    ["PUT /blocks/203.0.113.0%2F24", {}, "ip"],
    ["PUT /blocks/2001:db8::%2F32", {}, "ip"],
    ["PUT /blocks/203.0.113.3", { for: "soon" }, "for"],
    ["PUT /blocks/203.0.113.3", { for: "31 days" }, "for"],
    ["PUT /blocks/203.0.113.3", { until: "2036-02-08" }, "until"],
    ["PUT /blocks/203.0.113.3", { until: "2036-02-09T00:00:00Z" }, "until"],
    ["PUT /blocks/203.0.113.3", { for: "1 hour", until: "2036-02-10" }, "until"],
    ["PUT /blocks/203.0.113.3", { reason: "" }, "reason"],
    ["PUT /blocks/203.0.113.3", { why: "x" }, "why"],
  ])("refuses %s with %j, at %s", async (call, body, path) => {
    const reply = await operate(call, body);
    expect([reply.status, reply.body.problems.map((one: { path: string }) => one.path)]).toEqual([
      400,
      [path],
    ]);
    expect(await listed()).not.toContain("203.0.113.3");
  });

  it.each(["192.0.2.1", "2a06:98c0:3600::103"])("refuses %s, which is never blocked", async (address) => {
    expect((await operate(`PUT /blocks/${address}`, {})).status).toBe(409);
  });
});

describe("DELETE /blocks/{ip}", () => {
  it("lifts a block within BLOCK_MEMORY", async () => {
    await done("block", "PUT /blocks/203.0.113.4", {});
    expect(await statusOf("203.0.113.4")).toBe(403);
    expect(await done("address", "DELETE /blocks/203.0.113.4")).toEqual({ address: "203.0.113.4" });
    moveClock(3 * SECOND_MS);
    expect(await statusOf("203.0.113.4")).toBe(200);
    expect(await listed()).not.toContain("203.0.113.4");
  });

  it("clears the strikes too, and may be repeated", async () => {
    const shard = guardStub(env, "203.0.113.5");
    for (let strikes = 0; strikes < 9; strikes++) await shard.strike("203.0.113.5");
    await done("address", "DELETE /blocks/203.0.113.5");
    await done("address", "DELETE /blocks/203.0.113.5");
    expect(await shard.strike("203.0.113.5")).toEqual({ isStruck: true });
  });
});

describe("GET /blocks", () => {
  it("lists the blocks of all shards, each once, page by page", async () => {
    const addresses = Array.from({ length: 40 }, (_, index) => `198.51.100.${index}`);
    for (const address of addresses) await guardStub(env, address).block(address, { forMs: MINUTE_MS });
    const found: string[] = [];
    let next: string | undefined = "";
    while (next !== undefined) {
      const page: { blocks: { address: string }[]; next?: string } = await done(
        "blocks",
        `GET /blocks?limit=7${next === "" ? "" : `&cursor=${next}`}`,
      );
      found.push(...page.blocks.map(({ address }) => address));
      next = page.next;
    }
    expect(found.filter((address) => address.startsWith("198.51.100.")).sort()).toEqual(addresses.sort());
    expect(new Set(found).size).toBe(found.length);
  });
});

describe("the operator", () => {
  it("passes a block with the token, and is not let through without", async () => {
    await done("block", "PUT /blocks/203.0.113.6", {});
    const own = { "cf-connecting-ip": "203.0.113.6" };
    expect((await operate("GET /blocks", undefined, own)).status).toBe(200);
    expect(
      (await operate("DELETE /blocks/203.0.113.6", undefined, { ...own, authorization: "none" })).status,
    ).toBe(401);
    expect((await ask("/_weir/usage", from("203.0.113.6"))).status).toBe(403);
  });

  it("finds both in the audit log", async () => {
    await done("block", "PUT /blocks/203.0.113.8", { reason: "scrapes" });
    await done("address", "DELETE /blocks/203.0.113.8");
    const { entries } = await done("audit", "GET /audit?limit=2");
    const block = { from: "2036-02-09T00:00:00.000Z", until: "2036-02-09T01:00:00.000Z", reason: "scrapes" };
    expect(entries).toMatchObject([
      { what: "DELETE /blocks/{ip}", subject: "address:203.0.113.8", before: block, after: null },
      { what: "PUT /blocks/{ip}", subject: "address:203.0.113.8", before: null, after: block },
    ]);
  });
});
