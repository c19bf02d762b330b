// Writes src/limits-page/assets.ts: what the limits page loads, made small, as text that a Worker can carry. Run it after
// every change in src/limits-page/browser/:
//
//   npm run limits-page:assets

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { assetsOfLimitsPage } from "./assets-of-limits-page.ts";

const file = "src/limits-page/assets.ts";
const { STYLESHEET, SCRIPT, VERSION } = await assetsOfLimitsPage();
writeFileSync(
  file,
  `// Made from src/limits-page/browser/ by \`npm run limits-page:assets\`; not to be edited.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the script's own templates.

/** The page's style sheet. */
export const STYLESHEET = ${JSON.stringify(STYLESHEET)};

/** The page's script. */
export const SCRIPT = ${JSON.stringify(SCRIPT)};

/** Changes whenever one of them does. */
export const VERSION = ${JSON.stringify(VERSION)};
`,
);
execFileSync("biome", ["format", "--write", file], { stdio: "ignore" });
