// A scene for pages to show: accounts, keys and an hour's worth of what clients do, made by being a client.

import { createHmac } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { Served } from "./harness.ts";

/** Who is in the scene. */
export interface Scene {
  /** Id of a key of the account `acme`, with an override. */
  readonly shop: string;
  /** Id of a key that has used nearly all of its minute. */
  readonly crawler: string;
  /** Name of the account. */
  readonly account: "acme";
  /** An address that is blocked. */
  readonly blocked: "198.51.100.23";
}

/** Waits, if need be, until a minute has begun: what is to be counted in one must not fall into two. */
export async function earlyInMinute(): Promise<void> {
  const lateMs = Date.now() % 60_000;
  if (lateMs > 15_000) await setTimeout(60_000 - lateMs);
}

/** Plays it, all within a minute. */
export async function play(weir: Served): Promise<Scene> {
  await earlyInMinute();
  const put = (key: string, plan: object) => weir.operate<{ id: string }>("PUT /keys", { key, ...plan });
  await weir.operate("PUT /accounts/acme", {
    label: "Acme GmbH",
    tier: "pro",
    credits: 1_200,
    nextBillingAt: "2026-12-09T00:00:00Z",
  });
  await weir.operate("PUT /accounts/globex", { label: "Globex", tier: "basic", credits: 40 });
  const shop = await put("acme-shop", {
    label: "Acme, web shop",
    account: "acme",
    overrides: { write: { windows: ["40/minute", "900/hour"], until: inDays(3) } },
  });
  await put("acme-batch", { label: "Acme, nightly batch", account: "acme" });
  const crawler = await put("globex-crawler", { label: "Globex crawler", account: "globex" });
  await put("globex-old", { label: "Globex, old", account: "globex", tier: "basic", disabled: true });
  await put("initech", { label: "Initech trial", tier: "basic", expiresAt: inDays(5) });
  await many(weir, 46, "/v1/search", { key: "acme-shop", address: "203.0.113.7" });
  await many(weir, 14, "/v1/items", { key: "acme-shop", method: "POST", address: "203.0.113.7" });
  await many(weir, 6, "/v1/speech", { key: "acme-shop", method: "POST", address: "203.0.113.7" });
  await many(weir, 29, "/v1/search", { key: "globex-crawler", address: "203.0.113.80" });
  await many(weir, 16, "/v1/items", { key: "initech", method: "POST", address: "203.0.113.81" });
  await many(weir, 9, "/v1/search", { key: "globex-old", address: "203.0.113.82" });
  await many(weir, 17, "/v1/items", { key: "somebody", method: "POST", address: "203.0.113.90" });
  await many(weir, 24, "/v1/items", { key: "flood", method: "POST", address: "198.51.100.23" });
  return { shop: shop.id, crawler: crawler.id, account: "acme", blocked: "198.51.100.23" };
}

/** The id of a key under the tests' secret. */
export function idOf(key: string): string {
  return createHmac("sha256", "for-tests-only").update(key).digest("hex").slice(0, 32);
}

/** Asks the same again and again, one after the other. */
export async function many(
  weir: Served,
  times: number,
  path: string,
  init: Parameters<Served["ask"]>[1],
): Promise<void> {
  for (let asked = 0; asked < times; asked += 1) await (await weir.ask(path, init)).arrayBuffer();
}

function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString();
}
