// Every outbound request of these tests reaches the demo origin, whatever its host.

import { describe, expect, it } from "vitest";
import { locate } from "../../../src/core/location.ts";
import { fieldsOf } from "../../../src/gate/fields.ts";
import { forward, type Introduction, OriginUnreachable, type Target } from "../../../src/gate/forward.ts";
import { Patience } from "../../../src/gate/patience.ts";

interface Echo {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly bodyBase64?: string;
}

const origin = "http://origin.test";

function ask(path: string, init: RequestInit = {}): Request {
  return new Request(`https://weir.test${path}`, init);
}

async function echoed(answer: Response): Promise<Echo> {
  expect(answer.status).toBe(200);
  return answer.json();
}

/** Forwards a request as the gate does. */
async function send(
  request: Request,
  target: Partial<Target>,
  introduction: Introduction = {},
): Promise<Response> {
  const location = locate(request.url);
  if (location === undefined) throw new Error(`${request.url} is no URL`);
  const patience = new Patience();
  try {
    const outbound = { request, headers: fieldsOf(request), location, patience };
    return await forward(outbound, { timeoutMs: 10_000, ...target }, introduction);
  } finally {
    patience.end();
  }
}

function serviceOf(fetch: (request: Request) => Promise<Response>): Fetcher {
  return { fetch } as unknown as Fetcher;
}

