// weir with objects that fail when a test tells them to. All else is the real Worker.

import { IpGuard as RealIpGuard, Limiter as RealLimiter } from "../../../src/index.ts";
import { takeIn } from "../../../src/objects/lines.ts";

export { worker as default } from "../../../src/app.ts";
export { Directory } from "../../../src/objects/directory.ts";

/**
 * What becomes of one call to an object.
 *
 * @param call what the object would have done.
 */
export type Fault = (call: () => unknown, storage: DurableObjectStorage) => unknown;

/** Calls that a test can make fail. */
export type Call = "take" | "join" | "bring" | "look" | "strike" | "cancel" | "settle";

/** What a test tells an object, and what it sees of it. */
export class Scene {
  /** What the next calls come to, one each; then all is well. */
  readonly faults: { readonly call: Call; readonly fault: Fault }[] = [];
  /** What reached the object, in order. */
  readonly heard: { readonly call: Call; readonly given: readonly unknown[] }[] = [];
  /** weir's numbers of the takes among it. */
  readonly ops: number[] = [];
  /** Those of them that were given back. */
  readonly cancelled: number[] = [];
  /** Those of them that were settled. */
  readonly settled: number[] = [];

  play<Result>(
    call: Call,
    given: readonly unknown[],
    perform: () => Result,
    storage: DurableObjectStorage,
  ): Result {
    this.heard.push({ call, given });
    const index = this.faults.findIndex((one) => one.call === call);
    const [found] = index < 0 ? [] : this.faults.splice(index, 1);
    return found === undefined ? perform() : (found.fault(perform, storage) as Result);
  }
}

type Given<Of, Name extends keyof Of> = Of[Name] extends (...given: infer Arguments) => unknown
  ? Arguments
  : never;

export class Limiter extends RealLimiter {
  readonly scene = new Scene();

  override async take(...given: Given<RealLimiter, "take">) {
    this.scene.ops.push(...given[0].split("\n").map((line) => takeIn(line).op));
    return this.scene.play("take", given, () => super.take(...given), this.ctx.storage);
  }

  override join(...given: Given<RealLimiter, "join">) {
    this.scene.ops.push(given[0].op);
    return this.scene.play("join", given, () => super.join(...given), this.ctx.storage);
  }

  override cancel(op: number): void {
    this.scene.cancelled.push(op);
    this.scene.play("cancel", [op], () => super.cancel(op), this.ctx.storage);
  }

  override async settle(...given: Given<RealLimiter, "settle">) {
    this.scene.settled.push(given[0].op);
    await this.scene.play("settle", given, () => super.settle(...given), this.ctx.storage);
  }
}

export class IpGuard extends RealIpGuard {
  readonly scene = new Scene();

  override take(...given: Given<RealIpGuard, "take">) {
    return this.scene.play("take", given, () => super.take(...given), this.ctx.storage);
  }

  override join(...given: Given<RealIpGuard, "join">) {
    return this.scene.play("join", given, () => super.join(...given), this.ctx.storage);
  }

  override cancel(...given: Given<RealIpGuard, "cancel">) {
    this.scene.cancelled.push(given[0]);
    this.scene.play("cancel", given, () => super.cancel(...given), this.ctx.storage);
  }

  override bring(...given: Given<RealIpGuard, "bring">) {
    return this.scene.play("bring", given, () => super.bring(...given), this.ctx.storage);
  }

  override look(address: string) {
    return this.scene.play("look", [address], () => super.look(address), this.ctx.storage);
  }

  override strike(address: string) {
    return this.scene.play("strike", [address], () => super.strike(address), this.ctx.storage);
  }
}
