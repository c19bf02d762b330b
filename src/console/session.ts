// Who is signed in: a signed cookie that expires, and the token that each of the console's forms carries. The API knows
// neither. Both end with the operator's token, which their key is made of.

import type { Context } from "hono";
import { deleteCookie, getSignedCookie, setSignedCookie } from "hono/cookie";

/** How long one stays signed in, in seconds. */
const SIGNED_IN_FOR_S = 8 * 3_600;
const COOKIE = "weir_console";

/** What signs cookies and forms. */
export async function signingKey(adminToken: string): Promise<ArrayBuffer> {
  return sign(bytesOf(adminToken), "weir console");
}

/** Signs somebody in. @param path what the cookie is sent to, and nothing else. */
export async function openSession(
  context: Context,
  key: ArrayBuffer,
  who: string,
  path: string,
): Promise<void> {
  const untilAt = Date.now() + SIGNED_IN_FOR_S * 1_000;
  await setSignedCookie(context, COOKIE, `${untilAt} ${who}`, key, {
    path,
    httpOnly: true,
    secure: true,
    sameSite: "Strict",
    maxAge: SIGNED_IN_FOR_S,
  });
}

/** Signs out. */
export function closeSession(context: Context, path: string): void {
  deleteCookie(context, COOKIE, { path, httpOnly: true, secure: true, sameSite: "Strict" });
}

/** Who is signed in; undefined: nobody, or no longer. */
export async function readSession(context: Context, key: ArrayBuffer): Promise<string | undefined> {
  // A cookie that was tampered with is `false`, and so is no text.
  const value = (await getSignedCookie(context, key, COOKIE)) || "";
  const [, untilAt, who] = /^(\d+) (.+)$/.exec(value) ?? [];
  return Number(untilAt) > Date.now() ? who : undefined;
}

/** The token of the forms of somebody who is signed in. */
export async function formToken(key: ArrayBuffer, who: string): Promise<string> {
  const digits = [...new Uint8Array(await sign(key, `form of ${who}`))].map((byte) =>
    byte.toString(16).padStart(2, "0"),
  );
  return digits.join("");
}

/** True where a form carries the token that it was given. */
export function isFormToken(given: unknown, token: string): boolean {
  if (typeof given !== "string" || given.length !== token.length) return false;
  const [asked, wanted] = [bytesOf(given), bytesOf(token)];
  return asked.length === wanted.length && crypto.subtle.timingSafeEqual(asked, wanted);
}

async function sign(secret: ArrayBuffer | Uint8Array, text: string): Promise<ArrayBuffer> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", secret, algorithm, false, ["sign"]);
  return crypto.subtle.sign("HMAC", key, bytesOf(text));
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
