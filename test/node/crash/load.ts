// The load of the crash test: an origin that notes what reaches it, and clients that note what they were told. Both live
// outside of the process that is killed.

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { credentials, type Subject } from "./scene.ts";

/** One request, as its client and the origin saw it. */
export interface Asked {
  readonly subject: Subject;
  /** Instants in Unix milliseconds, by the one clock of the machine. */
  readonly sentAt: number;
  /** Absent: it never reached the origin. */
  arrivedAt?: number;
  /** What the origin answered. */
  originStatus?: number;
  /** Absent: the answer was lost. */
  answer?: { readonly at: number; readonly status: number; readonly resetAt: number };
}

/** Clients and their origin. */
export interface Load {
  readonly originUrl: string;
  /** All that was asked so far. */
  readonly asked: readonly Asked[];
  /** Asks once; resolves to the status, or to undefined where the answer was lost. */
  ask(baseUrl: string, subject: Subject): Promise<number | undefined>;
  /** Arrivals that no request explains: forwarded twice, or made up. */
  readonly unexplained: () => number;
  close(): void;
}

/** @param isFailing whether the origin fails a request. */
export async function startLoad(isFailing: (subject: Subject) => boolean): Promise<Load> {
  const asked: Asked[] = [];
  let unexplained = 0;
  const origin = createServer((request, response) => {
    const noted = asked[Number(request.headers["x-number"])];
    if (noted === undefined || noted.arrivedAt !== undefined) unexplained += 1;
    const status = noted !== undefined && isFailing(noted.subject) ? 500 : 200;
    if (noted) Object.assign(noted, { arrivedAt: Date.now(), originStatus: status });
    response.writeHead(status).end();
  }).listen(0, "127.0.0.1");
  await once(origin, "listening");
  const { port } = origin.address() as AddressInfo;
  return {
    originUrl: `http://127.0.0.1:${port}`,
    asked,
    async ask(baseUrl, subject) {
      const noted: Asked = { subject, sentAt: Date.now() };
      const number = asked.push(noted) - 1;
      const headers = { ...credentials(subject, number), "x-number": String(number) };
      try {
        const answer = await fetch(`${baseUrl}/${subject.kind.name}`, { headers });
        await answer.arrayBuffer();
        const resetAt = Number(answer.headers.get("x-ratelimit-reset")) * 1_000;
        noted.answer = { at: Date.now(), status: answer.status, resetAt };
        return answer.status;
      } catch {
        return undefined;
      }
    },
    unexplained: () => unexplained,
    close() {
      origin.close();
      origin.closeAllConnections();
    },
  };
}
