// Stands around a Worker's own bundle, handler and objects, and counts what they ask of the platform.

import type { DurableObject } from "cloudflare:workers";
import { countStorage, isAlarmDue } from "./counted-storage.ts";
import { moveClock, startHour, takeTally, tally, tallyRequest } from "./tally.ts";

type ObjectClass = new (ctx: DurableObjectState, env: object) => DurableObject;

/** Asking for this path ends a tally and begins the next, each request of which moves the clock by `?ms=`. */
const TALLY_PATH = "/__tally";
/** Asking for this path moves the clock by `?ms=`. */
const CLOCK_PATH = "/__clock";
/** Asking for this path moves it to the start of the next hour. */
const HOUR_PATH = "/__hour";

const environments = new WeakMap<object, object>();

/** A handler that answers as `handler` does. */
export function countedHandler(handler: ExportedHandler<object>): ExportedHandler<object> {
  return {
    async fetch(request, env, ctx) {
      const { pathname, searchParams } = new URL(request.url);
      const ms = Number(searchParams.get("ms"));
      if (pathname === TALLY_PATH) return Response.json(takeTally(ms));
      if (pathname === CLOCK_PATH) {
        moveClock(ms);
        return new Response();
      }
      if (pathname === HOUR_PATH) {
        startHour();
        return new Response();
      }
      if (handler.fetch === undefined) throw new Error("the Worker handles no requests");
      tallyRequest();
      return handler.fetch(request, countedEnv(env), ctx);
    },
  };
}

/** A class of objects that do as `Base`'s do. An alarm whose time has come runs before the next call. */
export function countedClass(Base: ObjectClass): ObjectClass {
  class Counted extends Base {
    constructor(ctx: DurableObjectState, env: object) {
      countStorage(ctx);
      super(ctx, countedEnv(env));
    }

    async afterAlarm(call: () => unknown): Promise<unknown> {
      tally.alarmRuns += 1;
      await this.alarm?.();
      return call();
    }

    get isAlarmDue(): boolean {
      return isAlarmDue(this.ctx.storage);
    }
  }
  for (const name of Object.getOwnPropertyNames(Base.prototype)) {
    const method: unknown = Reflect.get(Base.prototype, name);
    if (name === "constructor" || name === "alarm" || typeof method !== "function") continue;
    Reflect.set(Counted.prototype, name, function counted(this: Counted, ...args: unknown[]) {
      const call = () => Reflect.apply(method, this, args);
      return this.isAlarmDue ? this.afterAlarm(call) : call();
    });
  }
  return Counted;
}

/** The environment with its namespaces counted: always the same object, for what a Worker remembers by it. */
function countedEnv(env: object): object {
  const known = environments.get(env);
  if (known !== undefined) return known;
  const bindings = Object.entries(env).map(([name, binding]) => [
    name,
    isNamespace(binding) ? countedNamespace(binding) : binding,
  ]);
  const made: object = Object.fromEntries(bindings);
  environments.set(env, made);
  return made;
}

function isNamespace(binding: unknown): binding is DurableObjectNamespace {
  return typeof binding === "object" && binding !== null && "idFromName" in binding;
}

function countedNamespace(namespace: DurableObjectNamespace): DurableObjectNamespace {
  return withCalls(namespace, (name, result) => {
    if (name === "get" || name === "getByName") return countedStub(result as DurableObjectStub);
    return name === "jurisdiction" ? countedNamespace(result as DurableObjectNamespace) : result;
  });
}

function countedStub(stub: DurableObjectStub): DurableObjectStub {
  return withCalls(stub, (_name, result, args) => {
    tally.calls += 1;
    tally.said.push(args);
    Promise.resolve(result).then(
      (answer) => tally.said.push(answer),
      () => {},
    );
    return result;
  });
}

/** `target` with `after` called on what each of its methods returns, and returning in its place. */
function withCalls<T extends object>(
  target: T,
  after: (name: string | symbol, result: unknown, args: readonly unknown[]) => unknown,
): T {
  return new Proxy(target, {
    get(_, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return (...args: unknown[]) => after(name, Reflect.apply(method, target, args), args);
    },
  });
}
