// The lines of logs: files or standard input, gzip or not. Holds one chunk and one unfinished line at a time.

import { createReadStream, statSync } from "node:fs";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { Unusable } from "../config.ts";

/** Most characters of a line; what is longer is cut there, and so no JSON. */
const MOST_CHARACTERS = 1_048_576;
const CHUNK_BYTES = 262_144;

/** Notes how many bytes were read from where the log is stored. */
export type OnBytes = (bytes: number) => void;

/**
 * The lines of a log, in batches. Whether it is gzip is told by its first two bytes (RFC 1952, section 2.3.1).
 *
 * @param name a file's path, or `-` for standard input.
 * @throws Unusable where it cannot be read to its end.
 */
export async function* linesOf(name: string, onBytes: OnBytes): AsyncGenerator<readonly string[]> {
  const source = name === "-" ? process.stdin : createReadStream(name, { highWaterMark: CHUNK_BYTES });
  try {
    yield* split(await plain(counted(source, onBytes)));
  } catch (error) {
    throw new Unusable(`${name}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** Bytes of logs as they are stored; undefined where that is not known before the end. */
export function sizeOf(names: readonly string[]): number | undefined {
  if (names.includes("-")) return undefined;
  const sizes = names.map((name) => statSync(name, { throwIfNoEntry: false })?.size);
  return sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
}

async function* counted(source: AsyncIterable<Buffer>, onBytes: OnBytes): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    onBytes(chunk.length);
    yield chunk;
  }
}

async function plain(source: AsyncGenerator<Buffer>): Promise<AsyncIterable<Buffer>> {
  let head = Buffer.alloc(0);
  while (head.length < 2) {
    const { value, done } = await source.next();
    if (done) break;
    head = Buffer.concat([head, value]);
  }
  const whole = joined(head, source);
  if (head[0] !== 0x1f || head[1] !== 0x8b) return whole;
  const stored = Readable.from(whole);
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  stored.once("error", (error) => gunzip.destroy(error));
  return stored.pipe(gunzip);
}

async function* joined(head: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield head;
  yield* rest;
}

async function* split(chunks: AsyncIterable<Buffer>): AsyncGenerator<readonly string[]> {
  const decoder = new TextDecoder();
  let unfinished = "";
  for await (const chunk of chunks) {
    const lines = decoder.decode(chunk, { stream: true }).split("\n");
    lines[0] = unfinished + lines[0];
    unfinished = (lines.pop() ?? "").slice(0, MOST_CHARACTERS);
    yield lines;
  }
  yield [unfinished + decoder.decode()];
}
