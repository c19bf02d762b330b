// The audit log, newest first: who changed what, and what that made of it.

import type { Kept } from "../core/amend.ts";
import { isoTime } from "../core/calendar.ts";
import type { Block } from "../core/strikes.ts";
import type { LoggedEntry } from "../objects/directory.ts";
import { directoryStub } from "../objects/stubs.ts";
import { differences, type Fact, factsOf } from "./facts.ts";
import { type ConsoleContext, showPage } from "./page.tsx";
import { More, SubjectLink, Table, Time } from "./parts.tsx";

const ROWS = 50;

/** The page. */
export async function showAudit(context: ConsoleContext): Promise<Response> {
  const { base } = context.var;
  const before = Number(context.req.query("before") ?? Number.NaN);
  const entries = await directoryStub(context.env).audit(
    Number.isSafeInteger(before) ? before : undefined,
    ROWS,
  );
  const last = entries.length < ROWS ? undefined : entries.at(-1);
  return showPage(
    context,
    { section: "audit", title: "Audit log" },
    <>
      <h1>Audit log</h1>
      <Table
        label="Audit log"
        columns={[
          { title: "When" },
          { title: "Who" },
          { title: "What" },
          { title: "Of" },
          { title: "Change" },
        ]}
        rows={entries.map((entry) => [
          <Time at={entry.at} />,
          <Who entry={entry} />,
          entry.what,
          <Whose entry={entry} base={base} />,
          <Change entry={entry} />,
        ])}
        empty="Nothing was changed yet."
      />
      <More href={last && `${base}/audit?before=${last.seq}`} />
    </>,
  );
}

function Who({ entry: { who, address } }: { entry: LoggedEntry }) {
  return (
    <>
      {who}
      {address !== undefined && <span class="aside"> {address}</span>}
    </>
  );
}

function Whose({ entry: { subject }, base }: { entry: LoggedEntry; base: string }) {
  const { kind, name } = subject;
  if (kind === "address") return <code>{name}</code>;
  return (
    <>
      {kind} <SubjectLink base={base} subject={{ kind, name }} />
    </>
  );
}

function Change({ entry: { before, after } }: { entry: LoggedEntry }) {
  const found = differences(stateFacts(before), stateFacts(after));
  if (found.length === 0) return <span class="aside">plan and credits stayed as they were</span>;
  return (
    <ul class="plain">
      {found.map(({ name, before: was, after: is }) => (
        <li>
          {name}: {was} → <strong>{is}</strong>
        </li>
      ))}
    </ul>
  );
}

function stateFacts(state: Kept | Block | null): Fact[] {
  if (state === null) return [];
  if ("fromAt" in state)
    return [["Block", `until ${isoTime(state.untilAt).slice(0, 19).replace("T", " ")} UTC`]];
  return state.plan ? [["Registered", "yes"], ...factsOf(state)] : [];
}
