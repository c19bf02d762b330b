// An origin on a port of its own: an MCP server, made with the official SDK, at every path that ends in /mcp, and
// everywhere else one that says what it received. Knows nothing of limits.

import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";

/** An origin that answers. */
export interface McpOrigin {
  /** Base URL, without a trailing slash. */
  readonly url: string;
  /** Lets the call of the tool `report` end that is under way. */
  finishReport(): void;
  /** Tells every client, over the stream it holds open, that the tools have changed. */
  announce(): void;
  close(): void;
}

/** Starts an origin. */
export async function startMcpOrigin(): Promise<McpOrigin> {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  const servers: McpServer[] = [];
  let finishReport = () => {};
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    if (!request.url?.endsWith("/mcp")) return echo(request, response);
    const session = sessions.get(String(request.headers["mcp-session-id"]));
    if (session !== undefined) return session.handleRequest(request, response);
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void sessions.set(id, transport),
    });
    const server = serverWith(() => {
      const { promise, resolve } = Promise.withResolvers<void>();
      finishReport = resolve;
      return promise;
    });
    servers.push(server);
    await server.connect(transport);
    return transport.handleRequest(request, response);
  };
  const http = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    finishReport: () => finishReport(),
    announce: () => {
      for (const server of servers) server.sendToolListChanged();
    },
    close: () => {
      http.close();
      http.closeAllConnections();
    },
  };
}

/** @param untilFinished called by the tool `report` after its first event; its answer waits for the promise. */
function serverWith(untilFinished: () => Promise<void>): McpServer {
  const server = new McpServer({ name: "jobs", version: "1.0.0" });
  const done = { content: [{ type: "text" as const, text: "done" }] };
  for (const name of ["analyze_job", "job_status", "search"]) {
    server.registerTool(name, { description: name }, () => done);
  }
  server.registerTool(
    "report",
    { description: "Reports before it is done." },
    async ({ _meta, sendNotification }) => {
      const { progressToken = "" } = _meta ?? {};
      const finished = untilFinished();
      await sendNotification({
        method: "notifications/progress",
        params: { progressToken, progress: 1, total: 2 },
      });
      await finished;
      return done;
    },
  );
  return server;
}

async function echo(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await buffer(request);
  response.setHeader("content-type", "application/json");
  response.end(
    JSON.stringify({ method: request.method, headers: request.headers, body: body.toString("base64") }),
  );
}
