import { describe, expect, it } from "vitest";
import { jsonRpcId, withCaller } from "../../src/core/jsonrpc.ts";

describe("jsonRpcId", () => {
  it.each([
    ['{"jsonrpc":"2.0","id":7,"method":"tools/call"}', 7],
    ['{"jsonrpc":"2.0","id":"a\\r\\nb","method":"ping"}', "a\r\nb"],
    ['{"jsonrpc":"2.0","id":0,"method":"ping"}', 0],
    ['{"jsonrpc":"2.0","id":null,"method":"ping"}', null],
    ['{"jsonrpc":"2.0","method":"notifications/initialized"}', null],
    ['{"jsonrpc":"2.0","id":{"a":1},"method":"ping"}', null],
    ['{"jsonrpc":"1.0","id":7,"method":"ping"}', undefined],
    ['{"jsonrpc":"2.0","id":7,"result":{}}', undefined],
    ['[{"jsonrpc":"2.0","id":7,"method":"ping"}]', undefined],
    ['"jsonrpc"', undefined],
    ["null", undefined],
    ["", undefined],
    ['{"jsonrpc":"2.0","id":7,"method":"ping"', undefined],
  ])("finds in %s the id %j", (text, expected) => {
    expect(jsonRpcId(text)).toBe(expected);
  });
});

describe("withCaller", () => {
  const error = { code: -32002, message: "Rate limit exceeded" };

  it("makes an error object the answer to the call", () => {
    expect(JSON.stringify(withCaller({ error }, "a"))).toBe(
      '{"jsonrpc":"2.0","error":{"code":-32002,"message":"Rate limit exceeded"},"id":"a"}',
    );
  });

  it("answers a call whose id cannot be known with null", () => {
    expect(withCaller({ error }, null)).toEqual({ jsonrpc: "2.0", error, id: null });
  });

  it.each([
    ["no call", { error }, undefined],
    ["a code that is no integer", { error: { code: "rate_limit_exceeded" } }, 7],
    ["an error that is no object", { error: "rate_limit_exceeded" }, 7],
    ["a list", [error], 7],
    ["text", "Too many requests", 7],
  ])("leaves a body alone with %s", (_, body, callerId) => {
    expect(withCaller(body, callerId)).toBe(body);
  });
});
