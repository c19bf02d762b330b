// Forwards and limits nothing: what a limiter adds is counted from here.

import { Hono } from "hono";
import { forward } from "./forward.ts";

interface Env {
  readonly ORIGIN: string;
}

const app = new Hono<{ Bindings: Env }>();
app.all("*", ({ req, env }) => forward(req.raw, env.ORIGIN));

export default app;
