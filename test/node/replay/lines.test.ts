import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { linesOf, sizeOf } from "../../../scripts/replay/lines.ts";

const directory = mkdtempSync(join(tmpdir(), "weir-lines-"));
afterAll(() => rmSync(directory, { recursive: true }));

function stored(content: string | Uint8Array): string {
  const file = join(directory, "log");
  writeFileSync(file, content);
  return file;
}

async function read(file: string): Promise<{ lines: string[]; bytes: number }> {
  const lines: string[] = [];
  let bytes = 0;
  const onBytes = (more: number) => {
    bytes += more;
  };
  for await (const batch of linesOf(file, onBytes)) lines.push(...batch);
  return { lines, bytes };
}

/** Longer than what is read at once, with characters of several bytes across the seams. */
const long = Array.from({ length: 40_000 }, (_, index) => `${index} ü€😀`);

describe("linesOf", () => {
  it("reads a file", async () => {
    expect(await read(stored("a\nb\n\nc\n"))).toEqual({ lines: ["a", "b", "", "c", ""], bytes: 7 });
  });

  it("reads a last line without its end", async () => {
    expect((await read(stored("a\nb"))).lines).toEqual(["a", "b"]);
  });

  it("reads an empty file", async () => {
    expect((await read(stored(""))).lines).toEqual([""]);
  });

  it("keeps characters whole that a chunk cuts", async () => {
    expect((await read(stored(long.join("\n")))).lines).toEqual(long);
  });

  it("reads gzip, whatever the file is called, and counts the bytes that are stored", async () => {
    const content = gzipSync(long.join("\n"));
    expect(await read(stored(content))).toEqual({ lines: long, bytes: content.length });
  });

  it("reads gzip of several members, as appending to a log makes it", async () => {
    const content = Buffer.concat([gzipSync("a\nb\n"), gzipSync("c\n")]);
    expect((await read(stored(content))).lines).toEqual(["a", "b", "c", ""]);
  });

  it("cuts a line that has no end", async () => {
    const { lines } = await read(stored(`${"x".repeat(3_000_000)}\nb`));
    expect(lines.map(({ length }) => length < 1_400_000)).toEqual([true, true]);
    expect(lines[1]).toBe("b");
  });

  it("says so where gzip is cut short", async () => {
    const file = stored(gzipSync(long.join("\n")).subarray(0, 5_000));
    await expect(read(file)).rejects.toThrow(`${file}: unexpected end of file`);
  });

  it("says so where there is no such file", async () => {
    await expect(read(join(directory, "none"))).rejects.toThrow("ENOENT");
  });
});

describe("sizeOf", () => {
  it("adds up files", () => {
    const file = stored("12345");
    expect(sizeOf([file, file])).toBe(10);
  });

  it("does not know the size of standard input", () => {
    expect(sizeOf([stored("12345"), "-"])).toBeUndefined();
  });
});
