import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countCharacters, measure } from "../../../src/gate/characters.ts";

function post(body: BodyInit, headers: Record<string, string> = {}): Request {
  return new Request("http://weir.test/", { method: "POST", body, headers });
}

describe("countCharacters", () => {
  it.each([
    ["", 0],
    ["abc", 3],
    ["e\u0301", 2],
    ["😀😀", 2],
    ["👩‍🚀", 3],
    ["\ud83d", 1],
    ["\ude00\ud83d", 2],
    ["\ud83d\ud83d\ude00", 2],
  ])("counts the code points of %j as %i", (text, characters) => {
    expect(countCharacters(text)).toBe(characters);
  });

  it("agrees with the string's own iterator on any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(countCharacters(text)).toBe([...text].length);
      }),
    );
  });
});

describe("measure", () => {
  it("counts no body as nothing", async () => {
    expect(await measure(new Request("http://weir.test/"), { max: 10 })).toEqual(measured(0));
  });

  it("counts code points, not bytes or UTF-16 units", async () => {
    expect(await measure(post("ż😀e"), { max: 10 })).toEqual(measured(3));
  });

  it("counts a byte order mark", async () => {
    expect(await measure(post(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61)), { max: 10 })).toEqual(measured(2));
  });

  it("counts each byte of what is not UTF-8", async () => {
    expect(await measure(post(Uint8Array.of(0xc3, 0xa9, 0xff)), { max: 10 })).toEqual(measured(3));
  });

  it("counts each byte of text with a NUL, and no field of it", async () => {
    expect(await measure(post('{"text":"é\0"}'), { max: 10, field: "text" })).toEqual(measured(14));
    expect(await measure(post('{"text":"\\u0000"}'), { max: 10, field: "text" })).toEqual(measured(1));
  });

  it("counts a field in UTF-16 no lower than its characters, where its bytes are UTF-8 too", async () => {
    const text = "\ua4f0\ua4a4".repeat(100);
    const body = Buffer.from(JSON.stringify({ text }), "utf16le");
    expect(await measure(post(Uint8Array.from(body)), { max: 1_000, field: "text" })).toEqual(
      measured(body.byteLength),
    );
  });

  it.each([
    ["the field", '{"text":"héllo","voice":"long enough"}', 5],
    ["the field, its escapes resolved", '{"text":"\\u00e9\\ud83d\\ude00\\n"}', 3],
    ["an empty field as nothing", '{"text":""}', 0],
    [
      "the field beside the same word deeper and as a value",
      '{"type":"text","a":[{"text":"no"}],"text":"abc"}',
      3,
    ],
    ["the field beside its name inside a string", '{"note":"\\"text\\": {","text":"abc"}', 3],
    ["whole a body without the field", '{"txt":"a"}', 11],
    ["whole a body whose field is no string", '{"text":["a"]}', 14],
    ["whole a body that has the field only deeper", '{"a":{"text":"a"}}', 18],
    ["whole a body that names the field twice", '{"text":"a long one","text":"b"}', 32],
    ["whole a body that names the field twice, once escaped", '{"te\\u0078t":"a","text":"b"}', 28],
    ["whole a body that names the field twice, in another case", '{"Text":"a","text":"b"}', 23],
    ["whole a JSON array", '[{"text":"a"}]', 14],
    ["whole a JSON string", '"text"', 6],
    ["whole a body that is not JSON", "text=a", 6],
    ["whole a body that is nearly JSON", '{"text":"a",}', 13],
  ])("counts %s", async (_, body, characters) => {
    expect(await measure(post(body), { max: 100, field: "text" })).toEqual(measured(characters));
  });

  it("finds the field in a body of megabytes", async () => {
    const text = '😀\\"'.repeat(500_000);
    const body = JSON.stringify({ text });
    expect(await measure(post(body), { max: 1_500_000, field: "text" })).toEqual(measured(1_500_000));
  });

  it("never counts a field higher than its whole body", async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), fc.string(), fc.string(), async (other, text, field) => {
        const body = `{"other":${other},${JSON.stringify(field)}:${JSON.stringify(text)}}`;
        const part = await measure(post(body), { max: 10_000, field });
        expect(part).toHaveProperty("characters");
        if (part.kind === "measured") expect(part.characters).toBeLessThanOrEqual(countCharacters(body));
      }),
    );
  });

  it("reads 8 bytes for each character and 64 KiB around them, and not one more", async () => {
    const most = 8 * 10 + 65_536;
    expect(await measure(post("a".repeat(most)), { max: 10 })).toEqual(measured(most));
    expect(await measure(post("a".repeat(most + 1)), { max: 10 })).toEqual({ kind: "over" });
  });
});

function measured(characters: number) {
  return { kind: "measured", characters };
}
