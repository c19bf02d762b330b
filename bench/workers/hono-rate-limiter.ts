// hono-rate-limiter with its Durable Object store, set up as its README says.

import { DurableObjectRateLimiter, DurableObjectStore } from "@hono-rate-limiter/cloudflare";
import { Hono } from "hono";
import { rateLimiter } from "hono-rate-limiter";
import { forward, keyOf } from "./forward.ts";

interface Env {
  readonly ORIGIN: string;
  readonly LIMIT: number;
  readonly WINDOW_MS: number;
  readonly CACHE: DurableObjectNamespace<DurableObjectRateLimiter>;
}

const app = new Hono<{ Bindings: Env }>();
app.use((context, next) =>
  rateLimiter<{ Bindings: Env }>({
    windowMs: context.env.WINDOW_MS,
    limit: context.env.LIMIT,
    keyGenerator: ({ req }) => keyOf(req.raw),
    store: new DurableObjectStore({ namespace: context.env.CACHE }),
  })(context, next),
);
app.all("*", ({ req, env }) => forward(req.raw, env.ORIGIN));

export { DurableObjectRateLimiter };
export default app;
