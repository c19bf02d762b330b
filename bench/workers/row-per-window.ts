// The design of most tutorials: an object per key, and a row written for each window and request.

import { DurableObject } from "cloudflare:workers";
import { Hono } from "hono";
import { forward, keyOf } from "./forward.ts";

interface Window {
  readonly name: string;
  readonly ms: number;
  readonly size: number;
}

interface Standing {
  readonly admitted: boolean;
  readonly size: number;
  readonly remaining: number;
  readonly resetAt: number;
}

interface Env {
  readonly ORIGIN: string;
  readonly WINDOWS: readonly Window[];
  readonly COUNTS: DurableObjectNamespace<Counts>;
}

/** One row, where `insert or replace` would be two. */
const UPSERT =
  "insert into counts values (?, ?, ?) on conflict do update set start = excluded.start, count = excluded.count";

export class Counts extends DurableObject<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    ctx.storage.sql.exec(
      "create table if not exists counts (window text primary key, start integer, count integer)",
    );
  }

  take(): Standing {
    const { sql } = this.ctx.storage;
    const nowMs = Date.now();
    const standings = this.env.WINDOWS.map(({ name, ms, size }) => {
      const start = nowMs - (nowMs % ms);
      const [row] = sql.exec("select count from counts where window = ? and start = ?", name, start);
      const used = Number(row?.count ?? 0);
      return { name, start, size, used, resetAt: start + ms };
    });
    const full = standings.find(({ used, size }) => used >= size);
    if (full !== undefined) return { admitted: false, size: full.size, remaining: 0, resetAt: full.resetAt };
    for (const { name, start, used } of standings) {
      sql.exec(UPSERT, name, start, used + 1);
    }
    const tightest = standings.reduce((one, other) =>
      other.size - other.used < one.size - one.used ? other : one,
    );
    const { size, used, resetAt } = tightest;
    return { admitted: true, size, remaining: size - used - 1, resetAt };
  }
}

const app = new Hono<{ Bindings: Env }>();
app.all("*", async (context) => {
  const { req, env } = context;
  const { admitted, size, remaining, resetAt } = await env.COUNTS.get(
    env.COUNTS.idFromName(keyOf(req.raw)),
  ).take();
  const answer = admitted
    ? await forward(req.raw, env.ORIGIN)
    : context.text("Too many requests\n", 429, {
        "Retry-After": String(Math.ceil((resetAt - Date.now()) / 1000)),
      });
  const own = new Response(answer.body, answer);
  own.headers.set("X-RateLimit-Limit", String(size));
  own.headers.set("X-RateLimit-Remaining", String(remaining));
  own.headers.set("X-RateLimit-Reset", String(Math.ceil(resetAt / 1000)));
  return own;
});

export default app;
