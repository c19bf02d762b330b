// One request over a connection of its own, and what comes back, byte by byte. Knows just enough HTTP to see where an
// answer ends.

import { connect } from "node:net";

/** What came back. */
export interface Reply {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** No answer at all: the connection was closed, as HTTP has it for what is no request. */
export type Silence = "closed" | "hung";

/** Longer than anything in weir takes that is not stuck, in milliseconds. */
const HUNG_AFTER_MS = 20_000;

/** Sends bytes as they are, and reads the first answer. */
export function exchange(port: number, bytes: Buffer, method: string): Promise<Reply | Silence> {
  const { promise, resolve } = Promise.withResolvers<Reply | Silence>();
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  let received = Buffer.alloc(0);
  const end = (result: Reply | Silence) => {
    socket.destroy();
    resolve(result);
  };
  socket.setTimeout(HUNG_AFTER_MS, () => end("hung"));
  socket.on("error", () => end(replyIn(received, method, true) ?? "closed"));
  socket.on("end", () => end(replyIn(received, method, true) ?? "closed"));
  socket.on("data", (data) => {
    received = Buffer.concat([received, data]);
    const reply = replyIn(received, method, false);
    if (reply !== undefined) end(reply);
  });
  // Half closed: whoever promised more bytes than it sent has nothing more to say.
  socket.end(bytes);
  return promise;
}

/** The answer that the bytes hold, once they hold all of it. */
function replyIn(bytes: Buffer, method: string, isAll: boolean): Reply | undefined {
  const text = bytes.toString("latin1");
  const endAt = text.indexOf("\r\n\r\n");
  if (endAt < 0) return undefined;
  const head = text.slice(0, endAt);
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]);
  if (status === 100) return replyIn(bytes.subarray(endAt + 4), method, isAll);
  const rest = text.slice(endAt + 4);
  const length = /^content-length: (\d+)/im.exec(head)?.[1];
  const isChunked = /^transfer-encoding: chunked/im.test(head);
  const isBodiless = method === "HEAD" || status === 101 || status === 204 || status === 304;
  const isDone = isChunked
    ? rest.endsWith("0\r\n\r\n")
    : length !== undefined && rest.length >= Number(length);
  return isAll || isBodiless || isDone ? { status, head, body: rest } : undefined;
}
