// What the console sends to the browser.

import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { consoleAssets } from "../../../scripts/console-assets.ts";
import { ASSETS } from "../../../src/console/assets.ts";

it("is made from src/console/browser as it is now: npm run console:assets", async () => {
  const files = (await consoleAssets()).map(({ file, type, text }) => [file, { type, text }]);
  expect(ASSETS).toEqual(Object.fromEntries(files));
});

it("is small", () => {
  const bytes = Object.values(ASSETS).reduce((sum, { text }) => sum + gzipSync(text).length, 0);
  expect(bytes).toBeLessThan(32 * 1_024);
});
