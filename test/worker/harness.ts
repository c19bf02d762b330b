// What tests need to be a client of weir: requests, what limit headers say, and a clock. Judges nothing.

import { createExecutionContext } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { vi } from "vitest";
import type { Env } from "../../src/env.ts";
import { keyId } from "../../src/gate/keyid.ts";
import worker, { type Limiter } from "../../src/index.ts";
import { answerIn, takeLine } from "../../src/objects/lines.ts";
import type { Answer, Take } from "../../src/objects/messages.ts";
import { keyStub } from "../../src/objects/stubs.ts";

declare global {
  namespace Cloudflare {
    interface Env extends WeirEnv {}
    interface GlobalProps {
      mainModule: typeof import("../../src/index.ts");
    }
  }
}
type WeirEnv = Env;

// Thousands of requests take a while on a slow machine.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

/** A request as a client makes it, with its key in `x-api-key`. */
export interface Asking extends RequestInit {
  readonly key?: string;
}

/** Asks weir for a path. Redirects are not followed. */
export function ask(path: string, asking: Asking = {}): Promise<Response> {
  return exports.default.fetch(requestFor(path, asking));
}

/**
 * Weir under other variables, called at its handler. Only the Worker reads them: its objects keep the policy of the file.
 */
export function weirUnder(variables: Readonly<Record<string, unknown>>): typeof ask {
  const changed = { ...env, ...variables };
  return async (path, asking) => {
    const request = requestFor(path, asking) as Parameters<NonNullable<typeof worker.fetch>>[0];
    const answer = await worker.fetch?.(request, changed, createExecutionContext());
    if (answer === undefined) throw new Error("the Worker handles no requests");
    return answer;
  };
}

/** The request that `ask` makes. */
export function requestFor(path: string, { key, ...init }: Asking = {}): Request {
  const request = new Request(`https://weir.test${path}`, { redirect: "manual", ...init });
  if (key !== undefined) request.headers.set("x-api-key", key);
  return request;
}

/** Asks the same again and again, each time once the answer before is there; bodies are left unread. */
export async function askTimes(times: number, path: string, asking: Asking = {}): Promise<Response[]> {
  const answers: Response[] = [];
  while (answers.length < times) answers.push(await withoutBody(ask(path, asking)));
  return answers;
}

/**
 * Asks the same so many times at once; bodies are left unread. At weir's handler, for all of them in the test's own
 * context: the test runner switches off what lets one request's promise be resolved by another (test/node has it).
 */
export function askAtOnce(times: number, path: string, asking: Asking = {}): Promise<Response[]> {
  const weir = weirUnder({});
  return Promise.all(Array.from({ length: times }, () => withoutBody(weir(path, asking))));
}

async function withoutBody(asked: Promise<Response>): Promise<Response> {
  const answer = await asked;
  await answer.body?.cancel();
  return answer;
}

/** How many answers there are of each status. */
export function tally(answers: readonly Response[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

/** What the three `X-RateLimit-*` headers of an answer say; null where one is missing. */
export function limitHeadersOf({ headers }: Response) {
  return {
    limit: headers.get("x-ratelimit-limit"),
    remaining: headers.get("x-ratelimit-remaining"),
    reset: headers.get("x-ratelimit-reset"),
  };
}

/** The same three headers as they should be; without arguments: none of them. */
export function limitHeaders(limit?: number, remaining?: number, resetsAt?: string) {
  return {
    limit: limit === undefined ? null : String(limit),
    remaining: remaining === undefined ? null : String(remaining),
    reset: resetsAt === undefined ? null : String(Date.parse(resetsAt) / 1000),
  };
}

/** What the demo origin received. */
export interface Echo {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What the demo origin says it received. */
export function echoOf(answer: Response): Promise<Echo> {
  return answer.json();
}

/** The object of a key. */
export async function limiterOf(key: string): Promise<DurableObjectStub<Limiter>> {
  return keyStub(env, await keyId(env.KEY_HASH_SECRET, key));
}

/** Has an object take, in one call; its answers, in order. */
export async function takeAt(
  object: { take(lines: string): string | Promise<string> },
  takes: readonly Take[],
): Promise<Answer[]> {
  const said = await object.take(takes.map(takeLine).join("\n"));
  return said.split("\n").map(answerIn);
}

let keys = 0;

/** A key that no other test of the file uses. */
export function freshKey(): string {
  keys += 1;
  return `key-${keys}`;
}

/**
 * Sets the clock, the objects' too, to an instant at which it stands still. Alarms know only the machine's own clock, and
 * one that is set in its past runs at once, again and again: prefer instants that are still to come.
 */
export function setClock(instant: string | number): void {
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(new Date(instant));
}

/** Moves the clock on. */
export function moveClock(byMs: number): void {
  vi.setSystemTime(Date.now() + byMs);
}

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
