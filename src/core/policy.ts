// The policy: all that the operator configured, parsed and validated. Types only; src/policy/ makes them.

import type { Network } from "./address.ts";
import type { Align, Window } from "./window.ts";

/** Who is metered by a limit. */
export type Per = "key" | "account" | "ip";

/** A method and a path pattern: `"POST /apply"`, `"/api/v1/*"`, `"/api/v1/jobs/:id"`. */
export interface Route {
  /** Upper-case method; absent: every method. */
  readonly method?: string;
  /** Lower-case pattern; `:name` is one segment, a trailing `/*` any number of segments, none included. */
  readonly path: string;
}

/** For which answers of the origin a charge is final; any other answer gives it back. */
export type ChargeOn = "always" | "success" | readonly number[];

/** A JSON value with `{placeholders}` in its strings; see `template.ts`. */
export type Template =
  | string
  | number
  | boolean
  | null
  | readonly Template[]
  | { readonly [name: string]: Template };

/**
 * Body of a 429. `"problem"`: RFC 9457 problem details; `"jsonrpc"`: a JSON-RPC error with code -32002; else the
 * operator's own.
 */
export type RefusalFormat = "problem" | "jsonrpc" | { readonly [name: string]: Template };

/** What a tier or an override may change of a limit. */
export interface Adjustment {
  /** Replaces all windows of the limit. */
  readonly windows?: readonly Window[];
  /** Replaces the cost of one request. */
  readonly cost?: number;
  /** Replaces the most characters a request may carry. */
  readonly maxCharacters?: number;
}

/** One rule of a policy. */
export interface Limit {
  readonly name: string;
  readonly match: readonly Route[];
  readonly per: Per;
  readonly windows: readonly Window[];
  /** `clock`: by the clock in UTC. `first`: from the first request. */
  readonly align: Align;
  /** Name of the window that admitted answers report. */
  readonly report?: string;
  /** Units one request costs; an estimate where `costFrom` is set. */
  readonly cost: number;
  /** Lower-case name of the origin's answer header that carries the true cost. */
  readonly costFrom?: string;
  /** Absent: windows are charged always and credits on success. */
  readonly charge?: ChargeOn;
  /** Credits one request spends, of a subject that has a balance; 0: none. */
  readonly credits: number;
  /** Most Unicode code points of the body (or of its field `charactersIn`). */
  readonly maxCharacters?: number;
  /** The top-level JSON field of the body that is measured; absent: the whole body. */
  readonly charactersIn?: string;
  /** `jsonrpc`: a POST counts as the calls in its body; absent: every request counts as one. */
  readonly protocol?: "jsonrpc";
  /** JSON-RPC methods that cost nothing, a last `*` standing for any rest; absent: those of `jsonrpc-cost.ts`. */
  readonly free?: readonly string[];
  /** How many calls one call of an MCP tool counts as, by the tool's name; absent: one. */
  readonly tools?: { readonly [name: string]: number };
  /** `shadow`: decides, counts and reports, and never refuses. */
  readonly mode: "enforce" | "shadow";
  /** Body of this limit's 429; absent: the policy's. */
  readonly refusal?: RefusalFormat;
  /** What becomes of its requests while no decision can be had; absent: see `onErrorOf`. */
  readonly onError?: OnError;
  /** What the operator tells its callers on the limits page; one line of plain text. */
  readonly note?: string;
}

/** What becomes of a request that could not be decided about. */
export type OnError = "allow" | "deny";

/** A tier: what it changes, by the limit's name. */
export type Tier = ReadonlyMap<string, Adjustment>;

/** Where an API key is looked for. */
export type KeySource =
  | { readonly in: "header"; readonly name: string }
  | { readonly in: "bearer" }
  | { readonly in: "query"; readonly name: string }
  | { readonly in: "cookie"; readonly name: string };

