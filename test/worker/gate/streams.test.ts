// What is not one request and one answer: WebSockets, streams, server-sent events (case 30).

import { describe, expect, it } from "vitest";
import { type Asking, ask, askTimes, freshKey, limitHeaders, limitHeadersOf, setClock } from "../harness.ts";

const upgrade = (key: string): Asking => ({ key, headers: { upgrade: "websocket" } });

describe("A WebSocket upgrade (case 30)", () => {
  it("within the limit connects client and origin", async () => {
    setClock("2036-01-01T00:00:00Z");
    const answer = await ask("/few", upgrade(freshKey()));
    expect(answer.status).toBe(101);
    expect(limitHeadersOf(answer)).toEqual(limitHeaders(3, 2, "2036-01-01T00:01:00Z"));
    const socket = answer.webSocket as WebSocket;
    const { promise, resolve } = Promise.withResolvers<unknown>();
    socket.addEventListener("message", ({ data }) => resolve(data));
    socket.accept();
    socket.send("hello");
    expect(await promise).toBe("hello");
    socket.close();
  });

  it("over the limit is a 429", async () => {
    const key = freshKey();
    await askTimes(3, "/few", { key });
    const refused = await ask("/few", upgrade(key));
    expect([refused.status, refused.webSocket]).toEqual([429, null]);
  });
});

describe("A stream", () => {
  it.each(["/few", "/free"])("from %s comes part by part, each as soon as it is sent", async (path) => {
    const answer = await ask(`${path}?stream=2&every=600000`, { key: freshKey() });
    const parts = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await parts?.read())?.value).toBe("part 1\n");
    await parts?.cancel();
  });

  it("of server-sent events comes event by event", async () => {
    const headers = { accept: "text/event-stream" };
    const answer = await ask("/few?stream=2&every=600000", { key: freshKey(), headers });
    expect(answer.headers.get("content-type")).toBe("text/event-stream");
    const events = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await events?.read())?.value).toBe("id: 1\nevent: part\ndata: 1\n\n");
    await events?.cancel();
  });
});
