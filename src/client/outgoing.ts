// A call's arguments, read once: what it is, whether it can be sent again, and how.

/** What fetch takes. */
export type FetchArguments = Parameters<typeof fetch>;

/** A call that can be sent. */
export interface Outgoing {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly signal: AbortSignal | undefined;
  /** From `priority` of the fetch options: 1 for high, -1 for low, else 0. */
  readonly priority: number;
  /** False for a body that can be read only once. */
  readonly repeatable: boolean;
  readonly send: () => Promise<Response>;
}

const priorities = { high: 1, auto: 0, low: -1 } as const;

/** Reads a call's arguments. Headers that fetch would reject are left to fetch. */
export function outgoing(send: typeof fetch, ...[input, init]: FetchArguments): Outgoing {
  const request = isRequest(input) ? input : undefined;
  const body = init?.body ?? undefined;
  return {
    method: (init?.method ?? request?.method ?? "GET").toUpperCase(),
    url: request?.url ?? String(input),
    headers: new Headers(init?.headers ?? request?.headers),
    signal: init?.signal ?? request?.signal,
    priority: priorities[init?.priority ?? "auto"] ?? 0,
    repeatable: body === undefined || !isOneShot(body),
    // A Request's body can be read once: every try sends a copy, and the original stays whole.
    send: () => send(request?.clone() ?? input, init),
  };
}

/** By its shape, so that another realm's or a polyfill's Request is one too. */
function isRequest(input: FetchArguments[0]): input is Request {
  return typeof input === "object" && "clone" in input;
}

/** Streams, in the web's sense and in Node's (an async iterable). */
function isOneShot(body: object | string): boolean {
  return typeof body === "object" && (Symbol.asyncIterator in body || "getReader" in body);
}
