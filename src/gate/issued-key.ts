// Keys that weir issues: random, with a keyed checksum, so that an invented one is told without asking any object.

import { hexOf, keyedHash } from "./keyid.ts";

const PREFIX = "weir_";
const RANDOM_BYTES = 16;
/** 1 in 4 294 967 296 invented keys has the right checksum, and is then unknown to its object. */
const CHECKSUM_BYTES = 4;

/** A new key: `weir_`, 32 random hexadecimal digits, and 8 of their checksum. */
export async function issueKey(secret: string): Promise<string> {
  const body = PREFIX + hexOf(crypto.getRandomValues(new Uint8Array(RANDOM_BYTES)));
  return body + (await checksum(secret, body));
}

/** True for a key that claims to be weir's and is not. */
export async function isForged(secret: string, key: string): Promise<boolean> {
  if (!key.startsWith(PREFIX)) return false;
  const body = key.slice(0, PREFIX.length + 2 * RANDOM_BYTES);
  return key.slice(body.length) !== (await checksum(secret, body));
}

/** No key has a blank in it, so no checksum is the beginning of a key's id. */
function checksum(secret: string, body: string): Promise<string> {
  return keyedHash(secret, `checksum ${body}`, CHECKSUM_BYTES);
}
