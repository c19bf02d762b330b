// Blocks: who is shut out, why, until when; and lifting one.

import type { Blocked } from "../objects/messages.ts";
import { guardStub } from "../objects/stubs.ts";
import { findBlocks, liftBlock } from "../operator/blocks.ts";
import { deskOf } from "./desk.ts";
import { type ConsoleContext, FormToken, showPage } from "./page.tsx";
import { Facts, More, Table, Time, Until } from "./parts.tsx";

const ROWS = 50;

/** The page. */
export async function showBlocks(context: ConsoleContext): Promise<Response> {
  const after = context.req.query("after");
  const blocks = await findBlocks(context.env, { limit: ROWS, ...(after !== undefined && { after }) });
  const last = blocks.length < ROWS ? undefined : blocks.at(-1);
  const { base } = context.var;
  const lifted = context.req.query("lifted");
  return showPage(
    context,
    { section: "blocks", title: "Blocks" },
    <>
      <h1>Blocks</h1>
      {lifted !== undefined && (
        <p class="notice" role="status">
          The block was lifted.
        </p>
      )}
      <BlocksTable blocks={blocks} base={base} nowMs={Date.now()} />
      <More href={last && `${base}/blocks?${new URLSearchParams({ after: last.address })}`} />
    </>,
  );
}

/** Asks whether a block is really to be lifted. */
export async function showLift(context: ConsoleContext): Promise<Response> {
  const address = context.req.param("address") ?? "";
  const { base, seat } = context.var;
  const { block } = await guardStub(context.env, address).look(address);
  if (block === undefined)
    return showPage(context, { section: "blocks", title: "Blocks", status: 404 }, <NoBlock base={base} />);
  return showPage(
    context,
    { section: "blocks", title: "Lift a block" },
    <form method="post" action={`${base}/blocks/${encodeURIComponent(address)}`} class="card stack confirm">
      <FormToken seat={seat} />
      <h1>Lift the block of {address}?</h1>
      <Facts
        facts={[
          [
            "Now",
            <>
              shut out until <Time at={block.untilAt} />
            </>,
          ],
          ["Then", "let in again, within seconds, and with no strikes"],
        ]}
      />
      <p class="buttons">
        <button type="submit">Lift the block</button>
        <a class="button quiet" href={`${base}/blocks`}>
          Cancel
        </a>
      </p>
    </form>,
  );
}

/** Lifts it. */
export async function lift(context: ConsoleContext): Promise<Response> {
  await liftBlock(deskOf(context, "lift"), context.req.param("address") ?? "");
  return context.redirect(`${context.var.base}/blocks?lifted`, 303);
}

/** Blocks, a row each. */
export function BlocksTable({
  blocks,
  base,
  nowMs,
}: {
  blocks: readonly Blocked[];
  base: string;
  nowMs: number;
}) {
  return (
    <Table
      label="Blocked addresses"
      columns={[
        { title: "Address" },
        { title: "Why" },
        { title: "Since" },
        { title: "Ends in" },
        { title: "" },
      ]}
      rows={blocks.map(({ address, block }) => [
        <code>{address}</code>,
        block.reason ?? "too many throttle hits",
        <Time at={block.fromAt} />,
        <Until at={block.untilAt} nowMs={nowMs} />,
        <a href={`${base}/blocks/${encodeURIComponent(address)}`} aria-label={`Lift the block of ${address}`}>
          Lift
        </a>,
      ])}
      empty="No address is blocked."
    />
  );
}

function NoBlock({ base }: { base: string }) {
  return (
    <div class="card stack">
      <h1>No such block</h1>
      <p>This address is not blocked, or no longer.</p>
      <p>
        <a href={`${base}/blocks`}>All blocks</a>
      </p>
    </div>
  );
}
