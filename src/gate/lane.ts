// A lane: concurrent takes of one subject in one isolate share a call. While one is under way, the next ones gather.
//
// One request leads: its context makes the calls, for the others too. A request whose leader is gone (its client left,
// its time was up) asks for itself, with the same number, so it is charged once whatever became of the leader's call.

import { BoundedMap } from "../core/bounded-map.ts";
import type { Patience } from "./patience.ts";
import { within } from "./within.ts";

/** Asks an object about several takes at once, a line each; one answer each, in order, is a line too. */
export type Call = (takes: readonly string[]) => Promise<readonly string[]>;

/** A request that asks about its take. */
export interface Asking {
  /** The take, as the object reads it. */
  readonly line: string;
  readonly call: Call;
  readonly patience: Patience;
  /** Keeps the context of this request alive while it leads: its `waitUntil`. */
  lead(work: Promise<void>): void;
}

interface Waiting {
  readonly line: string;
  /** With nothing: it is to lead. */
  readonly resolve: (answer?: string) => void;
  readonly reject: (error: unknown) => void;
}

/** Takes one call may carry. */
const GROUP_MOST = 128;
/** Calls one request leads, before another takes over: each counts among the subrequests it may make. */
const LEAD_MOST = 20;
/** Lanes an isolate remembers; each is empty but while calls are under way. */
const LANES_MOST = 10_000;

const lanes = new BoundedMap<string, Lane>(LANES_MOST);

/** The lane of a subject, by a name that no other has. */
export function laneOf(subject: string): Lane {
  return lanes.getOrMake(subject, () => new Lane());
}

export class Lane {
  #gathered: Waiting[] = [];
  #isLed = false;

  /**
   * Gets the answer to a take, from a call that is shared with whoever asks at the same time.
   *
   * @param timeoutMs how long it may take in all, in milliseconds. Half of it is for a leader's call, before asking alone.
   * @throws where no answer comes in time, and whatever the object throws.
   */
  async ask(asking: Asking, timeoutMs: number): Promise<string> {
    if (!this.#isLed) return this.#askAndLead(asking, timeoutMs);
    const halfMs = timeoutMs / 2;
    // Made here and resolved from another request: that works only while this request has a timer of its own pending.
    const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
    const waiting = { line: asking.line, resolve, reject };
    this.#gathered.push(waiting);
    try {
      const answer = await asking.patience.wait(halfMs, promise, () => new LeaderGone());
      return answer ?? (await this.#askAndLead(asking, halfMs));
    } catch (error) {
      if (!(error instanceof LeaderGone)) throw error;
      this.#gathered = this.#gathered.filter((one) => one !== waiting);
      this.#isLed = false;
      return askAlone(asking, halfMs);
    }
  }

  async #askAndLead({ line, call, patience, lead }: Asking, timeoutMs: number): Promise<string> {
    this.#isLed = true;
    const group = this.#gathered.splice(0, GROUP_MOST - 1);
    const lines = [line, ...group.map((waiting) => waiting.line)];
    const answers = patience.wait(timeoutMs, call(lines), lateAfter(timeoutMs));
    lead(
      this.#answerAll(
        group,
        answers.then((all) => all.slice(1)),
      ).then(() => this.#lead(call, timeoutMs)),
    );
    const [answer = ""] = await answers;
    return answer;
  }

  /** Makes the calls of those who gathered meanwhile, then leaves the rest to the first of them. */
  async #lead(call: Call, timeoutMs: number): Promise<void> {
    for (let calls = 1; calls < LEAD_MOST && this.#gathered.length > 0; calls++) {
      const group = this.#gathered.splice(0, GROUP_MOST);
      const answers = call(group.map(({ line }) => line));
      await this.#answerAll(group, within(timeoutMs, answers, lateAfter(timeoutMs)));
    }
    this.#isLed = false;
    const [next] = this.#gathered.splice(0, 1);
    if (next === undefined) return;
    this.#isLed = true;
    next.resolve();
  }

  async #answerAll(group: readonly Waiting[], answers: Promise<readonly string[]>): Promise<void> {
    try {
      const lines = await answers;
      for (const [index, waiting] of group.entries()) waiting.resolve(lines[index] ?? "");
    } catch (error) {
      for (const waiting of group) waiting.reject(error);
    }
  }
}

class LeaderGone extends Error {}

/**
 * Gets the answer to a take from a call of its own.
 *
 * @throws as {@link Lane.ask} does.
 */
export async function askAlone({ line, call, patience }: Asking, timeoutMs: number): Promise<string> {
  const [answer = ""] = await patience.wait(timeoutMs, call([line]), lateAfter(timeoutMs));
  return answer;
}

function lateAfter(timeoutMs: number): () => Error {
  return () => new Error(`no decision within ${timeoutMs} ms`);
}