describe("forward", () => {
  it("passes method, path, query, headers and body as they came", async () => {
    const request = ask("/A/%61//b;x=1/?q=%41+b&&q=%zz", {
      method: "PATCH",
      headers: {
        "content-type": "text/x-odd",
        authorization: "Bearer k",
        "x-forwarded-for": "192.0.2.2",
      },
      body: "zażółć",
    });
    const echo = await echoed(await send(request, { origin }));
    expect(echo).toMatchObject({
      method: "PATCH",
      path: "/A/%61//b;x=1/",
      query: "?q=%41+b&&q=%zz",
      body: "zażółć",
    });
    expect(echo.headers).toMatchObject({
      "content-type": "text/x-odd",
      "content-length": "10",
      authorization: "Bearer k",
      "x-forwarded-for": "192.0.2.2",
    });
  });

  it("passes a compressed body undecoded", async () => {
    const request = ask("/", {
      method: "POST",
      headers: { "content-encoding": "gzip" },
      body: Uint8Array.of(0x1f, 0x8b, 0xff),
    });
    const echo = await echoed(await send(request, { origin }));
    expect(echo).toMatchObject({ bodyBase64: "H4v/", headers: { "content-encoding": "gzip" } });
  });

  it.each([
    ["http://origin.test", "/x?y"],
    ["http://origin.test/base", "/base/x?y"],
    ["http://origin.test:8080/a/b", "/a/b/x?y"],
  ])("under ORIGIN %s asks for %s", async (base, expected) => {
    const { path, query } = await echoed(await send(ask("/x?y"), { origin: base }));
    expect(path + query).toBe(expected);
  });

  it("never climbs out of ORIGIN's path", async () => {
    const { path } = await echoed(await send(ask("/../%2e%2e/x"), { origin: `${origin}/base` }));
    expect(path).toBe("/base/x");
  });

  it("does not take a path for a host", async () => {
    const { path, headers } = await echoed(await send(ask("//evil.test/x"), { origin }));
    expect([headers["x-forwarded-host"], path]).toEqual(["weir.test", "//evil.test/x"]);
  });

  it("with ORIGIN says which host and scheme were asked, whatever the client says", async () => {
    const headers = {
      "x-forwarded-host": "evil.test",
      x_forwarded_host: "evil.test",
      "x-forwarded-proto": "ftp",
    };
    const echo = await echoed(await send(ask("/", { headers }), { origin }));
    expect(echo.headers).toMatchObject({ "x-forwarded-host": "weir.test", "x-forwarded-proto": "https" });
    expect(echo.headers).not.toHaveProperty("x_forwarded_host");
  });

  it("without ORIGIN asks the same URL, and leaves X-Forwarded-Host alone", async () => {
    const request = new Request("http://route.test/x?y", { headers: { "x-forwarded-host": "proxy.test" } });
    const echo = await echoed(await send(request, {}, { keyId: "k1" }));
    expect(echo).toMatchObject({ path: "/x", query: "?y" });
    expect(echo.headers).toMatchObject({ "x-forwarded-host": "proxy.test", "x-weir-key-id": "k1" });
    expect(echo.headers).not.toHaveProperty("x-forwarded-proto");
  });

  it("prefers the service to ORIGIN, and asks it for the client's URL", async () => {
    const service = serviceOf(async (request) =>
      Response.json([request.url, request.headers.get("x-weir-tier")]),
    );
    const answer = await send(ask("/x?y"), { origin, service }, { tier: "pro" });
    expect(await answer.json()).toEqual(["https://weir.test/x?y", "pro"]);
  });

  it("tells the origin who asks, as far as it is known", async () => {
    const whole = { keyId: "k1", account: "acme", tier: "pro", originSecret: "s3cret" };
    expect((await echoed(await send(ask("/"), { origin }, whole))).headers).toMatchObject({
      "x-weir-key-id": "k1",
      "x-weir-account": "acme",
      "x-weir-tier": "pro",
      "x-weir-secret": "s3cret",
    });
    const { headers } = await echoed(await send(ask("/"), { origin }));
    expect(Object.keys(headers).filter((name) => name.startsWith("x-weir-"))).toEqual([]);
  });

  it.each([
    "X-Weir-Key-Id",
    "X-Weir-Account",
    "X-Weir-Secret",
    "X-Weir-Whatever",
    "X_Weir_Key_Id",
    "x-weir_tier",
    "RateLimit",
    "RateLimit-Policy",
    "X-RateLimit-Limit",
    "X_RateLimit_Remaining",
  ])("never passes a client's %s", async (name) => {
    const request = ask("/", { headers: { [name]: "x-weir-key-id", "x-other": "stays" } });
    const { headers } = await echoed(await send(request, { origin }));
    expect(headers).not.toHaveProperty(name.toLowerCase());
    expect(headers).toHaveProperty("x-other", "stays");
  });

  it("never lets a client name headers for the next hop to drop", async () => {
    const service = serviceOf(async (request) => Response.json(Object.fromEntries(request.headers)));
    const request = ask("/", { headers: { connection: "x-weir-key-id" } });
    const answer = await send(request, { service }, { keyId: "k1" });
    expect(await answer.json()).toEqual({ "x-weir-key-id": "k1" });
  });

  it("passes a redirect on", async () => {
    const answer = await send(ask("/?redirect=/elsewhere"), { origin });
    expect([answer.status, answer.headers.get("location")]).toEqual([302, "/elsewhere"]);
  });

  it("passes the origin's failures and headers on", async () => {
    const answer = await send(ask("/?status=503&header=x-cost:3&header=retry-after:7"), { origin });
    expect([answer.status, answer.headers.get("x-cost"), answer.headers.get("retry-after")]).toEqual([
      503,
      "3",
      "7",
    ]);
  });

  it("hands on each event as it comes", async () => {
    const request = ask("/?stream=2&every=600000", { headers: { accept: "text/event-stream" } });
    const answer = await send(request, { origin });
    expect(answer.headers.get("content-type")).toBe("text/event-stream");
    const events = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await events?.read())?.value).toBe("id: 1\nevent: part\ndata: 1\n\n");
    await events?.cancel();
  });

  it("hands on a request's body as it comes", async () => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const sent = writable.getWriter();
    // Answers from the first part; the second is never written.
    const service = serviceOf(async (request) => {
      const part = await request.body?.getReader().read();
      return new Response(part?.value);
    });
    const answered = send(ask("/", { method: "POST", body: readable }), { service });
    await sent.write(new TextEncoder().encode("first"));
    expect(await (await answered).text()).toBe("first");
  });

  it("connects a WebSocket", async () => {
    const answer = await send(ask("/", { headers: { upgrade: "websocket" } }), { origin });
    expect(answer.status).toBe(101);
    const socket = answer.webSocket;
    const message = new Promise((resolve) =>
      socket?.addEventListener("message", ({ data }) => resolve(data)),
    );
    socket?.accept();
    socket?.send("hello");
    expect(await message).toBe("hello");
    socket?.close();
  });

  it("says so when there is no answer", async () => {
    const cause = new Error("Network connection lost.");
    const service = serviceOf(() => Promise.reject(cause));
    const failure = send(ask("/"), { service });
    await expect(failure).rejects.toBeInstanceOf(OriginUnreachable);
    await expect(failure).rejects.toHaveProperty("cause", cause);
    await expect(failure).rejects.toHaveProperty("isTimeout", false);
  });

  it("says that there was no answer of a service that cannot even be asked", async () => {
    const service = serviceOf(() => {
      throw new Error("broken");
    });
    await expect(send(ask("/"), { service })).rejects.toBeInstanceOf(OriginUnreachable);
  });

  it("waits no longer than it may for an answer to begin", async () => {
    const service = serviceOf(() => new Promise(() => {}));
    const failure = send(ask("/"), { service, timeoutMs: 5 });
    await expect(failure).rejects.toBeInstanceOf(OriginUnreachable);
    await expect(failure).rejects.toHaveProperty("isTimeout", true);
  });
});
