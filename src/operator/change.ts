// A change of what a subject may do: its object first, then the Directory with the audit log. The console's changes take
// the same way as the API's.

import type { Amended, Amendment, Kept } from "../core/amend.ts";
import type { AuditEntry, Registration, SubjectName } from "../objects/directory.ts";
import { accountStub, directoryStub, keyStub } from "../objects/stubs.ts";
import type { Desk } from "./operation.ts";
import { OperatorProblem } from "./problem.ts";

/** A change that is in force, and what the Directory is to know of it. */
export interface Made {
  readonly after: Kept;
  readonly registration: Registration;
  readonly entry: AuditEntry;
}

/**
 * Makes a change, and takes note of it.
 *
 * There is no transaction over two objects. Where the second call fails the change is in force, unlisted and unlogged,
 * and the caller gets a 503: the same call again changes nothing more and mends the rest. The other way round, the log
 * would tell of changes that never were.
 *
 * @throws OperatorProblem 404 or 409.
 */
export async function change(desk: Desk, subject: SubjectName, amendment: Amendment): Promise<Kept> {
  const made = await make(desk, subject, amendment);
  await record(desk, [made]);
  return made.after;
}

/** Makes a change without taking note of it: `record` is to follow. */
export async function make(desk: Desk, subject: SubjectName, amendment: Amendment): Promise<Made> {
  const { kind, name } = subject;
  const stub = kind === "key" ? keyStub(desk.env, name) : accountStub(desk.env, name);
  const amended: Amended = await stub.amend(amendment);
  if (!amended.done) throw refusal(amended.why);
  const { before, after, version } = amended;
  return {
    after,
    registration: { ...subject, version, ...(after.plan && { plan: after.plan }) },
    entry: {
      who: desk.who,
      ...(desk.address !== undefined && { address: desk.address }),
      what: desk.what,
      subject,
      before,
      after,
    },
  };
}

/** Takes note of changes that are in force. */
export async function record(desk: Desk, made: readonly Made[]): Promise<void> {
  await directoryStub(desk.env).record(
    made.map(({ registration }) => registration),
    made.map(({ entry }) => entry),
  );
}

function refusal(why: (Amended & { done: false })["why"]): OperatorProblem {
  return why === "unregistered"
    ? new OperatorProblem(404, "No key is registered under this id.")
    : new OperatorProblem(409, "Idempotency-Key: a top-up of another amount came with it before.");
}
