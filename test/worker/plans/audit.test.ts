// The audit log: every change, who made it, what was and what is; as far back as it is to go.

import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { directoryStub } from "../../../src/objects/stubs.ts";
import { moveClock, setClock } from "../harness.ts";
import { done, operate, register } from "../operator.ts";

afterEach(() => {
  vi.useRealTimers();
});

const DAY_MS = 86_400_000;
const who = expect.stringMatching(/^admin [0-9a-f]{8}$/);

describe("GET /audit", () => {
  it("tells who changed what and when, from what to what, newest first", async () => {
    setClock("2099-05-05T10:00:00Z");
    const { id } = await register({ label: "a", account: "acme", credits: 5 });
    const from = { "cf-connecting-ip": "192.0.2.7" };
    await done("subject", `PATCH /keys/${id}`, { label: "b" }, from);
    await done("subject", `POST /keys/${id}/reset`, { limit: "own" });
    await done("subject", "POST /accounts/acme/credits", { add: 3 });
    moveClock(1_500);
    await done("subject", `DELETE /keys/${id}`);
    const at = "2099-05-05T10:00:00.000Z";
    const [a, b] = ["a", "b"].map((label) => ({ label, account: "acme", credits: 5 }));
    expect((await done("audit", "GET /audit")).entries).toEqual([
      {
        at: "2099-05-05T10:00:01.500Z",
        who,
        what: "DELETE /keys/{id}",
        subject: `key:${id}`,
        before: b,
        after: null,
      },
      {
        at,
        who,
        what: "POST /accounts/{id}/credits",
        subject: "account:acme",
        before: { credits: 0 },
        after: { credits: 3 },
      },
      { at, who, what: "POST /keys/{id}/reset", subject: `key:${id}`, before: b, after: b },
      {
        at,
        who,
        address: "192.0.2.7",
        what: "PATCH /keys/{id}",
        subject: `key:${id}`,
        before: a,
        after: b,
      },
      { at, who, what: "PUT /keys", subject: `key:${id}`, before: null, after: a },
    ]);
  });

  it("says nothing of what was only looked at, or refused", async () => {
    const before = await done("audit", "GET /audit?limit=1");
    await operate("GET /keys");
    await operate("PUT /keys", { key: "k", tier: "none" });
    await operate("PATCH /keys/00000000000000000000000000000000", {});
    expect(await done("audit", "GET /audit?limit=1")).toEqual(before);
  });

  it("pages", async () => {
    for (const label of ["1", "2", "3", "4", "5"]) await done("subject", "PUT /accounts/paged", { label });
    const labels: unknown[] = [];
    let next: string | undefined;
    while (labels.length < 5) {
      const page: Awaited<ReturnType<typeof done<"audit">>> = await done(
        "audit",
        `GET /audit?limit=2${next ? `&cursor=${next}` : ""}`,
      );
      labels.push(...page.entries.map(({ after }) => after && "label" in after && after.label));
      next = page.next;
    }
    expect(labels.slice(0, 5)).toEqual(["5", "4", "3", "2", "1"]);
  });

  it("goes back as far as AUDIT_RETENTION says", async () => {
    const directory = directoryStub(env);
    const oldest = async () => (await done("audit", "GET /audit?limit=1000")).entries.at(-1)?.after;
    await runInDurableObject(directory, (_, { storage }) => storage.sql.exec("delete from audit"));
    setClock("2099-05-05T10:00:00Z");
    await done("subject", "PUT /accounts/old", { label: "first" });
    moveClock(1);
    await done("subject", "PUT /accounts/old", { label: "second" });
    moveClock(30 * DAY_MS - 1);
    expect(await runDurableObjectAlarm(directory)).toBe(true);
    expect(await oldest()).toEqual({ label: "first" });
    moveClock(1);
    expect(await runDurableObjectAlarm(directory)).toBe(true);
    expect(await oldest()).toEqual({ label: "second" });
    moveClock(DAY_MS);
    expect(await runDurableObjectAlarm(directory)).toBe(true);
    expect(await oldest()).toBeUndefined();
    expect(await runDurableObjectAlarm(directory)).toBe(false);
  });
});
