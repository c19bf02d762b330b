// weir with objects that fail when a test tells them to. All else is the real Worker.

import { IpGuard as RealIpGuard, Limiter as RealLimiter } from "../../../src/index.ts";

export { worker as default } from "../../../src/app.ts";

/**
 * What becomes of one call to an object.
 *
 * @param call what the object would have done.
 */
export type Fault = (call: () => unknown, storage: DurableObjectStorage) => unknown;

/** What a test tells an object, and what it sees of it. */
export class Scene {
  /** The next calls come to these, one each; then all is well. */
  readonly faults: Fault[] = [];
  /** weir's numbers of the takes that reached the object, in order. */
  readonly ops: number[] = [];
  /** Those of them that were given back. */
  readonly cancelled: number[] = [];

  play<Result>(call: () => Result, storage: DurableObjectStorage): Result {
    const fault = this.faults.shift();
    return fault === undefined ? call() : (fault(call, storage) as Result);
  }
}

type Method<Of, Name extends keyof Of> = Of[Name] extends (...given: infer Given) => infer Result
  ? (...given: Given) => Result
  : never;

export class Limiter extends RealLimiter {
  readonly scene = new Scene();

  override async take(...given: Parameters<Method<RealLimiter, "take">>) {
    this.scene.ops.push(...given[0].map(({ op }) => op));
    return this.scene.play(() => super.take(...given), this.ctx.storage);
  }

  override join(...given: Parameters<Method<RealLimiter, "join">>) {
    this.scene.ops.push(given[0].op);
    return this.scene.play(() => super.join(...given), this.ctx.storage);
  }

  override async cancel(op: number): Promise<void> {
    this.scene.cancelled.push(op);
    await super.cancel(op);
  }
}

export class IpGuard extends RealIpGuard {
  readonly scene = new Scene();

  override take(...given: Parameters<Method<RealIpGuard, "take">>) {
    this.scene.ops.push(...given[0].map(({ op }) => op));
    return this.scene.play(() => super.take(...given), this.ctx.storage);
  }

  override join(...given: Parameters<Method<RealIpGuard, "join">>) {
    this.scene.ops.push(given[0].op);
    return this.scene.play(() => super.join(...given), this.ctx.storage);
  }

  override cancel(op: number, address: string): void {
    this.scene.cancelled.push(op);
    super.cancel(op, address);
  }
}
