// A world of many isolates and objects, with a network between them: weir's own code in each, as deployed. What differs is
// the clock, the network and the disk.

import { registerHooks } from "node:module";
import { Patience } from "../../src/gate/patience.ts";
import type { Clock } from "./clock.ts";

/** What happened in it. */
export interface Tally {
  /** Calls from isolates to keys' objects. */
  calls: number;
  /** Calls from objects to objects. */
  between: number;
  rows: number;
  /** Alarms set, and storage that they ended; each is billed as a row. */
  alarms: number;
}

type Remote = Record<string, (...given: unknown[]) => unknown>;

/** What is used here of weir, whose own types speak of a platform that is not here. */
interface Weir {
  readonly Limiter: new (ctx: unknown, env: unknown) => Remote;
  readonly requireRules: (env: unknown) => {
    readonly policy: { readonly limits: readonly { readonly name: string }[] };
  };
  readonly take: (context: Context, asks: readonly unknown[]) => Promise<Taken>;
  readonly takenBefore: (context: Context, asks: readonly unknown[], nowMs: number) => Taken | undefined;
}

type Context = Readonly<Record<"env" | "ctx" | "rules" | "patience" | "metered", unknown>>;

interface Taken {
  readonly decision: { readonly admitted: boolean };
}

/** Loads a module of weir; another `copy` shares no memory with it. */
function load<Name extends keyof Weir>(path: string, copy = ""): Promise<Pick<Weir, Name>> {
  return import(`../../src/${path}${copy}`);
}

/** What the platform's module has for an object. */
const PLATFORM = `data:text/javascript,${encodeURIComponent(
  "export class DurableObject { constructor(ctx, env) { this.ctx = ctx; this.env = env; } }",
)}`;

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === "cloudflare:workers") return { url: PLATFORM, shortCircuit: true };
    const resolved = next(specifier, context);
    // A module of an isolate imports that isolate's own copy of the next one: an isolate's memory is its own.
    const isolate = new URL(context.parentURL ?? "file:///").search;
    return isolate && specifier.startsWith(".") ? { ...resolved, url: resolved.url + isolate } : resolved;
  },
});

/** Copies made so far, over all worlds. */
let copies = 0;

export class World {
  readonly tally: Tally = { calls: 0, between: 0, rows: 0, alarms: 0 };
  readonly #clock: Clock;
  readonly #objects = new Map<string, Remote>();
  readonly #env: Record<string, unknown>;
  readonly #isolates: ((keyId: string) => ReturnType<Weir["take"]>)[] = [];

  private constructor(clock: Clock, vars: Record<string, unknown>) {
    this.#clock = clock;
    this.#env = { ...vars, KEY_HASH_SECRET: "simulated" };
  }

  /** Makes a world of so many isolates, each as far from every object. */
  static async of(clock: Clock, vars: Record<string, unknown>, isolates: number, roundTripMs: number) {
    const world = new World(clock, vars);
    const { Limiter } = await load<"Limiter">("objects/limiter.ts");
    const { requireRules } = await load<"requireRules">("policy/rules.ts");
    const make = (id: string, env: unknown) => new Limiter(world.#state(id), env);
    // Objects are near each other: a key's object is made where its account's is used.
    const inner = { ...world.#env };
    inner.LIMITER = world.#namespace(inner, make, 2, () => world.tally.between++);
    world.#env.LIMITER = world.#namespace(inner, make, roundTripMs, () => world.tally.calls++);
    const rules = requireRules(world.#env);
    const asks = rules.policy.limits.map(({ name }) => ({ limit: name }));
    const ctx = { waitUntil: () => {} };
    for (let isolate = 0; isolate < isolates; isolate++) {
      const { take, takenBefore } = await load<"take" | "takenBefore">(
        "gate/meter.ts",
        `?isolate=${copies++}`,
      );
      world.#isolates.push(async (keyId) => {
        const patience = new Patience();
        const context = { env: world.#env, ctx, rules, patience, metered: { kind: "key", keyId } };
        const known = takenBefore(context, asks, Date.now());
        return known ?? take(context, asks).finally(() => patience.end());
      });
    }
    return world;
  }

  /** Sends a request of a key through an isolate, and says whether it was admitted. */
  async send(isolate: number, key: string): Promise<boolean> {
    const taken = await this.#isolates[isolate]?.(key);
    return taken?.decision.admitted === true;
  }

  /** Puts keys into an account. */
  async enrol(account: string, keys: readonly string[]): Promise<void> {
    const namespace = this.#env.LIMITER as { get(id: string): Remote };
    for (const key of keys) {
      await namespace.get(`key:${key}`).amend?.({ kind: "put", plan: { account } });
    }
  }

  #namespace(
    env: unknown,
    make: (id: string, env: unknown) => Remote,
    roundTripMs: number,
    count: () => void,
  ) {
    const stubOf = (id: string): Remote => {
      const call =
        (method: string) =>
        async (...given: unknown[]) => {
          count();
          await this.#clock.wait(roundTripMs / 2);
          const object = this.#objects.get(id) ?? make(id, env);
          this.#objects.set(id, object);
          const answer = await object[method]?.(...structuredClone(given));
          await this.#clock.wait(roundTripMs / 2);
          return structuredClone(answer);
        };
      return {
        take: call("take"),
        join: call("join"),
        repay: call("repay"),
        recall: call("recall"),
        amend: call("amend"),
        cancel: call("cancel"),
      };
    };
    return { idFromName: (name: string) => name, idFromString: (id: string) => id, get: stubOf };
  }

  #state(id: string) {
    const rows = new Map<string, unknown>();
    let alarmAt: number | null = null;
    return {
      id: { toString: () => id },
      storage: {
        kv: {
          get: (name: string) => rows.get(name),
          put: (name: string, row: unknown) => {
            this.tally.rows++;
            rows.set(name, structuredClone(row));
          },
        },
        deleteAll: async () => {
          this.tally.alarms++;
          rows.clear();
        },
        getAlarm: async () => alarmAt,
        setAlarm: async (at: number) => {
          this.tally.alarms++;
          alarmAt = at;
          this.#clock.at(at, () => {
            if (alarmAt !== at) return;
            alarmAt = null;
            void this.#objects.get(id)?.alarm?.();
          });
        },
      },
    };
  }
}
