// A refusal as it goes out: status, headers and body, all the policy's and the decision's doing. Pure; the gate makes a
// response of it, and whoever documents a policy shows it.

import { type Header, limitHeaders } from "./headers.ts";
import { type Callers, withCallers } from "./jsonrpc.ts";
import type { Policy } from "./policy.ts";
import { type Cause, REFUSALS } from "./refusal.ts";
import { type Facts, refusalBody } from "./refusal-body.ts";
import type { Json } from "./template.ts";

/** What a refusal says, and how the policy wants it said. */
export interface RefusalOptions extends Omit<Facts, "format"> {
  /** Absent where it has errors. */
  readonly policy?: Pick<Policy, "refusal" | "ipBlock" | "headers" | "corsOrigins">;
  /** Name of the window to report where none refused. */
  readonly report?: string;
  /** Who waits for the answer to the JSON-RPC calls that are refused; absent: the request makes none. */
  readonly callers?: Callers | undefined;
}

/** What a refusal's answer holds. */
export interface RefusalAnswer {
  readonly status: number;
  readonly contentType: string;
  /** Headers beside `Content-Type`, in the order they are written. */
  readonly headers: readonly Header[];
  readonly body: Json;
}

/** The answer to a cause. */
export function refusalAnswer(cause: Cause, options: RefusalOptions = {}): RefusalAnswer {
  const { policy, report, callers, ...facts } = options;
  const format = cause === "blocked" ? policy?.ipBlock?.refusal : policy?.refusal;
  const { contentType, value } = refusalBody(cause, { ...facts, ...(format && { format }) });
  const { status, challenge, retryAfterSeconds } = REFUSALS[cause];
  const headers: Header[] = [];
  if (policy && facts.decision) headers.push(...limitHeaders(facts.decision, policy.headers, report));
  if (retryAfterSeconds !== undefined) headers.push(["Retry-After", String(retryAfterSeconds)]);
  if (challenge !== undefined) headers.push(["WWW-Authenticate", challenge]);
  return { status, contentType, headers, body: withCallers(value, callers) };
}
