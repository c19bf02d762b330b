// The load generator as this process sees it: one load at a time, in a process of its own.

import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Load, Seen } from "./driver.ts";

/** A running load generator. */
export interface Driver {
  /** @throws where an answer was not what the load expects. */
  drive(load: Load): Promise<Seen>;
  stop(): void;
}

/** Starts the load generator. */
export function startDriver(): Driver {
  const child = fork(fileURLToPath(new URL("driver.ts", import.meta.url)));
  return {
    async drive(load) {
      child.send(load);
      const [{ seen, problem }] = await once(child, "message");
      if (problem !== undefined) throw new Error(problem);
      return seen;
    },
    stop: () => void child.kill(),
  };
}
