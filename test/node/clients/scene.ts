// The scene that clients act in: an observer before weir, which keeps what each key's requests met, and behind weir an
// origin that answers as the SDKs expect. Judges nothing.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle, startWorkerd } from "../../../scripts/workerd.ts";

/** One request of a client and what it met, by the server's clock. */
export interface Exchange {
  readonly at: number;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** Weir with an observer before it. */
export interface Scene {
  /** Where clients send their requests, without a trailing slash. */
  readonly url: string;
  /** All requests of a key so far, in their order. */
  seen(key: string): Promise<Exchange[]>;
  end(): Promise<void>;
}

const observer = `
const exchanges = new Map();
export default {
  async fetch(request, { WEIR }) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/seen/")) return Response.json(exchanges.get(pathname.slice(6)) ?? []);
    const key = request.headers.get("x-api-key") ?? request.headers.get("authorization").split(" ").at(-1);
    const at = Date.now();
    const answer = await WEIR.fetch(request);
    const met = { at, status: answer.status, headers: Object.fromEntries(answer.headers) };
    exchanges.set(key, [...(exchanges.get(key) ?? []), met]);
    return answer;
  },
};`;

const origin = `
const answers = {
  "/v1/chat/completions": {
    id: "1", object: "chat.completion", created: 0, model: "none",
    choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "passed" } }],
  },
  "/v1/messages": {
    id: "1", type: "message", role: "assistant", model: "none", stop_reason: "end_turn",
    content: [{ type: "text", text: "passed" }], usage: { input_tokens: 1, output_tokens: 1 },
  },
};
export default {
  fetch: ({ url }) => Response.json(answers[new URL(url).pathname.replace(/^\\/[a-z]+/, "")] ?? { said: "passed" }),
};`;

/** Starts a scene under these limits. */
export async function startScene(limits: readonly object[]): Promise<Scene> {
  const directory = await mkdtemp(join(tmpdir(), "weir-clients-"));
  const workerd = await startWorkerd({
    directory,
    services: [
      { name: "observer", code: observer, services: { WEIR: "weir" } },
      {
        name: "weir",
        code: await bundle("wrangler.toml"),
        vars: { KEY_HASH_SECRET: "for-tests-only", LIMITS: limits },
        objects: { LIMITER: "Limiter", IP_GUARD: "IpGuard" },
        services: { ORIGIN_SERVICE: "origin" },
      },
      { name: "origin", code: origin },
    ],
  });
  const url = workerd.urlOf("observer");
  return {
    url,
    async seen(key) {
      return (await fetch(`${url}/seen/${key}`)).json() as Promise<Exchange[]>;
    },
    async end() {
      await workerd.kill("SIGKILL");
      await rm(directory, { recursive: true });
    },
  };
}
