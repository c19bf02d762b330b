// What is measured: under which load, which lines, against which. Data only.

import type { Keys } from "./driver.ts";
import { ACCOUNT_KEYS, type CountedName, type TimedName } from "./lines.ts";

/** A load under which lines are timed, round by round. */
export interface Workload {
  readonly id: string;
  readonly title: string;
  readonly keys: Keys;
  readonly connections: number;
  /** Default: 200. */
  readonly status?: number;
  /** Requests before each measurement; default: enough that an object that slept is awake. */
  readonly warmUp?: number;
  /** Requests before the first measurement of a line, where it takes more than the code to be warm. */
  readonly firstWarmUp?: number;
  /** Rounds so many times longer, and fewer: where an answer takes about as long as a round. Default: 1. */
  readonly longer?: number;
  readonly lines: readonly TimedName[];
  /** Lines that the others are compared with. */
  readonly against: readonly TimedName[];
  /** What a reader has to know of the lines. */
  readonly note?: string;
}

/** What makes two of the lines more or less than weir's equals. */
const UNEQUAL = `hono-rate-limiter keeps one window, all others two.
Cloudflare's binding is its local simulation: an object that writes a row for each request. The real one counts in each
location by itself and only about, knows windows of 10 and of 60 seconds, and says neither what remains nor when to come
back.`;

const ofAccount: Keys = { kind: "many", prefix: "account", count: ACCOUNT_KEYS };
const hot: Keys = { kind: "one", key: "hot" };

export const WORKLOADS: readonly Workload[] = [
  {
    id: "hot",
    title: "one hot key, admitted, 32 connections",
    keys: hot,
    connections: 32,
    lines: [
      "passthrough",
      "floor",
      "least limiter",
      "least limiter, shared",
      "weir",
      "weir, calls not shared",
      "row per window",
      "hono-rate-limiter",
      "Cloudflare's binding",
    ],
    against: ["passthrough", "floor", "least limiter", "row per window", "hono-rate-limiter"],
    note: UNEQUAL,
  },
  {
    id: "refused",
    title: "one key, refused, 32 connections",
    keys: hot,
    connections: 32,
    status: 429,
    lines: [
      "static 429",
      "least limiter, full",
      "weir, full",
      "row per window, full",
      "hono-rate-limiter, full",
    ],
    against: ["static 429", "least limiter, full"],
  },
  {
    id: "warm",
    title: "2,000 warm keys of about a request a second, 32 connections",
    keys: { kind: "many", prefix: "warm", count: 2_000 },
    connections: 32,
    firstWarmUp: 20_000,
    lines: ["floor", "weir"],
    against: ["floor"],
  },
  {
    id: "cold",
    title: "cold keys, 32 connections",
    keys: { kind: "fresh", prefix: "cold" },
    connections: 32,
    warmUp: 50,
    longer: 4,
    lines: ["floor", "weir", "row per window", "hono-rate-limiter"],
    against: ["floor"],
  },
  {
    id: "account",
    title: "an account of 20 keys, 20 connections",
    keys: ofAccount,
    connections: 20,
    lines: ["floor", "weir", "weir, account"],
    against: ["floor"],
  },
  {
    id: "windows",
    title: "one, two and five windows, one hot key, 32 connections",
    keys: hot,
    connections: 32,
    lines: ["weir, one window", "weir", "weir, five windows"],
    against: ["weir, one window"],
  },
  {
    id: "one",
    title: "one hot key, 1 connection",
    keys: hot,
    connections: 1,
    lines: ["passthrough", "floor", "weir", "row per window"],
    against: ["passthrough", "floor"],
  },
  {
    id: "crowd",
    title: "one hot key, 256 connections",
    keys: hot,
    connections: 256,
    lines: ["passthrough", "floor", "weir", "row per window"],
    against: ["passthrough", "floor"],
  },
];

/** A load under which calls and rows are counted. */
export interface Scenario {
  readonly id: string;
  readonly title: string;
  readonly keys: Keys;
  readonly connections: number;
  readonly status?: number;
  /** Requests before the count begins. */
  readonly warmUp?: number;
  /** Requests counted. */
  readonly requests: number;
  /** How far each request moves the clock, in milliseconds. */
  readonly stepMs: number;
  readonly lines: readonly CountedName[];
}

/** Requests after which nothing about a key is new. */
const NEW_KEY = 40;

export const SCENARIOS: readonly Scenario[] = [
  {
    id: "busy",
    title: "a busy key: 15 requests a second, 32 connections",
    keys: { kind: "one", key: "busy" },
    connections: 32,
    warmUp: NEW_KEY,
    requests: 3_000,
    stepMs: 65,
    lines: ["floor", "weir", "weir, calls not shared", "row per window", "hono-rate-limiter"],
  },
  {
    id: "slow",
    title: "a slow key: a request every ten seconds",
    keys: { kind: "one", key: "slow" },
    connections: 1,
    warmUp: NEW_KEY,
    requests: 1_000,
    stepMs: 10_000,
    lines: ["weir, one window", "weir", "weir, five windows", "row per window", "hono-rate-limiter"],
  },
  {
    id: "refused",
    title: "a refused key: 1,000 requests a second, 32 connections",
    keys: { kind: "one", key: "refused" },
    connections: 32,
    status: 429,
    warmUp: NEW_KEY,
    // For longer than an isolate remembers a refusal.
    requests: 6_000,
    stepMs: 1,
    lines: ["weir, full", "row per window, full", "hono-rate-limiter, full"],
  },
  {
    id: "account",
    title: "an account of 20 keys: 10 requests a second of each, 20 connections",
    keys: ofAccount,
    connections: 20,
    warmUp: 1_000,
    requests: 2_000,
    stepMs: 5,
    lines: ["weir", "weir, account"],
  },
];
