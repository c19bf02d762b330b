// A request byte for byte, in a workerd of its own and over bare sockets: what weir does not change, no client of the
// platform's own could show.

import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Served, serveWeir } from "./serving.ts";

const received: string[] = [];
const origin = createServer((socket) => {
  socket.on("data", (data) => {
    received.push(data.toString("latin1"));
    socket.end("HTTP/1.1 200 OK\r\nX-Name: caf\xe9\r\nContent-Length: 2\r\n\r\nok", "latin1");
  });
});
let served: Served;

beforeAll(async () => {
  origin.listen(0, "127.0.0.1");
  await once(origin, "listening");
  const ORIGIN = `http://127.0.0.1:${(origin.address() as AddressInfo).port}`;
  served = await serveWeir({
    weir: { ORIGIN, LIMITS: [{ name: "all", match: "/*", windows: ["100/minute"] }] },
  });
}, 60_000);

afterAll(async () => {
  await served?.stop();
  origin.close();
});

/** Sends a request with these header lines; what the origin received, and what came back. */
async function send(...lines: readonly string[]): Promise<{ readonly there: string; readonly back: string }> {
  const { hostname, port } = new URL(served.urlOf("weir"));
  const socket = connect(Number(port), hostname);
  const request = [
    "GET /a HTTP/1.1",
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
  const { there, back } = await send(...lines);
  for (const line of lines) expect(there).toContain(`\r\n${line}\r\n`);
  expect(back).toMatch(/^HTTP\/1\.1 200 /);
  expect(back).toContain("\r\nX-Name: caf\xe9\r\n");
});
