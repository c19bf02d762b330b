// What tests need to be a client of weir: requests, what limit headers say, and a clock. Judges nothing.

import { exports } from "cloudflare:workers";
import { vi } from "vitest";
import type { Env } from "../../src/env.ts";

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
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** A request as a client makes it, with its key in `x-api-key`. */
export interface Asking extends RequestInit {
  readonly key?: string;
}

/** Asks weir for a path. Redirects are not followed. */
export function ask(path: string, asking: Asking = {}): Promise<Response> {
  return exports.default.fetch(requestFor(path, asking));
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

/** Asks the same so many times at once; bodies are left unread. */
export function askAtOnce(times: number, path: string, asking: Asking = {}): Promise<Response[]> {
  return Promise.all(Array.from({ length: times }, () => withoutBody(ask(path, asking))));
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
