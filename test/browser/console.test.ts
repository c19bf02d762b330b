// The console as its operator uses it: every page and every action, by keyboard too, light and dark, on a desk and a phone.

import { gzipSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  ADMIN_TOKEN,
  openBrowser,
  openPage,
  type Served,
  seriousFindings,
  serve,
  type Watched,
} from "./harness.ts";
import { idOf, many, play, type Scene } from "./scene.ts";

const DESK = { width: 1240, height: 860 };
const PHONE = { width: 390, height: 844 };
const BASE = "/_weir/console";

let weir: Served;
let browser: Browser;
let scene: Scene;

beforeAll(async () => {
  weir = await serve();
  scene = await play(weir);
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  await weir?.close();
});

/** Opens a page of somebody who has signed in. */
async function signedIn(options: Parameters<typeof openPage>[2] = {}): Promise<Watched> {
  const watched = await openPage(browser, weir, options);
  const { page } = watched;
  await page.goto("/_weir/");
  await page.getByLabel("Operator's token").fill(ADMIN_TOKEN);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(`**${BASE}/overview`);
  return watched;
}

/** Every page there is, by its name. */
function pages(): Record<string, string> {
  return {
    overview: "/overview",
    keys: "/keys",
    accounts: "/accounts",
    blocks: "/blocks",
    policy: "/policy",
    audit: "/audit",
    key: `/keys/${scene.shop}`,
    account: `/accounts/${scene.account}`,
    change: `/keys/${scene.shop}/tier?tier=pro`,
    lift: `/blocks/${scene.blocked}`,
  };
}

/** What the table of changes says, a row each. */
async function changes(page: Page): Promise<string[]> {
  const rows = page.getByRole("table", { name: "What changes" }).getByRole("row");
  const texts = await Promise.all((await rows.all()).map((row) => row.getByRole("cell").allInnerTexts()));
  return texts.filter((cells) => cells.length > 0).map((cells) => cells.join(" | "));
}

/** A line of the page's facts. */
function fact(page: Page, name: string) {
  return page.locator(".facts div").filter({ hasText: name }).locator("dd");
}

describe.each([
  ["on a desk, light", { viewport: DESK, colorScheme: "light" }],
  ["on a desk, dark", { viewport: DESK, colorScheme: "dark" }],
  ["on a phone, light", { viewport: PHONE, colorScheme: "light" }],
  ["on a phone, dark", { viewport: PHONE, colorScheme: "dark" }],
] as const)("Every page %s", (_, options) => {
  it("is accessible, as wide as the screen, without an error or a request to elsewhere", async () => {
    const { page, errors, strays } = await signedIn(options);
    for (const [name, path] of Object.entries(pages())) {
      await page.goto(`${BASE}${path}`, { waitUntil: "networkidle" });
      expect(await seriousFindings(page), name).toEqual([]);
      const width = await page.evaluate("document.documentElement.scrollWidth");
      expect(width, name).toBeLessThanOrEqual(options.viewport.width);
      expect(await page.getByRole("heading", { level: 1 }).count(), name).toBe(1);
    }
    expect(errors).toEqual([]);
    expect(strays).toEqual([]);
    await page.context().close();
  });
});

describe("Every page", () => {
  it("forbids what is inline or from elsewhere, stays in no cache, and needs less than 100 KiB", async () => {
    const { page } = await signedIn();
    for (const [name, path] of Object.entries(pages())) {
      const answer = await page.goto(`${BASE}${path}`);
      const headers = answer?.headers() ?? {};
      expect(headers["content-security-policy"], name).toContain("default-src 'none'");
      expect(headers["content-security-policy"], name).not.toContain("unsafe");
      expect(headers["cache-control"], name).toBe("no-store");
      const files = await page
        .locator("link[href], script[src]")
        .evaluateAll((elements) =>
          elements.map((element) => element.getAttribute("href") ?? element.getAttribute("src") ?? ""),
        );
      const texts = await Promise.all(files.map(async (file) => (await weir.ask(file)).text()));
      const bytes = [await page.content(), ...texts].reduce((sum, text) => sum + gzipSync(text).length, 0);
      expect(files.length, name).toBe(3);
      expect(bytes, name).toBeLessThan(100 * 1_024);
    }
    await page.context().close();
  });

  it("works without a script", async () => {
    const { page } = await signedIn({ javaScriptEnabled: false });
    await page.goto(`${BASE}/keys/${scene.shop}`);
    await page.locator(".chart summary").first().click();
    expect(
      await page.getByRole("table", { name: "Last hour, by minute" }).getByRole("cell").nth(1).innerText(),
    ).toMatch(/^\d+$/);
    await page.getByLabel("Counts of").selectOption("search");
    await page.getByRole("button", { name: "Reset the counts…" }).click();
    expect(await page.getByRole("heading", { level: 1 }).innerText()).toBe("Reset counts?");
    await page.context().close();
  });
});

