// `npm run console:assets`: makes what the console sends to the browser, script, style and icon, into one module of the
// Worker. A test says when it is out of date.

import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const browser = fileURLToPath(new URL("../src/console/browser/", import.meta.url));
const target = fileURLToPath(new URL("../src/console/assets.ts", import.meta.url));

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(target, await assetsModule());

/** The module's text. */
export async function assetsModule(): Promise<string> {
  const assets = [
    { name: "SCRIPT_FILE", extension: "js", type: "text/javascript", text: await bundled("console.ts") },
    { name: "STYLE_FILE", extension: "css", type: "text/css", text: await bundled("console.css") },
    {
      name: "ICON_FILE",
      extension: "svg",
      type: "image/svg+xml",
      text: await readFile(`${browser}icon.svg`, "utf8"),
    },
  ].map((asset) => ({ ...asset, file: `${hashOf(asset.text)}.${asset.extension}` }));
  return `// Made by \`npm run console:assets\` of src/console/browser/: change that, not this. Contains uPlot, of the MIT licence,
// Copyright (c) 2025 Leon Sorokin.

${assets.map(({ name, file }) => `export const ${name} = ${JSON.stringify(file)};\n`).join("")}
/** What the console sends to the browser, by the file's name, which its content gives it. */
// biome-ignore-start lint/suspicious/noTemplateCurlyInString: scripts are text here
export const ASSETS: Readonly<Record<string, { readonly type: string; readonly text: string }>> = {
${assets.map(({ name, type, text }) => `  [${name}]: {\n    type: "${type}; charset=utf-8",\n    text: ${JSON.stringify(text.trim())},\n  },\n`).join("")}};
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above
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

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
