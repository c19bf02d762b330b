// The command as an operator runs it, in a process of its own.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { line } from "./support/build.ts";

const directory = mkdtempSync(join(tmpdir(), "weir-replay-"));
afterAll(() => rmSync(directory, { recursive: true }));

function stored(name: string, content: string | Uint8Array): string {
  const file = join(directory, name);
  writeFileSync(file, content);
  return file;
}

function run(script: string, args: readonly string[], input: string | Uint8Array = "") {
  const env = { ...process.env, KEY_HASH_SECRET: "" };
  return spawnSync(process.execPath, [script, ...args], { env, input, encoding: "utf8", maxBuffer: 1e8 });
}
const replay = (args: readonly string[], input?: string | Uint8Array) =>
  run("scripts/replay.ts", args, input);

const config = stored(
  "policy.toml",
  `[vars]
ENFORCE = false
LIMITS = [{ name = "x", match = "/*", windows = ["2/minute"] }]
[env.staging.vars]
LIMITS = [{ name = "x", match = "/*", windows = ["1/minute"] }]`,
);
const log = [0, 1, 2, 3].map((second) => line(second)).join("\n");
const summary = (output: string) => output.split("\n").find((one) => one.startsWith(config));

describe("npm run replay", () => {
  it("reads a file, and decides as if the policy were enforced", () => {
    const { status, stdout, stderr } = replay(["--config", config, stored("access.ndjson", log)]);
    expect(summary(stdout)).toBe(`${config}: 2 of 4 requests refused (50 %), of 1 of 1 who asked`);
    expect([status, stderr]).toEqual([0, ""]);
  });

  it("reads standard input, gzip too", () => {
    for (const input of [log, gzipSync(log)]) {
      const { stdout } = replay(["--config", config, "-"], input);
      expect(summary(stdout)).toContain("2 of 4 requests refused");
    }
  });

  it("reads several logs one after the other, and names a malformed line by its file", () => {
    const first = stored("1.ndjson", line(0));
    const second = stored("2.ndjson.gz", gzipSync(`${line(1)}\nnonsense\n${line(2)}`));
    const { stdout } = replay(["--config", config, first, second]);
    expect(summary(stdout)).toContain("1 of 3 requests refused");
    expect(stdout).toContain(
      `1 malformed line, such as\n  ${second}:2: expected a JSON object, got "nonsense"`,
    );
  });

  it("goes by the environment that is named", () => {
    const { stdout } = replay(["--config", config, "--env", "staging", "-"], log);
    expect(summary(stdout)).toContain("3 of 4 requests refused");
  });

  it("writes JSON in place of the table, with ids of keys and never a key", () => {
    const { stdout } = replay(
      ["--config", config, "--json", "-", "-"],
      log.replaceAll('"a"', '"sk_live_secret"'),
    );
    expect(JSON.parse(stdout).policy.worst[0].who).toMatch(/^key [\da-f]{32}$/);
    expect(stdout).not.toContain("sk_live_secret");
  });

  it("writes JSON and a page to files, beside the table", () => {
    const [json, html] = [join(directory, "report.json"), join(directory, "report.html")];
    const { stdout } = replay(["--config", config, "--json", json, "--html", html, "-"], log);
    expect(summary(stdout)).toContain("2 of 4");
    expect(JSON.parse(readFileSync(json, "utf8")).policy).toMatchObject({ admitted: 2, refused: 2 });
    expect(readFileSync(html, "utf8")).toMatch(/^<!doctype html>/);
  });

  it("compares with a second policy", () => {
    const other = stored(
      "other.toml",
      '[vars]\nLIMITS = [{ name = "x", match = "/*", windows = ["9/minute"] }]',
    );
    const { stdout } = replay(["--config", config, "--against", other, "-"], log);
    expect(stdout).toContain(
      `${other} against ${config}\n  0 requests newly refused\n  2 requests newly admitted`,
    );
  });

  it("takes the key from the field that is named", () => {
    const logpush = [0, 1, 2].map((second) =>
      JSON.stringify({
        EdgeStartTimestamp: new Date(Date.UTC(2026, 5, 15) + second * 1_000).toISOString(),
        ClientRequestMethod: "GET",
        ClientRequestURI: "/x",
        ClientIP: "203.0.113.1",
        EdgeResponseStatus: 200,
        RequestHeaders: { "x-api-key": `key-${second}` },
      }),
    );
    const { stdout } = replay(
      ["--config", config, "--key-field", "RequestHeaders.x-api-key", "-"],
      logpush.join("\n"),
    );
    expect(summary(stdout)).toBe(`${config}: 0 of 3 requests refused (0 %), of 0 of 3 who asked`);
  });

  it.each([
    ["no log", [], 'expected a log to replay, or "-" for standard input\n'],
    ["an option that there is not", ["--speed", "-"], "Unknown option '--speed'"],
    ["a log that there is not", ["none.ndjson"], "none.ndjson: ENOENT"],
    ["a log without a request", ["-"], "nothing to replay: no line has a request\n"],
  ])("says in a line that there is %s", (_, args, problem) => {
    const { status, stdout, stderr } = replay(["--config", config, ...args]);
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr.startsWith(problem)).toBe(true);
  });

  it("names every problem of a policy", () => {
    const wrong = stored(
      "wrong.toml",
      '[vars]\nLIMITS = [{ name = "x", match = "/*", windows = ["2/minit", "0.5/day"] }]',
    );
    const { status, stderr } = replay(["--config", wrong, "-"], log);
    expect(status).toBe(1);
    expect(stderr).toContain(`${wrong}: LIMITS[0].windows[0]: expected`);
    expect(stderr).toContain(`${wrong}: LIMITS[0].windows[1]: expected`);
  });
});

describe("npm run sample-log", () => {
  it("makes a log that replays without a malformed line", () => {
    const { stdout } = run("scripts/sample-log.ts", ["--lines", "3000", "--seed", "5"]);
    const { stdout: json } = replay(["--config", "examples/uphunt.toml", "--json", "-", "-"], stdout);
    expect(JSON.parse(json).log).toMatchObject({ requests: 3_000, malformed: 0, skipped: 0, steppedBack: 0 });
  });

  it("says what it expected", () => {
    const { status, stderr } = run("scripts/sample-log.ts", ["--lines", "many"]);
    expect([status, stderr]).toEqual([1, '--lines: expected a whole number up to 9 digits, got "many"\n']);
  });
});

describe("docs/replay.md", () => {
  it("shows what its first two commands print", () => {
    const [, shown = ""] =
      /```\n(100,000 requests[^`]*)```/.exec(readFileSync("docs/replay.md", "utf8")) ?? [];
    const { stdout } = run("scripts/sample-log.ts", ["--lines", "100000", "--seed", "1"]);
    const printed = replay(["--config", "examples/uphunt.toml", "-"], stdout).stdout.split("\n");
    const lines = shown.split("\n").filter((one) => one !== "…");
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.filter((one) => !printed.includes(one))).toEqual([]);
  });
});
