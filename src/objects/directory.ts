// The Directory: which keys and accounts are registered, under which plans, and who changed what. One object, for the
// operator alone: no request of a client ever waits for it, and nothing is decided by it.

import { DurableObject } from "cloudflare:workers";
import type { Kept } from "../core/amend.ts";
import type { Near, OverviewView, Summary } from "../core/overview.ts";
import type { Plan } from "../core/plan.ts";
import type { Block } from "../core/strikes.ts";
import type { Env } from "../env.ts";
import { requireRules } from "../policy/rules.ts";
import { StoredOverview } from "./stored-overview.ts";

/** A key, by its id, or an account, by its name. */
export interface SubjectName {
  readonly kind: "key" | "account";
  readonly name: string;
}

/** A subject and the plan it has from now on. */
export interface Registration extends SubjectName {
  /** Absent: registered no longer. */
  readonly plan?: Plan;
  /** As its object counts: of two that arrive in the wrong order, the newer plan stays. */
  readonly version: number;
}

/** What the audit log says of one change. Holds no secret. */
export type AuditEntry = {
  /** Label of the token, and the address it was used from, where that is known. */
  readonly who: string;
  readonly address?: string;
  /** Method and path of the call, without its values: `PUT /keys`. */
  readonly what: string;
} & (
  | { readonly subject: SubjectName; readonly before: Kept; readonly after: Kept }
  /** An address, and the block in force; null: none. */
  | {
      readonly subject: { readonly kind: "address"; readonly name: string };
      readonly before: Block | null;
      readonly after: Block | null;
    }
);

/** An entry as it is in the log. */
export type LoggedEntry = AuditEntry & {
  readonly seq: number;
  /** By the Directory's clock, in Unix milliseconds. */
  readonly at: number;
};

/** A subject that is registered. */
export interface Registered {
  readonly name: string;
  readonly plan: Plan;
}

/** The last hour, for somebody to read. */
export interface LabelledView extends OverviewView {
  readonly near: readonly (Near & { readonly label?: string })[];
}

/** Which part of a list is wanted. */
export interface Page {
  /** The last one of the page before; absent: from the beginning. */
  readonly after?: string;
  readonly limit: number;
}

/** Which keys are wanted. */
export interface WantedKeys {
  readonly account?: string;
  readonly tier?: string;
  /** In the name or label, in either case; or the whole account or tier. Looks at every row until a page is full. */
  readonly text?: string;
}

/** How often what is older than the audit log goes back is swept out, in milliseconds. */
const SWEEP_EVERY_MS = 86_400_000;
/** Entries deleted in one statement. */
const SWEPT_AT_ONCE = 1_000;

/** Tables, version 1. Plans are JSON as the core has them; lists are read by name. */
const TABLES = `
  create table keys (name text primary key, account text, tier text, plan text, version integer) without rowid;
  create index keys_by_account on keys (account, name);
  create index keys_by_tier on keys (tier, name);
  create table accounts (name text primary key, plan text, version integer) without rowid;
  create table audit (seq integer primary key, at integer, entry text);
`;

/** True for a row that a text is found in; asks for the text twice. */
const HAS_TEXT = `(instr(lower(name || char(10) || coalesce(plan ->> 'label', '')), lower(?)) > 0
  or ? in (plan ->> 'account', plan ->> 'tier'))`;

