// weir as a Hono app: its own endpoints, then the gate for everything else.

import { Hono } from "hono";
import { consoleApp } from "./console/app.tsx";
import type { Env } from "./env.ts";
import { refuse } from "./gate/answer.ts";
import { answerPreflight, isPreflight } from "./gate/cors.ts";
import { type Passage, passThrough } from "./gate/gate.ts";
import { showUsage } from "./gate/usage.ts";
import { limitsPageApp } from "./limits-page/serve.ts";
import { log } from "./log.ts";
import { operatorApi } from "./operator/api.ts";
import { type CompiledRules, rulesOf } from "./policy/rules.ts";

const apps = new WeakMap<CompiledRules, Hono<{ Bindings: Env }>>();
const reported = new WeakSet<object>();

/** The Worker's handler. */
export const worker: ExportedHandler<Env> = {
  async fetch(request, env, ctx) {
    const outcome = rulesOf(env);
    if ("rules" in outcome) {
      // From a Host header that is none comes a URL that is none: no two readers of it would find the same path.
      if (!URL.canParse(request.url)) return refuse(request, "invalid", { policy: outcome.rules.policy });
      return appOf(outcome.rules).fetch(request, env, ctx);
    }
    if (!reported.has(outcome)) {
      reported.add(outcome);
      log({
        event: "policy.invalid",
        problems: outcome.problems.map(({ path, message }) => `${path}: ${message}`),
      });
    }
    return refuse(request, "misconfigured");
  },
};

function appOf(rules: CompiledRules): Hono<{ Bindings: Env }> {
  const known = apps.get(rules);
  if (known !== undefined) return known;
  const app = build(rules);
  apps.set(rules, app);
  return app;
}

function build(rules: CompiledRules): Hono<{ Bindings: Env }> {
  const { policy } = rules;
  const app = new Hono<{ Bindings: Env }>();
  const own = new Hono<{ Bindings: Env; Variables: { passage: Passage } }>();
  own.use(async function handOn(context, next) {
    const { req, env, executionCtx: ctx } = context;
    if (isPreflight(req.raw)) return answerPreflight(req.raw, policy);
    context.set("passage", { request: req.raw, env, ctx, rules });
    return next();
  });
  own.get("/usage", ({ var: { passage } }) => showUsage(passage));
  if (policy.limitsPage) own.route("/docs", limitsPageApp(policy));
  own.route("/console", consoleApp(rules));
  own.route("/", operatorApi(rules));
  own.all("*", ({ req }) => refuse(req.raw, "missing", { policy }));
  app.get(`${policy.adminPath}/`, async function leadToConsole({ env, redirect }, next) {
    return env.ADMIN_TOKEN ? redirect(`${policy.adminPath}/console/overview`, 303) : next();
  });
  app.route(policy.adminPath, own);
  app.all("*", ({ req, env, executionCtx: ctx }) => passThrough({ request: req.raw, env, ctx, rules }));
  return app;
}
