// `npm run console:assets`: makes what the console sends to the browser, script, style and icon, into one module of the
// Worker. A test says when it is out of date.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const browser = fileURLToPath(new URL("../src/console/browser/", import.meta.url));
const target = fileURLToPath(new URL("../src/console/assets.ts", import.meta.url));

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(target, moduleOf(await consoleAssets()));
  execFileSync("biome", ["format", "--write", target], { stdio: "ignore" });
}

/** A file for the browser. */
interface Asset {
  /** The constant that names it. */
  readonly name: string;
  readonly file: string;
  readonly type: string;
  readonly text: string;
}

/** All of them, as they are now. */
export async function consoleAssets(): Promise<Asset[]> {
  const icon = await readFile(`${browser}icon.svg`, "utf8");
  return [
    assetOf("SCRIPT_FILE", "js", "text/javascript", await bundled("console.ts")),
    assetOf("STYLE_FILE", "css", "text/css", await bundled("console.css")),
    assetOf("ICON_FILE", "svg", "image/svg+xml", icon),
  ];
}

function assetOf(name: string, extension: string, type: string, content: string): Asset {
  const text = content.trim();
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 12);
  return { name, file: `${hash}.${extension}`, type: `${type}; charset=utf-8`, text };
}

function moduleOf(assets: readonly Asset[]): string {
  const names = assets.map(({ name, file }) => `export const ${name} = ${JSON.stringify(file)};`);
  const entries = assets.map(({ name, type, text }) => `[${name}]: ${JSON.stringify({ type, text })},`);
  return `// Made of src/console/browser/ by \`npm run console:assets\`: change that, not this. Contains uPlot, of the MIT licence,
// Copyright (c) 2022 Leon Sorokin.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the script's own templates.

${names.join("\n")}

/** What the console sends to the browser, by the file's name, which its content gives it. */
export const ASSETS: Readonly<Record<string, { readonly type: string; readonly text: string }>> = {
  ${entries.join("\n  ")}
};
`;
}

async function bundled(file: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [`${browser}${file}`],
    bundle: true,
    minify: true,
    format: "esm",
    target: ["es2022", "chrome110", "firefox110", "safari16.4"],
    legalComments: "none",
    write: false,
  });
  return outputFiles.map(({ text }) => text).join("");
}
