// What the fuzz asks weir with: its policy, and everything that must stay within.

/** Secrets that no answer and no log may hold. The keys among them are callers' own. */
export const secrets = {
  hash: "hash-secret-5c1e",
  admin: "admin-secret-77aa",
  origin: "origin-secret-e90b",
  keys: ["key-one-1f0c", "key-two-8d2e", "key-three-33b7", "key-four-c4a9"],
};

/** Stands in what hostile requests send: no header of an answer may repeat it, nor a body that is not JSON. */
export const CANARY = "<script>canary</script>";

/** Addresses that ask; the last two are one subject. */
export const addresses = [
  "192.0.2.1",
  "192.0.2.2",
  "198.51.100.7",
  "2001:db8:1:2::3",
  "2001:db8:1:2:ffff::9",
];

/** Most that may pass in the one window of each limit, which outlasts the run. */
export const sizes = { api: 60, any: 120, address: 1_500, newKeys: 20 };

/** The variables weir runs with, all but its origin. */
export const policy = {
  KEY_HASH_SECRET: secrets.hash,
  ADMIN_TOKEN: secrets.admin,
  ORIGIN_SECRET: secrets.origin,
  KEY_FROM: ["header:x-api-key", "bearer", "query:api_key", "cookie:session"],
  LIMITS: [
    { name: "any", match: "/*", windows: [`${sizes.any}/day`], align: "first" },
    { name: "api", match: "/api/*", windows: [`${sizes.api}/day`], align: "first" },
    { name: "address", match: "/*", per: "ip", windows: [`${sizes.address}/day`], align: "first" },
    { name: "text", match: "POST /api/text", windows: ["1000000/day"], maxCharacters: 100 },
    {
      name: "field",
      match: "POST /api/field",
      windows: ["1000000/day"],
      maxCharacters: 50,
      charactersIn: "text",
    },
  ],
  NEW_KEYS: `${sizes.newKeys}/day`,
  REFUSAL: "jsonrpc",
  HEADERS: "both",
  CORS_ORIGINS: ["https://app.example"],
  // Whatever is not decided must not pass, or it would look like a limit that was passed.
  ON_ERROR: "deny",
  DECISION_TIMEOUT: "30 seconds",
};
