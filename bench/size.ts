// How large the deployed Worker is, and how long it takes to start.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type Service, startWorkerd } from "../scripts/workerd.ts";
import { type Spread, spread } from "./rounds.ts";

/** A bundle's size in bytes, and what it adds to the start of an empty Worker. */
export interface Size {
  readonly bytes: number;
  readonly gzipBytes: number;
  /** Milliseconds until the first answer, more than an empty Worker takes. */
  readonly startUpMs: Spread;
}

const STARTS = 5;

/** Measures a Worker by starting it, in turn with an empty one, a few times. */
export async function measureSize(worker: Service, empty: Service): Promise<Size> {
  const more: number[] = [];
  for (let start = 0; start < STARTS; start++) {
    const idleMs = await firstAnswerAfterMs(empty);
    more.push((await firstAnswerAfterMs(worker)) - idleMs);
  }
  const { byteLength } = Buffer.from(worker.code);
  return { bytes: byteLength, gzipBytes: gzipSync(worker.code).byteLength, startUpMs: spread(more) };
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
