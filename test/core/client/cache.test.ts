import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type CacheOptions, cacheFetch } from "../../../src/client/cache.ts";
import { paceFetch } from "../../../src/client/index.ts";

const url = "https://api.example/v1/jobs";

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());

/** A server whose answers carry these headers and a body that counts them; what it was asked. */
function counting(headers: Record<string, string>, options?: CacheOptions) {
  const asked: Request[] = [];
  const fetch = async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input, init);
    asked.push(request);
    const known =
      request.headers.has("if-none-match") && request.headers.get("if-none-match") === headers.etag;
    return new Response(known ? null : `answer ${asked.length}`, { status: known ? 304 : 200, headers });
  };
  return { cached: cacheFetch(fetch, options), asked };
}

/** The bodies of answers to calls made one after another. */
async function bodies(...calls: (() => Promise<Response>)[]): Promise<string[]> {
  const texts: string[] = [];
  for (const call of calls) {
    const response = await call();
    texts.push(await response.text());
    // An answer is kept once its copy is whole.
    await new Promise((resolve) => setTimeout(resolve));
  }
  return texts;
}

describe("cacheFetch", () => {
  it("reuses an answer while it is fresh, and no longer", async () => {
    const { cached } = counting({ "cache-control": "max-age=60" });
    const get = () => cached(url);
    expect(await bodies(get, get)).toEqual(["answer 1", "answer 1"]);
    vi.setSystemTime(Date.now() + 60_000);
    expect(await bodies(get)).toEqual(["answer 2"]);
  });

  it("says how old the answer is and where it is from", async () => {
    const { cached } = counting({ "cache-control": "max-age=60", "content-type": "text/plain" });
    await bodies(() => cached(url));
    vi.setSystemTime(Date.now() + 7000);
    const hit = await cached(url);
    expect({
      url: hit.url,
      status: hit.status,
      age: hit.headers.get("age"),
      type: hit.headers.get("content-type"),
    }).toEqual({
      url,
      status: 200,
      age: "7",
      type: "text/plain",
    });
  });

  it("asks whether an answer still holds, and reuses it on a 304", async () => {
    const { cached, asked } = counting({ etag: '"v1"', "cache-control": "no-cache" });
    const get = () => cached(url, { headers: { accept: "text/plain" } });
    expect(await bodies(get, get)).toEqual(["answer 1", "answer 1"]);
    expect(asked.map(({ headers }) => [headers.get("if-none-match"), headers.get("accept")])).toEqual([
      [null, "text/plain"],
      ['"v1"', "text/plain"],
    ]);
  });

  it.each([
    ["no-store", { "cache-control": "no-store" }],
    ["nothing that lets it", {}],
    ["that it varies with anything", { "cache-control": "max-age=60", vary: "*" }],
  ])("does not reuse an answer that says %s", async (_name, headers) => {
    const { cached } = counting(headers);
    const get = () => cached(url);
    expect(await bodies(get, get)).toEqual(["answer 1", "answer 2"]);
  });

  it.each<[string, RequestInit]>([
    ["no-store", { cache: "no-store" }],
    ["reload", { cache: "reload" }],
    ["no-cache", { cache: "no-cache" }],
    ["a part", { headers: { range: "bytes=0-1" } }],
    ["a condition of its own", { headers: { "if-none-match": '"mine"' } }],
    ["another key", { headers: { authorization: "Bearer b" } }],
    ["another x-api-key", { headers: { "x-api-key": "b" } }],
  ])("does not reuse an answer for a call with %s", async (_name, init) => {
    const { cached } = counting({ "cache-control": "max-age=60" });
    expect(
      await bodies(
        () => cached(url),
        () => cached(url, init),
      ),
    ).toEqual(["answer 1", "answer 2"]);
  });

  it("keeps answers apart by what Vary names", async () => {
    const { cached } = counting({ "cache-control": "max-age=60", vary: "accept-language" });
    const get = (language: string) => () => cached(url, { headers: { "accept-language": language } });
    expect(await bodies(get("de"), get("fr"), get("fr"))).toEqual(["answer 1", "answer 2", "answer 2"]);
  });

  it("forgets an answer when another method has changed what it tells", async () => {
    const { cached } = counting({ "cache-control": "max-age=60" });
    const get = () => cached(url);
    expect(await bodies(get, () => cached(url, { method: "DELETE" }), get)).toEqual([
      "answer 1",
      "answer 2",
      "answer 3",
    ]);
  });

  it("keeps no more answers than told, the last used ones", async () => {
    const { cached, asked } = counting({ "cache-control": "max-age=60" }, { entries: 2 });
    const get = (name: string) => () => cached(`${url}/${name}`);
    await bodies(get("a"), get("b"), get("a"), get("c"), get("a"), get("b"));
    expect(asked.map((request) => request.url.at(-1))).toEqual(["a", "b", "c", "b"]);
  });

  it("passes a body on that is larger than told, and does not keep it", async () => {
    const { cached } = counting({ "cache-control": "max-age=60" }, { entryBytes: 3 });
    const get = () => cached(url);
    expect(await bodies(get, get)).toEqual(["answer 1", "answer 2"]);
  });

  it("rejects a signal that has aborted, even for an answer it has", async () => {
    const { cached } = counting({ "cache-control": "max-age=60" });
    await bodies(() => cached(url));
    await expect(cached(url, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: "AbortError" });
  });

  it("around a paced fetch takes nothing from its budget for a hit, and still tells its usage", async () => {
    const send = async () => new Response("x", { headers: { "cache-control": "max-age=60" } });
    const cached = cacheFetch(paceFetch({ fetch: send, windows: ["60/minute"] }));
    const get = () => cached(url);
    await bodies(get, get, get);
    expect(cached.usage()).toMatchObject([{ window: "60/minute", used: 1 }]);
  });

  it("says what is wrong with an option", () => {
    expect(() => cacheFetch(fetch, { entries: 0 })).toThrow(
      "Expected `entries` to be a number from 1 up, got `0` (number)",
    );
  });
});
