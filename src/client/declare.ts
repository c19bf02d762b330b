// Windows that the caller declares: "60/minute". Parses them and says when one ends by the server's clock; knows no time.

/** A window that the caller knows of before the server tells. */
export interface Declared {
  /** As it was written: `"60/minute"`. */
  readonly name: string;
  readonly size: number;
  /** The longest the window can be. */
  readonly lengthMs: number;
  /** The window's end after an instant, both in Unix milliseconds; absent where no calendar says it. */
  readonly endAfter?: (at: number) => number;
}

const dayMs = 86_400_000;
const unitMs: ReadonlyMap<string, number> = new Map([
  ["second", 1000],
  ["minute", 60_000],
  ["hour", 3_600_000],
  ["day", dayMs],
  ["month", 31 * dayMs],
  ["billing period", 31 * dayMs],
]);

/**
 * Parses `"<count>/<unit>"`, where the unit is a second, minute, hour, day, month or billing period, or a multiple:
 * `"300/5 minutes"`.
 *
 * @throws {TypeError} naming the field, the rule and the value.
 */
export function declaredWindow(text: string, index: number): Declared {
  const [, count = "", multipleText = "1", unit = ""] = /^(\d+)\/(?:(\d+) )?([a-z ]+?)s?$/.exec(text) ?? [];
  const [size, multiple, oneMs] = [Number(count), Number(multipleText), unitMs.get(unit)];
  if (oneMs === undefined || size < 1 || multiple < 1) {
    throw new TypeError(
      `windows[${index}]: expected "<count>/<unit>", such as "60/minute", got ${JSON.stringify(text)}`,
    );
  }
  const lengthMs = multiple * oneMs;
  const window = { name: text, size, lengthMs };
  if (unit === "billing period") return window;
  if (unit === "month") return { ...window, endAfter: (at) => monthsEnd(at, multiple) };
  return { ...window, endAfter: (at) => (Math.floor(at / lengthMs) + 1) * lengthMs };
}

/** The end of the calendar months (counted from 1970, in UTC) that contain an instant. */
function monthsEnd(at: number, multiple: number): number {
  const date = new Date(at);
  const month = (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
  return Date.UTC(1970, (Math.floor(month / multiple) + 1) * multiple);
}
