// The forms that begin a change of a key or an account. None changes anything: each leads to a page that asks.

import type { Plan } from "../core/plan.ts";
import type { Limit } from "../core/policy.ts";
import { windowText } from "../core/window.ts";
import type { SubjectName } from "../objects/directory.ts";
import { LASTS } from "./actions.ts";

/** Everything that may be changed of a subject. */
export function Forms({
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
