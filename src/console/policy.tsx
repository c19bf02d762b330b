// The policy as weir understood it: what holds for all, and each limit for each tier.

import { generalTerms, routeText, tierTerms } from "../policy/describe.ts";
import { type ConsoleContext, showPage } from "./page.tsx";
import { Badge, Facts, Table } from "./parts.tsx";

/** What a limit counts by. */
const PER = { key: "by key", account: "by account", ip: "by address" } as const;

/** The page. */
export function showPolicy(context: ConsoleContext): Response | Promise<Response> {
  const { policy } = context.var.rules;
  const terms = generalTerms(policy).map(([name = "", value = ""]) => [name, value] as const);
  return showPage(
    context,
    { section: "policy", title: "Policy" },
    <>
      <h1>Policy</h1>
      <p class="hint">As weir understood the variables of this deploy.</p>
      {!policy.enforce && (
        <p class="notice warn">
          Nothing is refused: weir decides and counts, and lets every request through.
        </p>
      )}
      <section aria-labelledby="general">
        <h2 id="general">For all limits</h2>
        <Facts facts={terms} />
      </section>
      <section aria-labelledby="limits">
        <h2 id="limits">Limits</h2>
        <div class="limits">
          {policy.limits.map((limit) => (
            <section class="card" aria-labelledby={`limit-${limit.name}`}>
              <h3 id={`limit-${limit.name}`}>
                {limit.name} <Badge tone="calm">{PER[limit.per]}</Badge>{" "}
                {limit.mode === "shadow" && <Badge tone="warn">shadow</Badge>}
              </h3>
              <p class="routes">
                {limit.match.map((route) => (
                  <code>{routeText(route)}</code>
                ))}
              </p>
              <Table
                label={`Limit ${limit.name} by tier`}
                columns={[{ title: "Tier" }, { title: "Windows" }, { title: "Rules" }]}
                rows={tierTerms(limit, policy).map(({ tier, windows, rules }) => [
                  tier === "-" ? "any other" : tier,
                  windows,
                  rules || "–",
                ])}
                empty=""
              />
            </section>
          ))}
        </div>
      </section>
    </>,
  );
}
