// The clients that people have, each with the settings its documentation shows: one call with a key, made so that the
// client may try again.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import Anthropic from "@anthropic-ai/sdk";
import { Octokit } from "@octokit/core";
import { throttling } from "@octokit/plugin-throttling";
import axios from "axios";
import axiosRetry from "axios-retry";
import got from "got";
import ky from "ky";
import OpenAI from "openai";

/** Asks `url` with a key, and resolves with what the origin said. */
export type Caller = (url: string, key: string, signal?: AbortSignal) => Promise<unknown>;

const run = promisify(execFile);

const urllib3Call = `
import sys, urllib3
pool = urllib3.PoolManager(headers={"x-api-key": sys.argv[2]})
for _ in range(2): print(pool.request("GET", sys.argv[1]).data.decode())`;

/** Clients that wait as long as they are told. */
export const waiting: Readonly<Record<string, Caller>> = {
  ky: async (url, key, signal) => {
    const answer = ky(url, { headers: { "x-api-key": key }, ...(signal && { signal }) });
    return (await answer.json<{ said: string }>()).said;
  },
  got: async (url, key, signal) => {
    const answer = got(url, { headers: { "x-api-key": key }, ...(signal && { signal }) });
    return (await answer.json<{ said: string }>()).said;
  },
  "axios with axios-retry": async (url, key, signal) => {
    const client = axios.create({ headers: { "x-api-key": key } });
    axiosRetry(client, { retries: 3, retryDelay: axiosRetry.exponentialDelay });
    return (await client.get(url, { ...(signal && { signal }) })).data.said;
  },
};

/** SDKs that know when waiting is of no use. */
export const sdks: Readonly<Record<string, Caller>> = {
  "OpenAI's SDK": async (url, key) => {
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: key });
    const messages = [{ role: "user" as const, content: "?" }];
    const answer = await client.chat.completions.create({ model: "none", messages });
    return answer.choices[0]?.message.content;
  },
  "Anthropic's SDK": async (url, key) => {
    const client = new Anthropic({ baseURL: url, apiKey: key });
    const messages = [{ role: "user" as const, content: "?" }];
    const [block] = (await client.messages.create({ model: "none", max_tokens: 1, messages })).content;
    return block?.type === "text" ? block.text : block;
  },
};

/** Octokit's throttling plugin, told to try again once. */
export const octokit: Caller = async (url, key) => {
  const again = (_after: number, _options: object, _octokit: unknown, retries: number) => retries < 1;
  const client = new (Octokit.plugin(throttling))({
    baseUrl: url,
    throttle: { onRateLimit: again, onSecondaryRateLimit: again },
  });
  const { data } = await client.request({ method: "GET", url: "/", headers: { "x-api-key": key } });
  return data.said;
};

/** Commands, by what has to run; each makes two calls, since to start takes it a while. */
export const commands: Readonly<
  Record<string, { readonly needs: readonly string[]; readonly callTwice: Caller }>
> = {
  "curl --retry": {
    needs: ["curl", "--version"],
    callTwice: async (url, key) => {
      const args = ["--silent", "--retry", "3", "--header", `x-api-key: ${key}`, url, url];
      return saidIn((await run("curl", args)).stdout);
    },
  },
  "Python's urllib3": {
    needs: ["python3", "-c", "import urllib3"],
    callTwice: async (url, key) => saidIn((await run("python3", ["-c", urllib3Call, url, key])).stdout),
  },
};

/** True where a program runs. */
export async function runs([program = "", ...args]: readonly string[]): Promise<boolean> {
  return run(program, args).then(
    () => true,
    () => false,
  );
}

/** What the origin said, whatever else is printed: curl prints the refusals, too. */
function saidIn(printed: string): unknown[] {
  return Array.from(printed.matchAll(/"said":"(\w+)"/g), ([, said]) => said);
}
