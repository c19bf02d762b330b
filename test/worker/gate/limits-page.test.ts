// The limits page over HTTP: for anyone, safe to show, and off where the policy says so.

import { describe, expect, it } from "vitest";
import { ask, freshKey, weirUnder } from "../harness.ts";

const PATH = "/_weir/docs";

describe("GET /_weir/docs", () => {
  it("is for anyone, without a key, and may be kept for a minute", async () => {
    const answer = await ask(PATH);
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "cache-control": "public, max-age=60",
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
    });
    expect(answer.headers.get("set-cookie")).toBeNull();
    expect(await answer.text()).toMatch(/^<!doctype html><html lang="en">/);
  });

  it("allows nothing but its own style, script and questions", async () => {
    const { headers } = await ask(PATH);
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy.split("; ").sort()).toEqual([
      "base-uri 'none'",
      "connect-src 'self'",
      "default-src 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "img-src data:",
      "script-src 'self'",
      "style-src 'self'",
    ]);
  });

  it("loads its style and script from addresses that may be kept for good", async () => {
    const document = await (await ask(PATH)).text();
    const loaded = [...document.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path = ""]) => path);
    expect(loaded.map((path) => path.split("?")[0])).toEqual([`${PATH}/style.css`, `${PATH}/standing.js`]);
    const answers = await Promise.all(loaded.map((path) => ask(path)));
    expect(answers.map(({ status, headers }) => [status, headers.get("content-type")])).toEqual([
      [200, "text/css; charset=utf-8"],
      [200, "text/javascript; charset=utf-8"],
    ]);
    for (const { headers } of answers) {
      expect(headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
    }
  });

  it("is small: under 30 KiB in all, compressed", async () => {
    const paths = [PATH, `${PATH}/style.css`, `${PATH}/standing.js`];
    const bodies = await Promise.all(paths.map(async (path) => (await ask(path)).blob()));
    const gzipped = await Promise.all(
      bodies.map((body) =>
        new Response(body.stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer(),
      ),
    );
    expect(gzipped.reduce((sum, { byteLength }) => sum + byteLength, 0)).toBeLessThan(30 * 1024);
  });

  it("answers HEAD with the same headers and no body", async () => {
    const [get, head] = [await ask(PATH), await ask(PATH, { method: "HEAD" })];
    expect([head.status, await head.text()]).toEqual([200, ""]);
    expect(Object.fromEntries(head.headers)).toEqual(Object.fromEntries(get.headers));
  });

  it("is not sent again to whoever has it", async () => {
    const tag = (await ask(PATH)).headers.get("etag") ?? "";
    const again = await ask(PATH, { headers: { "if-none-match": tag } });
    expect([again.status, await again.text()]).toEqual([304, ""]);
  });

  it("shows the address it was asked at", async () => {
    expect(await (await ask(PATH)).text()).toContain("curl https://weir.test/_weir/usage");
  });

  it("is not there where the policy turns it off, nor is what it loads", async () => {
    const weir = weirUnder({ LIMITS_PAGE: false });
    for (const path of [PATH, `${PATH}/style.css`, `${PATH}/standing.js`]) {
      expect((await weir(path)).status).toBe(404);
    }
  });

  it("is where the policy puts weir's own endpoints", async () => {
    const weir = weirUnder({ ADMIN_PATH: "/limits-of-ours" });
    const document = await (await weir("/limits-of-ours/docs")).text();
    const [, style = ""] = /href="(\/[^"]+\.css[^"]*)"/.exec(document) ?? [];
    expect((await weir(style)).status).toBe(200);
    expect(document).toContain('data-path="/limits-of-ours/usage"');
  });

  it("reads, and nothing else: any other method finds nothing", async () => {
    const answers = await Promise.all(["POST", "PUT", "DELETE"].map((method) => ask(PATH, { method })));
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
  });

  it("costs its reader nothing", async () => {
    const key = freshKey();
    await ask(PATH, { key });
    const usage = await (await ask("/_weir/usage", { key })).json<{ windows: readonly { used: number }[] }>();
    expect(usage.windows.every(({ used }) => used === 0)).toBe(true);
  });
});

describe("the standing", () => {
  it.each([
    ["header:x-key", "header", "x-key"],
    ["bearer", "bearer", ""],
    ["query:apiKey", "query", "apiKey"],
  ])("is asked for with the key in the first configured place (%s)", async (source, place, name) => {
    const document = await (await weirUnder({ KEY_FROM: [source, "bearer"] })(PATH)).text();
    expect(document).toContain(`data-path="/_weir/usage" data-in="${place}" data-name="${name}"`);
    expect(document).toContain('type="password"');
  });

  it("goes by the cookie that the browser has, which no page need know", async () => {
    const document = await (await weirUnder({ KEY_FROM: ["cookie:session"] })(PATH)).text();
    expect(document).toContain('data-in="cookie"');
    expect(document).not.toContain("<input");
  });
});
