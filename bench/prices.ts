// What the platform asks for what was counted. List prices in US dollars, past what a plan includes:
// https://developers.cloudflare.com/durable-objects/platform/pricing/

import type { Counts } from "./counts.ts";

const MILLION = 1_000_000;
const CALL = 0.15 / MILLION;
const ROW_WRITTEN = 1 / MILLION;
const ROW_READ = 0.001 / MILLION;
/** A second of an object that is awake, at 12.50 a million GB-s and 128 MB. */
const AWAKE_SECOND = (12.5 / MILLION) * 0.128;

/** What a million requests cost in objects; the Worker's own $0.30 comes with any design. */
export interface Dollars {
  /** Calls to objects and runs of their alarms. */
  readonly calls: number;
  readonly rows: number;
  /** At the most: an object that is called more than once a second is taken to be awake all the time. */
  readonly awake: number;
  readonly total: number;
}

/** Prices counts; `everyMs` is the time between two requests of a key. */
export function dollarsPerMillion(per1000: Counts, everyMs: number): Dollars {
  const thousands = MILLION / 1000;
  const calls = thousands * (per1000.calls + per1000.alarmRuns) * CALL;
  const rows = thousands * (per1000.rowsWritten * ROW_WRITTEN + per1000.rowsRead * ROW_READ);
  const awake = everyMs <= 1000 ? MILLION * (everyMs / 1000) * AWAKE_SECOND : 0;
  return { calls, rows, awake, total: calls + rows + awake };
}
