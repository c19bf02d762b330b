// MCP through weir: the official SDK's client, weir in a workerd of its own, the official SDK's server behind it.

import { readFile } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import {
  StreamableHTTPClientTransport,
  StreamableHTTPError,
} from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { McpError, ToolListChangedNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { parse } from "smol-toml";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { paceFetch } from "../../src/client/index.ts";
import { type McpOrigin, startMcpOrigin } from "./mcp-origin.ts";
import { type Served, serveWeir } from "./serving.ts";

interface Vars {
  readonly LIMITS: readonly Readonly<Record<string, unknown>>[];
}

let served: Served;
let origin: McpOrigin;

beforeAll(async () => {
  origin = await startMcpOrigin();
  const [documented] = (await documentedVars()).LIMITS;
  const policies = {
    documented: {
      LIMITS: [
        { ...documented, windows: ["12/day"] },
        { ...documented, name: "brief", match: "POST /brief/mcp", windows: ["1/second"], tools: {} },
        { ...documented, name: "echo", match: "/echo", windows: ["10/day"] },
        { name: "streams", match: "GET /mcp", windows: ["1000/day"] },
      ],
    },
    jobko: await jobkoVars(),
  };
  const inFrontOfOrigin = Object.entries(policies).map(([name, vars]) => [
    name,
    {
      ...vars,
      ORIGIN: origin.url,
      // From the first request: no clock's end comes in between.
      LIMITS: vars.LIMITS.map((limit) => ({ ...limit, align: "first" })),
    },
  ]);
  served = await serveWeir(Object.fromEntries(inFrontOfOrigin));
}, 300_000);

afterAll(async () => {
  await served?.stop();
  origin?.close();
});

async function documentedVars(): Promise<Vars> {
  const text = await readFile(new URL("../../docs/mcp.md", import.meta.url), "utf8");
  return parse(/```toml\n(.*?)```/s.exec(text)?.[1] ?? "") as unknown as Vars;
}

async function jobkoVars(): Promise<Vars> {
  const text = await readFile(new URL("../../examples/jobko.toml", import.meta.url), "utf8");
  return parse(text).vars as unknown as Vars;
}

let keys = 0;
const freshKey = () => `key-${++keys}`;

/** A connected client, and what it was answered: `<method or tool> <status> <remaining>`, in order. */
async function connect(url: string, key = freshKey(), fetchWith: typeof fetch = fetch) {
  const client = new Client({ name: "agent", version: "1.0.0" });
  const seen: string[] = [];
  const noting: typeof fetch = async (input, init) => {
    const answer = await fetchWith(input, init);
    const message = typeof init?.body === "string" ? JSON.parse(init.body) : { method: init?.method };
    const remaining = answer.headers.get("x-ratelimit-remaining");
    seen.push([message.params?.name ?? message.method, answer.status, remaining ?? "-"].join(" "));
    return answer;
  };
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    fetch: noting,
    requestInit: { headers: { authorization: `Bearer ${key}` } },
  });
  await client.connect(transport);
  return { client, transport, seen, key, call: (name: string) => client.callTool({ name }) };
}

/** As docs/mcp.md has it: hands a refusal on as the answer that it is. */
const fetchWithErrors: typeof fetch = async (url, init) => {
  const answer = await fetch(url, init);
  return answer.status === 429 ? new Response(answer.body, { headers: answer.headers }) : answer;
};

const documented = () => `${served.urlOf("documented")}/mcp`;
const post = (url: string, key: string, body: BodyInit, headers: Record<string, string> = {}) =>
  fetch(url, {
    method: "POST",
    headers: { "x-api-key": key, "content-type": "application/json", ...headers },
    body,
  });
const rpc = (id: number | string | undefined, name: string) => ({
  jsonrpc: "2.0",
  ...(id !== undefined && { id }),
  method: "tools/call",
  params: { name },
});
const standing = (answer: Response) => [answer.status, answer.headers.get("x-ratelimit-remaining")];

