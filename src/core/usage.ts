// Usage: where windows stand, in a client's words. Whoever shows it, JSON, console or page, shows this.

import { isoTime } from "./calendar.ts";
import { remaining, type Standing } from "./decision.ts";

/** Where one window stands, as `GET /_weir/usage` says it. */
export interface Usage {
  readonly limit: string;
  readonly window: string;
  readonly size: number;
  readonly used: number;
  readonly remaining: number;
  readonly resetsAt: string;
  /** Present where the limit counts here and refuses nobody, which is the operator's business alone. */
  readonly mode?: "shadow";
}

/** A standing in a client's words. */
export function usageOf(standing: Standing): Usage {
  const { limit, window, size, used, resetAt, isShadow } = standing;
  return {
    limit,
    window,
    size,
    used,
    remaining: remaining(standing),
    resetsAt: isoTime(resetAt),
    ...(isShadow && { mode: "shadow" }),
  };
}
