// What an editor tells of each variable and field. Data for the JSON Schema only, so that the Worker need not carry it.

/** Descriptions by the way to a variable or field; `*` stands for any name of a tier or limit. */
export const WORDS: Readonly<Record<string, string>> = {
  ORIGIN: "Base URL of the API behind weir. Without it requests go on to the route's own origin.",
  KEY_FROM:
    'Where the API key is looked for, in order: "header:x-api-key", "bearer", "query:key", "cookie:key".',
  ANONYMOUS:
    "What becomes of a request without a key where a limit needs one: 401, metered by address, or unmetered.",
  ENFORCE: "false: decide, count and report, refuse nothing.",
  UNKNOWN_KEYS: "Keys that nobody registered: metered by the limits' own windows, or refused with a 401.",
  NEW_KEYS:
    'How many keys that nobody knows one address may bring: "20/hour", or "any". Further ones get a 429.',
  ALLOW: "Addresses and CIDRs that are never denied, struck or blocked; limits still count. Wins over DENY.",
  DENY: "Addresses and CIDRs that are refused everything, with a 403.",
  IP_BLOCK: "When an address that hits limits too often is shut out. Without it: never.",
  "IP_BLOCK.strikes": "Throttle hits (429 answers) of an address that begin a block.",
  "IP_BLOCK.within": 'The rolling time in which they count: "1 minute".',
  "IP_BLOCK.for": 'How long the block lasts: "1 hour".',
  "IP_BLOCK.strike_on_401": "true: a 401 of the origin is a strike too.",
  "IP_BLOCK.refusal":
    'Body of the 403: "problem" (RFC 9457), or a table with {retry_after} {reset} {reset_iso} in its strings.',
  IPV6_PREFIX: "Leading bits of an IPv6 address that are one subject.",
  BLOCK_MEMORY:
    "How long an isolate may go by what it knows of an address's block: that late may a block, or its lifting, reach it.",
  IP_RETENTION:
    "The longest that anything about an address may be needed; a policy that needs longer is wrong.",
  LIMITS: "The limits. A request takes from every one that matches it, or from none.",
  "LIMITS.name": "Names the limit in headers, logs and tiers.",
  "LIMITS.match": 'What it governs: "POST /apply", "/api/v1/*", "/api/v1/jobs/:id", or a list of them.',
  "LIMITS.per": "Who is metered.",
  "LIMITS.windows":
    'How much in how long: "60/minute", "300/5 minutes", "10000/billing period". 0: not in the plan.',
  "LIMITS.align": '"clock": windows begin by the clock in UTC. "first": with the first request.',
  "LIMITS.report":
    'The window that admitted answers show, such as "hour". Without it: the one with the least left.',
  "LIMITS.cost": "What one request costs.",
  "LIMITS.cost_from": 'The header of the origin\'s answer that carries the true cost: "answer:x-cost".',
  "LIMITS.charge": '"always", "success" (2xx), or the statuses for which a request is charged.',
  "LIMITS.credits": "Credits one request spends, of a subject that has a balance.",
  "LIMITS.maxCharacters": "Most Unicode code points of the body, or of its field charactersIn.",
  "LIMITS.charactersIn": "The top-level JSON field of the body that is counted. Without it: the whole body.",
  "LIMITS.protocol": '"jsonrpc": a POST counts as the calls in its body, and refusals are JSON-RPC errors.',
  "LIMITS.free":
    'JSON-RPC methods that cost nothing. Without it: "initialize", "ping", "tools/list", "notifications/*".',
  "LIMITS.tools": "How many calls one call of an MCP tool counts as, by the tool's name.",
  "LIMITS.mode": '"shadow": decides, counts and reports, and never refuses.',
  "LIMITS.refusal": "Body of this limit's 429, as REFUSAL.",
  "LIMITS.on_error": "What becomes of its requests that cannot be decided about in time.",
  "LIMITS.note": "What callers are told of it on the limits page.",
  TIERS: "What a tier changes, by the limit's name.",
  "TIERS.*.*.windows": "Replaces all windows of the limit.",
  "TIERS.*.*.cost": "Replaces what one request costs.",
  "TIERS.*.*.maxCharacters": "Replaces the most characters.",
  REFUSAL:
    'Body of a 429: "problem" (RFC 9457), "jsonrpc", or a table with {name} {limit} {remaining} {used} {window} {retry_after} {reset} {reset_iso} in its strings.',
  HEADERS: "Which limit headers answers carry.",
  CORS_ORIGINS: 'Origins whose pages may read weir\'s own answers, or "*".',
  ON_ERROR: "A request that cannot be decided about in time: forwarded, or a 503.",
  DECISION_TIMEOUT: "How long a decision may take before ON_ERROR applies.",
  ORIGIN_TIMEOUT: "How long the origin may take to begin its answer; then a 504.",
  HOLD_FOR: "How long a hold lasts that nobody settles.",
  SHARE_CALLS: "Concurrent requests of one key in one isolate share a call to its object.",
  WRITE_AHEAD: "Share of a window that a crash may cost a busy subject. 0: exact, a row for each request.",
  AUDIT_RETENTION: "How long the audit log of the operator's API goes back.",
  LOCATION_HINT: "Where new objects are made, if not near their first caller.",
  JURISDICTION: "The jurisdiction that objects must stay in.",
  LIMITS_PAGE: "false: the page of the limits, for whoever calls the API, is not served.",
  API_NAME: "What the limits page calls the API.",
  SUPPORT: "Whom callers ask for more, on the limits page: a URL or a mail address.",
  ADMIN_PATH: "Where weir's own endpoints are.",
};
