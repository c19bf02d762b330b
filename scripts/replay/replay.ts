// A replay: each request of a log through the edge of one policy, or of two, and the report of what became of it.

import type { CompiledRules } from "../../src/policy/rules.ts";
import { differenceOf } from "./difference.ts";
import { Edge } from "./edge.ts";
import type { Entry, EntryTerms } from "./entry.ts";
import { Log } from "./log.ts";
import { logReport, policyReport, type Report } from "./report.ts";
import { Tally } from "./tally.ts";

/** Unknown tiers that are named. */
const MOST_TIERS = 10;

/** A policy, by the file it is from. */
export interface Candidate {
  readonly config: string;
  readonly rules: CompiledRules;
}

export class Replay {
  readonly log: Log;
  readonly #runs: readonly Run[];
  readonly #files: string[] = [];
  #refusedByBoth = 0;

  /** @param against a second policy, to be compared with the first. */
  constructor(terms: EntryTerms, policy: Candidate, against?: Candidate) {
    this.log = new Log(terms);
    this.#runs = (against === undefined ? [policy] : [policy, against]).map((one) => new Run(one));
  }

  /** Says which file the next lines are of. */
  open(file: string): void {
    const shown = file === "-" ? "standard input" : file;
    this.#files.push(shown);
    this.log.open(shown);
  }

  /** Replays one line. */
  line(line: string): void {
    const entry = this.log.read(line);
    if (entry === undefined) return;
    let refusals = 0;
    for (const run of this.#runs) if (run.isRefused(entry)) refusals += 1;
    if (refusals === 2) this.#refusedByBoth += 1;
  }

  /** What became of the lines so far. */
  report(): Report {
    const [first, second] = this.#runs.map((run) => run.report());
    const [before, after] = this.#runs.map(({ tally }) => tally);
    return {
      log: logReport(this.#files, this.log),
      policy: first as Report["policy"],
      ...(second && { against: second }),
      ...(before && after && { difference: differenceOf(before, after, this.#refusedByBoth) }),
    };
  }
}

class Run {
  readonly edge: Edge;
  readonly tally = new Tally();
  readonly #policy: Candidate;
  readonly #unknownTiers = new Set<string>();

  constructor(policy: Candidate) {
    this.#policy = policy;
    this.edge = new Edge(policy.rules);
  }

  isRefused(entry: Entry): boolean {
    const { who, verdict } = this.edge.decide(entry);
    this.tally.note(who, verdict, entry.atMs);
    const { tier } = entry;
    if (
      tier !== undefined &&
      !this.#policy.rules.policy.tiers.has(tier) &&
      this.#unknownTiers.size < MOST_TIERS
    ) {
      this.#unknownTiers.add(tier);
    }
    return verdict.kind === "refused";
  }

  report(): Report["policy"] {
    const { config, rules } = this.#policy;
    return policyReport(config, rules.policy.limits, this.tally, this.#unknownTiers);
  }
}
