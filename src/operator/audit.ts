// The audit log: who changed what, newest first.

import { directoryStub } from "../objects/stubs.ts";
import { answers, entryText } from "./answers.ts";
import { type Operation, ok, operation } from "./operation.ts";
import { nextOf, pageOf, pageQuery } from "./pages.ts";
import { invalid } from "./problem.ts";

/** The operations on the audit log. */
export function auditOperations(): Operation[] {
  return [
    operation(
      {
        method: "GET",
        path: "/audit",
        operationId: "listAudit",
        summary: "Who changed what, newest first",
        description: "As far back as `AUDIT_RETENTION` says. A change that was repeated is there twice.",
        query: pageQuery,
        success: ok(answers.audit, "A page."),
      },
      async ({ desk, query }) => {
        const page = pageOf(query);
        const before = page.after === undefined ? undefined : Number(page.after);
        if (Number.isNaN(before)) throw invalid([{ path: "cursor", message: "expected one of this list's" }]);
        const found = await directoryStub(desk.env).audit(before, page.limit);
        return { entries: found.map(entryText), ...nextOf(found, page, ({ seq }) => String(seq)) };
      },
    ),
  ];
}
