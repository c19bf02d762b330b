// Who is measured: weir under several policies, and what it is compared with. Data only.

/** A Worker's code, by what it is built from. */
export type Code =
  | "weir"
  | "passthrough"
  | "static-429"
  | "floor"
  | "least"
  | "row-per-window"
  | "hono-rate-limiter"
  | "binding";

/** A Worker as it is measured. */
export interface Line {
  readonly code: Code;
  readonly vars?: Readonly<Record<string, unknown>>;
  /** Keys that are registered to one account. */
  readonly accountKeys?: readonly string[];
}

/** A window of both weir and the tutorials' design. */
interface Window {
  readonly size: number;
  readonly unit: keyof typeof UNIT_MS;
}

/** Keys of the account that is measured. */
export const ACCOUNT_KEYS = 20;
/** What an operator says to weir here. */
export const ADMIN_TOKEN = "for-the-bench";

const UNIT_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** Never full, however fast the machine. */
const HUGE = 1_000_000_000;

const endless: readonly Window[] = [
  { size: HUGE, unit: "minute" },
  { size: HUGE, unit: "hour" },
];
const full: readonly Window[] = [{ size: 1, unit: "day" }];
const busy: readonly Window[] = [
  { size: 1_000, unit: "minute" },
  { size: 10_000, unit: "hour" },
];

const minute = [`${HUGE}/minute`];
const fiveWindows = ["minute", "5 minutes", "hour", "day", "month"].map((unit) => `${HUGE}/${unit}`);

function weir(windows: readonly string[], more: Readonly<Record<string, unknown>> = {}): Line {
  return { code: "weir", vars: { LIMITS: [{ name: "default", match: "/*", windows }], ...more } };
}

function textOf(windows: readonly Window[]): string[] {
  return windows.map(({ size, unit }) => `${size}/${unit}`);
}

/** As many windows of the account as of its keys, each as large as all of theirs. */
function weirAccount(windows: readonly Window[]): Line {
  const larger = windows.map(({ size, unit }) => ({ size: size * ACCOUNT_KEYS, unit }));
  return {
    code: "weir",
    vars: {
      ADMIN_TOKEN,
      LIMITS: [
        { name: "key", match: "/*", windows: textOf(windows) },
        { name: "account", match: "/*", per: "account", windows: textOf(larger) },
      ],
    },
    accountKeys: Array.from({ length: ACCOUNT_KEYS }, (_, key) => `account${key}`),
  };
}

function rowPerWindow(windows: readonly Window[]): Line {
  const sized = windows.map(({ size, unit }) => ({ name: unit, ms: UNIT_MS[unit], size }));
  return { code: "row-per-window", vars: { WINDOWS: sized } };
}

/** It knows one window; a day, so that none rolls over while it is measured. */
function honoRateLimiter(limit: number, windowMs = UNIT_MS.day): Line {
  return { code: "hono-rate-limiter", vars: { LIMIT: limit, WINDOW_MS: windowMs } };
}

/** Lines whose speed is measured; two windows unless they say otherwise. */
export const TIMED = {
  passthrough: { code: "passthrough" },
  "static 429": { code: "static-429" },
  floor: { code: "floor" },
  "least limiter": { code: "least" },
  "least limiter, shared": { code: "least", vars: { SHARE: true } },
  "least limiter, full": { code: "least", vars: { REFUSE: true } },
  "row per window": rowPerWindow(endless),
  "row per window, full": rowPerWindow(full),
  "hono-rate-limiter": honoRateLimiter(HUGE),
  "hono-rate-limiter, full": honoRateLimiter(1),
  "Cloudflare's binding": { code: "binding" },
  weir: weir(textOf(endless)),
  "weir, calls not shared": weir(textOf(endless), { SHARE_CALLS: false }),
  "weir, one window": weir(minute),
  "weir, five windows": weir(fiveWindows),
  "weir, full": weir(textOf(full)),
  "weir, account": weirAccount(endless),
} as const satisfies Record<string, Line>;

/** Lines whose calls and rows are counted: 1,000 a minute and 10,000 an hour unless they say otherwise. */
export const COUNTED = {
  floor: { code: "floor" },
  "row per window": rowPerWindow(busy),
  "row per window, full": rowPerWindow(full),
  "hono-rate-limiter": honoRateLimiter(1_000, UNIT_MS.minute),
  "hono-rate-limiter, full": honoRateLimiter(1),
  weir: weir(textOf(busy)),
  "weir, calls not shared": weir(textOf(busy), { SHARE_CALLS: false }),
  "weir, one window": weir(["1000/minute"]),
  "weir, five windows": weir(["1000/minute", "5000/5 minutes", "10000/hour", "100000/day", "1000000/month"]),
  "weir, full": weir(textOf(full)),
  "weir, account": weirAccount(busy),
} as const satisfies Record<string, Line>;

export type TimedName = keyof typeof TIMED;
export type CountedName = keyof typeof COUNTED;
