// The operator's API as a Hono app: each operation at its path, behind the token. What it does is the operations' part.

import { Hono } from "hono";
import type { Env } from "../env.ts";
import { refuse } from "../gate/answer.ts";
import { log } from "../log.ts";
import type { CompiledRules } from "../policy/rules.ts";
import { accountOperations } from "./accounts.ts";
import { auditOperations } from "./audit.ts";
import { authenticate } from "./authenticate.ts";
import { blockOperations } from "./blocks.ts";
import { keyOperations } from "./keys.ts";
import { openApiOperation } from "./openapi.ts";
import type { Operation } from "./operation.ts";
import { planOperations } from "./plans.ts";
import { policyOperations } from "./policy.ts";
import { answerProblem, OperatorProblem } from "./problem.ts";
import { schemasOf } from "./schemas.ts";

/** The API's app, to be mounted under the admin path. It answers at its own paths only. */
export function operatorApi(rules: CompiledRules): Hono<{ Bindings: Env }> {
  const api = new Hono<{ Bindings: Env }>();
  const byPath = Object.entries(Object.groupBy(operationsOf(rules), ({ path }) => path));
  for (const [path, operations = []] of byPath) {
    api.all(path.replace(/\{(\w+)\}/g, ":$1"), async function operate({ req, env }) {
      const { raw: request } = req;
      const { ADMIN_TOKEN } = env;
      // Without a token nobody may know that there is anything here.
      if (!ADMIN_TOKEN) return refuse(request, "missing");
      const what = `${request.method} ${path}`;
      try {
        const who = await authenticate(request, ADMIN_TOKEN);
        const address = request.headers.get("cf-connecting-ip");
        const desk = { env, rules, who, what, ...(address !== null && { address }) };
        const id = req.param("id") ?? req.param("ip") ?? "";
        return await operationFor(request.method, operations).answer(desk, request, id);
      } catch (error) {
        if (error instanceof OperatorProblem) return answerProblem(request, error);
        log({ event: "operator.failed", what, cause: String(error) });
        return answerProblem(request, unfinished());
      }
    });
  }
  return api;
}

/** Everything the operator may do. */
export function operationsOf(rules: CompiledRules): Operation[] {
  const schemas = schemasOf(rules);
  const operations = [
    ...keyOperations(schemas),
    ...accountOperations(schemas),
    ...planOperations(schemas),
    ...blockOperations(),
    ...auditOperations(),
    ...policyOperations(),
  ];
  return [...operations, openApiOperation(operations, rules.policy.adminPath)];
}

/** @throws OperatorProblem 405 */
function operationFor(method: string, operations: readonly Operation[]): Operation {
  const found = operations.find((one) => one.method === (method === "HEAD" ? "GET" : method));
  if (found !== undefined) return found;
  const allowed = operations.flatMap((one) => (one.method === "GET" ? ["GET", "HEAD"] : [one.method]));
  const allow = allowed.join(", ");
  throw new OperatorProblem(405, `Methods here: ${allow}.`, { headers: [["Allow", allow]] });
}

/** See `change` for why a part of it may be in force. */
function unfinished(): OperatorProblem {
  const detail =
    "This could not be finished, and a change may be in force already. Ask again: PUT, PATCH, DELETE and reset may be repeated, a top-up with the same Idempotency-Key.";
  return new OperatorProblem(503, detail, { headers: [["Retry-After", "1"]] });
}
