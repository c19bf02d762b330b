// What a shard keeps of addresses: one row each, read when it is asked for and swept out when all in it is over. Decides
// nothing.

import type { Newcomers } from "../core/newcomers.ts";
import type { IpBlock } from "../core/policy.ts";
import { type LedgerRow, packLedger, unpackLedger } from "../core/row.ts";
import { blockAt, CLEAN, type Conduct, conductOverAt } from "../core/strikes.ts";
import { Subject } from "../core/subject.ts";
import type { Blocked } from "./messages.ts";

/** An address's row, version 1, as JSON. */
interface AddressRow {
  readonly v: 1;
  readonly ledger: LedgerRow;
  /** Absent: nothing is held against it. */
  readonly conduct?: Conduct;
  readonly newcomers?: Newcomers;
}

/** One address. Mutable, and owned by one shard. */
export interface Address {
  readonly subject: Subject;
  conduct: Conduct;
  /** The keys that it brought and nobody knows. */
  newcomers: Newcomers | undefined;
  /** True where `conduct` or `newcomers` is not what its row says. */
  isChanged: boolean;
}

/** Addresses a shard keeps in memory; the ones asked for longest ago are read from their row again. */
const KEPT_ADDRESSES = 10_000;

export class Addresses {
  readonly #sql: SqlStorage;
  readonly #known = new Map<string, Address>();
  #hasTable: boolean;

  /** Writes nothing: a shard that is only asked stays without storage. */
  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#hasTable = sql.exec("select 1 from sqlite_master where name = 'addresses'").toArray().length > 0;
  }

  /** Everything that is kept of an address. */
  get(name: string): Address {
    const address = this.#known.get(name) ?? this.#load(name);
    this.#known.delete(name);
    this.#known.set(name, address);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= KEPT_ADDRESSES) break;
      this.#known.delete(oldest);
    }
    return address;
  }

  /**
   * Writes an address's row, where it no longer says what is kept of it. Counts by address are exact: nothing is written
   * ahead.
   *
   * @returns true where it wrote.
   */
  save(name: string, terms: IpBlock | undefined, nowMs: number): boolean {
    const address = this.get(name);
    const { subject, conduct, newcomers } = address;
    if (!address.isChanged && !subject.ledger.isUnsaved) return false;
    address.isChanged = false;
    if (!this.#hasTable) {
      this.#sql.exec(
        "create table addresses (address text primary key, row text, over_at integer, blocked_until integer) without rowid",
      );
      this.#hasTable = true;
    }
    const row: AddressRow = {
      v: 1,
      ledger: packLedger(subject.ledger, nowMs, 0),
      ...(conduct !== CLEAN && { conduct }),
      ...(newcomers && { newcomers }),
    };
    const overAt = Math.max(subject.ledger.overAt(), conductOverAt(conduct, terms), newcomers?.endAt ?? 0);
    this.#sql.exec(
      "insert or replace into addresses values (?, ?, ?, ?)",
      name,
      JSON.stringify(row),
      overAt,
      blockAt(conduct, nowMs)?.untilAt ?? null,
    );
    return true;
  }

  /** The blocks in force, by address. @param after the address that the list goes on behind; empty: from the first. */
  blocks(after: string, most: number, nowMs: number): Blocked[] {
    if (!this.#hasTable) return [];
    const rows = this.#sql.exec<{ address: string; row: string }>(
      "select address, row from addresses where address > ? and blocked_until > ? order by address limit ?",
      after,
      nowMs,
      most,
    );
    return [...rows].flatMap(({ address, row }) => {
      const { conduct = CLEAN } = JSON.parse(row) as AddressRow;
      return "block" in conduct ? [{ address, block: conduct.block }] : [];
    });
  }

  /** Sweeps out the addresses of which all is over. @returns true where some are left. */
  sweep(nowMs: number): boolean {
    this.#known.clear();
    if (!this.#hasTable) return false;
    this.#sql.exec("delete from addresses where over_at <= ?", nowMs);
    return this.#sql.exec("select 1 from addresses limit 1").toArray().length > 0;
  }

  /** Forgets the table, which went with the storage. */
  forget(): void {
    this.#hasTable = false;
  }

  #load(name: string): Address {
    const subject = new Subject();
    const row = this.#read(name);
    if (row !== undefined) unpackLedger(subject.ledger, row.ledger);
    return { subject, conduct: row?.conduct ?? CLEAN, newcomers: row?.newcomers, isChanged: false };
  }

  #read(name: string): AddressRow | undefined {
    if (!this.#hasTable) return undefined;
    const [found] = this.#sql
      .exec<{ row: string }>("select row from addresses where address = ?", name)
      .toArray();
    return found && (JSON.parse(found.row) as AddressRow);
  }
}
