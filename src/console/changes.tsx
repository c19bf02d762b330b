// Changes: a form leads to a page that says exactly what would change, and only its button changes it. Each is in the audit
// log, as the API's are.

import { windowText } from "../core/window.ts";
import type { SubjectName } from "../objects/directory.ts";
import { change } from "../operator/change.ts";
import { limitsOf, look } from "../operator/look.ts";
import { schemasOf } from "../operator/schemas.ts";
import type { Problem } from "../policy/problems.ts";
import { ACTIONS, type ActionName, type Fields, foreseen, type Intent, intentOf } from "./actions.ts";
import { deskOf } from "./desk.ts";
import { type Difference, differences, factsOf, limitFacts } from "./facts.ts";
import { type ConsoleContext, FormToken, showNothing, showPage } from "./page.tsx";
import { numberText, subjectPath, Table } from "./parts.tsx";
import { subjectOf } from "./subject.tsx";

/** Asks whether a change is really wanted. */
export async function showChange(context: ConsoleContext): Promise<Response> {
  const { subject, action } = wantedOf(context);
  if (subject === undefined || action === undefined) return showNothing(context);
  const given = { ...context.req.query(), once: crypto.randomUUID() };
  return confirm(context, subject, action, given);
}

/** Makes a change that was confirmed. */
export async function makeChange(context: ConsoleContext): Promise<Response> {
  const { subject, action } = wantedOf(context);
  if (subject === undefined || action === undefined) return showNothing(context);
  const fields = fieldsOf(await context.req.parseBody());
  const intent = intentOf(action, subject.kind, fields, schemasOf(context.var.rules), Date.now());
  if ("problems" in intent) return showProblems(context, subject, action, intent.problems);
  const { amendment } = intent;
  const desk = deskOf(context, action);
  // Counts of a subject that nobody registered are reset as well: it gets an empty plan.
  if (amendment.kind === "reset") await registered(context, subject);
  await change(desk, subject, amendment);
  return context.redirect(`${subjectPath(context.var.base, subject)}?done=${action}`, 303);
}

async function registered(context: ConsoleContext, subject: SubjectName): Promise<void> {
  const { kept } = await look(context.env, context.var.rules, subject);
  if (kept.plan !== undefined) return;
  await change(deskOf(context, "register"), subject, { kind: "patch", creates: true, patch: {} });
}

async function confirm(
  context: ConsoleContext,
  subject: SubjectName,
  action: ActionName,
  given: Fields,
): Promise<Response> {
  const { rules, base, seat } = context.var;
  const nowMs = Date.now();
  const intent: Intent = intentOf(action, subject.kind, given, schemasOf(rules), nowMs);
  if ("problems" in intent) return showProblems(context, subject, action, intent.problems);
  const { kept, standings } = await look(context.env, rules, subject);
  const account = kept.plan?.account;
  const above =
    account === undefined
      ? undefined
      : (await look(context.env, rules, { kind: "account", name: account })).kept.plan;
  const { amendment, fields } = intent;
  const after = foreseen(kept, amendment, nowMs);
  const limits = limitsOf(rules, "key").filter(({ per }) => per === "key" || account === undefined);
  const found: Difference[] = [
    ...differences(factsOf(kept), factsOf(after)),
    ...differences(
      limitFacts(limits, rules, [kept.plan, above], nowMs),
      limitFacts(limits, rules, [after.plan, above], nowMs),
    ),
    ...standings
      .filter(
        ({ limit, used }) =>
          used > 0 && isReset(amendment, limit) && limits.some(({ name }) => name === limit),
      )
      .map(({ limit, window, used, size }) => ({
        name: `${limit}, ${windowText({ size, name: window, unit: "day", multiple: 1 })}`,
        before: `${numberText(used)} used`,
        after: "0 used",
      })),
  ];
  const { section, name } = namesOf(subject);
  const back = subjectPath(base, subject);
  return showPage(
    context,
    { section, title: ACTIONS[action].question },
    <form method="post" action={`${back}/${action}`} class="card stack confirm">
      <FormToken seat={seat} />
      {Object.entries(fields).map(([field, value]) => (
        <input type="hidden" name={field} value={value} />
      ))}
      <h1>{ACTIONS[action].question}?</h1>
      <p class="whose">
        {name} <code>{subject.name}</code>
      </p>
      <Table
        label="What changes"
        columns={[{ title: "What" }, { title: "Now" }, { title: "Then" }]}
        rows={found.map((one) => [one.name, one.before, <strong>{one.after}</strong>])}
        empty="Nothing would change: it is so already."
      />
      <p class="hint">It counts from the next request on, and is in the audit log.</p>
      <p class="buttons">
        {found.length > 0 && (
          <button type="submit" class={action === "disable" ? "danger" : undefined}>
            {ACTIONS[action].button}
          </button>
        )}
        <a class="button quiet" href={back}>
          Cancel
        </a>
      </p>
    </form>,
  );
}

function showProblems(
  context: ConsoleContext,
  subject: SubjectName,
  action: ActionName,
  problems: readonly Problem[],
): Response | Promise<Response> {
  const { section, name } = namesOf(subject);
  return showPage(
    context,
    { section, title: ACTIONS[action].question, status: 400 },
    <div class="card stack confirm">
      <h1>{ACTIONS[action].question}: not like this</h1>
      <p class="whose">
        {name} <code>{subject.name}</code>
      </p>
      <div class="problem" role="alert">
        {problems.map(({ path, message }) => (
          <p>
            {path !== "" && (
              <>
                <code>{path}</code>:{" "}
              </>
            )}
            {message}
          </p>
        ))}
      </div>
      <p>
        <a class="button" href={subjectPath(context.var.base, subject)}>
          Back
        </a>
      </p>
    </div>,
  );
}

function wantedOf(context: ConsoleContext): {
  subject: SubjectName | undefined;
  action: ActionName | undefined;
} {
  const action = context.req.param("action") ?? "";
  const isAction = (name: string): name is ActionName => Object.hasOwn(ACTIONS, name);
  return { subject: subjectOf(context), action: isAction(action) ? action : undefined };
}

function namesOf({ kind }: SubjectName) {
  return kind === "key"
    ? ({ section: "keys", name: "Key" } as const)
    : ({ section: "accounts", name: "Account" } as const);
}

function isReset(amendment: { readonly kind: string; readonly limit?: string }, limit: string): boolean {
  return amendment.kind === "reset" && (amendment.limit === undefined || amendment.limit === limit);
}

function fieldsOf(form: Readonly<Record<string, unknown>>): Fields {
  const texts = Object.entries(form).filter(
    (field): field is [string, string] => typeof field[1] === "string",
  );
  return Object.fromEntries(texts);
}
