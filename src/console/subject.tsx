// One key or account: where its windows stand, what came of its requests, its plan, and the forms to change it.

import type { Plan } from "../core/plan.ts";
import type { Limit } from "../core/policy.ts";
import { windowText } from "../core/window.ts";
import type { SubjectName } from "../objects/directory.ts";
import { directoryStub } from "../objects/stubs.ts";
import { limitsOf, look } from "../operator/look.ts";
import { ACCOUNT_NAME, KEY_ID } from "../operator/schemas.ts";
import { ACTIONS, LASTS } from "./actions.ts";
import { Chart } from "./chart.tsx";
import { factsOf } from "./facts.ts";
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

function Forms({
  path,
  subject,
  plan,
  hasCredits,
  tiers,
  adjustable,
  counted,
}: {
  path: string;
  subject: SubjectName;
  plan: Plan;
  hasCredits: boolean;
  tiers: readonly string[];
  /** Limits that an override may change: an account's are those of its keys, too. */
  adjustable: readonly Limit[];
  /** Limits that it has counts of. */
  counted: readonly Limit[];
}) {
  const example = adjustable[0]?.windows.map(windowText).join(", ") ?? "60/minute";
  const overridden = Object.keys(plan.overrides ?? {});
  return (
    <div class="forms">
      {tiers.length > 0 && (
        <form method="get" action={`${path}/tier`} class="card stack">
          <h3>Tier</h3>
          <label for="tier">New tier</label>
          <select id="tier" name="tier">
            <option value="" selected={plan.tier === undefined}>
              none: the limits' own windows
            </option>
            {tiers.map((tier) => (
              <option value={tier} selected={tier === plan.tier}>
                {tier}
              </option>
            ))}
          </select>
          <button type="submit">Change the tier…</button>
        </form>
      )}
      <form method="get" action={`${path}/override`} class="card stack">
        <h3>Override</h3>
        <label for="override-limit">Limit</label>
        <Limits id="override-limit" limits={adjustable} />
        <label for="override-windows">Windows</label>
        <input id="override-windows" name="windows" required placeholder={example} autocomplete="off" />
        <label for="lasts">Ends by itself after</label>
        <select id="lasts" name="lasts">
          {LASTS.map(([text, lengthMs]) => (
            <option value={String(lengthMs)} selected={text === "1 day"}>
              {text}
            </option>
          ))}
        </select>
        <button type="submit">Give the override…</button>
      </form>
      {overridden.length > 0 && (
        <form method="get" action={`${path}/end-override`} class="card stack">
          <h3>End an override</h3>
          <label for="end-limit">Limit</label>
          <select id="end-limit" name="limit">
            {overridden.map((limit) => (
              <option value={limit}>{limit}</option>
            ))}
          </select>
          <button type="submit">End the override…</button>
        </form>
      )}
      {hasCredits && (
        <form method="get" action={`${path}/credits`} class="card stack">
          <h3>Credits</h3>
          <label for="add">Credits to add</label>
          <input id="add" name="add" required inputmode="numeric" pattern="[0-9]+" autocomplete="off" />
          <button type="submit">Top up…</button>
        </form>
      )}
      <form method="get" action={`${path}/reset`} class="card stack">
        <h3>Counts</h3>
        <label for="reset-limit">Counts of</label>
        <Limits id="reset-limit" limits={counted} all="all limits" />
        <button type="submit">Reset the counts…</button>
      </form>
      {subject.kind === "key" && (
        <form method="get" action={`${path}/${plan.disabled ? "enable" : "disable"}`} class="card stack">
          <h3>{plan.disabled ? "Enable" : "Disable"}</h3>
          <p>
            {plan.disabled
              ? "Requests are refused with a 403."
              : "Every request would be refused with a 403."}
          </p>
          <button type="submit" class={plan.disabled ? undefined : "danger"}>
            {plan.disabled ? "Enable the key…" : "Disable the key…"}
          </button>
        </form>
      )}
    </div>
  );
}

function Limits({ id, limits, all }: { id: string; limits: readonly Limit[]; all?: string }) {
  return (
    <select id={id} name="limit">
      {all !== undefined && <option value="">{all}</option>}
      {limits.map(({ name }) => (
        <option value={name}>{name}</option>
      ))}
    </select>
  );
}
