// Blocks: which addresses are shut out, and shutting out or letting in one by hand.

import * as v from "valibot";
import { addressOf, contains, isCloudflareWorkerAddress } from "../core/address.ts";
import type { Block } from "../core/strikes.ts";
import type { Env } from "../env.ts";
import type { Page } from "../objects/directory.ts";
import type { Blocked, BlockSpan } from "../objects/messages.ts";
import { directoryStub, guardStub, SHARDS, shardOf, shardStub } from "../objects/stubs.ts";
import { expected, type Problem } from "../policy/problems.ts";
import type { CompiledRules } from "../policy/rules.ts";
import { table, time } from "../policy/shapes.ts";
import { answers, blockText } from "./answers.ts";
import { type Desk, type Operation, ok, operation } from "./operation.ts";
import { nextOf, pageOf, pageQuery } from "./pages.ts";
import { invalid, OperatorProblem } from "./problem.ts";
import { instant, label } from "./schemas.ts";

const putBlock = table({
  for: v.exactOptional(
    v.pipe(
      time("1 second", "366 days"),
      v.description('How long: "2 hours". Without it: as `IP_BLOCK` says.'),
    ),
  ),
  until: v.exactOptional(v.pipe(instant, v.description("When it ends, in place of `for`."))),
  reason: v.exactOptional(v.pipe(label, v.description("Why, for whoever reads the list."))),
});
type PutBlock = v.InferOutput<typeof putBlock>;

/** The operations on blocks. */
export function blockOperations(): Operation[] {
  return [
    operation(
      {
        method: "GET",
        path: "/blocks",
        operationId: "listBlocks",
        summary: "List the blocked addresses",
        query: pageQuery,
        success: ok(answers.blocks, "A page, in an order of its own."),
      },
      async ({ desk, query }) => {
        const page = pageOf(query);
        const found = await findBlocks(desk.env, page);
        return { blocks: found.map(blockText), ...nextOf(found, page, ({ address }) => address) };
      },
    ),
    operation(
      {
        method: "PUT",
        path: "/blocks/{ip}",
        operationId: "putBlock",
        summary: "Block an address",
        description:
          "In place of a block there is. It is in force at once, and within `BLOCK_MEMORY` where an isolate has just seen the address. An IPv6 address stands for its network.",
        body: putBlock,
        success: ok(answers.block, "The block."),
        problems: [409],
      },
      async ({ desk, id: written, body }) => {
        const address = subjectOf(written, desk.rules);
        const span = spanOf(body, desk.rules, Date.now());
        mayBeBlocked(written, desk.rules);
        const { before, after } = await guardStub(desk.env, address).block(address, span, body.reason);
        await record(desk, address, before, after);
        return blockText({ address, block: after });
      },
    ),
    operation(
      {
        method: "DELETE",
        path: "/blocks/{ip}",
        operationId: "deleteBlock",
        summary: "Lift an address's block",
        description:
          "Clears its strikes too. Everywhere within `BLOCK_MEMORY`. An address that is not blocked stays so.",
        success: ok(answers.address, "It is blocked no longer."),
        problems: [400],
      },
      async ({ desk, id: written }) => {
        const address = subjectOf(written, desk.rules);
        await liftBlock(desk, address);
        return { address };
      },
    ),
  ];
}

/** Blocks in force, shard by shard, each by address. All are asked at once: most have none. */
export async function findBlocks(env: Env, { after, limit }: Page): Promise<Blocked[]> {
  const first = after === undefined ? 0 : shardOf(after);
  const pages = Array.from({ length: SHARDS - first }, (_, index) => {
    return shardStub(env, first + index).blocks(index === 0 ? (after ?? "") : "", limit);
  });
  return (await Promise.all(pages)).flat().slice(0, limit);
}

/** Lifts the block of an address, if there is one, and clears its strikes. @param address as lists show it. */
export async function liftBlock(desk: Desk, address: string): Promise<void> {
  const before = await guardStub(desk.env, address).lift(address);
  await record(desk, address, before, undefined);
}

/**
 * The subject of an address, or of a network as lists show it.
 *
 * @throws OperatorProblem 400
 */
function subjectOf(written: string, { policy: { ipv6Prefix } }: CompiledRules): string {
  const suffix = `/${ipv6Prefix}`;
  const isNetwork = written.includes(":") && written.endsWith(suffix);
  const address = addressOf(isNetwork ? written.slice(0, -suffix.length) : written, ipv6Prefix);
  if (address !== undefined) return address;
  const rule = `an address, such as "203.0.113.7", "2001:db8::1" or "2001:db8::${suffix}"`;
  throw invalid([{ path: "ip", message: expected(rule, written) }]);
}

/** @throws OperatorProblem 409 for an address that is never blocked, or where none is. */
function mayBeBlocked(written: string, { policy: { allow, ipBlock } }: CompiledRules): void {
  if (ipBlock === undefined) {
    throw new OperatorProblem(409, "The policy has no IP_BLOCK, without which nobody is blocked. See DENY.");
  }
  if (contains(allow, written) || isCloudflareWorkerAddress(written)) {
    throw new OperatorProblem(
      409,
      "This address is never blocked: ALLOW has it, or Workers of all zones share it.",
    );
  }
}

/** @throws OperatorProblem 400 for a time that is over, or longer than `IP_RETENTION` lets it be. */
function spanOf({ for: forMs, until }: PutBlock, { policy }: CompiledRules, nowMs: number): BlockSpan {
  const problem = (path: string, message: string): Problem => ({ path, message });
  if (forMs !== undefined && until !== undefined) {
    throw invalid([problem("until", 'expected either "for" or "until", got both')]);
  }
  if (until !== undefined && until <= nowMs) {
    throw invalid([problem("until", "expected an instant to come, got one that is over")]);
  }
  const span = until === undefined ? { forMs: forMs ?? policy.ipBlock?.forMs ?? 0 } : { untilAt: until };
  const lengthMs = "forMs" in span ? span.forMs : span.untilAt - nowMs;
  if (lengthMs <= (policy.ipRetentionMs ?? Number.POSITIVE_INFINITY)) return span;
  throw invalid([problem(until === undefined ? "for" : "until", "expected no longer than IP_RETENTION")]);
}

/** Takes note of what is in force already; see `change`. */
async function record(desk: Desk, name: string, before: Block | undefined, after: Block | undefined) {
  const { who, address, what, env } = desk;
  const entry = {
    who,
    ...(address !== undefined && { address }),
    what,
    subject: { kind: "address", name },
    before: before ?? null,
    after: after ?? null,
  } as const;
  await directoryStub(env).record([], [entry]);
}
