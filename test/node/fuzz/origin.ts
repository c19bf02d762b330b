// The origin of the fuzz: counts what passes, by every limit it should have been counted under, and notes what should never
// have reached it. It reads paths as the most lenient origin might.

import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { secrets, sizes } from "./scene.ts";

/** Marks the origin's own answers. */
export const ORIGIN_MARK = "x-from-origin";

export interface CountingOrigin {
  readonly url: string;
  /** Requests that reached it. */
  readonly passed: () => number;
  /** Ids of the keys they came with. */
  readonly keyIds: ReadonlySet<string>;
  /** What should not have happened. */
  readonly faults: readonly string[];
  close(): void;
}

export async function startOrigin(): Promise<CountingOrigin> {
  const counts = new Map<string, number>();
  const keyIds = new Set<string>();
  const faults: string[] = [];
  let passed = 0;
  const count = (subject: string, limit: keyof typeof sizes) => {
    const name = `${limit} of ${subject}`;
    const used = (counts.get(name) ?? 0) + 1;
    counts.set(name, used);
    if (used === sizes[limit] + 1) faults.push(`more than ${sizes[limit]} passed: ${name}`);
  };
  // Else the longest headers would be refused here.
  const server = createServer({ maxHeaderSize: 1_000_000 }, (request, response) => {
    passed += 1;
    const { headers } = request;
    const keyId = headers["x-weir-key-id"];
    if (headers["x-weir-secret"] !== secrets.origin) faults.push("a request without the origin's secret");
    if (JSON.stringify(limitOrWeirHeaders(request)).includes("spoofed"))
      faults.push("a forged header passed");
    if (typeof keyId === "string") {
      keyIds.add(keyId);
      count(keyId, "any");
      count(addressOf(String(headers["cf-connecting-ip"])), "address");
      if (isApi(request.url ?? "")) count(keyId, "api");
    } else if (request.method !== "OPTIONS")
      faults.push(`${request.method} ${request.url?.slice(0, 200)} passed without a key`);
    request.resume();
    response
      .writeHead(200, {
        [ORIGIN_MARK]: "1",
        "x-ratelimit-limit": "of-the-origin",
        ratelimit: "of-the-origin",
      })
      .end("passed");
  }).listen(0, "127.0.0.1");
  server.maxHeadersCount = 0;
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    passed: () => passed,
    keyIds,
    faults,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** What only weir may say. */
function limitOrWeirHeaders({ rawHeaders }: IncomingMessage): string[] {
  return rawHeaders.filter((_, index) => /^x[-_]weir|ratelimit/i.test(rawHeaders[index - (index % 2)] ?? ""));
}

/** True where some origin would serve its API at this path. */
function isApi(url: string): boolean {
  let path = url.split(/[?#]/, 1)[0] ?? "";
  for (let times = 0; times < 3; times += 1) path = decoded(path);
  const parts: string[] = [];
  for (const part of path.toLowerCase().split(/[/\\]+/)) {
    const name = part.split(";", 1)[0];
    if (name === "..") parts.pop();
    else if (name !== "" && name !== "." && name !== undefined) parts.push(name);
  }
  return parts[0] === "api";
}

function decoded(path: string): string {
  return path.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** The subject of an address: an IPv6 one is its /64. */
function addressOf(address: string): string {
  return address.includes(":") ? address.split(":").slice(0, 4).join(":") : address;
}
