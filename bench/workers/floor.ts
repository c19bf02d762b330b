// Forwards after one call to an object that counts in memory: no exact limiter that asks for each request can be cheaper.

import { DurableObject } from "cloudflare:workers";
import { Hono } from "hono";
import { forward, keyOf } from "./forward.ts";

interface Env {
  readonly ORIGIN: string;
  readonly COUNTER: DurableObjectNamespace<Counter>;
}

export class Counter extends DurableObject {
  #count = 0;

  take(): number {
    this.#count += 1;
    return this.#count;
  }
}

const app = new Hono<{ Bindings: Env }>();
app.all("*", async ({ req: { raw }, env }) => {
  await env.COUNTER.get(env.COUNTER.idFromName(keyOf(raw))).take();
  return forward(raw, env.ORIGIN);
});

export default app;