describe("The official client", { timeout: 60_000 }, () => {
  it("connects, lists and pings for nothing, and pays for each tool its own cost", async () => {
    const { client, seen, call } = await connect(documented());
    expect((await client.listTools()).tools).toHaveLength(4);
    await client.ping();
    expect((await call("search")).content).toEqual([{ type: "text", text: "done" }]);
    await call("analyze_job");
    await call("job_status");
    expect(seen.filter((one) => !one.startsWith("GET"))).toEqual([
      "initialize 200 -",
      "notifications/initialized 202 -",
      "tools/list 200 -",
      "ping 200 -",
      "search 200 11",
      "analyze_job 200 6",
      "job_status 200 -",
    ]);
    await client.close();
  });

  it("meets a refusal as a 429 with the JSON-RPC error, and its session goes on", async () => {
    const { client, call } = await connect(documented());
    await call("analyze_job");
    await call("analyze_job");
    const refused: unknown = await call("analyze_job").catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(StreamableHTTPError);
    const { code, message } = refused as StreamableHTTPError;
    expect(code).toBe(429);
    expect(JSON.parse(message.slice(message.indexOf("{")))).toMatchObject({
      jsonrpc: "2.0",
      error: { code: -32002, data: { limit: 12, remaining: 2 } },
      id: expect.any(Number),
    });
    await client.ping();
    expect((await call("search")).content).toHaveLength(1);
    await client.close();
  });

  it("meets it as an McpError with code and data, where its fetch hands refusals on as answers", async () => {
    const { client, call } = await connect(documented(), freshKey(), fetchWithErrors);
    await call("analyze_job");
    await call("analyze_job");
    const refused: unknown = await call("analyze_job").catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(McpError);
    expect(refused).toMatchObject({
      code: -32002,
      message: expect.stringContaining("Rate limit exceeded"),
      data: {
        limit: 12,
        remaining: 2,
        retryAfterSeconds: expect.any(Number),
        resetsAt: expect.stringMatching(/^\d{4}-/),
      },
    });
    await client.close();
  });

  it("is served again once it has waited as long as it was told", async () => {
    const { client, call } = await connect(
      `${served.urlOf("documented")}/brief/mcp`,
      freshKey(),
      fetchWithErrors,
    );
    let refused: unknown;
    while (refused === undefined) {
      refused = await call("search").then(
        () => undefined,
        (error: unknown) => error,
      );
    }
    const { retryAfterSeconds } = (refused as McpError).data as { retryAfterSeconds: number };
    await wait(retryAfterSeconds * 1_000);
    expect((await call("search")).content).toHaveLength(1);
    await client.close();
  });

  it("never fails with weir/client as its fetch", async () => {
    const url = `${served.urlOf("documented")}/brief/mcp`;
    const { client, call } = await connect(url, freshKey(), paceFetch());
    const answers = await Promise.all([call("search"), call("search"), call("search")]);
    expect(answers.map(({ content }) => content)).toHaveLength(3);
    await client.close();
  });

  it("gets a tool's first event before the tool is done", async () => {
    const { client } = await connect(documented());
    const progress: number[] = [];
    await client.callTool({ name: "report" }, undefined, {
      onprogress: (one) => {
        progress.push(one.progress);
        origin.finishReport();
      },
    });
    expect(progress).toEqual([1]);
    await client.close();
  });

  it("hears of what the server announces on the stream that it holds open", async () => {
    const opened = Promise.withResolvers<void>();
    const { client } = await connect(documented(), freshKey(), async (url, init) => {
      const answer = await fetch(url, init);
      if (init?.method === "GET") opened.resolve();
      return answer;
    });
    const announced = Promise.withResolvers<void>();
    client.setNotificationHandler(ToolListChangedNotificationSchema, () => announced.resolve());
    await opened.promise;
    origin.announce();
    await announced.promise;
    await client.close();
  });

  it("ends its session", async () => {
    const { client, transport, seen } = await connect(documented());
    await transport.terminateSession();
    expect(seen.at(-1)).toBe("DELETE 200 -");
    await client.close();
  });
});

