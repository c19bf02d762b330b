// Accounts: what all keys of one may do together, and the credits they spend.

import { usageOf } from "../core/usage.ts";
import type { SubjectName } from "../objects/directory.ts";
import { directoryStub } from "../objects/stubs.ts";
import { answers, keptText } from "./answers.ts";
import { change } from "./change.ts";
import { look } from "./look.ts";
import { type Operation, ok, operation } from "./operation.ts";
import { listed, pageOf, pageQuery } from "./pages.ts";
import { OperatorProblem } from "./problem.ts";
import { ACCOUNT_NAME, creditsBody, type Schemas } from "./schemas.ts";

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

/** The operations on accounts. */
export function accountOperations(schemas: Schemas): Operation[] {
  return [
    operation(
      {
        method: "GET",
        path: "/accounts",
        operationId: "listAccounts",
        summary: "List the accounts",
        query: pageQuery,
        success: ok(answers.accounts, "A page, in the order of names."),
      },
      async ({ desk, query }) => {
        const page = pageOf(query);
        return listed("accounts", await directoryStub(desk.env).accounts(page), page);
      },
    ),
    operation(
      {
        method: "PUT",
        path: "/accounts/{id}",
        operationId: "putAccount",
        summary: "Create or replace an account's plan",
        description: "Counts stay, and so does the balance unless one is given.",
        body: schemas.putAccount,
        success: ok(answers.subject, "The plan, in force from the next request of any of its keys."),
        problems: [404],
      },
      async ({ desk, id, body }) => ({
        id,
        ...keptText(await change(desk, accountName(id), { kind: "put", ...body })),
      }),
    ),
    operation(
      {
        method: "GET",
        path: "/accounts/{id}",
        operationId: "getAccount",
        summary: "An account's plan, where its windows stand, and its keys",
        query: pageQuery,
        success: ok(answers.account, "The keys are a page, in the order of ids."),
        problems: [404],
      },
      async ({ desk: { env, rules }, id, query }) => {
        const page = pageOf(query);
        const account = accountName(id);
        const [{ kept, standings }, found] = await Promise.all([
          look(env, rules, account),
          directoryStub(env).account(account.name, page),
        ]);
        if (found === undefined) throw new OperatorProblem(404, "No account has this name.");
        return {
          id,
          ...keptText(kept),
          windows: standings.map(usageOf),
          ...listed("keys", found, page),
        };
      },
    ),
    operation(
      {
        method: "PATCH",
        path: "/accounts/{id}",
        operationId: "patchAccount",
        summary: "Change fields of an account's plan",
        description:
          "Creates the account where there is none. Overrides are changed limit by limit. null clears a field, or the override of a limit.",
        body: schemas.patchAccount,
        success: ok(answers.subject, "The plan, in force from the next request of any of its keys."),
        problems: [404],
      },
      async ({ desk, id, body }) => {
        const after = await change(desk, accountName(id), { kind: "patch", creates: true, ...body });
        return { id, ...keptText(after) };
      },
    ),
    operation(
      {
        method: "POST",
        path: "/accounts/{id}/credits",
        operationId: "addCredits",
        summary: "Top up an account's credits",
        description:
          "Creates the account where there is none. With an `Idempotency-Key` it may be repeated: each of the last 32 keys of an account tops up once, and is answered the same again.",
        headers: { "Idempotency-Key": "1 to 255 visible ASCII characters, a new one for each top-up." },
        body: creditsBody,
        success: ok(answers.subject, "The plan, and the balance after the top-up."),
        problems: [404, 409],
      },
      async ({ desk, request, id, body: { add } }) => {
        const key = request.headers.get("idempotency-key") ?? undefined;
        if (key !== undefined && !IDEMPOTENCY_KEY.test(key)) {
          throw new OperatorProblem(400, "Idempotency-Key: expected 1 to 255 visible ASCII characters.");
        }
        const amendment = { kind: "credit" as const, add, ...(key !== undefined && { key }) };
        return { id, ...keptText(await change(desk, accountName(id), amendment)) };
      },
    ),
  ];
}

/** @throws OperatorProblem 404 where the text can be no account's name. */
function accountName(id: string): SubjectName {
  if (ACCOUNT_NAME.test(id)) return { kind: "account", name: id };
  throw new OperatorProblem(
    404,
    'An account\'s name is 1 to 128 characters from A-Z, a-z, 0-9 and "_.:@+~-".',
  );
}
