// The edge in one process: the way of a request through gate and objects, by the very core that decides there, at the time
// that the log says. Counts nothing itself.

import { mayLeadTo } from "../../src/core/location.ts";
import { methodsOf } from "../../src/core/method.ts";
import { bring, newcomerName } from "../../src/core/newcomers.ts";
import { candidatePaths, type Readings } from "../../src/core/path.ts";
import { REFUSALS } from "../../src/core/refusal.ts";
import { blockAt, strike } from "../../src/core/strikes.ts";
import { UNKNOWN_ADDRESS, type Visitor, visitorOf } from "../../src/gate/visitor.ts";
import type { CompiledRules } from "../../src/policy/rules.ts";
import type { Entry } from "./entry.ts";
import { partiesOf } from "./parties.ts";
import { pathnameOf } from "./pathname.ts";
import { type Kept, Subjects } from "./subjects.ts";
import { takeTogether } from "./take.ts";
import { type Refusal, refusalOf, type Verdict } from "./verdict.ts";

/** Visitors remembered: reading an address costs more than deciding about a request. */
const REMEMBERED_VISITORS = 10_000;

export class Edge {
  readonly #rules: CompiledRules;
  readonly #subjects: Subjects;
  readonly #visitors = new Map<string, Visitor>();
  #op = 0;

  constructor(rules: CompiledRules, subjects = new Subjects(rules.policy.ipBlock)) {
    this.#rules = rules;
    this.#subjects = subjects;
  }

  /** Who asks, and what becomes of the request: decided, charged and settled. */
  decide(entry: Entry): { readonly who: string; readonly verdict: Verdict } {
    this.#subjects.pass(entry.atMs);
    const visitor = this.#visitor(entry.ip ?? "");
    const who =
      entry.keyId === undefined ? `address ${visitor.address ?? UNKNOWN_ADDRESS}` : `key ${entry.keyId}`;
    return { who, verdict: this.#guard(entry, visitor) };
  }

  #guard(entry: Entry, visitor: Visitor): Verdict {
    const paths = candidatePaths(pathnameOf(entry.target));
    const { adminPath, ipBlock } = this.#rules.policy;
    // weir's own endpoints never get as far as a limit.
    if (mayLeadTo({ paths, target: entry.target }, adminPath)) return { kind: "unmetered" };
    if (visitor.isDenied) return refusalOf("denied");
    if (ipBlock === undefined || !visitor.isGuarded) return this.#meter(entry, paths, visitor);
    const address = this.#address(visitor);
    if (blockAt(address.conduct, entry.atMs) !== undefined) return refusalOf("blocked");
    const verdict = this.#meter(entry, paths, visitor);
    const isStrike =
      verdict.kind === "refused"
        ? REFUSALS[verdict.reason].isStrike
        : ipBlock.strikeOn401 && entry.status === 401;
    if (isStrike) address.conduct = strike(address.conduct, ipBlock, entry.atMs);
    return verdict;
  }

  #meter(entry: Entry, paths: Readings, visitor: Visitor): Verdict {
    const methods = methodsOf(entry.method, () => null);
    const limits = this.#rules.matcher.match(methods, paths);
    const parties = partiesOf(entry, limits, visitor, this.#rules.policy, this.#subjects);
    switch (parties.kind) {
      case "unmetered":
        return parties;
      case "unauthenticated":
        return refusalOf("unauthenticated");
      case "metered":
        return (
          this.#turnAway(entry, visitor) ??
          takeTogether(parties.parties, limits, entry, this.#rules, ++this.#op)
        );
    }
  }

  /** Refuses a key that nobody knows, and that is one too many of its address's. */
  #turnAway({ keyId, atMs, ...entry }: Entry, visitor: Visitor): Refusal | undefined {
    const { newKeys } = this.#rules.policy;
    if (newKeys === undefined || !visitor.isBounded || keyId === undefined) return undefined;
    const key = this.#subjects.get(`key ${keyId}`);
    key.isTrusted ||= isKnown(entry);
    if (key.isTrusted) return undefined;
    const address = this.#address(visitor);
    const brought = bring(address.newcomers, newcomerName(keyId), newKeys, atMs);
    if (brought.kind === "welcome") {
      address.newcomers = brought.newcomers;
      return undefined;
    }
    const [refusing] = brought.decision.standings;
    return { ...refusalOf("newcomer"), ...(refusing && { refusing }) };
  }

  #address({ address }: Visitor): Kept {
    return this.#subjects.get(`address ${address}`);
  }

  #visitor(ip: string): Visitor {
    const known = this.#visitors.get(ip);
    if (known !== undefined) return known;
    const visitor = visitorOf({ headers: new Headers({ "cf-connecting-ip": ip }) }, this.#rules.policy);
    if (this.#visitors.size >= REMEMBERED_VISITORS) this.#visitors.clear();
    this.#visitors.set(ip, visitor);
    return visitor;
  }
}

/**
 * True for a key that is no newcomer. At the edge a 2xx is what makes a key known; here the log has it already, and most of
 * its keys would have had theirs before it begins.
 */
function isKnown({ status, tier, account }: Omit<Entry, "keyId" | "atMs">): boolean {
  const isRegistered = tier !== undefined || account !== undefined;
  return isRegistered || status === undefined || (status >= 200 && status < 300);
}
