// How tests make objects fail: the ways there are, and where to say so.

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { type MockInstance, vi } from "vitest";
import type { Event } from "../../../src/log.ts";
import { accountStub, guardStub } from "../../../src/objects/stubs.ts";
import { limiterOf } from "../harness.ts";
import type { Call, Fault, Limiter, Scene } from "./entry.ts";

/** Longer than the policy's `DECISION_TIMEOUT`, in milliseconds. */
const TOO_LATE_MS = 1_500;

let addresses = 0;

/** An address that no other test of the file uses. */
export function freshAddress(): string {
  addresses += 1;
  return `198.51.100.${addresses}`;
}

/** It throws before it does anything. */
export const throwing: Fault = () => {
  throw new Error("broken");
};

/** It does its work, and answers too late. */
export const late: Fault = async (call) => {
  const answer = await call();
  await new Promise((resolve) => setTimeout(resolve, TOO_LATE_MS));
  return answer;
};

/** It answers something else. */
export function answering(nonsense: unknown): Fault {
  return () => nonsense;
}

/** Its row cannot be written: the platform rolls back, and answers with an error what waited for the write. */
export const notWriting: Fault = async (call, { sql }) => {
  const answer = await call();
  // Checked when the write is committed, and never met.
  sql.exec("create table never (id integer primary key)");
  sql.exec("create table fails (id integer references never (id) deferrable initially deferred)");
  sql.exec("insert into fails values (1)");
  return answer;
};

/** The platform says that it may be asked again, before or after it did its work. */
export const disconnecting: Fault = () => {
  throw flagged({ retryable: true });
};
export const disconnectingLate: Fault = async (call) => {
  await call();
  throw flagged({ retryable: true });
};

/** The platform says that it has more to do than it can. */
export const overloaded: Fault = () => {
  throw flagged({ overloaded: true, retryable: true });
};

/** Objects that fail, by what they do. */
export const faults: readonly [string, Fault][] = [
  ["throws", throwing],
  ["answers late", late],
  ["cannot write", notWriting],
  ["answers nothing", answering(undefined)],
  ["answers text", answering("ok")],
  ["answers too little", answering("")],
  ["answers no instant", answering("\t\t\t\twindow,minute,5,1,1,0,60000")],
  ["answers a window cut short", answering("0\t\t\t\twindow,minute,5,1")],
  ["answers a reason that is none", answering(refusalBy("constructor", "", "5"))],
  ["answers an index that is none", answering(refusalBy("rate", "1", "5"))],
  ["answers no wait", answering(refusalBy("rate", "", ""))],
  [
    "answers an object with a decision that is none",
    answering({ decision: { admitted: "yes" }, holds: false }),
  ],
];

/** As a line, of no window. */
function refusalBy(...why: readonly string[]): string {
  return ["0", "", "", "", "", ...why].join("\t");
}

function flagged(flags: object): Error {
  return Object.assign(new Error("the platform's own words"), flags);
}

/** Tells the object of a key what its next takes come to. */
export async function breakKey(key: string, ...faults: readonly Fault[]): Promise<void> {
  await tell(await limiterOf(key), "take", faults);
}

/** Tells the object of an account what the next takes of its keys come to. */
export async function breakAccount(account: string, ...faults: readonly Fault[]): Promise<void> {
  await tell(accountStub(env, account), "join", faults);
}

/** Tells the shard of an address what the next such calls come to. */
export async function breakShard(address: string, call: Call, ...faults: readonly Fault[]): Promise<void> {
  await tell(guardStub(env, address), call, faults);
}

/** What an object has seen, since it was last reset. */
export async function sceneOf(stub: DurableObjectStub): Promise<Scene> {
  return runInDurableObject(stub as DurableObjectStub<Limiter>, ({ scene }) => scene);
}

/** What the object of a key says is used of a limit's first window, asked behind the Worker's back. */
export async function usedOf(key: string, limit: string): Promise<number | undefined> {
  const { standings } = await (await limiterOf(key)).inspect([{ limit }]);
  return standings[0]?.used;
}

async function tell(stub: DurableObjectStub, call: Call, faults: readonly Fault[]): Promise<void> {
  (await sceneOf(stub)).faults.push(...faults.map((fault) => ({ call, fault })));
}

/** The events that weir logs from here on. */
export function eventsLogged(): () => Event[] {
  const lines: MockInstance<typeof console.log> = vi.spyOn(console, "log").mockImplementation(() => {});
  return () => lines.mock.calls.map(([line]) => JSON.parse(line) as Event);
}