/** Types into the field that has the focus by itself: a page may be loaded a moment before that. */
async function typeToken(page: Page, token: string): Promise<void> {
  await page.locator("input:focus").waitFor();
  await page.keyboard.type(token);
}

describe("Signing in", () => {
  it("takes the keyboard alone, and leads to the page that was asked for", async () => {
    const { page } = await openPage(browser, weir);
    await page.goto(`${BASE}/policy`);
    expect(new URL(page.url()).pathname).toBe(`${BASE}/sign-in`);
    await typeToken(page, ADMIN_TOKEN);
    await page.keyboard.press("Enter");
    await page.waitForURL(`**${BASE}/policy`);
    await page.keyboard.press("Tab");
    expect(await page.locator(":focus").innerText()).toBe("Skip to content");
    await page.keyboard.press("Enter");
    expect(await page.evaluate("document.activeElement?.id")).toBe("main");
    await page.context().close();
  });

  it("keeps a cookie that no script reads and no other site sends, until one signs out", async () => {
    const { page } = await signedIn();
    const [cookie] = await page.context().cookies(`${weir.url.href}_weir/console/overview`);
    expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: "Strict", path: BASE });
    expect(await page.evaluate("document.cookie")).toBe("");
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL(`**${BASE}/sign-in`);
    expect(await page.context().cookies(`${weir.url.href}_weir/console/overview`)).toEqual([]);
    await page.context().close();
  });

  it("says that a token is wrong, and where the cursor is to go on", async () => {
    const { page } = await openPage(browser, weir);
    await page.goto(`${BASE}/sign-in`);
    await typeToken(page, "not it");
    await page.keyboard.press("Enter");
    expect(await page.getByRole("alert").innerText()).toBe("This is not the operator's token.");
    expect(await seriousFindings(page)).toEqual([]);
    await typeToken(page, ADMIN_TOKEN);
    await page.keyboard.press("Enter");
    await page.waitForURL(`**${BASE}/overview`);
    await page.context().close();
  });
});

