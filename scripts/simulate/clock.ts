// A clock of the simulation's own: timers and `Date.now` of the code under it follow simulated time, so that minutes pass in
// seconds and every run is the same.

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Runs events in the order of their instants, each after all that the ones before it caused. */
export class Clock {
  nowMs = Date.UTC(2026, 0, 1);
  #order = 0;
  #timers: Timer[] = [];
  readonly #cancelled = new Set<number>();

  /** Puts this clock in the place of the runtime's. */
  install(): void {
    Date.now = () => Math.floor(this.nowMs);
    performance.now = () => this.nowMs;
    const schedule = (run: () => void, ms = 0) => this.at(this.nowMs + ms, run);
    const cancel = (order?: unknown) => void (typeof order === "number" && this.#cancelled.add(order));
    Object.assign(globalThis, { setTimeout: schedule, clearTimeout: cancel });
  }

  /** Schedules an event. @returns what cancels it. */
  at(at: number, run: () => void): number {
    const timer = { at, order: this.#order++, run };
    let place = this.#timers.length;
    while (place > 0 && isAfter(this.#timers[place - 1], timer)) place--;
    this.#timers.splice(place, 0, timer);
    return timer.order;
  }

  /** A promise that is kept after some simulated time. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => void this.at(this.nowMs + ms, resolve));
  }

  /** Lets time pass until `untilAt`; without it, until nothing is left to happen. */
  async run(untilAt?: number): Promise<void> {
    for (;;) {
      // Every promise that can be kept now is kept, before time moves on.
      await new Promise(setImmediate);
      const [next] = this.#timers;
      if (next === undefined || (untilAt !== undefined && next.at > untilAt)) {
        this.nowMs = Math.max(this.nowMs, untilAt ?? this.nowMs);
        return;
      }
      this.#timers.shift();
      this.nowMs = Math.max(this.nowMs, next.at);
      if (!this.#cancelled.delete(next.order)) next.run();
    }
  }
}

function isAfter(one: Timer | undefined, other: Timer): boolean {
  return one !== undefined && (one.at > other.at || (one.at === other.at && one.order > other.order));
}
