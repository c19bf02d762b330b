// Serves the limits page, its style and its script. Anyone may read them: no key, no cookie, nothing about anyone.

import { Hono } from "hono";
import { etag } from "hono/etag";
import type { Policy } from "../core/policy.ts";
import type { Env } from "../env.ts";
import { SCRIPT, STYLESHEET, VERSION } from "./assets.ts";
import { limitsPage } from "./build.ts";
import { html } from "./view.tsx";

/** Nothing but the page's own style, script and questions. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The page may be a minute old; what it loads never changes at its address. */
const FRESH = "public, max-age=60";
const FOR_GOOD = "public, max-age=31536000, immutable";

/** The page's app, to be mounted below the admin path. */
export function limitsPageApp(policy: Policy): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>();
  const folder = `${policy.adminPath}/docs`;
  const links = {
    stylesheet: `${folder}/style.css?v=${VERSION}`,
    script: `${folder}/standing.js?v=${VERSION}`,
  };
  let last = { apiUrl: "", document: "" };
  function documentFor(apiUrl: string): string {
    if (apiUrl !== last.apiUrl) last = { apiUrl, document: html(limitsPage(policy, apiUrl), links) };
    return last.document;
  }
  app.use(etag());
  app.get("/", ({ req }) =>
    answer(documentFor(new URL(req.url).origin), "text/html; charset=utf-8", FRESH, [
      ["Content-Security-Policy", CONTENT_SECURITY_POLICY],
      ["Referrer-Policy", "no-referrer"],
    ]),
  );
  app.get("/style.css", () => answer(STYLESHEET, "text/css; charset=utf-8", FOR_GOOD));
  app.get("/standing.js", () => answer(SCRIPT, "text/javascript; charset=utf-8", FOR_GOOD));
  return app;
}

function answer(
  body: string,
  contentType: string,
  cacheControl: string,
  headers: readonly (readonly [string, string])[] = [],
): Response {
  return new Response(body, {
    headers: new Headers([
      ["Content-Type", contentType],
      ["Cache-Control", cacheControl],
      ["X-Content-Type-Options", "nosniff"],
      ...headers.map(([name, value]): [string, string] => [name, value]),
    ]),
  });
}
