import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type PaceOptions, paceFetch, RateLimitError } from "../../../src/client/index.ts";
import { backoffMs, mayRepeat } from "../../../src/client/retry.ts";

const url = "https://api.example/v1";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

interface Sent {
  readonly atMs: number;
  readonly body: string;
}

type Scripted = [status: number, headers?: Record<string, string>];

/** A server that answers as scripted, the last answer for ever. */
function scripted(answers: Scripted[], options: PaceOptions = {}) {
  const startAt = performance.now();
  const sent: Sent[] = [];
  const answer = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    init?.signal?.throwIfAborted();
    const [status, headers = {}] = answers[Math.min(sent.length, answers.length - 1)] ?? [200];
    const body = await new Request(input, init).text();
    sent.push({ atMs: performance.now() - startAt, body });
    return new Response("{}", { status, headers });
  };
  return { fetch: paceFetch({ fetch: answer, ...options }), sent };
}

/** Runs time until a promise settles; its value, or what it rejected with. */
async function settled<T>(promise: Promise<T>): Promise<T | Error> {
  const caught = promise.catch((error: Error) => error);
  await vi.runAllTimersAsync();
  return caught;
}

async function givenUp(promise: Promise<Response>): Promise<RateLimitError> {
  const error = await settled(promise);
  expect(error).toBeInstanceOf(RateLimitError);
  return error as RateLimitError;
}

/** What a call that gives up without any time passing rejects with. */
async function givenUpNow(promise: Promise<Response>): Promise<RateLimitError> {
  const error = await promise.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(RateLimitError);
  return error as RateLimitError;
}

const times = (sent: readonly Sent[]) => sent.map(({ atMs }) => Math.round(atMs));

describe("after a 429", () => {
  it("waits the seconds of Retry-After and no longer", async () => {
    const { fetch, sent } = scripted([[429, { "retry-after": "7" }], [200]]);
    expect(await settled(fetch(url))).toMatchObject({ status: 200 });
    expect(times(sent)).toEqual([0, 7000]);
  });

  it("waits until the date of Retry-After by the server's own clock", async () => {
    vi.setSystemTime(Date.UTC(1999, 0));
    const headers = { date: "Tue, 06 May 2031 07:08:09 GMT", "retry-after": "Tue, 06 May 2031 07:08:39 GMT" };
    const { fetch, sent } = scripted([[429, headers], [200]]);
    await settled(fetch(url));
    expect(times(sent)).toEqual([0, 30_000]);
  });

  it.each(["soon", "-5", "1.5", "", "Tue, 06 May 2031 07:08:39 GMT"])(
    "backs off where Retry-After is %j and there is no Date",
    async (retryAfter) => {
      vi.spyOn(Math, "random").mockReturnValue(0.5);
      const { fetch, sent } = scripted([[429, { "retry-after": retryAfter }], [200]]);
      await settled(fetch(url));
      expect(times(sent)).toEqual([0, 500]);
    },
  );

  it("backs off under caps of 1, 2, 4, 8 and 16 s, five times, and gives up", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.999_999);
    const { fetch, sent } = scripted([[429]]);
    const { response, until } = await givenUp(fetch(url));
    expect(times(sent)).toEqual([0, 1000, 3000, 7000, 15_000, 31_000]);
    expect({ status: response?.status, body: await response?.text(), until }).toEqual({
      status: 429,
      body: "{}",
    });
  });

  it("takes other caps and another number of tries", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    const { fetch, sent } = scripted([[429]], { retry: { tries: 3, capsMs: [100, 1000] } });
    await givenUp(fetch(url));
    expect(times(sent)).toEqual([0, 50, 550, 1050]);
  });

  it("repeats a POST, with its body: a refused call was not processed", async () => {
    const { fetch, sent } = scripted([[429, { "retry-after": "1" }], [200]]);
    await settled(fetch(new Request(url, { method: "POST", body: "once" })));
    await settled(fetch(url, { method: "POST", body: "twice" }));
    expect(sent.map(({ body }) => body)).toEqual(["once", "once", "twice"]);
  });

  it("does not repeat a body that can be read only once", async () => {
    const { fetch, sent } = scripted([[429, { "retry-after": "1" }], [200]]);
    const body = new Blob(["gone"]).stream();
    const error = await givenUp(fetch(url, { method: "POST", body, duplex: "half" } as RequestInit));
    expect({ tries: sent.length, status: error.response?.status }).toEqual({ tries: 1, status: 429 });
  });

  it("holds every other call back too", async () => {
    const { fetch, sent } = scripted([[429, { "retry-after": "60" }], [200]]);
    await settled(Promise.all([fetch(url), fetch(url), fetch(url)]));
    expect(times(sent)).toEqual([0, 60_000, 60_000, 60_000]);
  });

  it("survives a Retry-After beyond any timer", async () => {
    const { fetch, sent } = scripted([[429, { "retry-after": "9999999999999" }]]);
    const controller = new AbortController();
    const waiting = fetch(url, { signal: controller.signal }).catch((error: Error) => error);
    await vi.advanceTimersByTimeAsync(90 * 86_400_000);
    expect(sent).toHaveLength(1);
    controller.abort();
    expect(await waiting).toMatchObject({ name: "AbortError" });
  });

  it("gives up at once, for everybody, where the server says x-should-retry: false", async () => {
    const spent = { "retry-after": "3600", "x-should-retry": "false" };
    const { fetch, sent } = scripted([[429, spent]]);
    const startAt = Date.now();
    const errors = await Promise.all([givenUp(fetch(url)), givenUp(fetch(url))]);
    expect(sent).toHaveLength(1);
    for (const { until } of errors) expect(until?.getTime()).toBe(startAt + 3_600_000);
  });
});

