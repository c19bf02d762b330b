// The book of a replay: a page for each key, account and address, as many as memory allows. When it is full, the pages that
// tell least are closed: first those of whom nothing was refused, and of these the ones with the most head-room.

/** What a replay knows of one subject. */
export interface Page {
  readonly who: string;
  requests: number;
  refused: number;
  /** Unix milliseconds; meaningful only where something was refused. */
  firstRefusedAt: number;
  lastRefusedAt: number;
  /** Refusals by the number of the window that refused. */
  readonly refusals: number[];
  /** Most that was used of a window, as a share of its size, by the window's number. */
  readonly peaks: number[];
}

/** Pages kept when the book is pruned, which it is at twice as many. */
const MOST_PAGES = 50_000;
/** Bars of a histogram of peaks: each tenth, then the full. */
export const BARS = 11;

export class Book {
  readonly #pages = new Map<string, Page>();
  readonly #most: number;
  readonly #closed: number[][] = [];
  /** Closed pages of subjects that made requests. Who came back after that is on two pages. */
  closedRequesters = 0;

  constructor(most = MOST_PAGES) {
    this.#most = most;
  }

  /** The page of a subject, begun if there is none. */
  page(who: string): Page {
    const known = this.#pages.get(who);
    if (known !== undefined) return known;
    if (this.#pages.size >= 2 * this.#most) this.#prune();
    const page = {
      who,
      requests: 0,
      refused: 0,
      firstRefusedAt: 0,
      lastRefusedAt: 0,
      refusals: [],
      peaks: [],
    };
    this.#pages.set(who, page);
    return page;
  }

  /** The open pages, at most twice as many as are kept. */
  get pages(): ReadonlyMap<string, Page> {
    return this.#pages;
  }

  /** How many subjects used up to each tenth of a window at their peak; the last bar is of those that filled it. */
  histogram(window: number): number[] {
    const bars = [...(this.#closed[window] ?? Array<number>(BARS).fill(0))];
    for (const { peaks } of this.#pages.values()) note(bars, peaks[window]);
    return bars;
  }

  #prune(): void {
    const peak = ({ peaks }: Page) => peaks.reduce((most, one) => Math.max(most, one ?? 0), 0);
    const ranked = [...this.#pages.values()].sort(
      (one, other) => other.refused - one.refused || peak(other) - peak(one),
    );
    for (const { who, requests, peaks } of ranked.slice(this.#most)) {
      this.#pages.delete(who);
      if (requests > 0) this.closedRequesters += 1;
      for (const [window, share] of peaks.entries()) {
        this.#closed[window] ??= Array<number>(BARS).fill(0);
        note(this.#closed[window], share);
      }
    }
  }
}

function note(bars: number[], share: number | undefined): void {
  if (share === undefined) return;
  const bar = Math.min(BARS - 1, Math.floor(share * (BARS - 1)));
  bars[bar] = (bars[bar] ?? 0) + 1;
}
