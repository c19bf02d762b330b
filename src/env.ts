// The bindings and secrets weir runs with. Everything else in the environment is policy.

import type { Directory } from "./objects/directory.ts";
import type { IpGuard } from "./objects/ipguard.ts";
import type { Limiter } from "./objects/limiter.ts";

/** What wrangler binds; policy variables stand beside these and are read by `rulesOf`. */
export interface Env {
  readonly LIMITER: DurableObjectNamespace<Limiter>;
  readonly IP_GUARD: DurableObjectNamespace<IpGuard>;
  readonly DIRECTORY: DurableObjectNamespace<Directory>;
  /** The origin as a service binding; wins over `ORIGIN`. */
  readonly ORIGIN_SERVICE?: Fetcher;
  /** Analytics Engine dataset that gets a data point a decision; absent: none is written. */
  readonly METRICS?: AnalyticsEngineDataset;
  /** Secret that keys are hashed with, so that no key is ever stored. Changing it orphans every plan. */
  readonly KEY_HASH_SECRET: string;
  /** Secret that lets its bearer operate weir; absent or empty: nobody may. */
  readonly ADMIN_TOKEN?: string;
  /** Team name of Cloudflare Access; with `ACCESS_AUD`, the console is entered through Access alone. */
  readonly ACCESS_TEAM?: string;
  /** Audience tag of the Access application that guards the console. */
  readonly ACCESS_AUD?: string;
  /** Secret sent to the origin as proof that a request came through weir; absent: not sent. */
  readonly ORIGIN_SECRET?: string;
}
