// The console as a Hono app: its pages behind a session of its own, apart from the API, which never reads the cookie. Plain
// HTML that works without a script; nothing is loaded from anywhere else.

import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { csrf } from "hono/csrf";
import { refuse } from "../gate/answer.ts";
import { log } from "../log.ts";
import type { CompiledRules } from "../policy/rules.ts";
import { ASSETS } from "./assets.ts";
import { showAudit } from "./audit.tsx";
import { lift, showBlocks, showLift } from "./blocks.tsx";
import { makeChange, showChange } from "./changes.tsx";
import { knock, requireSeat, showSignIn, signIn, signOut } from "./doors.tsx";
import { showLive, showOverview } from "./overview.tsx";
import { type ConsoleContext, type ConsoleEnv, showDoor, showNothing } from "./page.tsx";
import { showPolicy } from "./policy.tsx";
import { signingKey } from "./session.ts";
import { showSubject } from "./subject.tsx";
import { openKey, showAccounts, showKeys } from "./subjects.tsx";

/** On every answer: nothing inline, nothing from elsewhere, in nobody's frame, in no cache. */
const HEADERS = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "Cache-Control": "no-store",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Cross-Origin-Opener-Policy": "same-origin",
};

/** Most bytes of a form; far more than any of the console's own has. */
const MOST_FORM_BYTES = 16_384;

/** The console's app, to be mounted at `console` below the admin path. */
export function consoleApp(rules: CompiledRules): Hono<ConsoleEnv> {
  const app = new Hono<ConsoleEnv>();
  const base = `${rules.policy.adminPath}/console`;
  app.use(async function prepare(context, next) {
    const { ADMIN_TOKEN } = context.env;
    // Without a token nobody may know that there is anything here.
    if (!ADMIN_TOKEN) return refuse(context.req.raw, "missing");
    context.set("rules", rules);
    context.set("base", base);
    context.set("key", await signingKey(ADMIN_TOKEN));
    await next();
    for (const [name, value] of Object.entries(HEADERS)) {
      if (!context.res.headers.has(name)) context.res.headers.set(name, value);
    }
  });
  app.onError(unfinished);
  app.get("/assets/:file", showAsset);
  app.use(csrf());
  app.get("/sign-in", showSignIn);
  const boundForm = bodyLimit({ maxSize: MOST_FORM_BYTES, onError: showTooLong });
  // Knocked before anything of the body is read.
  app.post("/sign-in", knock, boundForm, signIn);
  app.use(boundForm, requireSeat);
  app.post("/sign-out", signOut);
  app.get("/", ({ redirect }) => redirect(`${base}/overview`, 303));
  app.get("/overview", showOverview);
  app.get("/overview/live", showLive);
  app.get("/keys", showKeys);
  app.post("/keys", openKey);
  app.get("/accounts", showAccounts);
  app.get("/blocks", showBlocks);
  app.get("/blocks/:address", showLift);
  app.post("/blocks/:address", lift);
  app.get("/policy", showPolicy);
  app.get("/audit", showAudit);
  for (const list of ["/keys", "/accounts"]) {
    app.get(`${list}/:name`, showSubject);
    app.get(`${list}/:name/:action`, showChange);
    app.post(`${list}/:name/:action`, makeChange);
  }
  app.all("*", showNothing);
  return app;
}

/** Named by what is in them, so that they may be kept for good. */
function showAsset(context: ConsoleContext): Response | Promise<Response> {
  const asset = ASSETS[context.req.param("file") ?? ""];
  if (asset === undefined) return context.body(null, 404);
  return context.body(asset.text, 200, {
    "Content-Type": asset.type,
    "Cache-Control": "public, max-age=31536000, immutable",
  });
}

function showTooLong(context: ConsoleContext): Response | Promise<Response> {
  return showDoor(
    context,
    { title: "Too long", status: 413 },
    <div class="card stack">
      <h1>This form is too long</h1>
      <p>None of the console's own is, so nothing was changed.</p>
    </div>,
  );
}

/** A change may be in force all the same: see `change`. */
function unfinished(error: Error, context: ConsoleContext): Response | Promise<Response> {
  if ("getResponse" in error && typeof error.getResponse === "function") return error.getResponse();
  log({ event: "operator.failed", what: `console: ${context.req.method}`, cause: String(error) });
  return showDoor(
    context,
    { title: "Unavailable", status: 503 },
    <div class="card stack">
      <h1>This could not be finished</h1>
      <p>
        weir did not get all the answers it needed. If you changed something, look whether it is in force.
      </p>
      <p>
        <a href={`${context.var.base}/overview`}>To the overview</a>
      </p>
    </div>,
  );
}
