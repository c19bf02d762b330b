// A lane: concurrent takes of one subject in one isolate share a call. While one is under way, the next ones gather.
//
// One request leads: its context makes the calls, for the others too. A request whose leader is gone (its client left,
// its time was up) asks for itself, with the same number, so it is charged once whatever became of the leader's call.

import { BoundedMap } from "../core/bounded-map.ts";
import type { Patience } from "./patience.ts";
import { within } from "./within.ts";

/** A request that asks about its take. */
export interface Asking {
  /** The take, as the object reads it. */
  readonly line: string;
  readonly patience: Patience;
  /** Asks an object about several takes at once, a line each; one answer each, in order, is a line too. */
  call(takes: readonly string[]): Promise<readonly string[]>;
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
  ask(asking: Asking, timeoutMs: number): Promise<string> {
    return this.#isLed ? this.#follow(asking, timeoutMs / 2) : this.#askAndLead(asking, timeoutMs);
  }

  async #follow(asking: Asking, halfMs: number): Promise<string> {
    // Opened here and resolved from another request: that works only while this request has a timer of its own pending.
    const { promise, resolve, reject } = asking.patience.open<string | undefined>(halfMs, leaderGone);
    const waiting = { line: asking.line, resolve, reject };
    this.#gathered.push(waiting);
    try {
      const answer = await promise;
      return answer ?? (await this.#askAndLead(asking, halfMs));
    } catch (error) {
      if (!(error instanceof LeaderGone)) throw error;
      this.#gathered = this.#gathered.filter((one) => one !== waiting);
      this.#isLed = false;
      return askAlone(asking, halfMs);
    }
  }

  #askAndLead(asking: Asking, timeoutMs: number): Promise<string> {
    this.#isLed = true;
    const group = this.#gathered.splice(0, GROUP_MOST - 1);
    const lines = [asking.line, ...group.map(({ line }) => line)];
    const answers = asking.patience.wait(timeoutMs, asking.call(lines), late);
    const others = answers.then((all) => all.slice(1));
    asking.lead(this.#answerAll(group, others).then(() => this.#lead(asking, timeoutMs)));
    return answers.then(firstOf);
  }

  /**
   * Makes the calls of those who gathered meanwhile, then leaves the rest to the first of them. Where some have gathered
   * more are on their way: each call waits until the requests that have arrived were looked at, and carries them too.
   */
  async #lead(asking: Asking, timeoutMs: number): Promise<void> {
    for (let calls = 1; calls < LEAD_MOST && this.#gathered.length > 0; calls++) {
      await pause();
      const group = this.#gathered.splice(0, GROUP_MOST);
      // Meanwhile they went with another leader, or asked for themselves.
      if (group.length === 0) break;
      const answers = asking.call(group.map(({ line }) => line));
      await this.#answerAll(group, within(timeoutMs, answers, late));
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

const leaderGone = () => new LeaderGone();

/**
 * Gets the answer to a take from a call of its own.
 *
 * @throws as {@link Lane.ask} does.
 */
export function askAlone(asking: Asking, timeoutMs: number): Promise<string> {
  return asking.patience.wait(timeoutMs, asking.call([asking.line]), late).then(firstOf);
}

function firstOf([answer = ""]: readonly string[]): string {
  return answer;
}

/** A turn of the event loop: no longer than it takes to look at what has arrived. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

function late(afterMs: number): Error {
  return new Error(`no decision within ${afterMs} ms`);
}
