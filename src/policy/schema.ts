// Every variable of a policy and what it may hold, as valibot schemas that read it into the core's words. What has to
// agree between fields or variables is agreement.ts's part.

import * as v from "valibot";
import type { Limit } from "../core/policy.ts";
import { PLACEHOLDERS } from "../core/template.ts";
import { ipBlock, networks, newKeys } from "./guarding.ts";
import {
  answerHeader,
  faultOfAdminPath,
  faultOfBase,
  faultOfCorsOrigin,
  faultOfLine,
  faultOfSupport,
  parseKeySource,
  parseRoute,
  parseWindow,
} from "./notation.ts";
import { expects } from "./problems.ts";
import { refusalOf } from "./refusals.ts";
import {
  faultless,
  faultOfName,
  listOf,
  notation,
  notations,
  oneOf,
  orJson,
  reading,
  table,
  tableOf,
  text,
  time,
  whole,
} from "./shapes.ts";

/** A limit's or a tier's name: it is part of headers, logs and URLs, so nothing in it ever needs quoting. */
const name = v.pipe(
  text,
  v.regex(
    /^[a-z0-9][a-z0-9_-]{0,63}$/,
    expects('a name of 1 to 64 characters from a-z, 0-9, "-" and "_", the first a letter or digit'),
  ),
  v.rawCheck(({ dataset, addIssue }) => {
    const message = dataset.issues ? undefined : faultOfName(dataset.value);
    if (message !== undefined) addIssue({ message });
  }),
);

const windows = listOf(notation(parseWindow), 'windows such as "60/minute"');

const charge = v.union(
  [
    oneOf("always", "success"),
    v.pipe(
      listOf(whole(100, 599), "statuses"),
      v.minLength(1, () => "expected at least one status, got none"),
    ),
  ],
  expects('"always", "success" or a list of statuses from 100 to 599', ["always", "success"]),
);

const method = v.pipe(
  text,
  v.regex(/^[^\s*]+\*?$/, expects('a method such as "ping", or the start of some such as "notifications/*"')),
);

const refusal = refusalOf(["problem", "jsonrpc"], PLACEHOLDERS);

const onError = oneOf("allow", "deny");

const limit = v.pipe(
  table({
    name,
    match: notations(parseRoute, 'one "<METHOD> /path" or "/path"'),
    per: v.optional(oneOf("key", "account", "ip"), "key"),
    windows: v.optional(windows, []),
    align: v.optional(oneOf("clock", "first"), "clock"),
    report: v.exactOptional(text),
    cost: v.optional(whole(1), 1),
    cost_from: v.exactOptional(reading(answerHeader, '"answer:<header>"')),
    charge: v.exactOptional(charge),
    credits: v.optional(whole(0), 0),
    maxCharacters: v.exactOptional(whole(1)),
    charactersIn: v.exactOptional(v.pipe(text, v.minLength(1, expects("the name of a JSON field")))),
    protocol: v.exactOptional(oneOf("jsonrpc")),
    free: v.exactOptional(listOf(method, "methods")),
    tools: v.exactOptional(tableOf(text, whole(0))),
    mode: v.optional(oneOf("enforce", "shadow"), "enforce"),
    refusal: v.exactOptional(refusal),
    on_error: v.exactOptional(onError),
    note: v.exactOptional(faultless(faultOfLine)),
  }),
  v.transform(
    ({ cost_from, on_error, ...rest }): Limit => ({
      ...rest,
      ...(cost_from !== undefined && { costFrom: cost_from }),
      ...(on_error !== undefined && { onError: on_error }),
    }),
  ),
);

/** What a tier or an override may change of a limit. */
export const adjustmentEntries = {
  windows: v.exactOptional(windows),
  cost: v.exactOptional(whole(1)),
  maxCharacters: v.exactOptional(whole(1)),
};
const adjustment = table(adjustmentEntries);

const shareMessage = expects("a number from 0 to 1");
const share = v.pipe(v.number(shareMessage), v.minValue(0, shareMessage), v.maxValue(1, shareMessage));

const entries = {
  ORIGIN: v.exactOptional(
    v.pipe(
      faultless(faultOfBase),
      v.transform((url) => url.replace(/\/+$/, "")),
    ),
  ),
  KEY_FROM: v.optional(orJson(notations(parseKeySource, "one key source")), ["header:x-api-key", "bearer"]),
  ANONYMOUS: v.optional(oneOf("reject", "ip", "pass"), "reject"),
  ENFORCE: v.optional(orJson(v.boolean(expects("true or false"))), true),
  UNKNOWN_KEYS: v.optional(oneOf("allow", "reject"), "allow"),
  NEW_KEYS: v.optional(newKeys, "20/hour"),
  ALLOW: v.optional(orJson(networks), []),
  DENY: v.optional(orJson(networks), []),
  IP_BLOCK: v.exactOptional(orJson(ipBlock)),
  IPV6_PREFIX: v.optional(orJson(whole(1, 128)), 64),
  BLOCK_MEMORY: v.optional(time("0 seconds", "1 minute"), "3 seconds"),
  IP_RETENTION: v.exactOptional(time("1 minute", "366 days")),
  LIMITS: orJson(
    v.pipe(
      listOf(limit, "tables"),
      v.minLength(1, () => "expected at least one limit, got none"),
    ),
  ),
  TIERS: v.optional(orJson(tableOf(name, tableOf(text, adjustment))), {}),
  REFUSAL: v.optional(orJson(refusal), "problem"),
  HEADERS: v.optional(oneOf("x-ratelimit", "ietf", "both", "none"), "x-ratelimit"),
  CORS_ORIGINS: v.optional(
    orJson(
      v.pipe(
        listOf(faultless(faultOfCorsOrigin), "origins"),
        v.check(
          (origins) => origins.length < 2 || !origins.includes("*"),
          () => 'expected "*" to stand alone, got other origins beside it',
        ),
      ),
    ),
    [],
  ),
  ON_ERROR: v.optional(onError, "allow"),
  DECISION_TIMEOUT: v.optional(time("1 second", "30 seconds"), "2 seconds"),
  ORIGIN_TIMEOUT: v.optional(time("1 second", "1 hour"), "100 seconds"),
  HOLD_FOR: v.optional(time("30 seconds", "24 hours"), "5 minutes"),
  SHARE_CALLS: v.optional(orJson(v.boolean(expects("true or false"))), true),
  WRITE_AHEAD: v.optional(orJson(share), 0.05),
  LOCATION_HINT: v.exactOptional(
    oneOf("wnam", "enam", "sam", "weur", "eeur", "apac", "apac-ne", "apac-se", "oc", "afr", "me"),
  ),
  JURISDICTION: v.exactOptional(oneOf("eu", "fedramp", "fedramp-high", "us")),
  AUDIT_RETENTION: v.optional(time("1 day", "3660 days"), "90 days"),
  LIMITS_PAGE: v.optional(orJson(v.boolean(expects("true or false"))), true),
  API_NAME: v.exactOptional(faultless(faultOfLine)),
  SUPPORT: v.exactOptional(faultless(faultOfSupport)),
  ADMIN_PATH: v.optional(faultless(faultOfAdminPath), "/_weir"),
};

/** Every variable of a policy. */
export const variables = table(entries);

/** What the variables hold once they are read. */
export type Variables = v.InferOutput<typeof variables>;

/** Names of all variables. */
export const VARIABLES = Object.keys(entries);
