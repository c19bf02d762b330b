// The document of the operator's API: every call of the API is in it, and every curl in it works.

import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import document from "../../../docs/operator-api.md?raw";
import { operationsOf } from "../../../src/operator/api.ts";
import { requireRules } from "../../../src/policy/rules.ts";
import { operate, type Reply } from "../operator.ts";

const commands = [...document.matchAll(/^curl .*$/gm)].map(([command]) => command);

/** A command's words, without their quotes. */
function wordsOf(command: string): string[] {
  return [...command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, single, double, plain]) => {
    return single ?? double ?? plain ?? "";
  });
}

/** What curl would ask: `PUT /keys`, its body and its headers. */
function read(command: string, variables: Readonly<Record<string, string>>) {
  const [, ...words] = wordsOf(command);
  const headers: Record<string, string> = {};
  let [method, path, body] = ["", "", undefined as string | undefined];
  while (words.length > 0) {
    const word = words.shift() ?? "";
    if (word === "-X") method = words.shift() ?? "";
    else if (word === "-H") {
      const [name = "", value = ""] = (words.shift() ?? "").split(": ");
      if (!name.startsWith("$")) headers[name] = value;
    } else if (word === "-o") words.shift();
    else if (word === "--json") body = words.shift();
    else if (word === "--data-binary") {
      words.shift();
      body = variables.plans ?? "";
      method = "POST";
    } else path = word.replace("$WEIR", "").replace("$ID", variables.id ?? "");
  }
  return { call: `${method || "GET"} ${path}`, body, headers };
}

describe("docs/operator-api.md", () => {
  it("has curls that work, one after the other", async () => {
    const variables: Record<string, string> = {};
    const replies: [string, Reply][] = [];
    for (const command of commands) {
      const { call, body, headers } = read(command, variables);
      const reply = await operate(call, body, headers);
      replies.push([call, reply]);
      if (call === "PUT /keys") variables.id = reply.body.id;
      if (call === "GET /plans") variables.plans = reply.body;
    }
    const failed = replies.filter(([, { status }]) => status !== 200 && status !== 201);
    expect(failed.map(([call, { status, body }]) => [call, status, body])).toEqual([]);
    const imported = replies.find(([call]) => call === "POST /plans")?.[1].body;
    expect(JSON.parse(imported)).toEqual({ applied: 2, failed: 0, errors: [] });
  });

  it("has every call of the API", () => {
    const called = commands.map((command) => read(command, { id: "{id}" }).call.replace(/\?.*/, ""));
    const paths = called.map((call) => call.replace("/acme", "/{id}").replace("/203.0.113.7", "/{ip}"));
    const all = operationsOf(requireRules(env)).map(({ method, path }) => `${method} ${path}`);
    expect([...new Set(paths)].sort()).toEqual(all.sort());
  });
});
