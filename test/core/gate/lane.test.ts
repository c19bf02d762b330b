// Lanes with objects that the test answers for. That requests may wait for one another is shown in workerd, in test/node.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Asking, askAlone, Lane } from "../../../src/gate/lane.ts";
import { Patience } from "../../../src/gate/patience.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

type Call = Asking["call"];

/** A lane looks into no line. */
const takeOf = (op: number) => `take ${op}`;
const answerTo = (line: string) => `answer to ${line}`;
const answerOf = (op: number) => answerTo(takeOf(op));

/** An object that answers when the test says so, and what each call to it carried. */
function objectOf() {
  const calls: {
    readonly lines: readonly string[];
    readonly answer: (answers?: readonly string[]) => void;
    readonly fail: () => void;
  }[] = [];
  const call: Call = (lines) => {
    const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>();
    const answer = (answers: readonly string[] = lines.map(answerTo)) => resolve(answers);
    calls.push({ lines, answer, fail: () => reject(new Error("broken")) });
    return promise;
  };
  return { calls, call };
}

/** A request about the take of that number. */
function askingOf(op: number, call: Call, lead: Asking["lead"] = (work) => void work): Asking {
  return { line: takeOf(op), call, patience: new Patience(), lead };
}

const settle = () => vi.advanceTimersByTimeAsync(0);

describe("Lane", () => {
  it("gathers takes while one call is under way, and shares the next", async () => {
    const lane = new Lane();
    const { calls, call } = objectOf();
    const answers = [1, 2, 3, 4].map((op) => lane.ask(askingOf(op, call), 2_000));
    expect(calls.map(({ lines }) => lines)).toEqual([[takeOf(1)]]);
    calls[0]?.answer();
    await settle();
    expect(calls.map(({ lines }) => lines)).toEqual([[takeOf(1)], [2, 3, 4].map(takeOf)]);
    calls[1]?.answer();
    expect(await Promise.all(answers)).toEqual([1, 2, 3, 4].map(answerOf));
  });

  it("has whoever comes in the same turn go along, where others gathered", async () => {
    const lane = new Lane();
    const { calls, call } = objectOf();
    const answers = [1, 2].map((op) => lane.ask(askingOf(op, call), 2_000));
    calls[0]?.answer();
    await Promise.resolve(answers[0]);
    answers.push(lane.ask(askingOf(3, call), 2_000));
    await settle();
    expect(calls.map(({ lines }) => lines)).toEqual([[takeOf(1)], [2, 3].map(takeOf)]);
    calls[1]?.answer();
    expect(await Promise.all(answers)).toEqual([1, 2, 3].map(answerOf));
  });

  it("makes the call of whoever finds nobody under way at once", () => {
    const { calls, call } = objectOf();
    void new Lane().ask(askingOf(1, call), 2_000);
    expect(calls).toHaveLength(1);
  });

  it("carries at most 128 takes a call", async () => {
    const lane = new Lane();
    const { calls, call } = objectOf();
    const answers = Array.from({ length: 200 }, (_, op) => lane.ask(askingOf(op, call), 2_000));
    for (let index = 0; index < 3; index++) {
      calls[index]?.answer();
      await settle();
    }
    expect(calls.map(({ lines }) => lines.length)).toEqual([1, 128, 71]);
    await Promise.all(answers);
  });

  it("has another request lead after 20 calls", async () => {
    const lane = new Lane();
    const { calls, call } = objectOf();
    const leaders = new Set<number>();
    const answers: Promise<string>[] = [];
    for (let op = 0; op < 25; op++) {
      answers.push(
        lane.ask(
          askingOf(op, call, () => leaders.add(op)),
          2_000,
        ),
      );
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
    const first = lane.ask(askingOf(1, call), 2_000);
    const second = lane.ask(askingOf(2, call), 2_000);
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
    const first = lane.ask(askingOf(1, call), 2_000);
    const second = lane.ask(askingOf(2, call), 2_000);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(calls.map(({ lines }) => lines)).toEqual([[takeOf(1)], [takeOf(2)]]);
    calls[1]?.answer();
    await expect(second).resolves.toEqual(answerOf(2));
    calls[0]?.answer();
    await first;
  });

  it("is led anew by the next request once its leader is gone", async () => {
    const lane = new Lane();
    const { calls, call } = objectOf();
    lane.ask(askingOf(1, call), 2_000).catch(() => {});
    const second = lane.ask(askingOf(2, call), 2_000);
    await vi.advanceTimersByTimeAsync(1_000);
    calls[1]?.answer();
    await second;
    const third = lane.ask(askingOf(3, call), 2_000);
    expect(calls.at(-1)?.lines).toEqual([takeOf(3)]);
    calls.at(-1)?.answer();
    await expect(third).resolves.toEqual(answerOf(3));
  });

  it("makes no call for nobody, where those who gathered went with another meanwhile", async () => {
    const lane = new Lane();
    const { calls, call } = objectOf();
    const answers = [1, 2].map((op) => lane.ask(askingOf(op, call), 2_000));
    // The second gives its leader up, which is only slow: from here on there are two.
    await vi.advanceTimersByTimeAsync(1_000);
    answers.push(...[3, 4].map((op) => lane.ask(askingOf(op, call), 2_000)));
    for (const { answer } of [...calls]) answer();
    await settle();
    expect(calls.map(({ lines }) => lines)).toEqual([1, 2, 3, 4].map((op) => [takeOf(op)]));
    calls[3]?.answer();
    expect(await Promise.all(answers)).toEqual([1, 2, 3, 4].map(answerOf));
  });

  it("waits no longer than it may, for whoever asks", async () => {
    const lane = new Lane();
    const { call } = objectOf();
    const asked = [1, 2].map((op) => lane.ask(askingOf(op, call), 2_000));
    const [first, second] = asked.map((one) => one.catch((error: Error) => error.message));
    await vi.advanceTimersByTimeAsync(2_000);
    await expect(first).resolves.toBe("no decision within 2000 ms");
    await expect(second).resolves.toBe("no decision within 1000 ms");
  });

  it("answers with an empty line where the object says too little", async () => {
    const lane = new Lane();
    const { calls, call } = objectOf();
    const asked = [1, 2, 3].map((op) => lane.ask(askingOf(op, call), 2_000));
    calls[0]?.answer([]);
    await settle();
    calls[1]?.answer([answerOf(2)]);
    expect(await Promise.all(asked)).toEqual(["", answerOf(2), ""]);
  });
});

describe("askAlone", () => {
  it("asks about one take, and waits no longer than it may", async () => {
    const { calls, call } = objectOf();
    const first = askAlone(askingOf(1, call), 2_000);
    calls[0]?.answer();
    await expect(first).resolves.toBe(answerOf(1));
    const second = askAlone(askingOf(2, call), 2_000).catch((error: Error) => error.message);
    await vi.advanceTimersByTimeAsync(2_000);
    await expect(second).resolves.toBe("no decision within 2000 ms");
    expect(calls.map(({ lines }) => lines)).toEqual([[takeOf(1)], [takeOf(2)]]);
  });
});
