// The README's first screen, word for word: its policy, its request, and the headers it shows.

import { readFile } from "node:fs/promises";
import { parse } from "smol-toml";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Served, serveWeir } from "./serving.ts";

let served: Served;
let readme: string;

beforeAll(async () => {
  readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
  const { vars } = parse(blockOf("toml")) as { vars: Record<string, unknown> };
  served = await serveWeir({ weir: vars });
}, 300_000);

afterAll(() => served?.stop());

function blockOf(language: string): string {
  return new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "s").exec(readme)?.[1] ?? "";
}

/** The answers that the README shows: status, header names, and the values that are the same each time. */
function shown(): { readonly status: number; readonly headers: readonly (readonly [string, string])[] }[] {
  return blockOf("console")
    .split(/^HTTP\/1.1 /m)
    .slice(1)
    .map((answer) => {
      const [first = "", ...lines] = answer.split("\n");
      const headers = lines.flatMap((line) => {
        const [, name = "", value = ""] = /^([\w-]+): (\S+)/.exec(line) ?? [];
        return name ? [[name, value] as const] : [];
      });
      return { status: Number(first.split(" ")[0]), headers };
    });
}

/** Sends the README's request. */
function ask(): Promise<Response> {
  const [, path = "", name = "", key = ""] = /localhost:8787(\S*) -H '(\S+): (\S+)'/.exec(readme) ?? [];
  return fetch(`${served.urlOf("weir")}${path}`, { headers: { [name]: key } });
}

/** Waits until a minute is young enough for all that follows to be in it. */
async function freshMinute(): Promise<void> {
  const left = 60_000 - (Date.now() % 60_000);
  if (left < 10_000) await new Promise((resolve) => setTimeout(resolve, left));
}

describe("The README's first screen", () => {
  it("shows what its request gets, admitted and refused", async () => {
    await freshMinute();
    const answers = [];
    for (let sent = 0; sent < 61; sent++) answers.push(await ask());
    const [admitted, refused] = shown();
    for (const [answer, expected] of [
      [answers[0], admitted],
      [answers[60], refused],
    ] as const) {
      expect(answer?.status).toBe(expected?.status);
      for (const [name, value] of expected?.headers ?? []) {
        const isInstant = name === "X-RateLimit-Reset" || name === "Retry-After";
        const wanted = isInstant ? expect.stringMatching(/^\d+$/) : value;
        expect(answer?.headers.get(name)).toEqual(wanted);
      }
    }
    expect(admitted?.headers).toHaveLength(3);
    expect(refused?.headers).toHaveLength(4);
  }, 120_000);
});