/** A region that objects may be made in, by the platform's own names. */
export type LocationHint =
  | "wnam"
  | "enam"
  | "sam"
  | "weur"
  | "eeur"
  | "apac"
  | "apac-ne"
  | "apac-se"
  | "oc"
  | "afr"
  | "me";

/** A jurisdiction that objects may be kept in, by the platform's own names. */
export type Jurisdiction = "eu" | "fedramp" | "fedramp-high" | "us";

/** When an address is shut out, and how it is told. */
export interface IpBlock {
  /** Throttle hits within `withinMs` that begin a block; at least 1. */
  readonly strikes: number;
  /** A rolling window, in milliseconds. */
  readonly withinMs: number;
  /** How long the block lasts, in milliseconds. */
  readonly forMs: number;
  /** True: a 401 of the origin is a strike too. */
  readonly strikeOn401: boolean;
  /** Body of the 403. */
  readonly refusal: RefusalFormat;
}

/** All that the operator configured. */
export interface Policy {
  /** Base URL of the origin, without a trailing slash; absent: the route's own origin. */
  readonly origin?: string;
  readonly keyFrom: readonly KeySource[];
  /** What becomes of a request without a key where a matching limit needs one. */
  readonly anonymous: "reject" | "ip" | "pass";
  /** False: decide, count and report, refuse nothing. */
  readonly enforce: boolean;
  /** Keys that nobody registered: metered by the limits' own windows, or refused with a 401. */
  readonly unknownKeys: "allow" | "reject";
  /** How many keys that nobody knows one address may bring; absent: any number. */
  readonly newKeys?: Window;
  /** Addresses that are never denied, struck or blocked, and may bring any number of new keys. Wins over `deny`. */
  readonly allow: readonly Network[];
  /** Addresses that are refused everything. */
  readonly deny: readonly Network[];
  /** Absent: no address is struck or blocked. */
  readonly ipBlock?: IpBlock;
  /** Leading bits of an IPv6 address that are one subject. */
  readonly ipv6Prefix: number;
  /** How long an isolate may go by what it knows of an address's block, in milliseconds; 0: it always asks. */
  readonly blockMemoryMs: number;
  /** The longest that anything about an address may be needed, in milliseconds; absent: as long as its limits say. */
  readonly ipRetentionMs?: number;
  readonly limits: readonly Limit[];
  readonly tiers: ReadonlyMap<string, Tier>;
  readonly refusal: RefusalFormat;
  /** Which limit headers answers carry. */
  readonly headers: "x-ratelimit" | "ietf" | "both" | "none";
  /** What becomes of a request that could not be decided about, where its limits do not say. */
  readonly onError: OnError;
  /** How long a decision may take before `onError` applies, in milliseconds. */
  readonly decisionTimeoutMs: number;
  /** How long the origin may take to begin its answer, in milliseconds. */
  readonly originTimeoutMs: number;
  /** How long a hold that nobody settles lasts, in milliseconds. */
  readonly holdForMs: number;
  /** True: concurrent requests of one key in one isolate share a call to its object. */
  readonly shareCalls: boolean;
  /** Share of a window's size that restarts may cost it: what is written ahead of a burst. 0: always exact. */
  readonly writeAheadShare: number;
  /** Where new objects are made, if not near their first caller. */
  readonly locationHint?: LocationHint;
  /** The jurisdiction objects must stay in. */
  readonly jurisdiction?: Jurisdiction;
  /** Origins (scheme://host) whose pages may read edge answers; `*` alone: any. */
  readonly corsOrigins: readonly string[];
  /** How long the audit log goes back, in milliseconds. */
  readonly auditRetentionMs: number;
  /** True: anyone may read the limits page. */
  readonly limitsPage: boolean;
  /** What the limits page calls the API; one line of plain text. */
  readonly apiName?: string;
  /** Whom to ask for more, on the limits page: an http(s) URL or a mail address. */
  readonly support?: string;
  /** Where weir's own endpoints are: `"/_weir"`; begins with a slash and does not end with one. */
  readonly adminPath: string;
}