describe("The overview", () => {
  it("shows what was admitted and refused, why, and who is close to a limit, and goes on by itself", async () => {
    const { page, errors } = await openFresh();
    const admitted = page.locator(".tiles .admitted dd");
    const before = Number(await admitted.innerText());
    expect(before).toBeGreaterThan(100);
    const refusals = await page.getByRole("table", { name: "Refused most" }).innerText();
    expect(refusals).toContain("limit reached");
    expect(refusals).toContain("basic");
    await many(weir, 9, "/v1/items", { key: "close", method: "POST", address: "203.0.113.99" });
    await page.clock.runFor(11_000);
    await expect.poll(async () => Number(await admitted.innerText())).toBe(before + 9);
    const near = page.getByRole("table", { name: "Close to a limit" });
    await near.getByTitle(idOf("close")).click();
    expect(await page.getByRole("heading", { level: 1 }).innerText()).toMatch(/^Key [0-9a-f]{10}…$/);
    expect(await page.getByText("not registered").count()).toBe(1);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it("draws its chart, in the colours of the scheme", async () => {
    const { page } = await signedIn({ colorScheme: "dark" });
    expect(await page.locator(".plot canvas").count()).toBe(1);
    await page.emulateMedia({ colorScheme: "light" });
    expect(await page.locator(".plot canvas").count()).toBe(1);
    await page.locator(".plot .u-over").hover();
    expect(await page.locator(".tip").innerText()).toMatch(/^\d\d:\d\d\s+\d+ admitted, \d+ refused$/);
    await page.context().close();
  });

  async function openFresh(): Promise<Watched> {
    const watched = await openPage(browser, weir);
    await watched.page.clock.install();
    await watched.page.goto("/_weir/");
    await watched.page.getByLabel("Operator's token").fill(ADMIN_TOKEN);
    await watched.page.keyboard.press("Enter");
    await watched.page.waitForURL(`**${BASE}/overview`);
    return watched;
  }
});

describe("Keys and accounts", () => {
  it("are found by label, account, tier and id, and by the key itself, which is in no address", async () => {
    const { page } = await signedIn();
    const found = async (text: string) => {
      await page.goto(`${BASE}/keys`);
      await page.getByLabel("Search").fill(text);
      await page.keyboard.press("Enter");
      await page.waitForURL(/text=/);
      return page
        .getByRole("table", { name: "Keys" })
        .getByRole("row")
        .count()
        .then((rows) => Math.max(0, rows - 1));
    };
    expect(await found("NIGHTLY")).toBe(1);
    expect(await found("acme")).toBe(2);
    expect(await found("basic")).toBe(2);
    expect(await found(scene.shop.slice(0, 8))).toBe(1);
    expect(await found("nobody at all")).toBe(0);
    await page.getByLabel("Open by key").fill("acme-shop");
    await page.getByRole("button", { name: "Open" }).click();
    await page.waitForURL(`**${BASE}/keys/${scene.shop}`);
    await page.context().close();
  });

  it("go on page by page", async () => {
    const lines = Array.from({ length: 60 }, (_, index) =>
      JSON.stringify({ account: `paged-${100 + index}` }),
    );
    const answer = await weir.ask("/_weir/plans", {
      method: "POST",
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/x-ndjson" },
      body: lines.join("\n"),
    });
    expect(answer.status).toBe(200);
    const { page } = await signedIn();
    await page.goto(`${BASE}/accounts?text=paged`);
    expect(await page.getByRole("row").count()).toBe(51);
    await page.getByRole("link", { name: "Next page" }).click();
    await page.waitForURL(/after=paged-149/);
    expect(await page.getByRole("row").count()).toBe(11);
    expect(await page.getByRole("link", { name: "Next page" }).count()).toBe(0);
    await page.context().close();
  });

  it("show every window with its reset, the plan, and an account's keys", async () => {
    const { page } = await signedIn();
    await page.goto(`${BASE}/keys/${scene.shop}`);
    const windows = await page.getByRole("listitem").allInnerTexts();
    expect(windows.map((text) => text.split("\n")[0])).toEqual([
      "search minute",
      "search day",
      "write minute",
      "write hour",
      "speech billing period",
      "trial minute shadow",
    ]);
    expect(windows[1]).toMatch(/46 of 50,000 used, 49,954 left\s+resets in \d+/);
    await fact(page, "Account").getByRole("link").click();
    await page.waitForURL(`**${BASE}/accounts/acme`);
    expect(await page.getByRole("table", { name: "Keys" }).getByRole("row").count()).toBe(3);
    await page.context().close();
  });
});

describe("A change", () => {
  it("of the tier says what it changes, takes the keyboard, and is in the audit log", async () => {
    const { id } = await weir.operate<{ id: string }>("PUT /keys", {
      key: "to-change",
      label: "To change",
      tier: "basic",
    });
    const { page, errors } = await signedIn();
    await page.goto(`${BASE}/keys/${id}`);
    await page.getByLabel("New tier").focus();
    await page.keyboard.type("pro");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.waitForURL(/tier=pro/);
    expect(await changes(page)).toEqual([
      "Tier | basic | pro",
      "Limit search | 30/minute, 500/day | 600/minute, 50000/day",
      "Limit write | 10/minute, 200/hour | 100/minute, 2000/hour",
    ]);
    await page.getByRole("button", { name: "Change the tier" }).press("Enter");
    await page.waitForURL(/done=tier/);
    expect(await page.getByRole("status").innerText()).toBe("The tier was changed.");
    expect(await fact(page, "Tier").innerText()).toBe("pro");
    await page.goto(`${BASE}/audit`);
    const [, newest] = await page.getByRole("row").all();
    expect(await newest?.innerText()).toMatch(
      /admin [0-9a-f]{8}[\s\S]*console: tier[\s\S]*Tier: basic → pro/,
    );
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it("can be an override that ends by itself, and be taken back", async () => {
    const { id } = await weir.operate<{ id: string }>("PUT /keys", { key: "to-override" });
    const { page } = await signedIn();
    await page.goto(`${BASE}/keys/${id}`);
    await page.locator("#override-limit").selectOption("write");
    await page.getByRole("textbox", { name: "Windows" }).fill("70/minute, 700/hour");
    await page.getByLabel("Ends by itself after").selectOption("7 days");
    await page.getByRole("button", { name: "Give the override…" }).click();
    const [override, limit] = await changes(page);
    expect(override).toMatch(
      /^Override of write \| none \| 70\/minute, 700\/hour until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/,
    );
    expect(limit).toBe("Limit write | 10/minute, 200/hour | 70/minute, 700/hour");
    await page.getByRole("button", { name: "Give the override" }).click();
    await page.waitForURL(/done=override/);
    const answer = await weir.ask("/v1/items", { key: "to-override", method: "POST" });
    expect(answer.headers.get("x-ratelimit-limit")).toBe("70");
    await page.getByRole("button", { name: "End the override…" }).click();
    await page.getByRole("button", { name: "End the override" }).click();
    await page.waitForURL(/done=end-override/);
    expect(await fact(page, "Override").count()).toBe(0);
    await page.context().close();
  });

  it("tops up credits once, however often its form is sent", async () => {
    await weir.operate("PUT /accounts/to-pay", { credits: 5 });
    const { page } = await signedIn();
    await page.goto(`${BASE}/accounts/to-pay`);
    await page.getByLabel("Credits to add").fill("100");
    await page.keyboard.press("Enter");
    await page.waitForURL(/add=100/);
    expect(await changes(page)).toEqual(["Credits | 5 | 105"]);
    await page.getByRole("button", { name: "Top up" }).click();
    await page.waitForURL(/done=credits/);
    await page.goBack();
    await page.goForward();
    expect(await fact(page, "Credits").innerText()).toBe("105");
    await page.context().close();
  });

  it("disables a key, and enables it again", async () => {
    const { id } = await weir.operate<{ id: string }>("PUT /keys", { key: "to-disable" });
    const { page } = await signedIn();
    await page.goto(`${BASE}/keys/${id}`);
    await page.getByRole("button", { name: "Disable the key…" }).click();
    expect(await changes(page)).toEqual(["Disabled | no | yes, refused with a 403"]);
    await page.getByRole("button", { name: "Disable the key" }).click();
    await page.waitForURL(/done=disable/);
    expect((await weir.ask("/v1/search", { key: "to-disable" })).status).toBe(403);
    await page.getByRole("button", { name: "Enable the key…" }).click();
    await page.getByRole("button", { name: "Enable the key" }).click();
    await page.waitForURL(/done=enable/);
    expect((await weir.ask("/v1/search", { key: "to-disable" })).status).toBe(200);
    await page.context().close();
  });

  it("resets counts, also of a key that nobody registered", async () => {
    await many(weir, 7, "/v1/items", { key: "to-reset", method: "POST", address: "203.0.113.120" });
    const { page } = await signedIn();
    await page.goto(`${BASE}/keys/${idOf("to-reset")}`);
    await page.getByRole("button", { name: "Reset the counts…" }).click();
    expect(await changes(page)).toContain("write, 200/hour | 7 used | 0 used");
    await page.getByRole("button", { name: "Reset the counts" }).click();
    await page.waitForURL(/done=reset/);
    expect(await page.getByText("0 of 200 used").count()).toBe(1);
    await page.context().close();
  });

  it("that cannot be says all that is wrong with it, and changes nothing", async () => {
    const { page } = await signedIn();
    await page.goto(`${BASE}/keys/${scene.crawler}`);
    await page.getByRole("textbox", { name: "Windows" }).fill("60/minit, much");
    await page.getByRole("button", { name: "Give the override…" }).click();
    const problems = await page.getByRole("alert").innerText();
    expect(problems).toContain(
      'overrides.search.windows[0]: expected "<count>/<unit>", got "60/minit" (did you mean "60/minute"?)',
    );
    expect(problems).toContain("overrides.search.windows[1]");
    expect(await seriousFindings(page)).toEqual([]);
    await page.context().close();
  });

  it("is cancelled without a trace", async () => {
    const { page } = await signedIn();
    await page.goto(`${BASE}/keys/${scene.crawler}/disable`);
    await page.getByRole("link", { name: "Cancel" }).click();
    await page.waitForURL(`**${BASE}/keys/${scene.crawler}`);
    expect(await page.getByText("in use").count()).toBe(1);
    await page.context().close();
  });
});

describe("A block", () => {
  it("is shown with its reason, and lifted once that is confirmed", async () => {
    await weir.operate("PUT /blocks/203.0.113.200", { reason: "Scrapes at night" });
    const { page, errors } = await signedIn();
    await page.getByRole("navigation").getByRole("link", { name: "Blocks" }).click();
    await page.waitForURL(`**${BASE}/blocks`);
    const row = page.getByRole("row").filter({ hasText: "203.0.113.200" });
    expect(await row.innerText()).toContain("Scrapes at night");
    await row.getByRole("link", { name: "Lift the block of 203.0.113.200" }).press("Enter");
    await page.getByRole("button", { name: "Lift the block" }).click();
    await page.waitForURL(/lifted/);
    expect(await page.getByRole("status").innerText()).toBe("The block was lifted.");
    expect(await row.count()).toBe(0);
    await page.goto(`${BASE}/audit`);
    const [, newest] = await page.getByRole("row").all();
    expect(await newest?.innerText()).toMatch(
      /console: lift[\s\S]*203\.0\.113\.200[\s\S]*Block: until .* → none/,
    );
    expect(errors).toEqual([]);
    await page.context().close();
  });
});

describe("The policy", () => {
  it("is there as weir understood it, for each tier", async () => {
    const { page } = await signedIn();
    await page.goto(`${BASE}/policy`);
    const table = page.getByRole("table", { name: "Limit search by tier" });
    expect(await table.getByRole("row").allInnerTexts()).toEqual([
      "Tier\tWindows\tRules",
      "any other\t60/minute, 1000/day\t–",
      "basic\t30/minute, 500/day\t–",
      "pro\t600/minute, 50000/day\t–",
    ]);
    await page.context().close();
  });
});
