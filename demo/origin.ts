// The demo origin: an API to put weir in front of, for a first try and for the tests. It knows nothing of weir.
//
// It answers every request with what it received, as JSON:
//   {"method":"POST","path":"/apply","query":"?a=1","headers":{"host":"…"},"body":"…"}
// `path` and `query` are as they stood in the request, nothing decoded. `body` is the text of the body; of a body that is
// not UTF-8, `bodyBase64` stands in its place. A request that asks to upgrade to a WebSocket gets one, which returns each message.
//
// The query asks for more, in any combination:
//   ?status=503            answers with that status (200 to 599)
//   ?header=x-cost:3       adds that header to the answer; may be repeated
//   ?redirect=/x           answers 302 (or `status`) with that Location
//   ?delay=250             waits so many milliseconds before it answers
//   ?stream=3              sends so many parts in place of the JSON: lines of text, or server-sent events where the
//                          request's Accept names text/event-stream
//   ?every=250             milliseconds between two of these parts; 100 unless given
// A value it cannot use is answered with a 400.

import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { encodeBase64 } from "hono/utils/encode";

interface Wish {
  readonly status: number;
  readonly headers: Headers;
  readonly delayMs: number;
  readonly parts: number | undefined;
  readonly everyMs: number;
}

const NULL_BODY_STATUSES = [204, 205, 304];

const app = new Hono();

app.all("*", async (c) => {
  const request = c.req.raw;
  if (request.headers.get("upgrade")?.toLowerCase() === "websocket") return echoSocket();

  const { status, headers, delayMs, parts, everyMs } = readWish(new URL(request.url).searchParams);
  // Read before the answer begins: a body nobody reads would be cut off.
  const received = await describe(request);
  if (delayMs > 0) await sleep(delayMs);
  if (NULL_BODY_STATUSES.includes(status)) return new Response(null, { status, headers });
  if (parts === undefined) return send(`${JSON.stringify(received)}\n`, "application/json");
  const asEvents = request.headers.get("accept")?.includes("text/event-stream") ?? false;
  return send(stream(parts, everyMs, asEvents ? event : line), asEvents ? "text/event-stream" : "text/plain");

  function send(body: string | ReadableStream, type: string): Response {
    if (!headers.has("content-type")) headers.set("content-type", type);
    // Else the local server would compress answers, for clients too that did not ask it to.
    if (!headers.has("content-encoding")) headers.set("content-encoding", "identity");
    return new Response(body, { status, headers });
  }
});

export default app;

/** @throws HTTPException 400 for a value the origin cannot use. */
function readWish(query: URLSearchParams): Wish {
  const headers = new Headers();
  const redirect = query.get("redirect");
  const lines = query.getAll("header");
  if (redirect !== null) lines.push(`location:${redirect}`);
  for (const line of lines) {
    const [, name, value] = /^([\w!#$%&'*+.^`|~-]+):\s*([\t\x20-\x7e]*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined)
      refuse(`header: expected "name:value", got ${JSON.stringify(line)}`);
    headers.append(name, value);
  }
  return {
    status: wholeNumber("status", redirect === null ? 200 : 302, 200, 599),
    headers,
    delayMs: wholeNumber("delay", 0, 0, 600_000),
    parts: query.has("stream") ? wholeNumber("stream", 0, 0, 100_000) : undefined,
    everyMs: wholeNumber("every", 100, 0, 600_000),
  };

  function wholeNumber(name: string, preset: number, least: number, most: number): number {
    const text = query.get(name);
    if (text === null) return preset;
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    return refuse(`${name}: expected a whole number from ${least} to ${most}, got ${JSON.stringify(text)}`);
  }
}

function refuse(message: string): never {
  throw new HTTPException(400, { message: `${message}\n` });
}

async function describe(request: Request) {
  // Not by URL: parsing would rewrite what came.
  const target = request.url.replace(/^[a-z]+:\/\/[^/?]*/i, "");
  const queryAt = target.includes("?") ? target.indexOf("?") : target.length;
  const bytes = await request.arrayBuffer();
  return {
    method: request.method,
    path: target.slice(0, queryAt),
    query: target.slice(queryAt),
    headers: Object.fromEntries(request.headers),
    ...bodyOf(bytes),
  };
}

function bodyOf(bytes: ArrayBuffer): { body: string } | { bodyBase64: string } {
  try {
    return { body: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { bodyBase64: encodeBase64(bytes) };
  }
}

/** The first part at once, each next one `everyMs` later; made only as fast as it is read. */
function stream(parts: number, everyMs: number, write: (part: number) => string): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let part = 0;
  return new ReadableStream(
    {
      async pull(controller) {
        part += 1;
        if (part > parts) return controller.close();
        if (part > 1) await sleep(everyMs);
        controller.enqueue(encoder.encode(write(part)));
      },
    },
    { highWaterMark: 0 },
  );
}

const line = (part: number) => `part ${part}\n`;
const event = (part: number) => `id: ${part}\nevent: part\ndata: ${part}\n\n`;

function echoSocket(): Response {
  const { 0: client, 1: server } = new WebSocketPair();
  server.binaryType = "arraybuffer";
  server.accept();
  server.addEventListener("message", ({ data }) => server.send(data));
  return new Response(null, { status: 101, webSocket: client });
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
