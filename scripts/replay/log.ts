// What is noted of a log while it is read: its span, its malformed lines, and how far its time steps back.

import { type Entry, type EntryTerms, readEntry } from "./entry.ts";

/** Malformed lines that are named. */
const NAMED = 5;

export class Log {
  lines = 0;
  requests = 0;
  skipped = 0;
  malformed = 0;
  readonly malformedLines: string[] = [];
  /** Unix milliseconds. */
  firstAt = Number.POSITIVE_INFINITY;
  lastAt = Number.NEGATIVE_INFINITY;
  steppedBack = 0;
  furthestBackMs = 0;
  #file = "";
  #line = 0;
  readonly #terms: EntryTerms;

  constructor(terms: EntryTerms) {
    this.#terms = terms;
  }

  /** Says which file the next lines are of. */
  open(file: string): void {
    this.#file = file;
    this.#line = 0;
  }

  /** The request of a line; undefined where there is none. */
  read(line: string): Entry | undefined {
    this.#line += 1;
    const entry = readEntry(line, this.#terms);
    if (typeof entry === "object") {
      this.lines += 1;
      this.#note(entry);
      return entry;
    }
    if (line === "") return undefined;
    this.lines += 1;
    if (entry === undefined) this.skipped += 1;
    else {
      this.malformed += 1;
      if (this.malformedLines.length < NAMED)
        this.malformedLines.push(`${this.#file}:${this.#line}: ${entry}`);
    }
    return undefined;
  }

  #note({ atMs }: Entry): void {
    this.requests += 1;
    this.firstAt = Math.min(this.firstAt, atMs);
    if (atMs < this.lastAt) {
      this.steppedBack += 1;
      this.furthestBackMs = Math.max(this.furthestBackMs, this.lastAt - atMs);
    } else this.lastAt = atMs;
  }
}
