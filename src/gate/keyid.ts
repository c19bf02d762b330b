// A key's id: its keyed hash (HMAC-SHA-256, RFC 2104). Keys themselves are never stored, named or logged.

import { BoundedMap } from "../core/bounded-map.ts";

/** Ids remembered per isolate. At about 200 bytes each, some 2 MB. */
const REMEMBERED = 10_000;

const ids = new BoundedMap<string, string>(REMEMBERED);
let imported: { readonly secret: string; readonly key: Promise<CryptoKey> } | undefined;

/** The id of an API key that has come before; undefined for any other. */
export function knownKeyId(secret: string, key: string): string | undefined {
  return imported?.secret === secret ? ids.get(key) : undefined;
}

/** The id of an API key: 32 lower-case hexadecimal digits. */
export async function keyId(secret: string, key: string): Promise<string> {
  const known = knownKeyId(secret, key);
  if (known !== undefined) return known;
  const id = await keyedHash(secret, key, 16);
  ids.set(key, id);
  return id;
}

/** So many bytes of a text's keyed hash, in lower-case hexadecimal digits. */
export async function keyedHash(secret: string, text: string, bytes: number): Promise<string> {
  if (imported?.secret !== secret) {
    ids.clear();
    imported = { secret, key: importSecret(secret) };
  }
  const hash = await crypto.subtle.sign("HMAC", await imported.key, encode(text));
  return hexOf(new Uint8Array(hash, 0, bytes));
}

/** Lower-case hexadecimal digits. */
export function hexOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function importSecret(secret: string): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", encode(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;
}
