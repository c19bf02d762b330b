// A client that leaves, in a workerd of its own: only there is a request really broken off.

import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Served, serveWeir } from "./serving.ts";

const origin = `export default {
  async fetch(request) {
    await scheduler.wait(500);
    return new Response("done", { status: Number(new URL(request.url).searchParams.get("status")) });
  }
};`;

/** An origin of bare sockets: whoever asks for `/crash` is hung up on, and nobody is answered. */
const sockets = createServer((socket) => {
  socket.on("error", () => {});
  socket.on("data", (data) => {
    received.push(data.toString());
    if (received.join("").includes(" /crash")) socket.destroy();
  });
});
let received: string[] = [];
let served: Served;

beforeAll(async () => {
  await new Promise<void>((listening) => sockets.listen(0, "127.0.0.1", listening));
  const LIMITS = [{ name: "success", match: "/*", windows: ["5/day"], align: "first", charge: "success" }];
  const ORIGIN = `http://127.0.0.1:${(sockets.address() as AddressInfo).port}`;
  served = await serveWeir(
    { weir: { LIMITS }, bare: { LIMITS, ORIGIN, ORIGIN_TIMEOUT: "1 second" } },
    origin,
  );
}, 60_000);

afterAll(async () => {
  await served?.stop();
  sockets.close();
});

/** Asks as a key; the origin answers with the status after half a second. */
function ask(key: string, path: string, signal?: AbortSignal, service = "weir"): Promise<Response> {
  return fetch(served.urlOf(service) + path, { headers: { "x-api-key": key }, ...(signal && { signal }) });
}

/** What is used of the window of a key, held or for good. */
async function usedOf(key: string, service = "weir"): Promise<number | undefined> {
  const answer = await ask(key, "/_weir/usage", undefined, service);
  const { windows } = (await answer.json()) as { windows: { used: number }[] };
  return windows[0]?.used;
}

it.each([
  [200, 1],
  [500, 0],
])("is charged by the origin's %i all the same: %i", async (status, used) => {
  const key = `leaving-${status}`;
  const leaving = new AbortController();
  const asked = ask(key, `/?status=${status}`, leaving.signal);
  await vi.waitFor(async () => expect(await usedOf(key)).toBe(1));
  leaving.abort();
  await expect(asked).rejects.toThrow();
  // Asked later, so answered later: the origin is done with the first by then.
  await ask(key, "/?status=500");
  await vi.waitFor(async () => expect(await usedOf(key)).toBe(used));
});

describe("A body that is not sent to its end", () => {
  /** Sends half a body, and gives the connection once the origin has it. */
  async function sendHalf(
    key: string,
    path: string,
    framing: string,
    half: string,
    method = "POST",
  ): Promise<Socket> {
    received = [];
    const { port, hostname } = new URL(served.urlOf("bare"));
    const socket = connect(Number(port), hostname);
    socket.on("error", () => {});
    socket.write(`${method} ${path} HTTP/1.1\r\nHost: a\r\nx-api-key: ${key}\r\n${framing}\r\n\r\n${half}`);
    await vi.waitFor(() => expect(received.join("")).toContain("half"));
    return socket;
  }

  /** What is used once the request on a connection was answered, and what it held is settled. */
  async function usedAfter(socket: Socket, key: string): Promise<number | undefined> {
    await new Promise((answered) => socket.once("data", answered));
    socket.destroy();
    // Asked later, so settled later.
    await ask(key, "/crash", undefined, "bare");
    await vi.waitFor(async () => expect(await usedOf(key, "bare")).toBeLessThan(2));
    return usedOf(key, "bare");
  }

  const framings = [
    ["with a length", "Content-Length: 8", "half"],
    ["in chunks", "Transfer-Encoding: chunked", "4\r\nhalf\r\n"],
  ] as const;

  it.each(framings)("is charged where the client closes the connection: %s", async (name, framing, half) => {
    const key = `closed ${name}`.replaceAll(" ", "-");
    const socket = await sendHalf(key, "/", framing, half);
    socket.end();
    expect(await usedAfter(socket, key)).toBe(1);
  });

  it.each(framings)("is charged where the client only waits: %s", async (name, framing, half) => {
    const key = `waiting ${name}`.replaceAll(" ", "-");
    expect(await usedAfter(await sendHalf(key, "/", framing, half), key)).toBe(1);
  });

  it("is charged where it is a GET's, though nobody can tell who hung up", async () => {
    const socket = await sendHalf("get", "/crash", "Content-Length: 8", "half", "GET");
    expect(await usedAfter(socket, "get")).toBe(1);
  });

  it.each(framings)("is free where the origin hangs up: %s", async (name, framing, half) => {
    const key = `crash ${name}`.replaceAll(" ", "-");
    expect(await usedAfter(await sendHalf(key, "/crash", framing, half), key)).toBe(0);
  });
});

it("passes a whole body on as it was framed, where its charge depends on the answer", async () => {
  received = [];
  const body = "all of it";
  const headers = { "x-api-key": "whole" };
  const asked = fetch(`${served.urlOf("bare")}/whole`, { method: "POST", headers, body });
  await vi.waitFor(() =>
    expect(received.join("")).toMatch(/\r\nContent-Length: 9\r\n[\s\S]*\r\n\r\nall of it$/),
  );
  expect((await asked).status).toBe(504);
  expect(await usedOf("whole", "bare")).toBe(0);
});
