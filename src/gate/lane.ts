// A lane: concurrent takes of one subject in one isolate share a call. While one is under way, the next ones gather.
//
// One request leads: its context makes the calls, for the others too. A request whose leader is gone (its client left,
// its time was up) asks for itself, with the same number, so it is charged once whatever became of the leader's call.

import type { Answer, Take } from "../objects/messages.ts";
import { within } from "./within.ts";

/** Asks an object about several takes at once; one answer each, in order, or none within `timeoutMs`. */
export type Call = (takes: readonly Take[], timeoutMs: number) => Promise<Answer[]>;

interface Waiting {
  readonly take: Take;
  readonly resolve: (answer: Answer | "lead") => void;
  readonly reject: (error: unknown) => void;
}

/** Takes one call may carry. */
const GROUP_MOST = 128;
/** Calls one request leads, before another takes over: each counts among the subrequests it may make. */
const LEAD_MOST = 20;
/** Lanes an isolate remembers; each is empty but while calls are under way. */
const LANES_MOST = 10_000;

const lanes = new Map<string, Lane>();

/** The lane of a subject, by a name that no other has. */
export function laneOf(subject: string): Lane {
  let lane = lanes.get(subject);
  if (lane === undefined) {
    if (lanes.size >= LANES_MOST) lanes.clear();
    lane = new Lane();
    lanes.set(subject, lane);
  }
  return lane;
}

export class Lane {
  #gathered: Waiting[] = [];
  #isLed = false;

  /**
   * Gets the answer to a take, from a call that is shared with whoever asks at the same time.
   *
   * @param timeoutMs how long it may take in all, in milliseconds. Half of it is for a leader's call, before asking alone.
   * @param lead keeps the context of this request alive while it leads: its `waitUntil`.
   */
  async ask(take: Take, call: Call, timeoutMs: number, lead: (work: Promise<void>) => void): Promise<Answer> {
    if (!this.#isLed) return this.#askAndLead(take, call, timeoutMs, lead);
    const halfMs = timeoutMs / 2;
    // Made here and resolved from another request: that works only while this request has a timer of its own pending.
    const { promise, resolve, reject } = Promise.withResolvers<Answer | "lead">();
    const waiting = { take, resolve, reject };
    this.#gathered.push(waiting);
    try {
      const answer = await within(halfMs, promise, () => new LeaderGone());
      return answer === "lead" ? await this.#askAndLead(take, call, halfMs, lead) : answer;
    } catch (error) {
      if (!(error instanceof LeaderGone)) throw error;
      this.#gathered = this.#gathered.filter((one) => one !== waiting);
      this.#isLed = false;
      return askAlone(take, call, halfMs);
    }
  }

  async #askAndLead(
    take: Take,
    call: Call,
    timeoutMs: number,
    lead: (work: Promise<void>) => void,
  ): Promise<Answer> {
    this.#isLed = true;
    const group = this.#gathered.splice(0, GROUP_MOST - 1);
    const answers = call([take, ...group.map((waiting) => waiting.take)], timeoutMs);
    lead(
      this.#answerAll(
        group,
        answers.then((all) => all.slice(1)),
      ).then(() => this.#lead(call, timeoutMs)),
    );
    const [answer] = await answers;
    return answer as Answer;
  }

  /** Makes the calls of those who gathered meanwhile, then leaves the rest to the first of them. */
  async #lead(call: Call, timeoutMs: number): Promise<void> {
    for (let calls = 1; calls < LEAD_MOST && this.#gathered.length > 0; calls++) {
      const group = this.#gathered.splice(0, GROUP_MOST);
      await this.#answerAll(
        group,
        call(
          group.map((waiting) => waiting.take),
          timeoutMs,
        ),
      );
    }
    this.#isLed = false;
    const [next] = this.#gathered.splice(0, 1);
    if (next === undefined) return;
    this.#isLed = true;
    next.resolve("lead");
  }

  async #answerAll(group: readonly Waiting[], answers: Promise<readonly Answer[]>): Promise<void> {
    try {
      for (const [index, answer] of (await answers).entries()) group[index]?.resolve(answer);
    } catch (error) {
      for (const waiting of group) waiting.reject(error);
    }
  }
}

class LeaderGone extends Error {}

/** Gets the answer to a take from a call of its own. */
export async function askAlone(take: Take, call: Call, timeoutMs: number): Promise<Answer> {
  const [answer] = await call([take], timeoutMs);
  return answer as Answer;
}
