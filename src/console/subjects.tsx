// Lists of keys and of accounts: search, and a page at a time.

import type { Plan } from "../core/plan.ts";
import { isKey } from "../gate/identify.ts";
import { keyId } from "../gate/keyid.ts";
import type { Page, Registered } from "../objects/directory.ts";
import { directoryStub } from "../objects/stubs.ts";
import { type ConsoleContext, FormToken, showPage } from "./page.tsx";
import { Badge, More, SubjectLink, subjectPath, Table, Until } from "./parts.tsx";

const ROWS = 50;

/** The list of keys. */
export async function showKeys(context: ConsoleContext): Promise<Response> {
  const { text, page } = wantedOf(context);
  const found = await directoryStub(context.env).keys({ ...(text !== "" && { text }) }, page);
  const { base, seat } = context.var;
  const nowMs = Date.now();
  return showPage(
    context,
    { section: "keys", title: "Keys" },
    <>
      <h1>Keys</h1>
      <div class="searches">
        <Search action={`${base}/keys`} text={text} hint="Id, label, account or tier" />
        <form method="post" action={`${base}/keys`} class="search">
          <FormToken seat={seat} />
          <label for="key">Open by key</label>
          <input id="key" name="key" type="password" autocomplete="off" required />
          <button type="submit" class="quiet">
            Open
          </button>
        </form>
      </div>
      <KeysTable keys={found} base={base} nowMs={nowMs} empty={emptyText(text, "keys")} />
      <More href={moreHref(`${base}/keys`, found, text)} />
    </>,
  );
}

/** Goes to the page of a key that was typed in: by a form, so that it is in no address bar and no log. */
export async function openKey(context: ConsoleContext): Promise<Response> {
  const { key } = await context.req.parseBody();
  const { base } = context.var;
  if (typeof key !== "string" || !isKey(key.trim())) return context.redirect(`${base}/keys`, 303);
  const name = await keyId(context.env.KEY_HASH_SECRET, key.trim());
  return context.redirect(subjectPath(base, { kind: "key", name }), 303);
}

/** The list of accounts. */
export async function showAccounts(context: ConsoleContext): Promise<Response> {
  const { text, page } = wantedOf(context);
  const found = await directoryStub(context.env).accounts(page, text === "" ? undefined : text);
  const { base } = context.var;
  return showPage(
    context,
    { section: "accounts", title: "Accounts" },
    <>
      <h1>Accounts</h1>
      <Search action={`${base}/accounts`} text={text} hint="Name, label or tier" />
      <Table
        label="Accounts"
        columns={[
          { title: "Account" },
          { title: "Label" },
          { title: "Tier" },
          { title: "Overrides", isNumber: true },
        ]}
        rows={found.map(({ name, plan }) => [
          <SubjectLink base={base} subject={{ kind: "account", name }} />,
          plan.label ?? "–",
          plan.tier ?? "–",
          overridesOf(plan),
        ])}
        empty={emptyText(text, "accounts")}
      />
      <More href={moreHref(`${base}/accounts`, found, text)} />
    </>,
  );
}

/** Keys, a row each. */
export function KeysTable({
  keys,
  base,
  nowMs,
  empty,
}: {
  keys: readonly Registered[];
  base: string;
  nowMs: number;
  empty: string;
}) {
  return (
    <Table
      label="Keys"
      columns={[
        { title: "Key" },
        { title: "Label" },
        { title: "Account" },
        { title: "Tier" },
        { title: "Overrides", isNumber: true },
        { title: "State" },
      ]}
      rows={keys.map(({ name, plan }) => [
        <SubjectLink base={base} subject={{ kind: "key", name }} />,
        plan.label ?? "–",
        plan.account === undefined ? (
          "–"
        ) : (
          <SubjectLink base={base} subject={{ kind: "account", name: plan.account }} />
        ),
        plan.tier ?? "–",
        overridesOf(plan),
        <State plan={plan} nowMs={nowMs} />,
      ])}
      empty={empty}
    />
  );
}

/** Whether a key is of use. */
export function State({ plan, nowMs }: { plan: Plan | undefined; nowMs: number }) {
  if (plan === undefined) return <Badge tone="calm">not registered</Badge>;
  if (plan.disabled) return <Badge tone="bad">disabled</Badge>;
  if (plan.expiresAt === undefined) return <Badge tone="good">in use</Badge>;
  if (plan.expiresAt <= nowMs) return <Badge tone="bad">expired</Badge>;
  return (
    <Badge tone="warn">
      expires in <Until at={plan.expiresAt} nowMs={nowMs} />
    </Badge>
  );
}

function Search({ action, text, hint }: { action: string; text: string; hint: string }) {
  return (
    <search>
      <form method="get" action={action} class="search">
        <label for="text">Search</label>
        <input id="text" name="text" type="search" value={text} placeholder={hint} />
        <button type="submit" class="quiet">
          Search
        </button>
      </form>
    </search>
  );
}

function wantedOf({ req }: ConsoleContext): { text: string; page: Page } {
  const after = req.query("after");
  return {
    text: (req.query("text") ?? "").trim().slice(0, 200),
    page: { limit: ROWS, ...(after !== undefined && { after }) },
  };
}

function moreHref(path: string, found: readonly Registered[], text: string): string | undefined {
  const last = found.length < ROWS ? undefined : found.at(-1);
  if (last === undefined) return undefined;
  return `${path}?${new URLSearchParams({ ...(text !== "" && { text }), after: last.name })}`;
}

function emptyText(text: string, what: string): string {
  return text === "" ? `No ${what} are registered.` : `No ${what} match “${text}”.`;
}

function overridesOf({ overrides = {} }: Plan): string {
  const count = Object.keys(overrides).length;
  return count === 0 ? "–" : String(count);
}
