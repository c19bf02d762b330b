// A server with exact fixed windows, whose clock is its own: what the client is tested against.

/** How the server tells of its windows. */
export type Style = "x-ratelimit" | "ietf" | "none";

export interface ServerOptions {
  /** Sizes and lengths; aligned to the server's clock. */
  windows: { size: number; lengthMs: number }[];
  /** What the server's clock shows when it is made. */
  startsAt?: number;
  /** One way. May differ per call. */
  transitMs?: number | (() => number);
  /** Time the server works on an answer after having counted it. */
  workMs?: number;
  style?: Style;
  /** False: no Date header, as browsers show it across origins. */
  date?: boolean;
}

interface Period {
  startAt: number;
  used: number;
}

export class Server {
  readonly options: ServerOptions;
  /** Wall clock minus monotonic clock; tests step it. */
  epochAt: number;
  /** Status of every answer, in the order of counting. */
  readonly statuses: number[] = [];
  /** Start of the first window's period of every admitted call. */
  readonly admittedIn: number[] = [];
  readonly #periods: Period[];

  constructor(options: ServerOptions) {
    this.options = options;
    this.epochAt = (options.startsAt ?? Date.UTC(2031, 4, 6, 7, 8, 9, 250)) - performance.now();
    this.#periods = options.windows.map(() => ({ startAt: 0, used: 0 }));
  }

  now(): number {
    return this.epochAt + performance.now();
  }

  /** Someone else's calls with the same key: as many as there is room for. */
  takeAway(count: number): void {
    for (let taken = 0; taken < count && this.#take(); taken += 1);
  }

  get refusals(): number {
    return this.statuses.filter((status) => status === 429).length;
  }

  /** Periods of the first window in which a call was admitted. */
  get periods(): number {
    return new Set(this.admittedIn).size;
  }

  readonly fetch = async (_input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    await sleep(this.#transitMs(), init?.signal);
    const admitted = this.#take();
    this.statuses.push(admitted ? 200 : 429);
    if (admitted) this.admittedIn.push(this.#periods[0]?.startAt ?? 0);
    const headers = this.#headers(admitted);
    await sleep(this.options.workMs ?? 0, init?.signal);
    if (this.options.date ?? true) headers.set("date", new Date(this.now()).toUTCString());
    await sleep(this.#transitMs(), init?.signal);
    return new Response(null, { status: admitted ? 200 : 429, headers });
  };

  #transitMs(): number {
    const { transitMs = 20 } = this.options;
    return typeof transitMs === "number" ? transitMs : transitMs();
  }

  #take(): boolean {
    const stands = this.#stands();
    if (stands.some(({ left }) => left === 0)) return false;
    for (const period of this.#periods) period.used += 1;
    return true;
  }

  #stands(): { size: number; lengthMs: number; left: number; endAt: number }[] {
    const now = this.now();
    return this.options.windows.map(({ size, lengthMs }, index) => {
      const startAt = Math.floor(now / lengthMs) * lengthMs;
      const period = this.#periods[index] as Period;
      if (period.startAt !== startAt) Object.assign(period, { startAt, used: 0 });
      return { size, lengthMs, left: size - period.used, endAt: startAt + lengthMs };
    });
  }

  #headers(admitted: boolean): Headers {
    const now = this.now();
    const stands = this.#stands();
    const headers = new Headers();
    const tightest = stands.reduce((best, next) =>
      next.left < best.left || (next.left === best.left && next.endAt > best.endAt) ? next : best,
    );
    if (this.options.style === "ietf") {
      headers.set(
        "ratelimit-policy",
        stands.map(({ size, lengthMs }) => `"w${lengthMs}";q=${size};w=${lengthMs / 1000}`).join(", "),
      );
      headers.set(
        "ratelimit",
        stands
          .map(({ lengthMs, left, endAt }) => `"w${lengthMs}";r=${left};t=${Math.ceil((endAt - now) / 1000)}`)
          .join(", "),
      );
    } else if (this.options.style !== "none") {
      headers.set("x-ratelimit-limit", String(tightest.size));
      headers.set("x-ratelimit-remaining", String(tightest.left));
      headers.set("x-ratelimit-reset", String(Math.ceil(tightest.endAt / 1000)));
    }
    if (!admitted) headers.set("retry-after", String(Math.max(1, Math.ceil((tightest.endAt - now) / 1000))));
    return headers;
  }
}

/** Waits as a connection does: an abort ends it. */
function sleep(ms: number, signal: AbortSignal | null | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
