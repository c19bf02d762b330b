// The limits page in a browser: whole without JavaScript, and with it the standing of whoever types in a key.

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser, openPage, type Served, seriousFindings, serve } from "./harness.ts";

const PATH = "/_weir/docs";
const PHONE = { width: 360, height: 740 };
const DESKTOP = { width: 1_280, height: 900 };

let browser: Browser;
let weir: Served;

beforeAll(async () => {
  [browser, weir] = await Promise.all([openBrowser(), serve()]);
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await weir?.close();
});

describe("the limits page", () => {
  const looks = [PHONE, DESKTOP].flatMap((viewport) =>
    (["light", "dark"] as const).map((colorScheme) => ({ viewport, colorScheme })),
  );

  it.each(looks)("is accessible, fits and troubles nobody at $viewport.width, $colorScheme", async (look) => {
    const { page, errors, strays, transferred } = await openPage(browser, weir, look);
    await page.goto(PATH, { waitUntil: "networkidle" });
    expect(await seriousFindings(page)).toEqual([]);
    expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBe(0);
    expect([errors, strays]).toEqual([[], []]);
    expect([...transferred.keys()].map((url) => new URL(url).pathname).sort()).toEqual([
      PATH,
      `${PATH}/standing.js`,
      `${PATH}/style.css`,
    ]);
    await page.context().close();
  });

  it("is whole without JavaScript, but for the standing, which it says", async () => {
    const { page } = await openPage(browser, weir, { javaScriptEnabled: false });
    await page.goto(PATH);
    expect(await page.getByRole("heading", { level: 2 }).allTextContents()).toEqual([
      "Limits",
      "Blocked addresses",
      "Headers",
      "Refusals",
      "Backing off",
      "Your usage",
    ]);
    expect(await page.getByText("60 per minute").first().isVisible()).toBe(true);
    expect(await page.getByText("With JavaScript this page shows your standing").isVisible()).toBe(true);
    expect(await page.getByLabel("API key", { exact: true }).isVisible()).toBe(false);
    const closed = page.locator("details", { hasText: "There is no API key." });
    await closed.locator("summary").click();
    expect(await closed.locator("pre").isVisible()).toBe(true);
    await page.context().close();
  });
});

describe("the standing", () => {
  it("is shown for a key typed in, with the keyboard alone", async () => {
    for (let asked = 0; asked < 6; asked += 1) await weir.ask("/v1/search", { key: "typed-in" });
    const { page, errors, strays } = await openPage(browser, weir);
    await page.goto(PATH);
    await page.getByLabel("API key", { exact: true }).focus();
    await page.keyboard.type("typed-in");
    await page.keyboard.press("Enter");
    const day = page.getByRole("row", { name: "search per day" });
    await day.waitFor();
    expect(await day.getByRole("cell").allTextContents()).toEqual([
      "6 of 1,000 ",
      "994",
      expect.stringMatching(/\d/),
    ]);
    expect(await day.getByRole("meter").getAttribute("aria-label")).toBe("search per day: 6 of 1000 used");
    expect(await seriousFindings(page)).toEqual([]);
    expect([errors, strays]).toEqual([[], []]);
    await page.context().close();
  });

  it("sends the key to the usage endpoint alone, and keeps it nowhere", async () => {
    const { page } = await openPage(browser, weir);
    await page.goto(PATH);
    const asked: string[] = [];
    page.on("request", (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`));
    await page.getByLabel("API key", { exact: true }).fill("kept-nowhere");
    await page.getByRole("button", { name: "Show my standing" }).click();
    await page.getByRole("row", { name: "search per minute" }).waitFor();
    expect(asked).toEqual(["GET /_weir/usage"]);
    const kept = await page.context().storageState();
    expect([kept, page.url()]).toEqual([{ cookies: [], origins: [] }, new URL(PATH, weir.url).href]);
    expect(await page.evaluate("sessionStorage.length")).toBe(0);
    await page.reload();
    expect(await page.getByLabel("API key", { exact: true }).inputValue()).toBe("");
    await page.context().close();
  });

  it("says why there is none", async () => {
    const { page } = await openPage(browser, weir);
    await page.goto(PATH);
    await page.getByLabel("API key", { exact: true }).fill("no key");
    await page.keyboard.press("Enter");
    const standing = page.locator("#standing");
    await standing.getByText("The API key is malformed, or there is more than one.").waitFor();
    await page.context().setOffline(true);
    await page.getByLabel("API key", { exact: true }).fill("any");
    await page.keyboard.press("Enter");
    await standing.getByText("This could not be looked up.").waitFor();
    await page.context().close();
  });
});
