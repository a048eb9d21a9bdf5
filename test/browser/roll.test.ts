import { readFile } from "node:fs/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { inChromium, openChromium } from "./support/chromium.ts";
import type { Office } from "./support/office.ts";
import { hire, signInAs } from "./support/people.ts";
import { runtimes } from "./support/runtimes.ts";
import { openSite, type Site, wayOut } from "./support/site.ts";
import { type Visitor, visit } from "./support/visitor.ts";
import { faultsOf } from "./support/whole.ts";

const min = { name: "陈敏", email: "min@example.com", role: "manager" } as const;
const jonas = { name: "Jonas Keller", email: "jonas@example.com", role: "guard" } as const;

const tick = (page: Page, name: string) => page.getByRole("button", { name: `Safe: ${name}`, exact: true });
const isTicked = async (page: Page, name: string) => (await tick(page, name).getAttribute("aria-pressed")) === "true";

/** The number of the head, with its sentence. */
const left = (page: Page) => page.locator(".count2").textContent();

async function begin(office: Office, isDrill = true): Promise<string> {
  const { rolls } = await office.api.ask("GET /v1/rolls");
  for (const { id } of rolls) await office.api.ask("POST /v1/rolls/{id}/close", { path: { id } });
  return (await office.api.ask("POST /v1/rolls", { body: { site: "hq", isDrill } })).id;
}

