// Plans in bulk, a JSON object a line: the export streams page by page, the import applies line by line.

import * as v from "valibot";
import { isForged } from "../gate/issued-key.ts";
import { keyId } from "../gate/keyid.ts";
import { log } from "../log.ts";
import type { Page, Registered, SubjectName } from "../objects/directory.ts";
import { directoryStub } from "../objects/stubs.ts";
import { type Problem, problemsOf } from "../policy/problems.ts";
import { isTable } from "../policy/shapes.ts";
import { answers, planText } from "./answers.ts";
import { readText } from "./body.ts";
import { type Made, make, record } from "./change.ts";
import { parseJson } from "./json.ts";
import { FORGED } from "./keys.ts";
import { type Desk, type Operation, ok, operation } from "./operation.ts";
import { OperatorProblem } from "./problem.ts";
import type { Schemas } from "./schemas.ts";

/** Lines of one import: each is a call of an object, and a request may make 1,000. */
const MOST_LINES = 900;
/** Lines under way at once, and in one call of the Directory. */
const BATCH = 50;
/** Plans read from the Directory at once. */
const EXPORTED_AT_ONCE = 500;

/** The operations on plans in bulk. */
export function planOperations({ lines }: Schemas): Operation[] {
  return [
    operation(
      {
        method: "GET",
        path: "/plans",
        operationId: "exportPlans",
        summary: "Every account's and key's plan, one a line",
        description:
          "As an import takes them. Balances and counts are no plans and are not in it; keys are there by id.",
        success: {
          status: 200,
          description: "Accounts first, so that an import finds them.",
          contentType: "application/x-ndjson",
          schema: answers.line,
        },
      },
      async ({ desk }) =>
        new Response(streamOf(exported(desk)), {
          headers: { "Content-Type": "application/x-ndjson", "Cache-Control": "no-store" },
        }),
    ),
    operation(
      {
        method: "POST",
        path: "/plans",
        operationId: "importPlans",
        summary: "Put many plans, one a line",
        description: `Each line is a plan as a \`PUT\` takes it, with \`key\`, \`id\` or, for an account's, \`account\`. Lines are applied each for itself, in no order; what is wrong with the others is told with the line's number. At most ${MOST_LINES} lines.`,
        body: v.union([lines.key, lines.id, lines.account]),
        bodyType: "lines",
        success: ok(answers.imported, "How many are in force, and what is wrong with the others."),
      },
      ({ desk, request }) => imported(desk, request, lines),
    ),
  ];
}

function streamOf(chunks: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await chunks.return(undefined);
    },
  });
}

/** The lines as bytes, a page of the Directory at a time. */
async function* exported({ env }: Desk): AsyncGenerator<Uint8Array> {
  const directory = directoryStub(env);
  yield* linesOf("account", (page) => directory.accounts(page));
  yield* linesOf("id", (page) => directory.keys({}, page));
}

async function* linesOf(
  field: "account" | "id",
  read: (page: Page) => Promise<Registered[]>,
): AsyncGenerator<Uint8Array> {
  let found: Registered[];
  let after = "";
  do {
    found = await read({ after, limit: EXPORTED_AT_ONCE });
    after = found.at(-1)?.name ?? "";
    const lines = found.map(({ name, plan }) => `${JSON.stringify({ [field]: name, ...planText(plan) })}\n`);
    yield new TextEncoder().encode(lines.join(""));
  } while (found.length === EXPORTED_AT_ONCE);
}

/** What is wrong with one line. */
interface LineError {
  readonly line: number;
  readonly problems: readonly Problem[];
}

async function imported(desk: Desk, request: Request, schemas: Schemas["lines"]) {
  const text = (await readText(request, "lines")) ?? "";
  const lines = text.split("\n").flatMap((line, index) => (line.trim() === "" ? [] : [{ line, index }]));
  if (lines.length > MOST_LINES) {
    throw new OperatorProblem(413, `An import may have at most ${MOST_LINES} lines. Send it in parts.`);
  }
  const errors: LineError[] = [];
  let applied = 0;
  for (let at = 0; at < lines.length; at += BATCH) {
    const batch = lines.slice(at, at + BATCH);
    const results = await Promise.all(batch.map(({ line }) => importLine(desk, line, schemas)));
    const made = results.flatMap((result) => ("made" in result ? [result.made] : []));
    await record(desk, made);
    applied += made.length;
    for (const [place, result] of results.entries()) {
      if ("problems" in result)
        errors.push({ line: (batch[place]?.index ?? 0) + 1, problems: result.problems });
    }
  }
  return { applied, failed: errors.length, errors };
}

type LineResult = { readonly made: Made } | { readonly problems: readonly Problem[] };

/** The change that a line made, or what is wrong with it. */
async function importLine(desk: Desk, line: string, schemas: Schemas["lines"]): Promise<LineResult> {
  const parsed = parseJson(line);
  if ("faultAt" in parsed) return wrong(`is not JSON from column ${parsed.faultAt + 1} on`);
  const field = fieldOf(parsed.value);
  if (field === undefined) return wrong('expected an object with "key", "id" or "account"');
  const read = v.safeParse(schemas[field], parsed.value);
  if (!read.success) return { problems: problemsOf(read.issues) };
  const { name, ...input } = read.output;
  if (field === "key" && (await isForged(desk.env.KEY_HASH_SECRET, name))) return { problems: [FORGED] };
  try {
    return { made: await make(desk, await subjectOf(desk, field, name), { kind: "put", ...input }) };
  } catch (error) {
    log({ event: "operator.failed", what: desk.what, cause: String(error) });
    return wrong("could not be applied, or not be seen to be; send the line again");
  }
}

function wrong(message: string): LineResult {
  return { problems: [{ path: "", message }] };
}

/** A key's line names its account too, so that a plan is an account's only where there is neither a key nor an id. */
function fieldOf(value: unknown): keyof Schemas["lines"] | undefined {
  return (["key", "id", "account"] as const).find((field) => isTable(value) && field in value);
}

async function subjectOf({ env }: Desk, field: keyof Schemas["lines"], name: string): Promise<SubjectName> {
  if (field === "account") return { kind: "account", name };
  return { kind: "key", name: field === "key" ? await keyId(env.KEY_HASH_SECRET, name) : name };
}
