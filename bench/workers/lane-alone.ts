// Stands in for src/gate/lane.ts: every take is a call of its own. What sharing calls is worth is measured against it.

import type { Call, Lane } from "../../src/gate/lane.ts";

/** A lane that nobody shares. */
export function laneOf(): Pick<Lane, "ask"> {
  return {
    async ask(take, call: Call) {
      const [answer] = await call([take]);
      if (answer === undefined) throw new Error("a take was not answered");
      return answer;
    },
  };
}