export class Directory extends DurableObject<Env> {
  readonly #overview: StoredOverview;
  #hasTables: boolean;
  #hasAlarm = false;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#overview = new StoredOverview(ctx.storage.sql);
    this.#hasTables = this.#all("select 1 from sqlite_master where name = 'audit'").length > 0;
  }

  /** Takes note of changes that are in force. All of them, or none. Repeating it repeats only the entries. */
  async record(registrations: readonly Registration[], entries: readonly AuditEntry[]): Promise<void> {
    const nowMs = Date.now();
    this.ctx.storage.transactionSync(() => {
      if (!this.#hasTables) this.ctx.storage.sql.exec(TABLES);
      for (const registration of registrations) this.#register(registration);
      for (const entry of entries)
        this.#all("insert into audit (at, entry) values (?, ?)", nowMs, JSON.stringify(entry));
    });
    this.#hasTables = true;
    if (!this.#hasAlarm) await this.#arm();
  }

  /** Takes note of what an isolate decided. */
  tell(summary: Summary): void {
    this.#overview.add(summary);
  }

  /** What all isolates decided in the last hour, and the labels of those who are close to a limit. */
  overview(): LabelledView {
    const view = this.#overview.view();
    const near = view.near.map((one) => {
      const [found] = this.#read<{ label: string | null }>(
        `select plan ->> 'label' as label from ${one.kind === "key" ? "keys" : "accounts"} where name = ?`,
        one.name,
      );
      return { ...one, ...(typeof found?.label === "string" && { label: found.label }) };
    });
    return { ...view, near };
  }

  /** Registered keys, in the order of their ids. */
  keys({ account, tier, text }: WantedKeys, page: Page): Registered[] {
    return this.#page("keys", page, { account, tier }, text);
  }

  /** Accounts, in the order of their names. @param text as in {@link WantedKeys}. */
  accounts(page: Page, text?: string): Registered[] {
    return this.#page("accounts", page, {}, text);
  }

  /** An account's keys; undefined where there is no such account. */
  account(name: string, page: Page): Registered[] | undefined {
    const [found] = this.#read("select 1 from accounts where name = ?", name);
    return found && this.keys({ account: name }, page);
  }

  /** Entries of the audit log, newest first. */
  audit(before: number | undefined, limit: number): LoggedEntry[] {
    const rows = this.#read<{ seq: number; at: number; entry: string }>(
      "select * from audit where seq < ? order by seq desc limit ?",
      before ?? Number.MAX_SAFE_INTEGER,
      limit,
    );
    return rows.map(({ seq, at, entry }) => ({ seq, at, ...(JSON.parse(entry) as AuditEntry) }));
  }

  /** Sweeps out what is older than the audit log goes back. Delivered twice it changes nothing. */
  override async alarm(): Promise<void> {
    this.#hasAlarm = false;
    const sinceAt = Date.now() - requireRules(this.env).policy.auditRetentionMs;
    // The oldest have the lowest numbers, so nothing newer is looked at.
    const oldest = `select seq from audit order by seq limit ${SWEPT_AT_ONCE}`;
    const sweep = `delete from audit where at < ? and seq in (${oldest}) returning seq`;
    while (this.#all(sweep, sinceAt).length === SWEPT_AT_ONCE);
    if (this.#all("select 1 from audit limit 1").length > 0) await this.#arm();
  }

  #register({ kind, name, plan, version }: Registration): void {
    if (kind === "account") {
      this.#all(
        `insert into accounts values (?, ?, ?)
        on conflict do update set plan = excluded.plan, version = excluded.version where excluded.version >= version`,
        ...[name, JSON.stringify(plan ?? {}), version],
      );
      return;
    }
    if (plan === undefined) {
      this.#all("delete from keys where name = ? and version <= ?", name, version);
      return;
    }
    const { account = null, tier = null } = plan;
    this.#all(
      `insert into keys values (?, ?, ?, ?, ?) on conflict do update
      set account = excluded.account, tier = excluded.tier, plan = excluded.plan, version = excluded.version
      where excluded.version >= version`,
      ...[name, account, tier, JSON.stringify(plan), version],
    );
    // Naming an account creates it, and older than any plan it is ever given.
    if (account !== null)
      this.#all("insert into accounts values (?, '{}', 0) on conflict do nothing", account);
  }

  #page(
    table: "keys" | "accounts",
    { after = "", limit }: Page,
    wanted: Readonly<Record<string, string | undefined>>,
    text?: string,
  ): Registered[] {
    const asked = Object.entries(wanted).flatMap(([column, value]) =>
      value === undefined ? [] : [[column, value] as const],
    );
    const having = text === undefined ? [] : [HAS_TEXT];
    const where = ["name > ?", ...asked.map(([column]) => `${column} = ?`), ...having].join(" and ");
    const rows = this.#read<{ name: string; plan: string }>(
      `select name, plan from ${table} where ${where} order by name limit ?`,
      ...[
        after,
        ...asked.map(([, value]) => value),
        ...having.flatMap(() => [text ?? "", text ?? ""]),
        limit,
      ],
    );
    return rows.map(({ name, plan }) => ({ name, plan: JSON.parse(plan) as Plan }));
  }

  /** As `#all`, where there may be no tables yet: reading never makes any. */
  #read<Row extends Record<string, SqlStorageValue>>(statement: string, ...values: SqlStorageValue[]): Row[] {
    return this.#hasTables ? this.#all<Row>(statement, ...values) : [];
  }

  #all<Row extends Record<string, SqlStorageValue>>(statement: string, ...values: SqlStorageValue[]): Row[] {
    return this.ctx.storage.sql.exec<Row>(statement, ...values).toArray();
  }

  async #arm(): Promise<void> {
    this.#hasAlarm = true;
    if ((await this.ctx.storage.getAlarm()) === null)
      await this.ctx.storage.setAlarm(Date.now() + SWEEP_EVERY_MS);
  }
}
