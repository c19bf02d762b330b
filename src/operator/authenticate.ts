// Who may operate: whoever has the token. Compares in constant time, and says of the token only a label.

import { OperatorProblem } from "./problem.ts";

/** RFC 6750, section 2.1; the scheme's case does not matter (RFC 9110, section 11.1). */
const BEARER = /^bearer +([^ ]+) *$/i;

/**
 * The label of the token that a request carries: what the audit log calls its sender.
 *
 * @throws OperatorProblem 401 where it is not the operator's.
 */
export async function authenticate(request: Request, adminToken: string): Promise<string> {
  const [, given = ""] = BEARER.exec(request.headers.get("authorization") ?? "") ?? [];
  const label = await tokenLabel(given, adminToken);
  if (label !== undefined) return label;
  throw new OperatorProblem(401, "This needs the operator's token: Authorization: Bearer <ADMIN_TOKEN>.", {
    headers: [["WWW-Authenticate", 'Bearer realm="weir operator"']],
  });
}

/** The label of a token; undefined where it is not the operator's. */
export async function tokenLabel(given: string, adminToken: string): Promise<string | undefined> {
  const [asked, wanted] = await Promise.all([digest(given), digest(adminToken)]);
  // Digests are equally long, so that not even the token's length can be timed.
  return crypto.subtle.timingSafeEqual(asked, wanted) ? labelOf(wanted) : undefined;
}

function digest(text: string): Promise<ArrayBuffer> {
  return crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
}

/** Enough of the hash to tell one token from the next. */
function labelOf(hash: ArrayBuffer): string {
  const digits = [...new Uint8Array(hash, 0, 4)].map((byte) => byte.toString(16).padStart(2, "0"));
  return `admin ${digits.join("")}`;
}
