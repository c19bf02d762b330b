// How large the deployed Worker is, and how long it takes to start.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type Service, startWorkerd } from "../scripts/workerd.ts";
import { type Spread, spread } from "./rounds.ts";

/** Code in bytes. */
export interface Weight {
  readonly bytes: number;
  readonly gzipBytes: number;
}

/** How large the Worker is, and what that adds to the start of an empty one. */
export interface Size {
  readonly whole: Weight;
  /** All that requests pass through, without what is there for the operator. */
  readonly requestPath: Weight;
  /** Milliseconds until the first answer, more than an empty Worker takes. */
  readonly startUpMs: Spread;
}

const STARTS = 5;

/** Weighs a Worker, and starts it in turn with an empty one, a few times. */
export async function measureSize(worker: Service, requestPath: string, empty: Service): Promise<Size> {
  const more: number[] = [];
  for (let start = 0; start < STARTS; start++) {
    const idleMs = await firstAnswerAfterMs(empty);
    more.push((await firstAnswerAfterMs(worker)) - idleMs);
  }
  return { whole: weigh(worker.code), requestPath: weigh(requestPath), startUpMs: spread(more) };
}

function weigh(code: string): Weight {
  return { bytes: Buffer.byteLength(code), gzipBytes: gzipSync(code).byteLength };
}

async function firstAnswerAfterMs(service: Service): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), "weir-start-"));
  const startedAt = performance.now();
  const workerd = await startWorkerd({ directory, services: [service] });
  await (await fetch(workerd.urlOf(service.name))).text();
  const tookMs = performance.now() - startedAt;
  await workerd.kill();
  await rm(directory, { recursive: true });
  return tookMs;
}
