// The overview: the last hour at a glance. Its numbers are what isolates told the Directory; the script asks for them again
// every while.

import type { Near } from "../core/overview.ts";
import { tell } from "../gate/telling.ts";
import type { LabelledView } from "../objects/directory.ts";
import { directoryStub } from "../objects/stubs.ts";
import { findBlocks } from "../operator/blocks.ts";
import { BlocksTable } from "./blocks.tsx";
import { Chart } from "./chart.tsx";
import { type ConsoleContext, showPage } from "./page.tsx";
import { Gauge, numberText, SubjectLink, Table, Time, Until } from "./parts.tsx";

/** Blocks that are shown here; the page of blocks has the others. */
const SHOWN_BLOCKS = 10;

/** What an outcome is called. */
const OUTCOMES: Readonly<Record<string, string>> = {
  rate: "limit reached",
  plan: "not in the plan",
  cost: "costs more than the window",
  characters: "too long",
  credits: "no credits left",
  newcomer: "too many new keys from its address",
  unknown: "key not registered",
  expired: "key expired",
  disabled: "key disabled",
  blocked: "address blocked or denied",
  unauthenticated: "no key",
  malformed: "unreadable key",
  invalid: "unreadable body",
  encoding: "unreadable encoding",
};

/** The page. */
export async function showOverview(context: ConsoleContext): Promise<Response> {
  const [view, blocks] = await Promise.all([
    viewOf(context),
    findBlocks(context.env, { limit: SHOWN_BLOCKS }),
  ]);
  const { base } = context.var;
  const nowMs = Date.now();
  return showPage(
    context,
    { section: "overview", title: "Overview" },
    <>
      <h1>Overview</h1>
      <div data-live={`${base}/overview/live`}>
        <Live view={view} base={base} nowMs={nowMs} />
      </div>
      <section aria-labelledby="blocked">
        <h2 id="blocked">Blocked addresses</h2>
        <BlocksTable blocks={blocks} base={base} nowMs={nowMs} />
        {blocks.length === SHOWN_BLOCKS && (
          <p>
            <a href={`${base}/blocks`}>All blocks</a>
          </p>
        )}
      </section>
    </>,
  );
}

/** The part of the page that changes, for the script. */
export async function showLive(context: ConsoleContext): Promise<Response> {
  const view = await viewOf(context);
  const html = <Live view={view} base={context.var.base} nowMs={Date.now()} />;
  return context.json({ html: String(html) });
}

async function viewOf({ env }: ConsoleContext): Promise<LabelledView> {
  // What this isolate decided needs not wait for its turn.
  await tell(env);
  return directoryStub(env).overview();
}

function Live({ view, base, nowMs }: { view: LabelledView; base: string; nowMs: number }) {
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
  const [admitted, refused] = [sum(view.admitted), sum(view.refused)];
  const share = refused === 0 ? 0 : (100 * refused) / (admitted + refused);
  const worst = Math.max(1, ...view.refusals.map(({ requests }) => requests));
  return (
    <>
      <p class="updated">
        The last hour, as of <Time at={nowMs} />
      </p>
      <dl class="tiles">
        <Tile name="Admitted" value={numberText(admitted)} tone="admitted" />
        <Tile name="Refused" value={numberText(refused)} tone="refused" />
        <Tile name="Share refused" value={`${share.toFixed(share < 10 ? 1 : 0)} %`} />
        <Tile
          name="Without a decision"
          value={numberText(view.degraded)}
          tone={view.degraded > 0 ? "warn" : undefined}
        />
      </dl>
      <Chart title="Requests a minute" series={view} />
      <div class="columns">
        <section aria-labelledby="refusals">
          <h2 id="refusals">Refused most</h2>
          <Table
            label="Refused most"
            columns={[
              { title: "Limit" },
              { title: "Tier" },
              { title: "Why" },
              { title: "Requests", isNumber: true },
            ]}
            rows={view.refusals.map(({ limit, tier, outcome, requests }) => [
              limit || "–",
              tier || "–",
              OUTCOMES[outcome] ?? outcome,
              <span class="bar-number">
                <Bar share={requests / worst} />
                {numberText(requests)}
              </span>,
            ])}
            empty="Nothing was refused."
          />
        </section>
        <section aria-labelledby="near">
          <h2 id="near">Close to a limit</h2>
          <Table
            label="Close to a limit"
            columns={[
              { title: "Who" },
              { title: "Window" },
              { title: "Used" },
              { title: "Resets in", isNumber: true },
            ]}
            rows={view.near.map((near) => [
              <SubjectLink
                base={base}
                subject={near}
                {...(near.label !== undefined && { label: near.label })}
              />,
              `${near.limit}, ${near.window}`,
              <Used near={near} />,
              <Until at={near.resetAt} nowMs={nowMs} />,
            ])}
            empty="Nobody has used 80 % of a window."
          />
        </section>
      </div>
    </>
  );
}

function Used({ near }: { near: Near }) {
  return (
    <span class="used">
      <Gauge label={`${near.limit}, ${near.window}`} standing={near} />
      {numberText(near.used)} of {numberText(near.size)}
    </span>
  );
}

function Tile({ name, value, tone }: { name: string; value: string; tone?: string | undefined }) {
  return (
    <div class={tone}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** How much of the most it is: a picture of the number beside it. */
function Bar({ share }: { share: number }) {
  return (
    <svg class="bar-share" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
      <rect width={100 * share} height="6" rx="1" />
    </svg>
  );
}
