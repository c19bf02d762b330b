// One key or account: where its windows stand, what came of its requests, and its plan.

import type { SubjectName } from "../objects/directory.ts";
import { directoryStub } from "../objects/stubs.ts";
import { limitsOf, look } from "../operator/look.ts";
import { ACCOUNT_NAME, KEY_ID } from "../operator/schemas.ts";
import { ACTIONS } from "./actions.ts";
import { Chart } from "./chart.tsx";
import { factsOf } from "./facts.ts";
import { Forms } from "./forms.tsx";
import { type ConsoleContext, showNothing, showPage } from "./page.tsx";
import { Facts, Gauges, More, SubjectLink, subjectPath } from "./parts.tsx";
import { KeysTable, State } from "./subjects.tsx";

/** Keys of an account that are shown at once. */
const ROWS = 25;

/** The subject that a path names; undefined where nothing can have that name. */
export function subjectOf({ req, var: { base } }: ConsoleContext): SubjectName | undefined {
  const name = req.param("name") ?? "";
  if (req.path.startsWith(`${base}/keys/`)) return KEY_ID.test(name) ? { kind: "key", name } : undefined;
  return ACCOUNT_NAME.test(name) ? { kind: "account", name } : undefined;
}

/** The page. */
export async function showSubject(context: ConsoleContext): Promise<Response> {
  const subject = subjectOf(context);
  if (subject === undefined) return showNothing(context);
  const { rules, base } = context.var;
  const { kind, name } = subject;
  const page = { limit: ROWS, after: context.req.query("after") ?? "" };
  const [{ kept, standings, past }, keys = []] = await Promise.all([
    look(context.env, rules, subject),
    kind === "account" ? directoryStub(context.env).keys({ account: name }, page) : undefined,
  ]);
  const { plan = {}, credits } = kept;
  const facts = factsOf(kept);
  const nowMs = Date.now();
  const done = context.req.query("done") ?? "";
  const next = keys.length < ROWS ? undefined : keys.at(-1)?.name;
  return showPage(
    context,
    { section: kind === "key" ? "keys" : "accounts", title: plan.label ?? name },
    <>
      <h1>{plan.label ?? (kind === "key" ? `Key ${name.slice(0, 10)}…` : name)}</h1>
      <p class="whose">
        {kind === "key" ? "Key" : "Account"} <code>{name}</code>{" "}
        {kind === "key" && <State plan={kept.plan} nowMs={nowMs} />}
      </p>
      {Object.hasOwn(ACTIONS, done) && (
        <p class="notice" role="status">
          {ACTIONS[done as keyof typeof ACTIONS].done}
        </p>
      )}
      <section aria-labelledby="windows">
        <h2 id="windows">Windows</h2>
        {standings.length === 0 ? (
          <p class="empty">No limit counts here.</p>
        ) : (
          <Gauges standings={standings} nowMs={nowMs} />
        )}
      </section>
      {past && (
        <section aria-labelledby="past">
          <h2 id="past">Requests</h2>
          <div class="columns">
            <Chart title="Last hour, by minute" series={past.hour} />
            <Chart title="Last day, by hour" series={past.day} />
          </div>
        </section>
      )}
      <section aria-labelledby="plan">
        <h2 id="plan">Plan</h2>
        {facts.length === 0 ? (
          <p class="empty">None of its own: the limits as the policy has them.</p>
        ) : (
          <Facts
            facts={facts.map(([fact, value]) => [
              fact,
              fact === "Account" ? (
                <SubjectLink base={base} subject={{ kind: "account", name: value }} />
              ) : (
                value
              ),
            ])}
          />
        )}
      </section>
      {kind === "account" && (
        <section aria-labelledby="keys">
          <h2 id="keys">Keys</h2>
          <KeysTable keys={keys} base={base} nowMs={nowMs} empty="No key belongs to this account." />
          <More href={next && `${subjectPath(base, subject)}?${new URLSearchParams({ after: next })}`} />
        </section>
      )}
      <section aria-labelledby="change">
        <h2 id="change">Change</h2>
        <p class="hint">Each leads to a page that says what would change, before anything does.</p>
        <Forms
          path={subjectPath(base, subject)}
          subject={subject}
          plan={plan}
          hasCredits={kind === "account" || credits !== undefined || plan.account === undefined}
          tiers={[...rules.policy.tiers.keys()]}
          adjustable={limitsOf(rules, "key").filter(({ windows }) => windows.length > 0)}
          counted={limitsOf(rules, kind).filter(({ windows }) => windows.length > 0)}
        />
      </section>
    </>,
  );
}
