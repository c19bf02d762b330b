// In workerd, whose decoder is not Node's.

import { describe, expect, it } from "vitest";
import { readBody } from "../../../src/gate/body.ts";
import { measure } from "../../../src/gate/characters.ts";

function post(body: BodyInit, headers: Record<string, string> = {}): Request {
  return new Request("http://weir.test/", { method: "POST", body, headers });
}

async function compressed(text: string, format: "gzip" | "deflate" | "deflate-raw"): Promise<Uint8Array> {
  const stream = new Response(text).body?.pipeThrough(new CompressionStream(format));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

describe("readBody", () => {
  it("reads no body as no bytes", async () => {
    expect(await readBody(new Request("http://weir.test/"), 10)).toEqual({ kind: "read", bytes: bytes("") });
  });

  it("leaves the body as it was sent in the request", async () => {
    const sent = await compressed("hello", "gzip");
    const request = post(sent, { "content-encoding": "gzip" });
    await readBody(request, 100);
    expect(new Uint8Array(await request.arrayBuffer())).toEqual(sent);
  });

  it.each([
    ["gzip", "gzip"],
    ["GZIP", "gzip"],
    ["x-gzip", "gzip"],
    ["deflate", "deflate"],
  ] as const)("decodes %s", async (coding, format) => {
    const text = Array.from({ length: 20_000 }, (_, index) => index).join();
    const request = post(await compressed(text, format), { "content-encoding": coding });
    expect(await readBody(request, text.length)).toEqual({ kind: "read", bytes: bytes(text) });
  });

  it.each(["", "identity"])("takes coding %j for none", async (coding) => {
    const request = post("hello", { "content-encoding": coding });
    expect(await readBody(request, 5)).toEqual({ kind: "read", bytes: bytes("hello") });
  });

  it.each(["br", "zstd", "compress", "gzip, gzip", "gzip;q=1"])("refuses coding %j", async (coding) => {
    const request = post("hello", { "content-encoding": coding });
    expect(await readBody(request, 100)).toEqual({ kind: "unsupported" });
  });

  it("reads content_encoding where it says the same, and refuses the body where it does not", async () => {
    const sent = await compressed("hello", "gzip");
    const codings = (dashed: string | undefined, underscored: string) =>
      post(sent, {
        ...(dashed !== undefined && { "content-encoding": dashed }),
        content_encoding: underscored,
      });
    expect(await readBody(codings("gzip", "x-gzip"), 100)).toEqual({ kind: "read", bytes: bytes("hello") });
    expect(await readBody(codings(undefined, "identity"), 100)).toEqual({ kind: "read", bytes: sent });
    for (const request of [
      codings(undefined, "gzip"),
      codings(undefined, "br"),
      codings("gzip", "deflate"),
      codings("gzip", ""),
    ]) {
      expect(await readBody(request, 100)).toEqual({ kind: "unsupported" });
    }
  });

  it.each(["abc", "-1", "1.5", "", "5, 5", "0x5"])("refuses Content-Length %j", async (length) => {
    const request = post("hello", { "content-length": length });
    expect(await readBody(request, 100)).toEqual({ kind: "malformed" });
  });

  it("refuses what its coding cannot decode", async () => {
    const whole = await compressed("hello, hello, hello", "gzip");
    const wrong = [
      bytes("hello"),
      whole.subarray(0, -9),
      Uint8Array.of(...whole, ...bytes("junk")),
      await compressed("hello", "deflate-raw"),
    ];
    for (const body of wrong) {
      const request = post(body, { "content-encoding": "gzip" });
      expect(await readBody(request, 100)).toEqual({ kind: "malformed" });
    }
  });

  it("stops at the bound, and at one byte less does not", async () => {
    expect(await readBody(post("hello"), 4)).toEqual({ kind: "over" });
    expect(await readBody(post("hello"), 5)).toEqual({ kind: "read", bytes: bytes("hello") });
  });

  it("does not read a body whose Content-Length is over the bound", async () => {
    let read = false;
    const untouched = new ReadableStream(
      {
        pull() {
          read = true;
        },
      },
      { highWaterMark: 0 },
    );
    const request = post(untouched, { "content-length": "101" });
    expect(await readBody(request, 100)).toEqual({ kind: "over" });
    expect(read).toBe(false);
  });

  it("stops at the bound of a body without an end", async () => {
    const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1_000)) });
    expect(await readBody(post(endless), 100_000)).toEqual({ kind: "over" });
  });

  it("stops at the bound of what a small body decodes to", async () => {
    const sent = await compressed("a".repeat(5_000_000), "gzip");
    expect(sent.byteLength).toBeLessThan(10_000);
    expect(await readBody(post(sent, { "content-encoding": "gzip" }), 10_000)).toEqual({ kind: "over" });
  });
});

describe("measure", () => {
  it("counts the characters that a compressed body decodes to", async () => {
    const sent = await compressed('{"text":"zażółć"}', "gzip");
    const request = post(sent, { "content-encoding": "gzip" });
    expect(await measure(request, { max: 10, field: "text" })).toEqual({ kind: "measured", characters: 6 });
  });
});
