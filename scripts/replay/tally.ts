// The tally of one policy's replay: what was admitted and refused, by which window, of whom, and when. Decides nothing.

import type { Standing } from "../../src/core/decision.ts";
import { Book } from "./book.ts";
import { Series } from "./series.ts";
import type { Part, ReplayReason, Verdict } from "./verdict.ts";

/** One window of one limit, at one size: a tier that changes the size makes another. */
export interface WindowTally {
  /** Its number in the pages of the book. */
  readonly index: number;
  readonly limit: string;
  readonly window: string;
  readonly size: number;
  /** Requests it governed that were admitted. */
  admitted: number;
  /** Requests it refused: of several windows that refuse, the one that an answer shows. */
  refused: number;
  /** Unix milliseconds; meaningful only where something was refused. */
  firstRefusedAt: number;
  lastRefusedAt: number;
}

export class Tally {
  readonly windows: WindowTally[] = [];
  readonly reasons = new Map<ReplayReason, number>();
  /** Requests that shadow limits would have refused, by the limit's name. */
  readonly shadows = new Map<string, number>();
  readonly book: Book;
  readonly series = new Series();
  admitted = 0;
  refused = 0;
  unmetered = 0;
  readonly #byLimit = new Map<string, WindowTally[]>();

  constructor(book = new Book()) {
    this.book = book;
  }

  /** Counts what became of one request. */
  note(who: string, verdict: Verdict, atMs: number): void {
    const page = this.book.page(who);
    page.requests += 1;
    this.series.note(atMs, verdict.kind !== "refused");
    switch (verdict.kind) {
      case "unmetered":
        this.unmetered += 1;
        return;
      case "admitted":
        this.admitted += 1;
        for (const part of verdict.parts) this.#notePeaks(part, true);
        for (const limit of verdict.shadow ?? []) add(this.shadows, limit);
        return;
      case "refused": {
        this.refused += 1;
        add(this.reasons, verdict.reason);
        for (const part of verdict.parts) this.#notePeaks(part, false);
        refuse(page, atMs);
        if (verdict.refusing === undefined) return;
        const window = this.#window(verdict.refusing);
        refuse(window, atMs);
        page.refusals[window.index] = (page.refusals[window.index] ?? 0) + 1;
      }
    }
  }

  #notePeaks({ who, standings }: Part, isAdmitted: boolean): void {
    if (standings.length === 0) return;
    const { peaks } = this.book.page(who);
    for (const standing of standings) {
      const window = this.#window(standing);
      if (isAdmitted) window.admitted += 1;
      const share = standing.size === 0 ? 0 : standing.used / standing.size;
      if (!(share <= (peaks[window.index] ?? -1))) peaks[window.index] = share;
    }
  }

  #window({ limit, window, size }: Standing): WindowTally {
    let ofLimit = this.#byLimit.get(limit);
    if (ofLimit === undefined) {
      ofLimit = [];
      this.#byLimit.set(limit, ofLimit);
    }
    const known = ofLimit.find((one) => one.window === window && one.size === size);
    if (known !== undefined) return known;
    const index = this.windows.length;
    const made = { index, limit, window, size, admitted: 0, refused: 0, firstRefusedAt: 0, lastRefusedAt: 0 };
    ofLimit.push(made);
    this.windows.push(made);
    return made;
  }
}

/** What counts refusals, and remembers the first and the last by the log's time. */
interface Refusals {
  refused: number;
  firstRefusedAt: number;
  lastRefusedAt: number;
}

function refuse(refusals: Refusals, atMs: number): void {
  refusals.firstRefusedAt = refusals.refused === 0 ? atMs : Math.min(refusals.firstRefusedAt, atMs);
  refusals.lastRefusedAt = Math.max(refusals.lastRefusedAt, atMs);
  refusals.refused += 1;
}

function add<Name>(counts: Map<Name, number>, name: Name): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
