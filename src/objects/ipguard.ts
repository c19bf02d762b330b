// The IpGuard: what is kept about addresses, in a fixed number of shards, so that a flood from a million addresses cannot
// make a million objects. One row an address.

import { DurableObject } from "cloudflare:workers";
import { type LedgerRow, packLedger, unpackLedger } from "../core/row.ts";
import { Subject } from "../core/subject.ts";
import type { Env } from "../env.ts";
import { requireRules } from "../policy/rules.ts";
import type { Answer, Join, Joined, Settle, Take } from "./messages.ts";

/** An address's row, version 1, as JSON. */
interface AddressRow {
  readonly v: 1;
  readonly ledger: LedgerRow;
}

/** Addresses a shard keeps in memory; the ones asked for longest ago are read from their row again. */
const KEPT_ADDRESSES = 10_000;
/** How often what is over is swept out, in milliseconds. */
const SWEEP_EVERY_MS = 3_600_000;

export class IpGuard extends DurableObject<Env> {
  readonly #addresses = new Map<string, Subject>();
  #hasTable: boolean;
  #hasAlarm = false;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const tables = ctx.storage.sql.exec("select 1 from sqlite_master where name = 'addresses'");
    this.#hasTable = tables.toArray().length > 0;
  }

  /** A request without a key, metered by its address alone. */
  take(take: Take & { readonly address: string }): Answer {
    const { decision, holds } = this.join(take);
    return { decision, ...(holds && { holders: { address: take.address } }) };
  }

  /** An address taking part in the take of a key. */
  join(join: Join & { readonly address: string }): Joined {
    const nowMs = Date.now();
    const rules = requireRules(this.env);
    const subject = this.#subject(join.address);
    const terms = { op: join.op, holdUntilAt: nowMs + rules.policy.holdForMs };
    const decision = join.peek
      ? subject.peek(join.asks, rules, undefined, nowMs)
      : subject.take(join.asks, rules, undefined, nowMs, terms);
    this.#save(join.address, subject, nowMs);
    return { decision, holds: subject.ledger.holds.has(join.op) };
  }

  /** Gives back a take whose request was not let through after all. */
  cancel(op: number, address: string): void {
    const subject = this.#subject(address);
    subject.ledger.cancel(op);
    this.#save(address, subject, Date.now());
  }

  /** Makes a held take final. */
  settle({ op, outcomes, holders: { address } }: Settle): void {
    if (address === undefined) return;
    const nowMs = Date.now();
    const subject = this.#subject(address);
    subject.ledger.settle(op, outcomes, nowMs);
    this.#save(address, subject, nowMs);
  }

  /** Sweeps out the addresses whose windows are over; with none left, the storage too. */
  override async alarm(): Promise<void> {
    const { sql } = this.ctx.storage;
    this.#hasAlarm = false;
    this.#addresses.clear();
    sql.exec("delete from addresses where over_at <= ?", Date.now());
    if (sql.exec("select 1 from addresses limit 1").toArray().length > 0) return this.#arm();
    this.#hasTable = false;
    await this.ctx.storage.deleteAll();
  }

  #subject(address: string): Subject {
    const known = this.#addresses.get(address);
    if (known !== undefined) {
      this.#addresses.delete(address);
      this.#addresses.set(address, known);
      return known;
    }
    const subject = new Subject();
    const row = this.#read(address);
    if (row !== undefined) unpackLedger(subject.ledger, row.ledger);
    this.#addresses.set(address, subject);
    for (const oldest of this.#addresses.keys()) {
      if (this.#addresses.size <= KEPT_ADDRESSES) break;
      this.#addresses.delete(oldest);
    }
    return subject;
  }

  #read(address: string): AddressRow | undefined {
    if (!this.#hasTable) return undefined;
    const [found] = this.ctx.storage.sql
      .exec<{ row: string }>("select row from addresses where address = ?", address)
      .toArray();
    return found && (JSON.parse(found.row) as AddressRow);
  }

  #save(address: string, { ledger }: Subject, nowMs: number): void {
    if (ledger.unsaved !== "now") return;
    const { sql } = this.ctx.storage;
    if (!this.#hasTable) {
      sql.exec("create table addresses (address text primary key, row text, over_at integer) without rowid");
      this.#hasTable = true;
    }
    // Counts by address are exact: nothing is written ahead.
    const row: AddressRow = { v: 1, ledger: packLedger(ledger, nowMs, 0) };
    sql.exec(
      "insert or replace into addresses values (?, ?, ?)",
      address,
      JSON.stringify(row),
      ledger.overAt(),
    );
    if (this.#hasAlarm) return;
    this.#hasAlarm = true;
    setTimeout(() => this.#arm(), 0);
  }

  async #arm(): Promise<void> {
    this.#hasAlarm = true;
    if ((await this.ctx.storage.getAlarm()) === null)
      await this.ctx.storage.setAlarm(Date.now() + SWEEP_EVERY_MS);
  }
}
