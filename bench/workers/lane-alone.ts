// Stands in for src/gate/lane.ts: every take is a call of its own. What sharing calls is worth is measured against it.

import { askAlone, type Lane } from "../../src/gate/lane.ts";

export * from "../../src/gate/lane.ts";

/** A lane that nobody shares. */
export function laneOf(): Pick<Lane, "ask"> {
  return { ask: (take, call) => askAlone(take, call) };
}
