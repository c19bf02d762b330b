// `npm run size`: how large the deployed Worker is. Builds it as `wrangler deploy` would and uploads nothing.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const root = fileURLToPath(new URL("..", import.meta.url));
const wrangler = fileURLToPath(new URL("../node_modules/wrangler/bin/wrangler.js", import.meta.url));
const outdir = mkdtempSync(join(tmpdir(), "weir-size-"));

try {
  const args = ["deploy", "--dry-run", "--outdir", outdir];
  const built = spawnSync(process.execPath, [wrangler, ...args], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true" },
  });
  if (built.status === 0) report();
  else fail(built.stdout + built.stderr);
} finally {
  rmSync(outdir, { recursive: true });
}

function report(): void {
  const code = readdirSync(outdir).filter((file) => file.endsWith(".js"));
  for (const file of code) {
    const bytes = readFileSync(join(outdir, file));
    console.log(`${file}: ${kibibytes(bytes)} KiB, ${kibibytes(gzipSync(bytes))} KiB gzip`);
  }
}

function fail(output: string): void {
  console.error(output);
  process.exitCode = 1;
}

function kibibytes({ byteLength }: Uint8Array): string {
  return (byteLength / 1024).toFixed(1);
}
