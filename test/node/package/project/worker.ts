// Somebody's own Worker, with weir as a middleware.

import { Hono } from "hono";
import { Directory, type Env, IpGuard, Limiter, weir } from "weir";
import { paceFetch, RateLimitError } from "weir/client";
import { cacheFetch } from "weir/client/cache";

interface Bindings extends Env {
  readonly GREETING: string;
}

const app = new Hono<{ Bindings: Bindings }>();

app.use(weir());
app.get("/hello", ({ env, req, text }) => {
  const { "x-weir-key-id": keyId, "x-weir-tier": tier = "none" } = req.header();
  return text(`${env.GREETING}, ${keyId}, tier ${tier}`, 200, { "x-ratelimit-limit": "its own" });
});
app.post("/echo", async ({ req, json }) => json(await req.json()));
app.get("/faults", () => {
  throw new Error("a fault of the handler's");
});
app.get("/paced", async ({ text }) => {
  const fetch = cacheFetch(paceFetch({ windows: ["60/minute"] }));
  return text(`${fetch.usage().length} ${RateLimitError.name}`);
});

export default app;
export { Directory, IpGuard, Limiter };
