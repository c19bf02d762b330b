// A request and its answer byte for byte, in a workerd of its own and over bare sockets: what weir does not change, no client of the
// platform's own could show.

import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Served, serveWeir } from "./serving.ts";

const received: string[] = [];
const origin = createServer((socket) => {
  socket.on("data", (data) => {
    const request = data.toString("latin1");
    received.push(request);
    const [, status = 200] = /^GET \S*\/(\d+) /.exec(request) ?? [];
    socket.end(`HTTP/1.1 ${status} OK\r\nX-Name: caf\xe9\r\nContent-Length: 2\r\n\r\nok`, "latin1");
  });
});
let served: Served;

beforeAll(async () => {
  origin.listen(0, "127.0.0.1");
  await once(origin, "listening");
  const ORIGIN = `http://127.0.0.1:${(origin.address() as AddressInfo).port}`;
  served = await serveWeir({
    weir: { ORIGIN, LIMITS: [{ name: "all", match: "/a/*", windows: ["100/minute"] }] },
  });
}, 60_000);

afterAll(async () => {
  await served?.stop();
  origin.close();
});

/** Sends a request for a path with these header lines; what the origin received, and what came back. */
async function send(
  path: string,
  lines: readonly string[] = [],
): Promise<{ readonly there: string; readonly back: string }> {
  const { hostname, port } = new URL(served.urlOf("weir"));
  const socket = connect(Number(port), hostname);
  const request = [
    `GET ${path} HTTP/1.1`,
    "Host: weir.test",
    "X-API-Key: k",
    ...lines,
    "Connection: close",
    "",
    "",
  ];
  socket.end(request.join("\r\n"), "latin1");
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return { there: received.pop() ?? "", back: Buffer.concat(chunks).toString("latin1") };
}

it.each([
  ["bytes that are no UTF-8", ["X-Name: caf\xe9"]],
  ["bytes that are", ["X-Name: caf\xc3\xa9"]],
  ["a field that came twice", ["X-Twice: 1", "X-Twice: 2"]],
  ["the case of names", ["X-CamelCase: yes"]],
  ["names that mean something to JavaScript", ["__proto__: x", "Constructor: y"]],
  ["empty values", ["X-Empty:"]],
])("leaves %s in header fields as they came", async (_, lines) => {
  const { there, back } = await send("/a", lines);
  for (const line of lines) expect(there).toContain(`\r\n${line}\r\n`);
  expect(back).toMatch(/^HTTP\/1\.1 200 /);
  expect(back).toContain("\r\nX-Name: caf\xe9\r\n");
});

it.each(["/a/600", "/a/999", "/free/600", "/free/999"])(
  "hands on an answer whose status no copy can have as it came: %s",
  async (path) => {
    const { back } = await send(path);
    expect(back).toMatch(new RegExp(`^HTTP/1\\.1 ${path.slice(-3)} `));
    expect(back).toContain("\r\nX-Name: caf\xe9\r\n");
    expect(back).toMatch(/\r\n\r\nok$/);
  },
);

it("puts limit headers on an answer of the last status that can be copied", async () => {
  const { back } = await send("/a/599");
  expect(back).toMatch(/^HTTP\/1\.1 599 /);
  expect(back).toContain("\r\nX-RateLimit-Limit: 100\r\n");
});