describe("after a 503", () => {
  it("repeats what is safe to repeat", async () => {
    const { fetch, sent } = scripted([[503, { "retry-after": "2" }], [503], [200]]);
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    expect(await settled(fetch(url))).toMatchObject({ status: 200 });
    expect(times(sent)).toEqual([0, 2000, 3000]);
  });

  it("hands a POST's to the caller", async () => {
    const { fetch, sent } = scripted([[503], [200]]);
    expect(await settled(fetch(url, { method: "POST" }))).toMatchObject({ status: 503, bodyUsed: false });
    expect(sent).toHaveLength(1);
  });

  it.each<[string, RequestInit, PaceOptions]>([
    ["with an Idempotency-Key", { headers: { "Idempotency-Key": "k" } }, {}],
    ["when told that it is safe", {}, { retry: { repeatUnsafe: true } }],
  ])("repeats a POST %s", async (_name, init, options) => {
    const { fetch } = scripted([[503], [200]], options);
    expect(await settled(fetch(url, { method: "POST", ...init }))).toMatchObject({ status: 200 });
  });

  it("does not hold other calls back", async () => {
    const { fetch, sent } = scripted([[503, { "retry-after": "60" }], [200]]);
    await settled(Promise.all([fetch(url), fetch(url)]));
    expect(times(sent)).toEqual([0, 0, 60_000]);
  });

  it("hands over the last one when out of tries, or when the server says x-should-retry: false", async () => {
    const tired = scripted([[503]], { retry: { tries: 2 } });
    expect(await settled(tired.fetch(url))).toMatchObject({ status: 503 });
    expect(tired.sent).toHaveLength(3);
    const told = scripted([[503, { "x-should-retry": "false" }]]);
    expect(await settled(told.fetch(url))).toMatchObject({ status: 503 });
    expect(told.sent).toHaveLength(1);
  });
});

describe("the deadline", () => {
  const retry = { deadlineMs: 10_000 };

  it("fails at once, not after the wait, where Retry-After would go past it", async () => {
    const { fetch, sent } = scripted([[429, { "retry-after": "11" }]], { retry });
    const startAt = performance.now();
    const { until, response } = await givenUpNow(fetch(url));
    expect({ waitedMs: performance.now() - startAt, tries: sent.length }).toEqual({ waitedMs: 0, tries: 1 });
    expect({ untilMs: Number(until) - Date.now(), status: response?.status }).toEqual({
      untilMs: 11_000,
      status: 429,
    });
  });

  it("lets a wait be that ends before it", async () => {
    const { fetch } = scripted([[429, { "retry-after": "9" }], [200]], { retry });
    expect(await settled(fetch(url))).toMatchObject({ status: 200 });
  });

  it("covers all waits of a call together", async () => {
    const { fetch, sent } = scripted([[429, { "retry-after": "6" }]], { retry });
    await givenUp(fetch(url));
    expect(times(sent)).toEqual([0, 6000]);
  });

  it("hands over a 503 at once that it leaves no time to repeat", async () => {
    const { fetch } = scripted([[503, { "retry-after": "11" }]], { retry });
    expect(await fetch(url)).toMatchObject({ status: 503 });
  });

  it("fails calls that wait for a window beyond it as soon as that is known, with the window and its end", async () => {
    const told = {
      "x-ratelimit-limit": "1",
      "x-ratelimit-remaining": "0",
      "x-ratelimit-reset": "1936076949",
    };
    const { fetch, sent } = scripted([[200, { ...told, date: "Tue, 08 May 2031 07:08:09 GMT" }]], { retry });
    const [first, second] = [fetch(url), fetch(url).catch((error: RateLimitError) => error)];
    await first;
    const error = await second;
    expect(error).toMatchObject({
      name: "RateLimitError",
      limit: { window: "1", limit: 1, remaining: 0, percent: 100 },
    });
    expect(sent).toHaveLength(1);
    await expect(fetch(url)).rejects.toBeInstanceOf(RateLimitError);
  });

  it("does not fail a call while answers under way may still make room for it", async () => {
    // The second call is given back: after it, as much is left as before.
    const left = [1, 1, 0];
    const giving = async () => {
      const headers = { ratelimit: `"m";r=${left.shift()};t=60`, "ratelimit-policy": '"m";q=2;w=60' };
      await new Promise((resolve) => setTimeout(resolve, 100));
      return new Response(null, { headers });
    };
    const paced = paceFetch({ fetch: giving, retry });
    const calls = Promise.allSettled([paced(url), paced(url), paced(url)]);
    await vi.runAllTimersAsync();
    expect((await calls).map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "fulfilled"]);
    await expect(paced(url)).rejects.toBeInstanceOf(RateLimitError);
  });

  it("ends a wait for a free place", async () => {
    const never = paceFetch({
      fetch: () => new Promise(() => {}),
      queue: { concurrency: 1 },
      windows: ["9/second"],
      retry,
    });
    never(url);
    const startAt = performance.now();
    await givenUp(never(url));
    expect(performance.now() - startAt).toBe(10_000);
  });
});

