// What a counted Worker has asked of the platform, and the clock it runs by: one that each request moves on, so that
// counts depend on no machine's speed.

/** What was asked of the platform since the last reading. */
export interface Tally {
  requests: number;
  /** Calls to objects, by the Worker or by other objects. */
  calls: number;
  alarmRuns: number;
  /** Setting an alarm is one of them. */
  rowsWritten: number;
  rowsRead: number;
  alarmsSet: number;
  /** Arguments and answers of the calls. */
  readonly said: unknown[];
}

const HOUR_MS = 3_600_000;

let nowMs = Date.UTC(2026, 0, 1);
let stepMs = 0;

/** Where everything is counted. */
export let tally = emptyTally();

function emptyTally(): Tally {
  return { requests: 0, calls: 0, alarmRuns: 0, rowsWritten: 0, rowsRead: 0, alarmsSet: 0, said: [] };
}

/** Ends a tally, and begins the next, each request of which moves the clock by `step` milliseconds. */
export function takeTally(step: number): Tally {
  const taken = tally;
  tally = emptyTally();
  stepMs = step;
  return taken;
}

/** Moves the clock to the start of an hour, so that windows begin where a scenario does. */
export function startHour(): void {
  nowMs += HOUR_MS - (nowMs % HOUR_MS);
}

/** Counts a request. */
export function tallyRequest(): void {
  tally.requests += 1;
  nowMs += stepMs;
}

/** Moves the clock, for what happens once requests no longer come. */
export function moveClock(byMs: number): void {
  nowMs += byMs;
}

Date.now = () => nowMs;
