// A request's body for the few limits that must look inside: read and decoded within bounds, and left in place for the origin.

import { spellingsOf } from "../core/spellings.ts";

/** What reading gave; all but `read` are reasons to refuse the request. */
export type Body =
  | {
      readonly kind: "read";
      /** The content, decoded. */
      readonly bytes: Uint8Array;
    }
  /** Longer than allowed, as sent or decoded: 413. */
  | { readonly kind: "over" }
  /** A content coding other than gzip, deflate and identity, several at once, or one that only some origins read: 415. */
  | { readonly kind: "unsupported" }
  /** A `Content-Length` that is no length, or content that its coding cannot decode: 400. */
  | { readonly kind: "malformed" };

const SLICE_BYTES = 1024;
/** No deflate stream decodes to more than 1032 times its size. */
const MOST_EXPANSION = 1032;

/**
 * Reads a copy of the body; the request can still be forwarded, byte for byte and framed as it came.
 *
 * @param mostBytes the most that is read, of the body as sent and of what it decodes to.
 */
export async function readBody(request: Request, mostBytes: number): Promise<Body> {
  const length = request.headers.get("content-length");
  if (length !== null && !/^\d+$/.test(length)) return { kind: "malformed" };
  if (Number(length) > mostBytes) return { kind: "over" };
  const format = formatOfAll(request.headers);
  if (format === "unsupported") return { kind: "unsupported" };

  const copy = request.clone().body;
  if (copy === null) return { kind: "read", bytes: new Uint8Array() };
  try {
    // One branch of a tee cannot be cancelled alone: the promise of it would wait for the other.
    const sent = await gather(copy.values({ preventCancel: true }), mostBytes);
    const bytes = sent && format ? await gather(decode(sent, format), mostBytes) : sent;
    return bytes ? { kind: "read", bytes } : { kind: "over" };
  } catch {
    // Or the client went away halfway: then nobody reads the answer.
    return { kind: "malformed" };
  }
}

/** The text of a body, a byte order mark left out unless it is to be ignored; undefined where it is not UTF-8. */
export function decodeUtf8(bytes: Uint8Array, { ignoreBOM = false } = {}): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM }).decode(bytes);
  } catch {
    return undefined;
  }
}

type Format = "gzip" | "deflate";

const [CODING = "", ...OTHER_CODINGS] = spellingsOf("content-encoding");

/** Some origins read the one name only, others each spelling of it: all of them have to say the same. */
function formatOfAll(headers: Headers): Format | "unsupported" | undefined {
  const format = formatOf(headers.get(CODING));
  const others = OTHER_CODINGS.map((name) => headers.get(name)).filter((coding) => coding !== null);
  return others.every((coding) => formatOf(coding) === format) ? format : "unsupported";
}

/** RFC 9110 §8.4.1; `identity` is nothing to decode. */
function formatOf(coding: string | null): Format | "unsupported" | undefined {
  switch (coding?.trim().toLowerCase() ?? "") {
    case "":
    case "identity":
      return undefined;
    case "gzip":
    case "x-gzip":
      return "gzip";
    case "deflate":
      return "deflate";
    default:
      return "unsupported";
  }
}

/** @returns undefined where there is more; the rest is left unread. */
async function gather(chunks: AsyncIterable<Uint8Array>, mostBytes: number): Promise<Uint8Array | undefined> {
  const gathered: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.byteLength;
    if (size > mostBytes) return undefined;
    gathered.push(chunk);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of gathered) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

/**
 * What `sent` decodes to. workerd's decoder knows no backpressure: it decodes whatever is written, however little is read.
 * So it gets a slice at a time, and each read takes all that a slice can become: a reader that stops has never caused
 * more than a few slices to be decoded.
 */
async function* decode(sent: Uint8Array, format: Format): AsyncGenerator<Uint8Array> {
  const { readable, writable } = new DecompressionStream(format);
  const reader = readable.getReader({ mode: "byob" });
  const writer = writable.getWriter();
  const ignore = () => {};
  // The reader meets whatever error the writer meets.
  feed(writer, sent).catch(ignore);
  try {
    let view = new Uint8Array(SLICE_BYTES * MOST_EXPANSION);
    for (;;) {
      const { done, value } = await reader.read(view);
      if (done) return;
      yield value.slice();
      view = new Uint8Array(value.buffer);
    }
  } finally {
    writer.abort().catch(ignore);
  }
}

async function feed(writer: WritableStreamDefaultWriter<Uint8Array>, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.byteLength; at += SLICE_BYTES) {
    await writer.write(bytes.subarray(at, at + SLICE_BYTES));
  }
  await writer.close();
}
