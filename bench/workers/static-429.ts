// Refuses at once, by nothing: no refusal can be cheaper.

import { Hono } from "hono";

const app = new Hono();
app.all("*", (context) => context.text("Too many requests\n", 429, { "Retry-After": "60" }));

export default app;
