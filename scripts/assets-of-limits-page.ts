// What the limits page loads, as the source of a module. Writes nothing.

import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** The source of src/limits-page/assets.ts. */
export async function limitsPageAssets(): Promise<string> {
  const assets = { STYLESHEET: await minified("style.css"), SCRIPT: await minified("standing.ts") };
  const version = createHash("sha256").update(JSON.stringify(assets)).digest("hex").slice(0, 12);
  return `// Made from src/limits-page/browser/ by \`npm run limits-page:assets\`; not to be edited.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the script's own templates.

/** The page's style sheet. */
export const STYLESHEET = ${JSON.stringify(assets.STYLESHEET)};

/** The page's script. */
export const SCRIPT = ${JSON.stringify(assets.SCRIPT)};

/** Changes whenever one of them does. */
export const VERSION = ${JSON.stringify(version)};
`;
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
