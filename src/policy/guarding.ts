// What a policy says of addresses, as schemas: lists of them, blocks, and how many new keys one may bring.

import * as v from "valibot";
import { parseNetwork } from "../core/address.ts";
import type { IpBlock } from "../core/policy.ts";
import { BLOCK_PLACEHOLDERS } from "../core/template.ts";
import type { Window } from "../core/window.ts";
import { parseWindow } from "./notation.ts";
import { expected, expects, shortened } from "./problems.ts";
import { refusalOf } from "./refusals.ts";
import { listOf, notation, table, text, time, whole } from "./shapes.ts";

/** Each one is kept with its address until the window is over, so there are not to be too many. */
const MOST_NEW_KEYS = 1_000;
/** Each strike is kept with its address until it no longer counts. */
const MOST_STRIKES = 1_000;

/** Addresses and CIDRs. */
export const networks = listOf(
  notation((written) => parseNetwork(shortened(written))),
  'addresses and CIDRs, such as "203.0.113.0/24"',
);

/** `"20/hour"`, or `"any"`: undefined. */
export const newKeys = v.pipe(
  text,
  v.rawTransform<string, Window | undefined>(({ dataset, addIssue, NEVER }) => {
    const written = dataset.value;
    if (written === "any") return undefined;
    const window = parseWindow(written);
    if (typeof window === "string") {
      addIssue({ message: window });
      return NEVER;
    }
    if (window.unit !== "billing period" && window.size >= 1 && window.size <= MOST_NEW_KEYS) return window;
    const rule = `"any", or 1 to ${MOST_NEW_KEYS} keys in a time, such as "20/hour"`;
    addIssue({ message: expected(rule, written) });
    return NEVER;
  }),
);

/** When an address is shut out, and how it is told. */
export const ipBlock = v.pipe(
  table({
    strikes: whole(1, MOST_STRIKES),
    within: time("1 second", "24 hours"),
    for: time("1 second", "366 days"),
    strike_on_401: v.optional(v.boolean(expects("true or false")), false),
    refusal: v.optional(refusalOf(["problem"], BLOCK_PLACEHOLDERS), "problem"),
  }),
  v.transform(
    ({ strikes, within, for: forMs, strike_on_401, refusal }): IpBlock => ({
      strikes,
      withinMs: within,
      forMs,
      strikeOn401: strike_on_401,
      refusal,
    }),
  ),
);
