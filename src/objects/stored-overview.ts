// The overview in the Directory's storage: a row a minute, written a while after what it tells, and swept out an hour
// later. Counts nothing.

import { type MinuteRow, Overview, type OverviewView, type Summary } from "../core/overview.ts";

/** What was told is written this long after, in one row for all that came meanwhile, in milliseconds. */
const WRITE_AFTER_MS = 5_000;
const MINUTES = 60;
const MINUTE_MS = 60_000;

export class StoredOverview {
  readonly #sql: SqlStorage;
  readonly #overview = new Overview();
  #hasTable: boolean;
  #isWriting = false;

  /** Writes nothing: there is no table before there is something to keep. */
  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#hasTable = sql.exec("select 1 from sqlite_master where name = 'overview'").toArray().length > 0;
    if (!this.#hasTable) return;
    const rows = sql.exec<{ minute: number; row: string }>(
      "select minute, row from overview order by minute",
    );
    for (const { minute, row } of rows) this.#overview.unpack(minute, JSON.parse(row) as MinuteRow);
  }

  /** Counts in what an isolate tells. */
  add(summary: Summary): void {
    const nowMs = Date.now();
    this.#overview.add(summary, nowMs);
    if (this.#isWriting) return;
    this.#isWriting = true;
    setTimeout(() => this.#write(nowMs), WRITE_AFTER_MS);
  }

  /** The last hour. */
  view(): OverviewView {
    return this.#overview.view(Date.now());
  }

  /** Writes the minute of the first summary since the last write, and the one under way where that is another. */
  #write(sinceAt: number): void {
    this.#isWriting = false;
    const nowMs = Date.now();
    if (!this.#hasTable) this.#sql.exec("create table overview (minute integer primary key, row text)");
    this.#hasTable = true;
    const minutes = [sinceAt, nowMs].flatMap((at) => this.#overview.pack(at) ?? []);
    for (const { minute, row } of new Map(minutes.map((one) => [one.minute, one])).values()) {
      this.#sql.exec("insert or replace into overview values (?, ?)", minute, JSON.stringify(row));
    }
    this.#sql.exec("delete from overview where minute <= ?", Math.floor(nowMs / MINUTE_MS) - MINUTES);
  }
}
