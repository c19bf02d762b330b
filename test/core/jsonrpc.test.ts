import { describe, expect, it } from "vitest";
import { callersOf, isError, readPayload, withCallers } from "../../src/core/jsonrpc.ts";

const read = (text: string) => {
  const payload = readPayload(text);
  if (payload === undefined) throw new Error("no JSON");
  return payload;
};
const callers = (text: string) => callersOf(read(text));

describe("callersOf", () => {
  it.each([
    ['{"jsonrpc":"2.0","id":7,"method":"tools/call"}', [7]],
    ['{"jsonrpc":"2.0","id":"a\\r\\nb","method":"ping"}', ["a\r\nb"]],
    ['{"jsonrpc":"2.0","id":0,"method":"ping"}', [0]],
    ['{"jsonrpc":"2.0","id":null,"method":"ping"}', [null]],
    ['{"jsonrpc":"2.0","id":{"a":1},"method":"ping"}', [null]],
    ['{"jsonrpc":"2.0","method":"notifications/initialized"}', []],
    ['{"jsonrpc":"2.0","id":7,"result":null}', []],
  ])("finds in %s the ids %j", (text, ids) => {
    expect(callers(text)).toEqual({ ids, isBatch: false });
  });

  it("finds in a batch the id of each call that has one", () => {
    const batch = [
      { jsonrpc: "2.0", id: "a", method: "tools/call" },
      { jsonrpc: "2.0", method: "notifications/cancelled" },
      { jsonrpc: "2.0", id: 9, result: {} },
      { jsonrpc: "2.0", id: 2, method: "ping" },
    ];
    expect(callers(JSON.stringify(batch))).toEqual({ ids: ["a", 2], isBatch: true });
  });

  it.each([
    '{"jsonrpc":"1.0","id":7,"method":"ping"}',
    '{"jsonrpc":"2.0","id":7}',
    '{"jsonrpc":"2.0","id":7,"method":1,"result":{}}',
    '[{"jsonrpc":"2.0","id":7,"method":"ping"},1]',
    "[]",
    '"jsonrpc"',
    "null",
  ])("finds no JSON-RPC in %s", (text) => {
    expect(callers(text)).toBeUndefined();
  });
});

describe("readPayload", () => {
  const call = '"jsonrpc":"2.0","id":1';

  it("names the tool of a tools/call, and of nothing else", () => {
    const messages = [
      { method: "tools/call", params: { name: "search", arguments: { name: "other" } } },
      { method: "prompts/get", params: { name: "search" } },
      { method: "tools/call", params: { name: 7 } },
      { method: "tools/call", params: ["search"] },
    ];
    const { messages: found } = read(JSON.stringify(messages));
    expect(found.map(({ tool }) => tool)).toEqual(["search", undefined, undefined, undefined]);
  });

  it.each([
    [`{${call},"method":"ping"}`, true],
    [
      `{${call},"method":"tools/call","params":{"name":"a","arguments":{"Name":"b","method":"\\"x\\":"}}}`,
      true,
    ],
    [`{${call},"method":"tools/call","params":{"name":"a","meta":[{"a":1},{"a":2}]}}`, true],
    [`{${call},"method":"tools/call","method":"ping"}`, false],
    [`{${call},"method":"tools/call","\\u006dethod":"ping"}`, false],
    [`{${call},"method":"ping","Method":"tools/call"}`, false],
    [`{${call},"method":"tools/call","params":{"name":"cheap","name":"dear"}}`, false],
    [`{${call},"method":"tools/call","params":{"name":"cheap"},"param\u017f":{"name":"dear"}}`, false],
    [`[{${call},"method":"ping"},{${call},"method":"ping","method":"tools/call"}]`, false],
  ])("is certain of %s: %s", (text, isCertain) => {
    expect(read(text).isCertain).toBe(isCertain);
  });

  it.each([
    ["a body that breaks off", `{${call}`],
    ["nothing", ""],
    ["NaN, which Python reads", `{${call},"params":{"x":NaN}}`],
    ["a second value, which Go leaves unread", `{${call}} 0`],
    ["a comment, which Ruby skips", `/**/{${call}}`],
    ["a comma too many", `{${call},}`],
    ["UTF-16", [...`{${call}}`].join("\0")],
  ])("finds no JSON in %s", (_, text) => {
    expect(readPayload(text)).toBeUndefined();
  });

  it("reads what is nested as deep as a body is long", () => {
    const depth = 200_000;
    const text = `{${call},"method":"ping","params":${"[".repeat(depth)}${"]".repeat(depth)}}`;
    expect(readPayload(text)).toEqual({
      messages: [{ isSound: true, method: "ping", id: 1 }],
      isBatch: false,
      isCertain: true,
    });
  });
});

describe("withCallers", () => {
  const error = { code: -32002, message: "Rate limit exceeded" };
  const one = (id: string | null) => ({ ids: [id], isBatch: false });

  it("makes an error object the answer to the call", () => {
    expect(JSON.stringify(withCallers({ error }, one("a")))).toBe(
      '{"jsonrpc":"2.0","error":{"code":-32002,"message":"Rate limit exceeded"},"id":"a"}',
    );
  });

  it("answers each call of a batch", () => {
    expect(withCallers({ error }, { ids: [1, "b"], isBatch: true })).toEqual([
      { jsonrpc: "2.0", error, id: 1 },
      { jsonrpc: "2.0", error, id: "b" },
    ]);
  });

  it.each([
    ["a call whose id cannot be known", one(null)],
    ["a notification", { ids: [], isBatch: false }],
    ["a batch of notifications", { ids: [], isBatch: true }],
  ])("answers %s without one", (_, waiting) => {
    expect(withCallers({ error }, waiting)).toEqual({ jsonrpc: "2.0", error, id: null });
  });

  it.each([
    ["no call", { error }, undefined],
    ["a code that is no integer", { error: { code: "rate_limit_exceeded" } }, one("a")],
    ["an error that is no object", { error: "rate_limit_exceeded" }, one("a")],
    ["a list", [error], one("a")],
    ["text", "Too many requests", one("a")],
  ])("leaves a body alone with %s", (_, body, waiting) => {
    expect(withCallers(body, waiting)).toBe(body);
  });
});

describe("isError", () => {
  it("knows a body with an error of a whole code", () => {
    expect([{ error: { code: -32002 } }, { error: { code: "{name}" } }, "jsonrpc"].map(isError)).toEqual([
      true,
      false,
      false,
    ]);
  });
});
