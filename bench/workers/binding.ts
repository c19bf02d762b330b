// Cloudflare's own rate limiting binding.

import { Hono } from "hono";
import { forward, keyOf } from "./forward.ts";

interface Env {
  readonly ORIGIN: string;
  readonly LIMITER: RateLimit;
}

const app = new Hono<{ Bindings: Env }>();
app.all("*", async (context) => {
  const { req, env } = context;
  const { success } = await env.LIMITER.limit({ key: keyOf(req.raw) });
  return success ? forward(req.raw, env.ORIGIN) : context.text("Too many requests\n", 429);
});

export default app;
