// What a run of the bench came to: the shape of results.json.

import { availableParallelism, cpus } from "node:os";
import type { CountedScenario } from "./counts.ts";
import type { TimedWorkload } from "./rounds.ts";
import type { Size } from "./size.ts";

/** All that was measured. */
export interface Results {
  /** Absolute figures hold for this machine; ratios and counts for any. */
  readonly machine: { readonly cpu: string; readonly cores: number; readonly node: string };
  readonly rounds: number;
  /** Milliseconds that a line was measured for in each round. */
  readonly roundMs: number;
  readonly timed: readonly TimedWorkload[];
  readonly counted: readonly CountedScenario[];
  readonly size: Size;
}

/** The machine this runs on. */
export function machine(): Results["machine"] {
  return { cpu: cpus()[0]?.model ?? "unknown", cores: availableParallelism(), node: process.version };
}
