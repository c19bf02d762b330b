// What the limits page loads, made small. Writes nothing.

import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** The texts of src/limits-page/assets.ts, by their names there. */
export interface Assets {
  readonly STYLESHEET: string;
  readonly SCRIPT: string;
  readonly VERSION: string;
}

/** Builds them from src/limits-page/browser/. */
export async function assetsOfLimitsPage(): Promise<Assets> {
  const texts = { STYLESHEET: await minified("style.css"), SCRIPT: await minified("standing.ts") };
  const VERSION = createHash("sha256").update(JSON.stringify(texts)).digest("hex").slice(0, 12);
  return { ...texts, VERSION };
}

async function minified(file: string): Promise<string> {
  const entry = fileURLToPath(new URL(`../src/limits-page/browser/${file}`, import.meta.url));
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
    charset: "utf8",
    outdir: "out",
  });
  const [output] = outputFiles;
  if (output === undefined) throw new Error(`expected esbuild to make one file of ${file}, got none`);
  return output.text.trim();
}
