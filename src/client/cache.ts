// A private HTTP cache (RFC 9111) in memory around any fetch. Around a paced one, a hit costs nothing of the budget.

import CachePolicy from "http-cache-semantics";
import type { FetchArguments } from "./outgoing.ts";
import { expected } from "./retry.ts";

/** How much a cache keeps. */
export interface CacheOptions {
  /** Most answers kept; the one not used for longest goes first. Default: 500. */
  readonly entries?: number;
  /** Most bytes of one answer's body; a larger one is passed on and not kept. Default: 1 MiB. */
  readonly entryBytes?: number;
}

interface Entry {
  readonly url: string;
  readonly policy: CachePolicy;
  readonly status: number;
  readonly statusText: string;
  readonly body: Blob;
}

interface Asked {
  readonly url: string;
  readonly method: string;
  readonly headers: Record<string, string>;
}

/** A caller who asks for a part, or on a condition, handles the answer alone. */
const bypassing = [
  "range",
  "if-range",
  "if-match",
  "if-none-match",
  "if-modified-since",
  "if-unmodified-since",
];
/** Answers to one caller are not another's, whether or not the server sends `Vary`. */
const identifying = ["authorization", "x-api-key", "cookie"];

/**
 * Wraps a fetch so that answers to GET requests are kept and reused as far as their headers (`Cache-Control`, `ETag`,
 * `Vary`, …) allow, revalidated with the server where they must be, and forgotten when another method changes them.
 *
 * @returns a fetch with whatever else `send` has, such as the `usage` of a paced one.
 * @throws {TypeError} where an option is wrong.
 */
export function cacheFetch<Fetch extends typeof fetch>(send: Fetch, options: CacheOptions = {}): Fetch {
  const { entries = 500, entryBytes = 1024 * 1024 } = options;
  if (!(entries >= 1)) throw expected("entries", "a number from 1 up", entries);
  if (!(entryBytes >= 0)) throw expected("entryBytes", "a number of bytes", entryBytes);
  const kept = new Map<string, Entry>();

  async function cached(...[input, init]: FetchArguments): Promise<Response> {
    const method = (init?.method ?? (input instanceof Request ? input.method : "GET")).toUpperCase();
    if (method !== "GET") return forgetting(method, await send(input, init), input);
    const request = new Request(input, init);
    // What fetch itself would do to make caches on the way ask again.
    if (request.cache === "reload" || request.cache === "no-cache")
      request.headers.set("cache-control", "no-cache");
    if (request.cache === "no-store" || bypassing.some((name) => request.headers.has(name)))
      return send(input, init);

    const asked = { url: request.url, method, headers: headersOf(request) };
    const key = [request.url, ...identifying.map((name) => request.headers.get(name))].join("\n");
    const entry = kept.get(key);
    if (entry === undefined) return keep(key, asked, await send(input, init));
    request.signal.throwIfAborted();
    if (entry.policy.satisfiesWithoutRevalidation(asked)) return reuse(key, entry);

    const headers = new Headers(entry.policy.revalidationHeaders(asked) as Record<string, string>);
    const response = await send(input, { ...init, headers });
    const { policy, modified } = entry.policy.revalidatedPolicy(asked, answered(response));
    return modified ? keep(key, asked, response) : reuse(key, { ...entry, policy });
  }

  /** The answer of an entry, which so is the last to go. */
  function reuse(key: string, entry: Entry): Response {
    kept.delete(key);
    kept.set(key, entry);
    const { policy, status, statusText, body } = entry;
    const response = new Response(body.size > 0 ? body : null, {
      status,
      statusText,
      headers: new Headers(policy.responseHeaders() as Record<string, string>),
    });
    return Object.defineProperty(response, "url", { value: entry.url });
  }

  /** Passes an answer on, and keeps a copy once that is whole. */
  function keep(key: string, asked: Asked, response: Response): Response {
    kept.delete(key);
    const policy = new CachePolicy(asked, answered(response), { shared: false });
    const revalidates = response.headers.has("etag") || response.headers.has("last-modified");
    if (!policy.storable() || (policy.timeToLive() === 0 && !revalidates)) return response;
    if (Number(response.headers.get("content-length")) > entryBytes) return response;
    void readBody(response.clone(), entryBytes).then((body) => {
      if (body === undefined) return;
      const { status, statusText } = response;
      kept.set(key, { url: asked.url, policy, status, statusText, body });
      for (const oldest of kept.keys()) if (kept.size > entries) kept.delete(oldest);
    });
    return response;
  }

  /** RFC 9111, section 4.4: what another method changed is no longer what was kept. */
  function forgetting(method: string, response: Response, input: FetchArguments[0]): Response {
    if (method === "HEAD" || method === "OPTIONS" || response.status >= 400) return response;
    const url = new Request(input).url;
    for (const [key, entry] of kept) if (entry.url === url) kept.delete(key);
    return response;
  }

  return Object.assign(cached, send) as unknown as Fetch;
}

function headersOf({ headers }: Request | Response): Record<string, string> {
  return Object.fromEntries(headers);
}

/** An answer as the policy sees it. The body was decoded on arrival, so what describes its coding no longer holds. */
function answered(response: Response): { status: number; headers: Record<string, string> } {
  const { "content-encoding": _encoding, "content-length": _length, ...headers } = headersOf(response);
  return { status: response.status, headers };
}

/** A whole body; undefined where it is larger than allowed or breaks off. */
async function readBody(response: Response, mostBytes: number): Promise<Blob | undefined> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  const reader = response.body?.getReader();
  try {
    for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
      bytes += read.value.length;
      if (bytes > mostBytes) return void reader?.cancel().catch(() => {});
      chunks.push(read.value);
    }
  } catch {
    return undefined;
  }
  return new Blob(chunks);
}