inChromium.each(runtimes)("an evacuation list on $runtime", ({ runtime, open }) => {
  let office: Site;
  let browser: Browser;
  beforeAll(async () => {
    office = await openSite(open);
    await hire(office, min);
    await hire(office, jonas);
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await office?.close();
  });

  const enter = async (person: typeof min | typeof jonas, hash: string, look = {}): Promise<Visitor> => {
    const visitor = await visit(browser, look);
    visitor.page.setDefaultTimeout(15_000);
    await signInAs(visitor, office, person.email);
    await visitor.page.goto(`${office.url}/${hash}`);
    return visitor;
  };

  it("is read group by group, also on paper, and shows ways out without a tick", async () => {
    await office.passes("6", "Mei Lin", { group: "Office" });
    await expect.poll(async () => (await office.api.ask("GET /v1/presence", { query: { site: "hq" } })).inside).toBe(5);
    const id = await begin(office);
    const visitor = await enter(min, `#/inside/roll/${id}`);
    const { page } = visitor;
    await page.setViewportSize({ width: 390, height: 844 });
    await page.getByText("By group").click();
    const groups = page.locator(".roll-group h2");
    expect(await groups.allTextContents()).toEqual(["default_group4 of 4 missing", "Office1 of 1 missing"]);
    await office.passes("6", "Mei Lin", { group: "Office", device: wayOut, ago: 0 });
    const row = page.locator(".roll-list li", { hasText: "Mei Lin" });
    await row.getByText(/^out \d\d:\d\d, Gate S3$/).waitFor({ timeout: 60_000 });
    expect(await isTicked(page, "Mei Lin")).toBe(false);
    expect(await faultsOf(visitor, "en")).toEqual([]);
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.emulateMedia({ media: "print" });
    expect(await groups.first().isVisible()).toBe(true);
    await office.api.ask("POST /v1/rolls/{id}/close", { path: { id } });
    await office.passes("6", "Mei Lin", { device: wayOut, ago: 0 });
  });

  it("is begun by a manager, and other pages lead guards to it", async () => {
    const [manager, guard] = [await enter(min, "#/inside?site=hq"), await enter(jonas, "#/events")];
    await manager.page.getByRole("heading", { level: 1, name: "Inside" }).waitFor();
    await manager.page.keyboard.press("e");
    const dialog = manager.page.getByRole("dialog", { name: "Evacuation list of HQ" });
    expect(await dialog.getByRole("button", { name: "Begin" }).isDisabled()).toBe(true);
    await dialog.getByLabel("Real").check();
    await dialog.getByRole("button", { name: "Begin" }).click();
    await manager.page.getByRole("heading", { level: 1, name: /^Evacuation · HQ/ }).waitFor();
    expect(await left(manager.page)).toBe("4missing, 0 of 4 safe");
    await guard.page.reload();
    await guard.page.getByText(/^Evacuation of HQ since \d\d:\d\d\./).waitFor();
    await guard.page.getByRole("link", { name: "Open the list" }).click();
    await tick(guard.page, "Ravi Menon").click();
    await expect.poll(() => left(guard.page)).toBe("3missing, 1 of 4 safe");
    await manager.page.getByText(/^safe \d\d:\d\d · Jonas Keller$/).waitFor();
    expect(await isTicked(manager.page, "Ravi Menon")).toBe(true);
    expect(await guard.page.getByRole("button", { name: "Close the list" }).count()).toBe(0);
    // A ticked row stays, until it is hidden.
    await manager.page.getByRole("button", { name: "Hide the 1 ticked" }).click();
    expect(await tick(manager.page, "Ravi Menon").count()).toBe(0);
    await manager.page.getByRole("button", { name: "Safe 1" }).click();
    await tick(manager.page, "Ravi Menon").click();
    await expect.poll(() => left(guard.page)).toBe("4missing, 0 of 4 safe");
    for (const visitor of [manager, guard]) await visitor.leave();
  });

  it("keeps ticks while there is no connection, and all phones get the same list", async () => {
    const id = await begin(office);
    const phones = [await enter(jonas, `#/inside/roll/${id}`), await enter(min, `#/inside/roll/${id}`)];
    const [one, other] = phones.map(({ page }) => page);
    if (one === undefined || other === undefined) throw new Error("two phones");
    for (const page of [one, other]) await tick(page, "刘芳").waitFor();
    await one.context().setOffline(true);
    await tick(one, "刘芳").click();
    await tick(one, "Rosa Silva").click();
    await one.getByText("Continue: 2 ticks are kept here and sent automatically.").waitFor();
    await one
      .getByText(/this phone, not sent$/)
      .first()
      .waitFor();
    await tick(other, "Rosa Silva").click();
    await tick(other, "Rosa Silva").click();
    await other.getByRole("button", { name: "Add…" }).click();
    await other.getByRole("dialog").getByLabel("Name").fill("Guest One");
    await other.getByRole("dialog").getByRole("button", { name: "Add", exact: true }).click();
    await expect.poll(() => left(other)).toBe("4missing, 1 of 5 safe");
    await one.context().setOffline(false);
    for (const page of [one, other]) await expect.poll(() => left(page)).toBe("3missing, 2 of 5 safe");
    for (const page of [one, other]) {
      await page.getByRole("button", { name: "All" }).click();
      const names = ["Guest One", "Kwame Mensah", "Ravi Menon", "Rosa Silva", "刘芳"];
      const list = await Promise.all(names.map((name) => isTicked(page, name)));
      expect(list).toEqual([true, false, false, false, true]);
    }
    for (const visitor of phones) await visitor.leave();
  });

  it("is opened by a link without an account, until the links end", async () => {
    const manager = await enter(min, `#/inside/roll/${await begin(office)}`);
    const ask = async () => {
      await manager.page.getByRole("button", { name: "Link for a phone…" }).click();
      return manager.page.getByRole("dialog", { name: "Link for a phone" });
    };
    const dialog = await ask();
    await dialog.getByLabel("For whom").fill("Gate S2");
    await dialog.getByRole("button", { name: "Create link" }).click();
    // The deployment is reached by https alone, and its stand-in by http.
    const url = (await dialog.locator("code").textContent())?.replace(/^https:/, "http:") ?? "";
    await dialog.getByRole("button", { name: "Close", exact: true }).click();
    const phone = await visit(browser, { width: 390, height: 844 });
    await phone.page.goto(url);
    await tick(phone.page, "刘芳").click();
    await manager.page.getByText(/^safe \d\d:\d\d · Gate S2$/).waitFor();
    await phone.page.getByText("You tick as Gate S2.").waitFor();
    expect(phone.page.url()).not.toContain("gpe_");
    expect(await faultsOf(phone, "en")).toEqual([]);
    await phone.page.reload();
    await expect.poll(() => left(phone.page)).toBe("3missing, 1 of 4 safe");
    await phone.page.getByText(/^Evacuation · HQ/).waitFor();
    // A link that is opened in a tab with the console, and an address of the console in a tab with a list.
    await phone.page.goto(`${office.url}/#/live`);
    await phone.page.getByLabel("E-mail").waitFor();
    await phone.page.goto(url);
    await expect.poll(() => left(phone.page)).toBe("3missing, 1 of 4 safe");
    const ended = manager.page.waitForResponse((answer) => answer.request().method() === "DELETE");
    await (await ask()).getByRole("button", { name: "End all links" }).click();
    await ended;
    await phone.page.reload();
    await phone.page.getByText("This link has ended. Ask for another one.").waitFor();
    for (const visitor of [manager, phone]) await visitor.leave();
  });

  it("says after closing who was ticked when, and takes no ticks", async () => {
    const id = await begin(office, false);
    const [manager, guard] = [await enter(min, `#/inside/roll/${id}`), await enter(jonas, `#/inside/roll/${id}`)];
    await tick(guard.page, "刘芳").click();
    await expect.poll(() => left(manager.page)).toBe("3missing, 1 of 4 safe");
    await manager.page.getByRole("button", { name: "Close the list" }).click();
    await manager.page.getByRole("dialog").getByRole("button", { name: "Close the list" }).click();
    for (const { page } of [manager, guard]) {
      const row = page.getByRole("table", { name: "Evacuation list" }).getByRole("row").filter({ hasText: "刘芳" });
      await row.getByText("Jonas Keller").waitFor();
      await page.getByText(/^closed \d\d:\d\d by 陈敏$/).waitFor();
      expect(await page.getByRole("row").filter({ hasText: "missing" }).count()).toBeGreaterThanOrEqual(3);
    }
    const download = guard.page.waitForEvent("download");
    await guard.page.getByRole("button", { name: "Export" }).click();
    const file = await readFile(await (await download).path(), "utf8");
    expect(file).toMatch(/"刘芳","gate-1","3","employee",.*"safe","Jonas Keller",/);
    expect(file.trim().split("\r\n")).toHaveLength(5);
    for (const visitor of [manager, guard]) await visitor.leave();
  });

  // The others are about pages alone.
  if (runtime === "AWS") return;

  it("is ticked by the keyboard, and found by name, id and pinyin", async () => {
    const visitor = await enter(jonas, `#/inside/roll/${await begin(office)}`);
    const { page } = visitor;
    await tick(page, "刘芳").waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("k");
    await page.keyboard.press("x");
    await expect.poll(() => isTicked(page, "Kwame Mensah")).toBe(true);
    await page.getByRole("searchbox").fill("liu");
    await expect.poll(() => page.locator(".roll-list b").allTextContents()).toEqual(["刘芳"]);
    await visitor.leave();
  });

  it("prints all people in three columns", async () => {
    const visitor = await enter(jonas, `#/inside/roll/${await begin(office)}`);
    const { page } = visitor;
    await tick(page, "刘芳").click();
    await page.getByRole("button", { name: "Hide the 1 ticked" }).click();
    await page.emulateMedia({ media: "print" });
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    await expect.poll(() => page.locator(".roll-list li").count()).toBe(4);
    const columns = await page.evaluate<string>(
      "getComputedStyle(document.querySelector('.roll-list')).gridTemplateColumns",
    );
    expect(columns.split(" ")).toHaveLength(3);
    expect(await page.locator(".roll > footer").isVisible()).toBe(false);
    await visitor.leave();
  });

  it.each([
    [390, "en", "light"],
    [390, "zh", "dark"],
    [1024, "zh", "light"],
    [1440, "en", "dark"],
  ] as const)("has no fault at %i px in %s, %s", async (width, language, theme) => {
    const visitor = await visit(browser, { width, language, theme });
    const { page } = visitor;
    const id = await begin(office);
    await page.goto(`${office.url}/#token=${office.admin}`);
    await page.getByRole("navigation").first().waitFor();
    await page.goto(`${office.url}/#/inside/roll/${id}`);
    await page.locator(".hit").first().click();
    expect(await faultsOf(visitor, language)).toEqual([]);
    const [target, row] = [page.locator(".hit").first(), page.locator(".roll-list li").first()];
    expect((await target.boundingBox())?.width).toBe(56);
    expect((await row.boundingBox())?.height).toBeGreaterThanOrEqual(88);
    await office.api.ask("POST /v1/rolls/{id}/close", { path: { id } });
    await page.locator(".roll-report").waitFor();
    expect(await faultsOf(visitor, language)).toEqual([]);
    await visitor.leave();
  });
});
