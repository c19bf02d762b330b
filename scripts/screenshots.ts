// `npm run screenshots`: the pictures in docs/images, of the console as it runs. Plays the scene of the browser tests, and an
// hour that was like it, which nobody wants to wait for.

import { mkdir } from "node:fs/promises";
import { ADMIN_TOKEN, openBrowser, openPage, type Served, serve } from "../test/browser/harness.ts";
import { earlyInMinute, play } from "../test/browser/scene.ts";

const FOLDER = "docs/images";
const MINUTE_MS = 60_000;

const weir = await serve();
await earlyInMinute();
await fillHour(weir);
const scene = await play(weir);
const browser = await openBrowser();
await mkdir(FOLDER, { recursive: true });
await picture("console-overview", "overview", { width: 1180, height: 900 }, "light");
await picture("console-overview-dark", "overview", { width: 1180, height: 900 }, "dark");
await picture("console-key", `keys/${scene.shop}`, { width: 1180, height: 760 }, "light");
await picture("console-change", `keys/${scene.crawler}/tier?tier=pro`, { width: 780, height: 420 }, "light");
await picture("console-phone", "overview", { width: 390, height: 760 }, "dark");
await browser.close();
await weir.close();

async function picture(
  name: string,
  path: string,
  viewport: { readonly width: number; readonly height: number },
  colorScheme: "light" | "dark",
): Promise<void> {
  const { page } = await openPage(browser, weir, { viewport, colorScheme });
  await page.goto("/_weir/");
  await page.getByLabel("Operator's token").fill(ADMIN_TOKEN);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/console/overview");
  await page.goto(`/_weir/console/${path}`, { waitUntil: "networkidle" });
  await page.screenshot({ path: `${FOLDER}/${name}.png` });
  await page.context().close();
}

/** Gives the overview an hour that is over: a day's rise, a batch every quarter of an hour, and what that had refused. */
async function fillHour({ rewrite }: Served): Promise<void> {
  const now = Math.floor(Date.now() / MINUTE_MS);
  const rows = Array.from({ length: 59 }, (_, index) => {
    const batch = index % 15 < 3 ? 320 - 90 * (index % 15) : 0;
    const admitted = Math.round(640 + 3 * index + 60 * Math.sin(index / 4) + 0.6 * batch);
    const counts = [
      { limit: "search", tier: "", outcome: "admitted", requests: admitted },
      { limit: "search", tier: "basic", outcome: "rate", requests: Math.round(0.4 * batch) + (index % 7) },
      { limit: "write", tier: "", outcome: "rate", requests: Math.round(batch / 9) },
      { limit: "speech", tier: "", outcome: "credits", requests: index % 11 === 0 ? 3 : 0 },
      { limit: "", tier: "", outcome: "unauthenticated", requests: index % 3 },
    ].filter(({ requests }) => requests > 0);
    return [
      "insert into overview values (?, ?)",
      now - 59 + index,
      JSON.stringify({ v: 1, counts, near: [] }),
    ] as const;
  });
  await rewrite([["create table if not exists overview (minute integer primary key, row text)"], ...rows]);
}
