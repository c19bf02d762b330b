// The console's doors, over HTTP: who gets in, with what, and what a form has to carry. Its pages are test/browser's part.

import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ask, moveClock, setClock, weirUnder } from "../harness.ts";
import { operate, register } from "../operator.ts";

const BASE = "/_weir/console";
const TOKEN = env.ADMIN_TOKEN ?? "";

afterEach(() => {
  vi.useRealTimers();
});

/** Sends a form as a browser does. */
function submit(path: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
  return ask(`${BASE}${path}`, {
    method: "POST",
    body: new URLSearchParams(fields),
    headers: { origin: "https://weir.test", ...headers },
  });
}

const FORM = { "content-type": "application/x-www-form-urlencoded" };

/** Sends any body. */
function post(path: string, body: BodyInit, headers: Record<string, string>) {
  return ask(`${BASE}${path}`, {
    method: "POST",
    body,
    headers: { origin: "https://weir.test", ...headers },
  });
}

/** A body without a length and without an end. */
function endless(): ReadableStream<Uint8Array> {
  return new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1_000).fill(97)) });
}

/** Signs in. @returns the cookie. */
async function signIn(): Promise<string> {
  const answer = await submit("/sign-in", { token: TOKEN, to: "" }, { "cf-connecting-ip": "203.0.113.1" });
  await answer.body?.cancel();
  return (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
}

/** The token of the forms on a page. */
async function formTokenOn(path: string, cookie: string): Promise<string> {
  const text = await (await ask(`${BASE}${path}`, { headers: { cookie } })).text();
  return /name="form-token" value="([0-9a-f]+)"/.exec(text)?.[1] ?? "";
}

async function statusOf(answer: Promise<Response>): Promise<number> {
  const { status, body } = await answer;
  await body?.cancel();
  return status;
}

describe("Signing in to the console", () => {
  it("gives a cookie for the console alone, which no script and no other site gets", async () => {
    const answer = await submit("/sign-in", { token: TOKEN, to: "/audit" });
    expect([answer.status, answer.headers.get("location")]).toEqual([303, `${BASE}/audit`]);
    const cookie = answer.headers.get("set-cookie");
    expect(cookie).toMatch(/; Max-Age=28800; Path=\/_weir\/console; HttpOnly; Secure; SameSite=Strict$/);
    expect(cookie).not.toContain(TOKEN);
  });

  it.each(["https://evil.example/", "//evil.example", "/\\evil.example", "/../keys", "javascript:alert(1)"])(
    "leads to no other place than a page of the console: %s",
    async (to) => {
      const answer = await submit("/sign-in", { token: TOKEN, to });
      expect(answer.headers.get("location")).toBe(`${BASE}/overview`);
    },
  );

  it.each<[string, () => BodyInit]>([
    ["with a length", () => `token=${"a".repeat(16_384)}`],
    ["without a length", () => endless()],
  ])("answers 413 to a form that is too long, %s", async (_, body) => {
    const cookie = await signIn();
    for (const path of ["/sign-in", "/keys"]) {
      expect(await statusOf(post(path, body(), { ...FORM, cookie }))).toBe(413);
    }
  });

  it.each(["abcde", '--x\r\nContent-Disposition: form-data; name="token"\r\n\r\nabc'])(
    "answers 400 to a form that breaks off: %j",
    async (body) => {
      const cookie = await signIn();
      const headers = { "content-type": "multipart/form-data; boundary=x", cookie };
      for (const path of ["/sign-in", "/keys"]) expect(await statusOf(post(path, body, headers))).toBe(400);
    },
  );

  it("reads nothing of whoever tried too many tokens", async () => {
    setClock("2036-01-01T00:00:00Z");
    const from = { "cf-connecting-ip": "203.0.113.68" };
    for (let tried = 0; tried < 5; tried += 1) await statusOf(submit("/sign-in", { token: "wrong" }, from));
    expect(await statusOf(post("/sign-in", endless(), { ...FORM, ...from }))).toBe(429);
  });

  it("refuses the sixth wrong token of an address within a minute, and then the right one too", async () => {
    setClock("2036-01-01T00:00:00Z");
    const from = { "cf-connecting-ip": "203.0.113.66" };
    for (let tried = 0; tried < 5; tried += 1) {
      expect(await statusOf(submit("/sign-in", { token: "wrong" }, from))).toBe(401);
    }
    const refused = await submit("/sign-in", { token: TOKEN }, from);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "60"]);
    expect(await statusOf(submit("/sign-in", { token: TOKEN }, { "cf-connecting-ip": "203.0.113.67" }))).toBe(
      303,
    );
    moveClock(60_000);
    for (let tried = 0; tried < 10; tried += 1) {
      expect(await statusOf(submit("/sign-in", { token: TOKEN }, from))).toBe(303);
    }
  });

  it("ends after 8 hours, by the server's clock", async () => {
    setClock("2036-01-02T00:00:00Z");
    const cookie = await signIn();
    moveClock(8 * 3_600_000 - 1);
    expect(await statusOf(ask(`${BASE}/policy`, { headers: { cookie } }))).toBe(200);
    moveClock(1);
    expect(await statusOf(ask(`${BASE}/policy`, { headers: { cookie } }))).toBe(303);
  });

  it("ends with the operator's token", async () => {
    const cookie = await signIn();
    const later = weirUnder({ ADMIN_TOKEN: "another" });
    expect(await statusOf(later(`${BASE}/policy`, { headers: { cookie } }))).toBe(303);
  });
});