describe("an AbortSignal", () => {
  const reason = new Error("no longer wanted");

  it.each([
    ["waiting for Retry-After", [429, { "retry-after": "60" }]],
    ["waiting to repeat a 503", [503, { "retry-after": "60" }]],
  ] as [string, Scripted][])("ends a call at once, with its reason, while %s", async (_name, answer) => {
    const { fetch, sent } = scripted([answer]);
    const controller = new AbortController();
    const call = fetch(url, { signal: controller.signal }).catch((error: Error) => error);
    await vi.advanceTimersByTimeAsync(1000);
    controller.abort(reason);
    expect(await call).toBe(reason);
    expect(sent).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("ends a call in the queue and leaves the others their places", async () => {
    const { fetch, sent } = scripted([[200]], { queue: { concurrency: 1 } });
    const controller = new AbortController();
    const calls = [fetch(url), fetch(url, { signal: controller.signal }), fetch(new Request(url))];
    controller.abort(reason);
    expect(await Promise.allSettled(calls)).toMatchObject([
      { status: "fulfilled" },
      { status: "rejected", reason },
      { status: "fulfilled" },
    ]);
    expect(sent).toHaveLength(2);
  });

  it("of a Request counts as well, also before the call", async () => {
    const { fetch, sent } = scripted([[200]]);
    await expect(fetch(new Request(url, { signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
    expect(sent).toHaveLength(0);
  });

  it("ends a call under way even where the fetch does not listen", async () => {
    const deaf = paceFetch({ fetch: () => new Promise(() => {}) });
    const controller = new AbortController();
    const call = deaf(url, { signal: controller.signal });
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
  });
});

describe("backoffMs", () => {
  it.each([
    [0, 0, 0],
    [0, 0.5, 500],
    [4, 0.5, 8000],
    [9, 0.5, 8000],
  ])("after %i retries, with a random number of %d, is %i ms", (tried, random, ms) => {
    expect(backoffMs(tried, [1000, 2000, 4000, 8000, 16_000], random)).toBe(ms);
  });
});

describe("mayRepeat", () => {
  it.each([
    [429, "POST", true],
    [503, "GET", true],
    [503, "HEAD", true],
    [503, "PUT", true],
    [503, "DELETE", true],
    [503, "POST", false],
    [503, "PATCH", false],
    [500, "GET", false],
  ])("%i of a %s: %s", (status, method, may) => {
    expect(mayRepeat(status, method, new Headers(), false)).toBe(may);
  });
});

describe("paceFetch", () => {
  it.each<[string, PaceOptions]>([
    [
      'windows[1]: expected "<count>/<unit>", such as "60/minute", got "60/minit"',
      { windows: ["1/day", "60/minit"] },
    ],
    ['windows[0]: expected "<count>/<unit>", such as "60/minute", got "0/minute"', { windows: ["0/minute"] }],
    ["Expected `retry.tries` to be a whole number from 0 up, got `1.5` (number)", { retry: { tries: 1.5 } }],
    [
      "Expected `retry.deadlineMs` to be a number of milliseconds, got `NaN` (number)",
      { retry: { deadlineMs: Number.NaN } },
    ],
    ["Expected `queue.size` to be a number from 1 up, got `0` (number)", { queue: { size: 0 } }],
  ])("says: %s", (message, options) => {
    expect(() => paceFetch(options)).toThrow(new TypeError(message));
  });
});
