import { describe, expect, it } from "vitest";
import { NO_PAYLOAD, readPayload } from "../../src/core/jsonrpc.ts";
import { callsIn } from "../../src/core/jsonrpc-cost.ts";
import type { Limit } from "../../src/core/policy.ts";
import { limitOf } from "./support/build.ts";

const count = (text: string, more: Partial<Limit> = {}) =>
  callsIn(readPayload(text) ?? NO_PAYLOAD, limitOf("mcp", ["60/minute"], { protocol: "jsonrpc", ...more }));
const call = (method: string, params?: object) => ({ jsonrpc: "2.0", id: 1, method, params });
const tool = (name: string) => call("tools/call", { name, arguments: {} });
const tools = { analyze_job: 5, status: 0 };

describe("callsIn", () => {
  it.each([
    ["initialize", 0],
    ["ping", 0],
    ["tools/list", 0],
    ["notifications/initialized", 0],
    ["tools/call", 1],
    ["tools/list/all", 1],
    ["resources/read", 1],
    ["Ping", 1],
  ])("counts %s as %i", (method, calls) => {
    expect(count(JSON.stringify(call(method)))).toBe(calls);
  });

  it("counts a call without an id, which a server may well carry out", () => {
    expect(count('{"jsonrpc":"2.0","method":"tools/call"}')).toBe(1);
  });

  it("counts a tool as its calls", () => {
    expect(
      ["analyze_job", "status", "search", "toString"].map((name) =>
        count(JSON.stringify(tool(name)), { tools }),
      ),
    ).toEqual([5, 0, 1, 1]);
  });

  it("counts a tool as its calls where the call is no sound JSON-RPC", () => {
    const { jsonrpc: _, ...unsound } = tool("analyze_job");
    expect(count(JSON.stringify(unsound), { tools })).toBe(5);
    expect(count('{"method":"ping"}')).toBe(1);
  });

  it("counts a batch as all its calls", () => {
    const batch = [tool("analyze_job"), tool("search"), call("ping"), tool("analyze_job"), 7];
    expect(count(JSON.stringify(batch), { tools })).toBe(12);
    expect(count(JSON.stringify([call("ping"), call("initialize")]))).toBe(0);
  });

  it("counts a response as nothing, unless nothing is free", () => {
    const response = '{"jsonrpc":"2.0","id":1,"result":{}}';
    expect([count(response), count(response, { free: [] })]).toEqual([0, 1]);
  });

  it("goes by the limit's own free methods", () => {
    const free = ["resources/*", "server/discover"];
    expect(
      ["resources/read", "server/discover", "server/discover/x", "ping", "resource"].map((method) =>
        count(JSON.stringify(call(method)), { free }),
      ),
    ).toEqual([0, 0, 1, 1, 1]);
  });

  it("counts what may be another call as the dearest", () => {
    const text = '{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call"}';
    expect([count(text), count(text, { tools }), count(`[${text},${text}]`, { tools })]).toEqual([1, 5, 10]);
  });

  it.each(["", "7", "[]", '{"job_url":"https://jobs.example/1"}'])("counts %j as one request", (text) => {
    expect(count(text, { tools, free: ["*"] })).toBe(1);
  });
});
