// The IpGuard: counts, strikes, blocks and new keys by address, in a fixed number of shards, so that a flood from a million
// addresses cannot make a million objects.

import { DurableObject } from "cloudflare:workers";
import type { Decision, Refused } from "../core/decision.ts";
import { bring } from "../core/newcomers.ts";
import { SIGN_IN, withSignIn } from "../core/sign-in.ts";
import { type Block, blockAt, CLEAN, type Conduct, strike, strikesAt } from "../core/strikes.ts";
import type { Rules } from "../core/subject.ts";
import type { Env } from "../env.ts";
import { UNKNOWN_ADDRESS } from "../gate/visitor.ts";
import { requireRules } from "../policy/rules.ts";
import { type Address, Addresses } from "./addresses.ts";
import { answerLine, takeIn } from "./lines.ts";
import type { Blocked, BlockSpan, Join, Joined, Settle, Watch } from "./messages.ts";

/** How often what is over is swept out, in milliseconds. */
const SWEEP_EVERY_MS = 3_600_000;

export class IpGuard extends DurableObject<Env> {
  readonly #addresses: Addresses;
  #hasAlarm = false;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#addresses = new Addresses(ctx.storage.sql);
  }

  /**
   * Requests without a key, metered by their address alone. One row covers all that came in the same call.
   *
   * @param lines the takes as text, a line each (`lines.ts`).
   * @returns their answers, in order, likewise.
   */
  take(lines: string): string {
    const nowMs = Date.now();
    const addresses = new Set<string>();
    const answers = lines.split("\n").map((line) => {
      const take = takeIn(line);
      const { address = UNKNOWN_ADDRESS } = take;
      addresses.add(address);
      const { decision, holds } = this.#takeOne({ ...take, address }, nowMs);
      return answerLine({ decision, ...(holds && { holders: { address } }) });
    });
    for (const address of addresses) this.#save(address, nowMs);
    return answers.join("\n");
  }

  /** An address taking part in the take of a key. */
  join(join: Join & { readonly address: string }): Joined {
    const nowMs = Date.now();
    const joined = this.#takeOne(join, nowMs);
    this.#save(join.address, nowMs);
    return joined;
  }

  /** Gives back a take whose request was not let through after all. */
  cancel(op: number, name: string): void {
    this.#addresses.get(name).subject.ledger.cancel(op);
    this.#save(name, Date.now());
  }

  /** Makes a held take final. */
  settle({ op, outcomes, holders: { address: name } }: Settle): void {
    if (name === undefined) return;
    const nowMs = Date.now();
    this.#addresses.get(name).subject.ledger.settle(op, outcomes, nowMs);
    this.#save(name, nowMs);
  }

  /** Charges an attempt to sign in to the console, before it is looked at; one that succeeds is cancelled. */
  knock(address: string, op: number): Decision {
    const nowMs = Date.now();
    const rules = withSignIn(requireRules(this.env));
    const join = { op, address, asks: [{ limit: SIGN_IN.name }] };
    const { decision } = this.#takeOne(join, nowMs, rules);
    this.#save(address, nowMs);
    return decision;
  }

  /** Lets an address bring a key that nobody knows; or refuses it, as one too many, and keeps nothing of it. */
  bring(name: string, newcomer: string): Refused | undefined {
    const { newKeys } = requireRules(this.env).policy;
    if (newKeys === undefined) return undefined;
    const nowMs = Date.now();
    const address = this.#addresses.get(name);
    const brought = bring(address.newcomers, newcomer, newKeys, nowMs);
    if (brought.kind === "refused") return brought.decision;
    address.isChanged ||= brought.newcomers !== address.newcomers;
    address.newcomers = brought.newcomers;
    this.#save(name, nowMs);
    return undefined;
  }

  /** What is held against an address. */
  look(name: string): Watch {
    return this.#watch(this.#addresses.get(name), Date.now());
  }

  /** Holds a throttle hit against an address; for one that is blocked already it writes nothing. */
  strike(name: string): Watch {
    const nowMs = Date.now();
    const address = this.#addresses.get(name);
    const { ipBlock } = requireRules(this.env).policy;
    if (ipBlock !== undefined) this.#hold(name, strike(address.conduct, ipBlock, nowMs), nowMs);
    return this.#watch(address, nowMs);
  }

  /** Shuts an address out by hand, in place of what is held against it. */
  block(name: string, span: BlockSpan, reason?: string): { readonly before?: Block; readonly after: Block } {
    const nowMs = Date.now();
    const before = blockAt(this.#addresses.get(name).conduct, nowMs);
    const untilAt = "untilAt" in span ? span.untilAt : nowMs + span.forMs;
    const after = { fromAt: nowMs, untilAt, ...(reason !== undefined && { reason }) };
    this.#hold(name, { block: after }, nowMs);
    return { after, ...(before && { before }) };
  }

  /** Lifts a block and clears strikes. @returns the block that was in force, if there was one. */
  lift(name: string): Block | undefined {
    const nowMs = Date.now();
    const block = blockAt(this.#addresses.get(name).conduct, nowMs);
    this.#hold(name, CLEAN, nowMs);
    return block;
  }

  /** The blocks in force, by address. @param after the address that the list goes on behind; empty: from the first. */
  blocks(after: string, most: number): Blocked[] {
    return this.#addresses.blocks(after, most, Date.now());
  }

  /** Sweeps out what is over; with nothing left, the storage too. */
  override async alarm(): Promise<void> {
    this.#hasAlarm = false;
    if (this.#addresses.sweep(Date.now())) return this.#arm();
    this.#addresses.forget();
    await this.ctx.storage.deleteAll();
  }

  #takeOne(
    { address: name, op, asks, peek }: Join & { readonly address: string },
    nowMs: number,
    rules: Rules = requireRules(this.env),
  ): Joined {
    const { subject } = this.#addresses.get(name);
    const terms = { op, holdUntilAt: nowMs + rules.policy.holdForMs };
    const decision = peek
      ? subject.peek(asks, rules, undefined, nowMs)
      : subject.take(asks, rules, undefined, nowMs, terms);
    return { decision, holds: subject.ledger.holds.has(op) };
  }

  #hold(name: string, conduct: Conduct, nowMs: number): void {
    const address = this.#addresses.get(name);
    address.isChanged ||= conduct !== address.conduct;
    address.conduct = conduct;
    this.#save(name, nowMs);
  }

  #watch({ conduct }: Address, nowMs: number): Watch {
    const { ipBlock } = requireRules(this.env).policy;
    if (ipBlock === undefined) return { isStruck: false };
    const block = blockAt(conduct, nowMs);
    return {
      isStruck: strikesAt(conduct, ipBlock, nowMs).length > 0,
      ...(block && { block: { untilAt: block.untilAt, remainingMs: block.untilAt - nowMs } }),
    };
  }

  /** Writes an address's row, where it no longer says what is kept of the address. */
  #save(name: string, nowMs: number): void {
    const isSaved = this.#addresses.save(name, requireRules(this.env).policy.ipBlock, nowMs);
    if (!isSaved || this.#hasAlarm) return;
    this.#hasAlarm = true;
    // A first alarm delays every answer behind it, so it is set once this call's answer is on its way.
    setTimeout(() => this.#arm(), 0);
  }

  async #arm(): Promise<void> {
    this.#hasAlarm = true;
    if ((await this.ctx.storage.getAlarm()) === null)
      await this.ctx.storage.setAlarm(Date.now() + SWEEP_EVERY_MS);
  }
}