describe("A limit of JSON-RPC calls", { timeout: 60_000 }, () => {
  const echo = () => `${served.urlOf("documented")}/echo`;
  const batch = (...names: string[]) => JSON.stringify(names.map((name, index) => rpc(index, name)));

  it("counts a batch as its calls, and admits or refuses it as a whole", async () => {
    const key = freshKey();
    expect(standing(await post(echo(), key, batch("search", "analyze_job", "search")))).toEqual([200, "3"]);
    const calls = [rpc(1, "search"), rpc(undefined, "search"), rpc("b", "analyze_job")];
    const refused = await post(echo(), key, JSON.stringify(calls));
    expect(standing(refused)).toEqual([429, "3"]);
    const retryAfterSeconds = Number(refused.headers.get("retry-after"));
    expect(retryAfterSeconds).toBeGreaterThan(0);
    const error = {
      code: -32002,
      message: "Rate limit exceeded",
      data: { limit: 10, remaining: 3, retryAfterSeconds, resetsAt: expect.any(String) },
    };
    expect(await refused.json()).toEqual([
      { jsonrpc: "2.0", error, id: 1 },
      { jsonrpc: "2.0", error, id: "b" },
    ]);
    expect(standing(await post(echo(), key, batch("search", "search", "search")))).toEqual([200, "0"]);
  });

  it("refuses a batch larger than its window for good, and says to split it", async () => {
    const refused = await post(echo(), freshKey(), batch("analyze_job", "analyze_job", "search"));
    expect([refused.status, refused.headers.has("retry-after")]).toEqual([413, false]);
    const errors = (await refused.json()) as { id: number; error: { code: number; message: string } }[];
    expect(errors.map(({ id, error }) => [id, error.code])).toEqual([
      [0, -32002],
      [1, -32002],
      [2, -32002],
    ]);
    expect(errors[0]?.error.message).toContain("splitting the batch does");
  });

  it.each([
    ["a body that is no JSON-RPC", "POST", '{"job_url":"https://jobs.example/1"}', "9"],
    ["no body", "POST", "", "9"],
    ["a GET", "GET", undefined, "9"],
    ["a DELETE", "DELETE", undefined, "9"],
    ["a free call by another method", "PUT", '{"jsonrpc":"2.0","id":1,"method":"ping"}', "9"],
    [
      "a call that may be another",
      "POST",
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","method":"ping"}',
      "5",
    ],
    ["a free call", "POST", '{"jsonrpc":"2.0","id":1,"method":"ping"}', null],
  ])("counts %s", async (_, method, body, remaining) => {
    const headers = { "x-api-key": freshKey() };
    const answer = await fetch(echo(), { method, headers, ...(body !== undefined && { body }) });
    expect(standing(answer)).toEqual([200, remaining]);
  });

  it.each([
    ["that breaks off", '{"jsonrpc":"2.0"'],
    ["with NaN, which Python reads", '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"x":NaN}}'],
    ["with a second value, which Go leaves unread", '{"jsonrpc":"2.0","id":1,"method":"tools/call"} 0'],
    ["with a comment, which Ruby skips", '/**/{"jsonrpc":"2.0","id":1,"method":"tools/call"}'],
    ["in UTF-16, which Python reads", Buffer.from('{"jsonrpc":"2.0","id":1}', "utf16le")],
    ["in Latin-1", Buffer.from('{"jsonrpc":"2.0","id":"é"}', "latin1")],
  ])("refuses a body %s, and charges nothing", async (_, body) => {
    const key = freshKey();
    const refused = await post(echo(), key, body);
    expect([refused.status, await refused.json()]).toEqual([400, expect.objectContaining({ status: 400 })]);
    expect(standing(await post(echo(), key, batch("search")))).toEqual([200, "9"]);
  });

  it("counts the calls of a body whatever its content type, and of one that is compressed", async () => {
    const key = freshKey();
    expect(
      standing(await post(echo(), key, batch("search", "search"), { "content-type": "text/plain" })),
    ).toEqual([200, "8"]);
    const compressed = gzipSync(batch("analyze_job"));
    expect(standing(await post(echo(), key, compressed, { "content-encoding": "gzip" }))).toEqual([200, "3"]);
  });

  it("forwards the body byte for byte, with its length", async () => {
    const body =
      ' [ {"jsonrpc" : "2.0", "id":1.0, "method":"tools/call", "params":{"name":"s\\u0065arch", "x":"é"}} ]\n';
    const answer = await post(echo(), freshKey(), body);
    const received = (await answer.json()) as { headers: Record<string, string>; body: string };
    expect(Buffer.from(received.body, "base64").toString()).toBe(body);
    expect(received.headers["content-length"]).toBe(String(Buffer.byteLength(body)));
  });

  it("refuses a body too large to be counted", async () => {
    const refused = await post(echo(), freshKey(), `"${"x".repeat(1_048_576)}"`);
    expect(refused.status).toBe(413);
    expect(await refused.json()).toMatchObject({ status: 413, reason: "oversized" });
  });

  it("knows nobody's key by a free call either", async () => {
    const free = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" });
    expect((await fetch(echo(), { method: "POST", body: free })).status).toBe(401);
  });
});

describe("The jobko example", { timeout: 60_000 }, () => {
  const url = () => `${served.urlOf("jobko")}/api/mcp`;

  it("serves the official client, and counts every request of it", async () => {
    const { client, seen, call } = await connect(url());
    await call("search");
    const initialized = seen.filter((one) => one.startsWith("initialize") || one.startsWith("notifications"));
    expect(initialized).toEqual(["initialize 200 99", "notifications/initialized 202 98"]);
    expect(seen).toContainEqual(expect.stringMatching(/^search 200 9[67]$/));
    await client.close();
  });

  it("refuses in the page's words, with the caller's id", async () => {
    const { client, key, call } = await connect(url(), freshKey(), fetchWithErrors);
    for (let sent = 0; sent < 90; sent++) {
      const answer = await post(`${served.urlOf("jobko")}/echo`, key, JSON.stringify(rpc(sent, "search")));
      expect(answer.status).toBe(200);
    }
    let error: unknown;
    while (error === undefined)
      error = await call("search").then(
        () => undefined,
        (met: unknown) => met,
      );
    expect(error).toMatchObject({
      code: -32002,
      data: undefined,
      message: expect.stringContaining("Rate limit exceeded"),
    });
    expect(error).toBeInstanceOf(McpError);
    await client.close();
  });
});
