// What the crash test asks for: a policy, and the subjects that ask. Sizes are such that windows fill within seconds.

/** The variables weir runs with, all but its origin. */
export const policy = {
  KEY_HASH_SECRET: "for-tests-only",
  ADMIN_TOKEN: "for-tests-only",
  LIMITS: [
    { name: "clock", match: "/clock", windows: ["200/10 seconds", "350/30 seconds"], report: "10 seconds" },
    { name: "ahead", match: "/ahead", windows: ["400/day"], align: "first" },
    { name: "success", match: "/success", windows: ["300/day"], align: "first", charge: "success" },
    { name: "account", match: "/account", per: "account", windows: ["400/day"], align: "first" },
    { name: "address", match: "/address", per: "ip", windows: ["300/day"], align: "first" },
  ],
  ANONYMOUS: "ip",
  // Whatever is not decided must not pass, or it would look like a count that was lost.
  ON_ERROR: "deny",
  DECISION_TIMEOUT: "30 seconds",
};

/** A limit as its subjects use it. */
export interface Kind {
  readonly name: "clock" | "ahead" | "success" | "account" | "address";
  /** The window that is spent, or the shortest of them. */
  readonly size: number;
  /** Share of a window that restarts may cost it. */
  readonly slack: number;
  /** How many subjects ask at once; where `isSpent`, each that has spent its window makes room for a new one. */
  readonly subjects: number;
  readonly isSpent: boolean;
}

export const kinds: readonly Kind[] = [
  { name: "clock", size: 200, slack: 0.05, subjects: 3, isSpent: false },
  { name: "ahead", size: 400, slack: 0.05, subjects: 1, isSpent: true },
  { name: "success", size: 300, slack: 0.05, subjects: 1, isSpent: true },
  { name: "account", size: 400, slack: 0.05, subjects: 1, isSpent: true },
  // Counts by address are exact.
  { name: "address", size: 300, slack: 0, subjects: 1, isSpent: true },
];

/** Lengths of the windows of `clock` by their sizes, in milliseconds. */
export const clockWindows: ReadonlyMap<number, number> = new Map([
  [200, 10_000],
  [350, 30_000],
]);

/** Keys of one account, which ask in turn. */
export const ACCOUNT_KEYS = 4;

/** One whose windows are counted. */
export interface Subject {
  readonly kind: Kind;
  readonly number: number;
}

export function nameOf({ kind, number }: Subject): string {
  return `${kind.name}-${number}`;
}

/** How a subject says who it is. @param turn which of its keys it uses, where it has several. */
export function credentials(subject: Subject, turn: number): Record<string, string> {
  const { kind, number } = subject;
  if (kind.name === "address") return { "cf-connecting-ip": `198.51.${number >> 8}.${number & 255}` };
  return { "x-api-key": kind.name === "account" ? keyOf(subject, turn % ACCOUNT_KEYS) : nameOf(subject) };
}

/** One of the keys of an account. */
export function keyOf(account: Subject, index: number): string {
  return `${nameOf(account)}-key-${index}`;
}
