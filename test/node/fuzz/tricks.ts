// What hostile requests are made of. Data alone; what stands twice is picked twice as often.

import { CANARY } from "./scene.ts";

/** The last two are none that the runtime knows. */
export const methods = [
  ...[
    "GET",
    "GET",
    "GET",
    "GET",
    "GET",
    "POST",
    "POST",
    "POST",
    "POST",
    "HEAD",
    "HEAD",
    "OPTIONS",
    "OPTIONS",
  ],
  ...["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "QUERY", "get", "BREW"],
];

export const paths = [
  ...["/", "/api/x", "/api/x", "/api/text", "/api/field", "/other"],
  ...["/_weir/usage", "/_weir/keys", "/_weir/blocks", "/_weir"],
];

/** What may stand between the parts of a path, or in a letter's place. */
export const pathTricks = [
  ...[
    "/",
    "//",
    "/./",
    "/x/../",
    "/%2e%2e/api/",
    "..",
    "%2f",
    "%5c",
    "\\",
    "/;x=1/",
    ";x",
    "..;/",
    "%00",
    "/%20/",
  ],
  ...["%61pi", "%2561pi", "/API/", "%C3%A9", "%ff", "%", "?", "#", "*", ":", "@"],
];

export const texts = [
  ...[
    "",
    "x",
    "0",
    "-1e999, 0x10, NaN, null",
    "__proto__",
    "constructor",
    "żółć😀\u2028",
    "\t",
    "%0d%0ax-injected:1",
  ],
  ...[`${CANARY}"'\\{}[]`, CANARY, "\r\nx-injected: 1", "\0", "$(x)", "' or 1=1 --"],
];

export const hosts = [
  ...Array.from({ length: 20 }, () => "weir.example"),
  ...["WEIR.example:443", "weir.example:99999", "[::1", "", CANARY, "a/b", "a b"],
];

/** Headers that some origins take a method from. */
export const overrides = ["x-http-method-override", "x-http-method", "x-method-override", "_method"];

/** Headers that are Cloudflare's or weir's to set. */
export const forged = [
  ...["x-forwarded-for", "true-client-ip", "x-real-ip", "forwarded", "ratelimit", "ratelimit-policy"],
  ...["x-ratelimit-limit", "x-ratelimit-remaining", "x-weir-key-id", "x-weir-tier", "x-weir-secret"],
  ...["x-weir-account", "x_weir_key_id"],
];

export const types = [
  ...["application/json", "application/json", "text/plain", "multipart/form-data; boundary=x"],
  ...["application/x-www-form-urlencoded", "x", ""],
];

export const encodings = ["gzip", "br", "deflate", "identity", "zstd", "gzip, gzip", CANARY];

/** Lines that are no header. */
export const brokenLines = [" folded: value", "no-colon", ": nameless", "na me: x", "é: x", `x-${CANARY}: 1`];
