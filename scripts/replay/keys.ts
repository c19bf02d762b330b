// Ids of keys, as the Worker makes them, but at once: a replay has millions of lines and nothing else to do meanwhile.

import { createHmac } from "node:crypto";

/** Ids remembered. */
const REMEMBERED = 10_000;

/**
 * Makes keys their ids: HMAC-SHA-256 (RFC 2104), 32 lower-case hexadecimal digits.
 *
 * @param secret the Worker's `KEY_HASH_SECRET`, for the ids that its console shows.
 */
export function keyIds(secret: string): (key: string) => string {
  const ids = new Map<string, string>();
  return (key) => {
    const known = ids.get(key);
    if (known !== undefined) return known;
    const id = createHmac("sha256", secret).update(key).digest("hex").slice(0, 32);
    if (ids.size >= REMEMBERED) ids.clear();
    ids.set(key, id);
    return id;
  };
}
