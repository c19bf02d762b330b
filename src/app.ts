// weir: its own endpoints, then the gate for everything else; as a Worker before an origin, and as a middleware.

import { Hono, type MiddlewareHandler } from "hono";
import { consoleApp } from "./console/app.tsx";
import { locate, mayLeadTo } from "./core/location.ts";
import { perObject } from "./core/per-object.ts";
import type { Env } from "./env.ts";
import { dated, refuse } from "./gate/answer.ts";
import { answerPreflight, isPreflight } from "./gate/cors.ts";
import { forward, introduce } from "./gate/forward.ts";
import { passThrough } from "./gate/gate.ts";
import type { Arrival, Onward, Passage } from "./gate/passage.ts";
import { showUsage } from "./gate/usage.ts";
import { limitsPageApp } from "./limits-page/serve.ts";
import { log } from "./log.ts";
import { operatorApi } from "./operator/api.ts";
import { type CompiledRules, rulesOf } from "./policy/rules.ts";

/** What weir answers by itself, under the admin path. */
type OwnApp = Hono<{ Bindings: Env; Variables: { passage: Passage } }>;

/** A request, before it is known where it goes and by which rules. */
interface Incoming extends Omit<Arrival, "rules" | "location"> {
  readonly ctx: ExecutionContext;
}

const ownAppOf = perObject(build);
const reported = new WeakSet<object>();

/** The Worker's handler: weir before an origin. */
export const worker: ExportedHandler<Env> = {
  fetch: (request, env, ctx) => respond({ request, env, ctx, onward: toOrigin }),
};

/**
 * Weir as a middleware of a Hono app: what it admits goes on to the handlers after it, and their answers carry the limit
 * headers. A handler finds who asks in `x-weir-key-id`, `x-weir-account` and `x-weir-tier`; what clients send under these
 * names is dropped.
 *
 * @example
 * const app = new Hono<{ Bindings: Env }>();
 * app.use(weir());
 */
export function weir(): MiddlewareHandler<{ Bindings: Env }> {
  return async function weir(context, next) {
    const { env, executionCtx: ctx } = context;
    const onward: Onward = async (outbound, introduction) => {
      context.req.raw = introduce(outbound, introduction);
      await next();
      return context.res;
    };
    const answer = await respond({ request: context.req.raw, env, ctx: ctx as ExecutionContext, onward });
    // Cleared first, or Hono would add the headers of the handler's answer again.
    context.res = undefined;
    context.res = answer;
  };
}

const toOrigin: Onward = (outbound, introduction) => {
  const { env, rules } = outbound;
  const { origin, originTimeoutMs } = rules.policy;
  return forward(outbound, { origin, service: env.ORIGIN_SERVICE, timeoutMs: originTimeoutMs }, introduction);
};

function respond(incoming: Incoming): Response | Promise<Response> {
  const { request, env, ctx, onward } = incoming;
  const outcome = rulesOf(env);
  if ("problems" in outcome) {
    reportOnce(outcome);
    return refuse(request, "misconfigured");
  }
  const { rules } = outcome;
  const { policy } = rules;
  const location = locate(request.url);
  if (location === undefined) return refuse(request, "invalid", { policy });
  if (!mayLeadTo(location, policy.adminPath))
    return passThrough({ request, env, ctx, rules, location, onward });
  const own = ownAppOf(rules);
  const isKnown = `${own.getPath(request)}/`.startsWith(`${policy.adminPath}/`);
  // A spelling of weir's own paths that its router does not know, or an operator's token would go to the origin.
  return isKnown ? answerOwn(own, incoming) : refuse(request, "missing", { policy });
}

async function answerOwn(own: OwnApp, { request, env, ctx }: Incoming): Promise<Response> {
  return dated(await own.fetch(request, env, ctx));
}

function reportOnce(outcome: Exclude<ReturnType<typeof rulesOf>, { rules: CompiledRules }>): void {
  if (reported.has(outcome)) return;
  reported.add(outcome);
  log({
    event: "policy.invalid",
    problems: outcome.problems.map(({ path, message }) => `${path}: ${message}`),
  });
}

function build(rules: CompiledRules): OwnApp {
  const { policy } = rules;
  const app: OwnApp = new Hono();
  const own: OwnApp = new Hono();
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
  return app.route(policy.adminPath, own);
}
