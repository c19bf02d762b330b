// The load generator, a process of its own: drives one Worker at a time over loopback and sends back what it saw.

import { createHistogram } from "node:perf_hooks";
import autocannon from "autocannon";

/** Which keys the requests carry. */
export type Keys =
  | { readonly kind: "one"; readonly key: string }
  /** Each connection goes round a share of its own. */
  | { readonly kind: "many"; readonly prefix: string; readonly count: number }
  /** A key that no request has carried before. */
  | { readonly kind: "fresh"; readonly prefix: string };

/** What to drive, and how. */
export interface Load {
  readonly url: string;
  readonly keys: Keys;
  readonly connections: number;
  /** The status that every measured answer has to have: a bench of errors is none. */
  readonly status: number;
  /** Requests before the measurement, whatever their status. */
  readonly warmUp: number;
  /** Milliseconds; `requests` to measure a number of them instead. */
  readonly forMs?: number;
  readonly requests?: number;
}

/** What was measured. */
export interface Seen {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

process.on("message", async (load: Load) => {
  try {
    process.send?.({ seen: await drive(load) });
  } catch (error) {
    process.send?.({ problem: String(error) });
  }
});

async function drive(load: Load): Promise<Seen> {
  const latencies = createHistogram();
  let warm = load.warmUp;
  let requests = 0;
  let wrong: string | undefined;
  let startedAt = performance.now();
  let endedAt: number | undefined;

  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const run = autocannon(optionsOf(load), (error) => (error ? reject(error) : resolve()));
  run.on("reqError", (error: Error) => end(String(error)));
  run.on("response", (_client, status, _bytes, tookMs) => {
    if (endedAt !== undefined) return;
    if (warm > 0) {
      warm -= 1;
      if (warm === 0) startedAt = performance.now();
      return;
    }
    if (status !== load.status) return end(`expected status ${load.status}, got ${status}`);
    requests += 1;
    latencies.record(Math.max(1, Math.round(tookMs * 1000)));
    const isOver =
      load.requests === undefined
        ? performance.now() - startedAt >= (load.forMs ?? 0)
        : requests >= load.requests;
    if (isOver) end();
  });
  await promise;
  if (wrong !== undefined || endedAt === undefined) throw new Error(`${load.url}: ${wrong ?? "no end"}`);
  return {
    requests,
    perSecond: requests / ((endedAt - startedAt) / 1000),
    p50Ms: latencies.percentile(50) / 1000,
    p99Ms: latencies.percentile(99) / 1000,
  };

  function end(problem?: string): void {
    wrong ??= problem;
    endedAt ??= performance.now();
    run.stop();
  }
}

function optionsOf({ url, keys, connections }: Load): autocannon.Options {
  // It ends when told to; its own clock knows whole seconds only.
  const options = { url, connections, duration: 600, sampleInt: 20, timeout: 30 };
  switch (keys.kind) {
    case "one":
      return { ...options, headers: headersOf(keys.key) };
    case "many": {
      let first = 0;
      const setupClient = (client: autocannon.Client) => {
        const own: autocannon.Request[] = [];
        for (let key = first % keys.count; key < keys.count; key += connections) {
          own.push({ headers: headersOf(`${keys.prefix}${key}`, key) });
        }
        first += 1;
        client.setRequests(own);
      };
      return { ...options, setupClient };
    }
    case "fresh": {
      let next = 0;
      const setupRequest = (request: autocannon.Request) => {
        next += 1;
        return { ...request, headers: headersOf(`${keys.prefix}${next}`, next) };
      };
      return { ...options, requests: [{ setupRequest }] };
    }
  }
}

/** The platform says where each request comes from, so these say it too: each key from an address of its own. */
function headersOf(key: string, number = 0): Record<string, string> {
  const address = [10, number >> 16, number >> 8, number].map((part) => part & 255).join(".");
  return { "x-api-key": key, "cf-connecting-ip": address };
}
