// The least that an exact limiter before an origin does, decisions apart: what remains of weir's time is weir's own. It reads
// the header fields, sets a deadline, asks an object that counts in memory, tells the origin who asks, and puts headers on
// a copy of the answer. Its refusal says as much as weir's. Where calls are shared, weir's own lane shares them.

import { DurableObject } from "cloudflare:workers";
import { Hono } from "hono";
import { askAlone, laneOf } from "../../src/gate/lane.ts";
import { Patience } from "../../src/gate/patience.ts";
import { keyOf } from "./forward.ts";

interface Env {
  readonly ORIGIN: string;
  readonly REFUSE?: boolean;
  readonly SHARE?: boolean;
  readonly COUNTER: DurableObjectNamespace<Counter>;
}

const URL_PARTS = /^([a-z]+):\/\/([^/]*)(.*)$/;
const DEADLINE_MS = 5_000;
/** About as long as weir's. */
const LINE = "1234567890123456\tb\t10.0.0.0\t01234567\tdefault";
const LIMITS = {
  "X-RateLimit-Limit": "1000",
  "X-RateLimit-Reset": "1795392000",
  "X-RateLimit-Remaining": "999",
};

const REFUSAL = new Headers({
  ...LIMITS,
  "Content-Type": "application/problem+json",
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
  Date: "Sun, 22 Nov 2026 12:00:00 GMT",
  "Retry-After": "60",
  "Retry-After-Ms": "60000",
  "X-Should-Retry": "false",
});
/** About as long as weir's. */
const REFUSAL_BODY = JSON.stringify({ title: "Too Many Requests", status: 429, detail: "x".repeat(380) });

export class Counter extends DurableObject {
  #count = 0;

  take(lines: string): string {
    this.#count += 1;
    return lines;
  }
}

let id: DurableObjectId | undefined;

const app = new Hono<{ Bindings: Env }>();
app.all("*", async ({ req: { raw }, env, executionCtx }) => {
  const fields = new Map<string, string>();
  raw.headers.forEach((value, name) => {
    fields.set(name, value);
  });
  if (env.REFUSE) return new Response(REFUSAL_BODY, { status: 429, headers: REFUSAL });
  const patience = new Patience();
  const key = keyOf(raw);
  id ??= env.COUNTER.idFromName(key);
  const counter = env.COUNTER.get(id);
  const asking = {
    line: LINE,
    patience,
    call: async (lines: readonly string[]) => (await counter.take(lines.join("\n"))).split("\n"),
    lead: (work: Promise<void>) => executionCtx.waitUntil(work),
  };
  await (env.SHARE ? laneOf(key).ask(asking, DEADLINE_MS) : askAlone(asking, DEADLINE_MS));
  const answer = await patience.wait(DEADLINE_MS, fetch(outgoing(raw, env.ORIGIN)), late);
  patience.end();
  const own = new Response(answer.body, answer);
  own.headers.set("Date", new Date().toUTCString());
  for (const [name, value] of Object.entries(LIMITS)) own.headers.set(name, value);
  return own;
});

function outgoing({ url, method, headers }: Request, origin: string): Request {
  const [, scheme = "", host = "", target = ""] = URL_PARTS.exec(url) ?? [];
  const request = new Request(origin + target, { method, headers, redirect: "manual" });
  request.headers.delete("connection");
  request.headers.set("x-forwarded-host", host);
  request.headers.set("x-forwarded-proto", scheme);
  request.headers.set("x-weir-key-id", "0123456789abcdef0123456789abcdef");
  return request;
}

function late(): Error {
  return new Error("too late");
}

export default app;
