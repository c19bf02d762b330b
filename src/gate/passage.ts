// A request on its way through the gate, and what is known of it at each step. Types only.

import type { Location } from "../core/location.ts";
import type { Limit } from "../core/policy.ts";
import type { Env } from "../env.ts";
import type { CompiledRules } from "../policy/rules.ts";
import type { Introduction, Outbound } from "./forward.ts";
import type { Visit } from "./guard.ts";
import type { Metered } from "./metered.ts";

/** A request on its way through, and all it needs there. */
export interface Passage {
  readonly request: Request;
  readonly env: Env;
  readonly ctx: Pick<ExecutionContext, "waitUntil">;
  readonly rules: CompiledRules;
}

/**
 * Has an admitted request answered: by the origin, or by the app that weir is part of.
 *
 * @throws OriginUnreachable where there is no answer.
 */
export type Onward = (outbound: Passage & Outbound, introduction: Introduction) => Promise<Response>;

/** A passage at the gate. */
export interface Arrival extends Passage {
  readonly location: Location;
  /** Where the request goes if it is admitted. */
  readonly onward: Onward;
}

/** A passage whose request comes from a known place. */
export interface VisitPassage extends Arrival, Visit, Outbound {}

/** A passage whose request is metered. */
export interface MeteredPassage extends VisitPassage {
  readonly metered: Metered;
  readonly limits: readonly Limit[];
}
