// Keys: register them, issue them, look at them, change what they may do.

import { usageOf } from "../core/usage.ts";
import { isForged, issueKey } from "../gate/issued-key.ts";
import { keyId } from "../gate/keyid.ts";
import type { SubjectName } from "../objects/directory.ts";
import { directoryStub } from "../objects/stubs.ts";
import type { Problem } from "../policy/problems.ts";
import { answers, keptText } from "./answers.ts";
import { change } from "./change.ts";
import { look } from "./look.ts";
import { type Operation, ok, operation } from "./operation.ts";
import { keysQuery, listed, pageOf } from "./pages.ts";
import { invalid, OperatorProblem } from "./problem.ts";
import { KEY_ID, type Schemas } from "./schemas.ts";

/** What is wrong with a key that looks like one of weir's own. */
export const FORGED: Problem = {
  path: "key",
  message: 'expected a key that weir issued, as it begins with "weir_"; its checksum is wrong',
};

/** The operations on keys. */
export function keyOperations(schemas: Schemas): Operation[] {
  return [
    operation(
      {
        method: "PUT",
        path: "/keys",
        operationId: "putKey",
        summary: "Create or replace a key's plan",
        description: "Counts stay, and so does the balance unless one is given.",
        body: schemas.putKey,
        success: ok(answers.subject, "The plan, in force from the next request."),
      },
      async ({ desk, body: { name: key, ...input } }) => {
        const { KEY_HASH_SECRET } = desk.env;
        if (await isForged(KEY_HASH_SECRET, key)) throw invalid([FORGED]);
        const id = await keyId(KEY_HASH_SECRET, key);
        return { id, ...keptText(await change(desk, keyName(id), { kind: "put", ...input })) };
      },
    ),
    operation(
      {
        method: "POST",
        path: "/keys",
        operationId: "issueKey",
        summary: "Make a key and give it a plan",
        description:
          "The key is in this answer alone. After a 503, ask for another: nobody has the one that was being made.",
        body: schemas.postKey,
        success: { ...ok(answers.issued, "The key and its plan."), status: 201 },
      },
      async ({ desk, body }) => {
        const key = await issueKey(desk.env.KEY_HASH_SECRET);
        const id = await keyId(desk.env.KEY_HASH_SECRET, key);
        return { key, id, ...keptText(await change(desk, keyName(id), { kind: "put", ...body })) };
      },
    ),
    operation(
      {
        method: "GET",
        path: "/keys",
        operationId: "listKeys",
        summary: "List the registered keys",
        query: keysQuery,
        success: ok(answers.keys, "A page, in the order of ids."),
      },
      async ({ desk, query }) => {
        const page = pageOf(query);
        return listed("keys", await directoryStub(desk.env).keys(query, page), page);
      },
    ),
    operation(
      {
        method: "GET",
        path: "/keys/{id}",
        operationId: "getKey",
        summary: "A key's plan, and where its windows stand",
        success: ok(answers.key, "Its own windows, and those of its account that it counts in."),
        problems: [404],
      },
      async ({ desk, id }) => {
        const { kept, standings } = await look(desk.env, desk.rules, keyName(id));
        if (kept.plan === undefined) throw new OperatorProblem(404, "No key is registered under this id.");
        return { id, ...keptText(kept), windows: standings.map(usageOf) };
      },
    ),
    operation(
      {
        method: "PATCH",
        path: "/keys/{id}",
        operationId: "patchKey",
        summary: "Change fields of a key's plan",
        description: "Overrides are changed limit by limit. null clears a field, or the override of a limit.",
        body: schemas.patchKey,
        success: ok(answers.subject, "The plan, in force from the next request."),
        problems: [404],
      },
      async ({ desk, id, body }) => {
        const after = await change(desk, keyName(id), { kind: "patch", creates: false, ...body });
        return { id, ...keptText(after) };
      },
    ),
    operation(
      {
        method: "DELETE",
        path: "/keys/{id}",
        operationId: "deleteKey",
        summary: "Forget a key's plan and balance",
        description:
          'The key is not shut out: it is back to the default tier, its counts as they were. With `UNKNOWN_KEYS = "reject"` it is refused with a 401. To shut one key out, disable it.',
        success: ok(answers.subject, "It is registered no longer."),
        problems: [404],
      },
      async ({ desk, id }) => ({ id, ...keptText(await change(desk, keyName(id), { kind: "drop" })) }),
    ),
    operation(
      {
        method: "POST",
        path: "/keys/{id}/reset",
        operationId: "resetKey",
        summary: "Clear a key's counts",
        description: "Those of one limit, or of all. What it used of its account's windows stays used.",
        body: schemas.reset,
        success: ok(answers.subject, "The plan, as it was."),
        problems: [404],
      },
      async ({ desk, id, body }) => ({
        id,
        ...keptText(await change(desk, keyName(id), { kind: "reset", ...body })),
      }),
    ),
  ];
}

/** @throws OperatorProblem 404 where the text is no key's id. */
function keyName(id: string): SubjectName {
  if (KEY_ID.test(id)) return { kind: "key", name: id };
  throw new OperatorProblem(404, "A key's id is 32 lower-case hexadecimal digits.");
}
