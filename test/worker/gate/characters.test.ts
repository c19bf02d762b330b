// Limits on characters over HTTP: what is counted, what is refused before the origin is asked, and that it costs nothing.

import { describe, expect, it } from "vitest";
import { ask, echoOf, freshKey, limitHeaders, limitHeadersOf, setClock } from "../harness.ts";

/** A body without a length, in as many chunks as there are parts. */
function chunked(...parts: string[]): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(encoder.encode(part));
      controller.close();
    },
  });
}

async function gzipped(text: string): Promise<ArrayBuffer> {
  return new Response(new Response(text).body?.pipeThrough(new CompressionStream("gzip"))).arrayBuffer();
}

describe("A limit of 10 characters (case 28)", () => {
  it.each<[string, string, () => BodyInit]>([
    ["10 letters", "/text", () => "0123456789"],
    ["10 code points of 4 bytes each", "/text", () => "🎉".repeat(10)],
    ["no body", "/text", () => ""],
    ["10 characters without a length", "/text", () => chunked("01234", "56789")],
    ["a code point cut in two between chunks", "/text", () => chunked("012345678", "9")],
    ["more around a field of 10", "/field", () => '{"voice":"a long name","text":"0123456789"}'],
  ])("forwards %s as they came", async (_, path, body) => {
    const answer = await ask(path, { method: "POST", key: freshKey(), body: body() });
    expect(answer.status).toBe(200);
    expect((await echoOf(answer)).body).toBe(await new Response(body()).text());
  });

  it.each<[string, string, () => BodyInit]>([
    ["11 letters", "/text", () => "0123456789a"],
    ["11 code points of 4 bytes each", "/text", () => "🎉".repeat(11)],
    ["11 characters without a length", "/text", () => chunked("012345", "56789")],
    ["a field of 11", "/field", () => '{"text":"0123456789a"}'],
    ["a body without the field", "/field", () => '{"other":"0123456789a"}'],
    ["a field that is no text", "/field", () => '{"text":["0123456789a"]}'],
    ["the field twice, short and long", "/field", () => '{"text":"a","Text":"0123456789a"}'],
    ["a body that is not JSON", "/field", () => "0123456789a"],
  ])("answers 413 to %s, and charges nothing", async (_, path, body) => {
    setClock("2036-01-01T00:00:00Z");
    const asking = { method: "POST", key: freshKey() };
    const refused = await ask(path, { ...asking, body: body() });
    expect(refused.status).toBe(413);
    expect(limitHeadersOf(refused)).toEqual(limitHeaders(3, 3, "2036-01-01T00:01:00Z"));
    expect(refused.headers.has("retry-after")).toBe(false);
    expect(await refused.json()).toMatchObject({ status: 413, reason: "characters" });
    expect(limitHeadersOf(await ask(path, asking)).remaining).toBe("2");
  });

  it("answers 413 to a body without end, having read no more than it needs", async () => {
    let read = 0;
    const endless = new ReadableStream({
      pull(controller) {
        read += 1_000;
        controller.enqueue(new Uint8Array(1_000).fill(97));
      },
    });
    expect((await ask("/text", { method: "POST", key: freshKey(), body: endless })).status).toBe(413);
    expect(read).toBeLessThan(1_000_000);
  });

  it("counts what a compressed body holds", async () => {
    const headers = { "content-encoding": "gzip" };
    const post = async (text: string) =>
      (await ask("/text", { method: "POST", key: freshKey(), headers, body: await gzipped(text) })).status;
    expect(await post("0123456789")).toBe(200);
    expect(await post("0123456789a")).toBe(413);
    expect(await post("a".repeat(5_000_000))).toBe(413);
  });

  it.each([
    ["a coding it cannot decode", 415, { "content-encoding": "br" }],
    ["a Content-Length that is none", 400, { "content-length": "abc" }],
    ["a Content-Length of two", 400, { "content-length": "5, 6" }],
    ["a Content-Length above all that is read", 413, { "content-length": "1000000" }],
  ])("answers to %s with %i, unasked", async (_, status, headers) => {
    const refused = await ask("/text", { method: "POST", key: freshKey(), headers, body: "01234" });
    expect(refused.status).toBe(status);
    expect(await refused.json()).toMatchObject({ status });
  });

  it("believes no Content-Length that is too small", async () => {
    const headers = { "content-length": "5" };
    const refused = await ask("/text", { method: "POST", key: freshKey(), headers, body: "0123456789a" });
    expect(refused.status).toBe(413);
  });
});
