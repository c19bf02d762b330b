// Lanes with objects that the test answers for. That requests may wait for one another is shown in workerd, in test/node.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Call, Lane } from "../../../src/gate/lane.ts";
import type { Answer, Take } from "../../../src/objects/messages.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const takeOf = (op: number): Take => ({ op, asks: [] });
const answerOf = (op: number): Answer => ({ decision: { admitted: true, at: op, standings: [] } });

/** An object that answers when the test says so, and what each call to it carried. */
function objectOf() {
  const calls: { readonly ops: readonly number[]; readonly answer: () => void; readonly fail: () => void }[] =
    [];
  const call: Call = (takes) => {
    const { promise, resolve, reject } = Promise.withResolvers<Answer[]>();
    const ops = takes.map(({ op }) => op);
    calls.push({ ops, answer: () => resolve(ops.map(answerOf)), fail: () => reject(new Error("broken")) });
    return promise;
  };
  return { calls, call };
}

const lead = (work: Promise<void>) => void work;
const settle = () => vi.advanceTimersByTimeAsync(0);

describe("Lane", () => {
  it("gathers takes while one call is under way, and shares the next", async () => {
    const lane = new Lane();
    const { calls, call } = objectOf();
    const answers = [1, 2, 3, 4].map((op) => lane.ask(takeOf(op), call, 2_000, lead));
    expect(calls.map(({ ops }) => ops)).toEqual([[1]]);
    calls[0]?.answer();
    await settle();
    expect(calls.map(({ ops }) => ops)).toEqual([[1], [2, 3, 4]]);
    calls[1]?.answer();
    expect((await Promise.all(answers)).map(({ decision }) => decision.at)).toEqual([1, 2, 3, 4]);
  });

  it("carries at most 128 takes a call", async () => {
    const lane = new Lane();
    const { calls, call } = objectOf();
    const answers = Array.from({ length: 200 }, (_, op) => lane.ask(takeOf(op), call, 2_000, lead));
    for (let index = 0; index < 3; index++) {
      calls[index]?.answer();
      await settle();
    }
    expect(calls.map(({ ops }) => ops.length)).toEqual([1, 128, 71]);
    await Promise.all(answers);
  });

  it("has another request lead after 20 calls", async () => {
    const lane = new Lane();
    const { calls, call } = objectOf();
    const leaders = new Set<number>();
    const answers: Promise<Answer>[] = [];
    for (let op = 0; op < 25; op++) {
      answers.push(lane.ask(takeOf(op), call, 2_000, () => leaders.add(op)));
      if (op > 0) {
        calls[op - 1]?.answer();
        await settle();
      }
    }
    calls[24]?.answer();
    await Promise.all(answers);
    expect(calls).toHaveLength(25);
    expect([...leaders]).toEqual([0, 20]);
  });

  it("fails the takes of a call that fails, and no others", async () => {
    const lane = new Lane();
    const { calls, call } = objectOf();
    const first = lane.ask(takeOf(1), call, 2_000, lead);
    const second = lane.ask(takeOf(2), call, 2_000, lead);
    first.catch(() => {});
    calls[0]?.fail();
    await settle();
    calls[1]?.answer();
    await expect(first).rejects.toThrow("broken");
    await expect(second).resolves.toEqual(answerOf(2));
  });

  it("lets a take whose leader is gone ask for itself, with its own number", async () => {
    const lane = new Lane();
    const { calls, call } = objectOf();
    const first = lane.ask(takeOf(1), call, 2_000, lead);
    const second = lane.ask(takeOf(2), call, 2_000, lead);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(calls.map(({ ops }) => ops)).toEqual([[1], [2]]);
    calls[1]?.answer();
    await expect(second).resolves.toEqual(answerOf(2));
    calls[0]?.answer();
    await first;
  });

  it("is led anew by the next request once its leader is gone", async () => {
    const lane = new Lane();
    const { calls, call } = objectOf();
    lane.ask(takeOf(1), call, 2_000, lead).catch(() => {});
    const second = lane.ask(takeOf(2), call, 2_000, lead);
    await vi.advanceTimersByTimeAsync(1_000);
    calls[1]?.answer();
    await second;
    const third = lane.ask(takeOf(3), call, 2_000, lead);
    expect(calls.at(-1)?.ops).toEqual([3]);
    calls.at(-1)?.answer();
    await expect(third).resolves.toEqual(answerOf(3));
  });
});
