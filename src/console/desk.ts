// The desk that the operator's functions are called from: the same as the API's, for somebody at the console.

import type { Desk } from "../operator/operation.ts";
import type { ConsoleContext } from "./page.tsx";

/** @param what the change, for the audit log. */
export function deskOf({ env, req, var: { rules, seat } }: ConsoleContext, what: string): Desk {
  const address = req.header("cf-connecting-ip");
  return { env, rules, who: seat.who, what: `console: ${what}`, ...(address !== undefined && { address }) };
}
