// Writes src/limits-page/assets.ts: what the limits page loads, made small, as text that a Worker can carry. Run it after
// every change in src/limits-page/browser/:
//
//   npm run limits-page:assets

import { writeFileSync } from "node:fs";
import { limitsPageAssets } from "./assets-of-limits-page.ts";

writeFileSync("src/limits-page/assets.ts", await limitsPageAssets());
