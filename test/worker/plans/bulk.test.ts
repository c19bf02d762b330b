// Plans in bulk: what an export writes an import reads, and a line that is wrong is told by its number.

import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { keyId } from "../../../src/gate/keyid.ts";
import { directoryStub } from "../../../src/objects/stubs.ts";
import { ask, freshKey } from "../harness.ts";
import { done, operate, register } from "../operator.ts";

const ndjson = { "content-type": "application/x-ndjson" };

async function exported(): Promise<string> {
  const { status, headers, body } = await operate("GET /plans");
  expect([status, headers.get("content-type")]).toEqual([200, "application/x-ndjson"]);
  return body;
}

function importLines(...lines: (object | string)[]) {
  const text = lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n");
  return done("imported", "POST /plans", text, ndjson);
}

describe("GET and POST /plans", () => {
  it("export nothing where nothing is registered", async () => {
    expect(await exported()).toBe("");
  });

  it("give back every account and key as they were, without keys, balances and counts", async () => {
    const override = { windows: ["600/minute"], cost: 2, until: "2099-12-31T00:00:00.000Z" };
    const plan = {
      label: "whole",
      tier: "pro",
      account: "round",
      nextBillingAt: "2099-06-09T00:00:00.000Z",
      overrides: { own: override, spoken: { maxCharacters: 9 } },
      disabled: true,
      expiresAt: "2099-12-31T00:00:00.000Z",
    };
    const { key, id } = await register({ ...plan, credits: 5 });
    const { id: plain } = await register();
    await done("subject", "PUT /accounts/round", { tier: "basic", credits: 9 });
    const text = await exported();
    expect(text).not.toContain(key);
    const lines = text.trimEnd().split("\n");
    expect(lines[0]).toBe('{"account":"round","tier":"basic"}');
    expect(
      lines
        .slice(1)
        .map((line) => JSON.parse(line))
        .sort(({ id: one }) => (one === plain ? -1 : 1)),
    ).toEqual([{ id: plain }, { id, ...plan }]);

    await done("subject", `DELETE /keys/${plain}`);
    await done("subject", "PUT /keys", { key, label: "another" });
    await done("subject", "PUT /accounts/round", {});
    expect(await done("imported", "POST /plans", text, ndjson)).toEqual({
      applied: 3,
      failed: 0,
      errors: [],
    });
    expect(await exported()).toBe(text);
    expect(await done("key", `GET /keys/${id}`)).toMatchObject({ ...plan, credits: 5 });
    expect(await done("account", "GET /accounts/round")).toMatchObject({ tier: "basic", credits: 9 });
  });

  it("apply keys, ids and accounts, with balances, and log each", async () => {
    const [key, other] = [freshKey(), freshKey()];
    const id = await keyId(env.KEY_HASH_SECRET, other);
    const lines = [
      { key, tier: "pro", account: "lines" },
      { id, credits: 2 },
      { account: "lines", label: "L" },
    ];
    expect(await importLines(...lines)).toEqual({ applied: 3, failed: 0, errors: [] });
    expect((await ask("/own/x", { key })).headers.get("x-ratelimit-limit")).toBe("6");
    expect(await done("key", `GET /keys/${id}`)).toMatchObject({ credits: 2 });
    expect(await done("account", "GET /accounts/lines")).toMatchObject({
      label: "L",
      keys: [{ tier: "pro" }],
    });
    const { entries } = await done("audit", "GET /audit?limit=3");
    expect(entries.map(({ what, subject }) => [what, subject])).toEqual([
      ["POST /plans", "account:lines"],
      ["POST /plans", `key:${id}`],
      ["POST /plans", `key:${await keyId(env.KEY_HASH_SECRET, key)}`],
    ]);
  });

  it("name each wrong line, and apply the others", async () => {
    const key = freshKey();
    const reply = await importLines(
      { account: "good", tier: "pro" },
      '{"key": "secret" "tier"}',
      "",
      "[1]",
      { label: "nobody's" },
      { key: "k", tier: "prp", labl: "x" },
      { id: "short" },
      { account: "good", disabled: true },
      { key: `weir_${"0".repeat(40)}` },
      { key, label: "also good" },
    );
    expect(reply).toEqual({
      applied: 2,
      failed: 7,
      errors: [
        { line: 2, problems: [{ path: "", message: "is not JSON from column 18 on" }] },
        { line: 4, problems: [{ path: "", message: 'expected an object with "key", "id" or "account"' }] },
        { line: 5, problems: [{ path: "", message: 'expected an object with "key", "id" or "account"' }] },
        {
          line: 6,
          problems: [
            { path: "tier", message: 'expected "pro" or "basic", got "prp" (did you mean "pro"?)' },
            { path: "labl", message: 'unknown field (did you mean "label"?)' },
          ],
        },
        {
          line: 7,
          problems: [
            { path: "id", message: 'expected an id of 32 lower-case hexadecimal digits, got "short"' },
          ],
        },
        { line: 8, problems: [{ path: "disabled", message: "unknown field" }] },
        {
          line: 9,
          problems: [
            {
              path: "key",
              message: 'expected a key that weir issued, as it begins with "weir_"; its checksum is wrong',
            },
          ],
        },
      ],
    });
    expect((await done("keys", "GET /keys?limit=1000")).keys).toContainEqual({
      id: await keyId(env.KEY_HASH_SECRET, key),
      label: "also good",
    });
  });

  it("export as many as there are, a page of the Directory after another", async () => {
    const names = Array.from({ length: 1_100 }, (_, place) => `bulk-${place}`).sort();
    const accounts = names.map((name) => ({ kind: "account" as const, name, plan: {}, version: 1 }));
    await directoryStub(env).record(accounts, []);
    const bulk = (await exported()).split("\n").filter((line) => line.startsWith('{"account":"bulk-'));
    expect(bulk).toEqual(names.map((account) => JSON.stringify({ account })));
  });

  it("take 900 lines and no more, in which case none is applied", async () => {
    const lines = Array.from({ length: 900 }, () => "[]");
    expect(await importLines(...lines)).toMatchObject({ applied: 0, failed: 900 });
    const { status } = await operate("POST /plans", ['{"account":"early"}', ...lines].join("\n"), ndjson);
    expect([status, (await operate("GET /accounts/early")).status]).toEqual([413, 404]);
  });

  it("take NDJSON alone", async () => {
    const { status, body } = await operate("POST /plans", "{}");
    expect([status, body]).toMatchObject([415, {}]);
    expect(body).toContain("Content-Type: expected application/x-ndjson.");
  });
});