describe("The console", () => {
  it("is nowhere without a token of the operator's", async () => {
    const without = weirUnder({ ADMIN_TOKEN: "" });
    for (const path of ["/_weir/", BASE, `${BASE}/sign-in`, `${BASE}/overview`]) {
      expect([path, await statusOf(without(path))]).toEqual([path, 404]);
    }
  });

  it("shows nothing to who is not signed in", async () => {
    for (const path of [
      "/overview",
      "/overview/live",
      "/keys",
      "/accounts",
      "/blocks",
      "/policy",
      "/audit",
      "/nothing",
    ]) {
      expect([path, await statusOf(ask(`${BASE}${path}`))]).toEqual([path, 303]);
    }
  });

  it("takes no cookie that was tampered with, and not the API's token", async () => {
    const cookie = await signIn();
    const longer = cookie.replace(/=(\d+)/, (_, untilAt: string) => `=${Number(untilAt) + 1}`);
    expect(await statusOf(ask(`${BASE}/policy`, { headers: { cookie: longer } }))).toBe(303);
    expect(await statusOf(ask(`${BASE}/policy`, { headers: { authorization: `Bearer ${TOKEN}` } }))).toBe(
      303,
    );
  });

  it("has a cookie that the API does not take", async () => {
    const cookie = await signIn();
    expect(await statusOf(ask("/_weir/keys", { headers: { cookie } }))).toBe(401);
  });

  it("changes nothing without a form of its own, or for another site", async () => {
    const { id } = await register({ tier: "basic" });
    const cookie = await signIn();
    const token = await formTokenOn(`/keys/${id}/tier?tier=pro`, cookie);
    const path = `/keys/${id}/tier`;
    const forged = [
      submit(path, { tier: "pro" }, { cookie }),
      submit(path, { tier: "pro", "form-token": "0".repeat(64) }, { cookie }),
      submit(path, { tier: "pro", "form-token": token }, { cookie, origin: "https://evil.example" }),
      submit(path, { tier: "pro", "form-token": token }),
    ];
    expect(await Promise.all(forged.map(statusOf))).toEqual([403, 403, 403, 303]);
    expect((await operate(`GET /keys/${id}`)).body.tier).toBe("basic");
    expect(await statusOf(submit(path, { tier: "pro", "form-token": token }, { cookie }))).toBe(303);
    expect((await operate(`GET /keys/${id}`)).body.tier).toBe("pro");
    const [{ who, what }] = (await operate("GET /audit?limit=1")).body.entries;
    expect([who, what]).toEqual([expect.stringMatching(/^admin [0-9a-f]{8}$/), "console: tier"]);
  });

  it("shows what others wrote as text", async () => {
    const { id } = await register({ label: '<img src=x onerror="alert(1)">' });
    const cookie = await signIn();
    const text = await (await ask(`${BASE}/keys/${id}`, { headers: { cookie } })).text();
    expect(text).toContain("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;");
    expect(text).not.toContain("<img");
  });

  it("lets nobody in with a token where Cloudflare Access is in front", async () => {
    const guarded = weirUnder({ ACCESS_TEAM: "acme", ACCESS_AUD: "the-console" });
    const cookie = await signIn();
    expect(await statusOf(guarded(`${BASE}/policy`, { headers: { cookie } }))).toBe(403);
    const signingIn = {
      method: "POST",
      body: new URLSearchParams({ token: TOKEN }),
      headers: { origin: "https://weir.test" },
    };
    expect(await statusOf(guarded(`${BASE}/sign-in`, signingIn))).toBe(403);
  });
});
