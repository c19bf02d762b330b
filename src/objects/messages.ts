// What the Worker and the objects say to each other. New code meets old code for minutes after a deploy: fields are
// only ever added, and only as optional ones.

import type { Kept } from "../core/amend.ts";
import type { Decision, Standing } from "../core/decision.ts";
import type { PastSeries } from "../core/history.ts";
import type { Outcome } from "../core/holds.ts";
import type { Grant, Spent } from "../core/lease.ts";
import type { Plan } from "../core/plan.ts";
import type { BlockEnd } from "../core/refusal-body.ts";
import type { Block } from "../core/strikes.ts";
import type { Ask } from "../core/subject.ts";

/** A take, or a look at where it would stand. */
export interface Take {
  /** weir's own number of the take, never the client's. */
  readonly op: number;
  readonly asks: readonly Ask[];
  /** The client's address, where a limit is per address. */
  readonly address?: string | undefined;
  /** True: decide, charge nothing. */
  readonly peek?: boolean | undefined;
  /** True: of the windows that admit it, only the one that its answer reports is of interest. */
  readonly brief?: boolean | undefined;
  /** What the address's shard is to call the key, should nobody know it; absent: the address may bring any. */
  readonly newcomer?: string | undefined;
}

/** Who holds something of a take, to be told how the origin answered. */
export interface Holders {
  readonly key?: true;
  /** Name of the account's object. */
  readonly account?: string;
  /** The address whose shard holds it. */
  readonly address?: string;
}

/** What a take came to. */
export interface Answer {
  readonly decision: Decision;
  readonly tier?: string | undefined;
  readonly account?: string | undefined;
  /** Present only where something is held, so that a settle is due. */
  readonly holders?: Holders | undefined;
  /** True where the key would be trusted, or for longer, if the origin answers with a 2xx: then a settle is due too. */
  readonly isTrustDue?: true | undefined;
  /** True where the shard of the address failed, and so was taken to admit. */
  readonly isUnguarded?: true | undefined;
}

/** The end of a take that holds something. */
export interface Settle {
  readonly op: number;
  readonly outcomes: readonly Outcome[];
  readonly holders: Holders;
  /** True where trust was due and the origin has answered the key with a 2xx. */
  readonly isTrusted?: true;
}

/** A key's object asking its account, or a shard, to be part of its take. */
export interface Join extends Take {
  /** Version of the account's plan that the key knows; absent: none. */
  readonly planVersion?: number;
  /** The key's object, and how many takes it expects within `AHEAD_MS`: it may be lent what it then needs. */
  readonly wants?: { readonly holder: string; readonly takes: number };
  /** What became of the lease it had. */
  readonly spent?: Spent;
}

/** What the account or the shard says to it. */
export interface Joined {
  readonly decision: Decision;
  /** True where something of the take is held here. */
  readonly holds: boolean;
  /** The account's plan, where the key did not know this version of it. */
  readonly plan?: { readonly version: number; readonly plan: Plan };
  /** Takes of the same asks that the key may spend without asking. */
  readonly lent?: Grant;
}

/** What is held against an address. */
export interface Watch {
  /** True where strikes count, so that a block may be near. */
  readonly isStruck: boolean;
  readonly block?: BlockEnd;
}

/** How long an operator shuts an address out. */
export type BlockSpan =
  | { readonly forMs: number }
  /** Unix milliseconds. */
  | { readonly untilAt: number };

/** An address with its block. */
export interface Blocked {
  readonly address: string;
  readonly block: Block;
}

/** A subject as its operator sees it. */
export interface Inspected {
  readonly kept: Kept;
  /** Where the windows that were asked about stand. */
  readonly standings: readonly Standing[];
  /** How many of its requests were admitted and refused; absent from an object of before that was counted. */
  readonly past?: PastSeries;
}
