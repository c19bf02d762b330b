// The log: one line of JSON an event, for `wrangler tail` and Workers Logs. No key, no body, no header ever gets in.

/** Something an operator wants to know of. */
export type Event =
  | { readonly event: "policy.invalid"; readonly problems: readonly string[] }
  /** A request that would have been refused, were `ENFORCE` not false. */
  | {
      readonly event: "refusal.unenforced";
      readonly keyId?: string;
      readonly limit?: string;
      readonly reason: string;
    }
  /** A shadow limit that would have refused. */
  | { readonly event: "refusal.shadow"; readonly keyId?: string; readonly limits: readonly string[] }
  /** No decision could be had. */
  | {
      readonly event: "decision.degraded";
      readonly keyId?: string;
      readonly action: string;
      readonly cause: string;
    }
  /** A hold could not be settled; it lapses by itself. */
  | { readonly event: "settle.failed"; readonly cause: string }
  /** A take of a refused request could not be given back; its window stays charged. */
  | { readonly event: "cancel.failed"; readonly cause: string }
  /** A call of the operator's API failed inside; part of what it asked may be in force. */
  | { readonly event: "operator.failed"; readonly what: string; readonly cause: string }
  /** What is held against an address could not be had or noted; its request is let through, as if nothing were. */
  | { readonly event: "guard.failed"; readonly cause: string }
  /** What an isolate decided could not be told; the overview lacks it. */
  | { readonly event: "telling.failed"; readonly cause: string }
  /** A stored plan names a tier that the policy lacks; the limits' own windows apply. */
  | { readonly event: "tier.unknown"; readonly tier: string };

/** Writes an event. */
export function log(event: Event): void {
  console.log(JSON.stringify(event));
}
