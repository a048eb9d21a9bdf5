import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { inChromium, openChromium } from "./support/chromium.ts";
import { type Office, openOffice } from "./support/office.ts";
import { hire, signInAs } from "./support/people.ts";
import { report } from "./support/report.ts";
import { pressPair, signIn, type Visitor, visit } from "./support/visitor.ts";
import { faultsOf, openPage } from "./support/whole.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

inChromium("registered people", () => {
  let office: Office;
  let browser: Browser;
  beforeAll(async () => {
    office = await openOffice({ scale: 0.2, looks: 6 });
    const pass = (name: string, at: number, more: object = {}) =>
      report(office, {
        identity_id: `id-${name}`,
        identity_name: name,
        timestamp: at,
        group_name: "Office",
        ...more,
      });
    const now = office.now();
    const today = new Date(now).setHours(0, 0, 0, 0);
    for (let days = 1; days <= 8; days++) {
      await pass("刘芳", today - days * dayMs + 7.5 * hourMs);
      await pass("刘芳", today - days * dayMs + 15.5 * hourMs);
    }
    await pass("Rosa Silva", now - 20 * dayMs, { ext_data: { person_type: 5 }, score: 0.5 });
    await pass("Once Only", now - 2 * hourMs);
    await office.pass(1000, 8);
    await hire(office, { name: "Min", email: "min@example.com", role: "manager" });
    await hire(office, { name: "Jonas", email: "jonas@example.com", role: "guard" });
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await office?.close();
  });

  const enter = async (path: string, look: Parameters<typeof visit>[1] = {}): Promise<Visitor> => {
    const visitor = await visit(browser, look);
    await signIn(visitor, office.url, office.admin);
    await openPage(visitor.page, `${office.url}/#/${path}`);
    return visitor;
  };
  const rowsOf = (page: Page) => page.locator(".rows.people tbody tr:has(a)");
  const hashOf = (page: Page) => page.evaluate<string>("location.hash");

  it.each([
    { width: 1440, language: "en", theme: "light" },
    { width: 1024, language: "zh", theme: "light" },
    { width: 390, language: "zh", theme: "dark" },
  ] as const)("are listed without a fault at $width px in $language, $theme", async (look) => {
    const visitor = await enter("people", look);
    await rowsOf(visitor.page).first().waitFor();
    expect(await faultsOf(visitor, look.language)).toEqual([]);
    await openPage(visitor.page, `${office.url}/#/people/gate-1/${encodeURIComponent("id-刘芳")}`);
    expect(await faultsOf(visitor, look.language)).toEqual([]);
    await visitor.leave();
  });

  it("are found by pinyin, and sorted by a head", async () => {
    const visitor = await enter("people");
    const { page } = visitor;
    await page.keyboard.press("/");
    await page.keyboard.type("lf");
    await expect.poll(() => rowsOf(page).count()).toBe(1);
    await rowsOf(page).getByRole("link", { name: "刘芳" }).waitFor();
    expect(await hashOf(page)).toBe("#/people?q=lf");
    await page.getByRole("searchbox").fill("");
    await page.getByRole("columnheader", { name: "Match" }).getByRole("button").click();
    await expect.poll(() => rowsOf(page).first().textContent()).toContain("Rosa Silva");
    expect(await page.getByRole("columnheader", { name: "Match" }).getAttribute("aria-sort")).toBe("ascending");
    expect(await page.getByRole("columnheader", { name: "Last seen" }).getAttribute("aria-sort")).toBeNull();
    await rowsOf(page).first().getByText("match below 60").waitFor();
    await visitor.leave();
  });

  it("offer the filter to drop if no one is left", async () => {
    const visitor = await enter("people?seen=away-14&match=60");
    const { page } = visitor;
    await expect.poll(() => rowsOf(page).count()).toBe(1);
    await page.getByRole("button", { name: "Kind", exact: true }).click();
    await page.getByRole("checkbox", { name: "Visitor" }).check();
    await page.getByText("1 is without “Kind: Visitor”.").waitFor();
    await page.getByRole("button", { name: "Remove this filter" }).click();
    await expect.poll(() => rowsOf(page).count()).toBe(1);
    expect(await hashOf(page)).toBe("#/people?seen=away-14&match=60");
    await visitor.leave();
  });

  it("have a page, from which Escape leads back to the row", async () => {
    const visitor = await enter("people?q=lf");
    const { page } = visitor;
    await rowsOf(page).getByRole("link").click();
    await page.getByRole("heading", { level: 1, name: "刘芳" }).waitFor();
    const days = page.getByRole("table", { name: "Fourteen days" });
    await expect.poll(() => days.locator("tbody tr").count()).toBe(14);
    await days.getByText("8:00").first().waitFor();
    await page.getByRole("region", { name: "Gates" }).getByText("16").waitFor();
    await page.getByRole("region", { name: "About" }).getByText("16 passings").waitFor();
    await page.getByRole("link", { name: "all 16" }).waitFor();
    await page.keyboard.press("Escape");
    await expect.poll(() => hashOf(page)).toBe("#/people?q=lf");
    await expect
      .poll(() =>
        rowsOf(page)
          .getByRole("link")
          .evaluate((link) => link.matches(":focus")),
      )
      .toBe(true);
    await visitor.leave();
  });

  it.each([
    { width: 1440, language: "en", theme: "light" },
    { width: 390, language: "zh", theme: "dark" },
  ] as const)("have a last day, set by keys, at $width px in $language, $theme", async (look) => {
    const [change, save, takeBack, none] =
      look.language === "en"
        ? ["Change the last day", "Save", "Take it back", "not set"]
        : ["修改最后工作日", "保存", "收回", "未设置"];
    const path = `#/people/gate-1/${encodeURIComponent("id-刘芳")}`;
    const visitor = await visit(browser, look);
    const { page } = visitor;
    await signInAs(visitor, office, "min@example.com", path);
    const about = page.getByRole("region", { name: /^(About|资料)$/ });
    await about.getByText(none).waitFor();
    const dialog = page.getByRole("dialog");
    const day = dialog.getByLabel(/Last day|最后工作日/).last();
    const open = async () => {
      await about.getByRole("button", { name: change }).press("Enter");
      await dialog.waitFor();
    };
    await open();
    await day.fill("2020-01-01");
    await day.press("Enter");
    await dialog.getByRole("alert").waitFor();
    expect(await faultsOf(visitor, look.language)).toEqual([]);
    const today = new Date(office.now()).toISOString().slice(0, 10);
    await day.fill(today);
    await dialog.getByRole("button", { name: save }).press("Enter");
    const set = about.getByText(/set by Min|由Min设置/);
    await set.waitFor();
    expect(await faultsOf(visitor, look.language)).toEqual([]);
    await page.keyboard.press("u");
    await about.getByText(none).waitFor();
    await open();
    await day.press("Enter");
    await set.waitFor();
    await open();
    await dialog.getByRole("button", { name: takeBack }).press("Enter");
    await about.getByText(none).waitFor();
    await page.keyboard.press("u");
    await set.waitFor();
    await office.api.ask("PATCH /v1/people/{library}/{id}", {
      path: { library: "gate-1", id: "id-刘芳" },
      body: { leftOn: null },
    });
    await visitor.leave();
  });

  it("have no charts after one passing", async () => {
    const visitor = await enter("people/gate-1/id-Once%20Only");
    await visitor.page.getByText("Only one passing of this person is kept").waitFor();
    expect(await visitor.page.getByRole("table", { name: "Fourteen days" }).count()).toBe(0);
    await visitor.leave();
  });

  it("are opened from the palette by pinyin, or by their passings", async () => {
    const visitor = await visit(browser);
    await signInAs(visitor, office, "min@example.com");
    const { page } = visitor;
    const type = async () => {
      await page.keyboard.press("Control+k");
      await page.getByRole("combobox").fill("liu f");
      await page.getByRole("option").filter({ hasText: "刘芳" }).waitFor();
    };
    await type();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "刘芳" }).waitFor();
    await type();
    await page.keyboard.press("Control+Enter");
    await expect.poll(() => hashOf(page)).toContain("#/events?person=");
    await pressPair(page, "g", "p");
    await page.getByRole("heading", { level: 1, name: "People" }).waitFor();
    await visitor.leave();
  });

  it("are gone at once after an erasure, with their names", async () => {
    await report(office, { identity_id: "to-erase", identity_name: "Gone Soon" });
    const visitor = await enter("people?q=Gone");
    const { page } = visitor;
    await expect.poll(() => rowsOf(page).count()).toBe(1);
    await page.getByRole("status").filter({ hasText: "Connected" }).first().waitFor();
    await office.api.ask("DELETE /v1/people", { query: { id: "to-erase", all: "1" } });
    await expect.poll(() => rowsOf(page).count()).toBe(0);
    await page.goto(`${office.url}/#/people/gate-1/to-erase`);
    await page.getByRole("heading", { name: /^This person was erased on/ }).waitFor();
    await page.goto(`${office.url}/#/people?tab=erased`);
    const erased = page.getByRole("table", { name: "Erased" });
    await erased.getByText("every box").first().waitFor();
    await erased.getByText("1 event").first().waitFor();
    expect(await page.locator("main").textContent()).not.toMatch(/to-erase|Gone Soon/);
    expect(await faultsOf(visitor, "en")).toEqual([]);
    expect(await page.getByText("Gone Soon").count()).toBe(0);
    await page.goto(`${office.url}/#/people/gate-1/never`);
    await page.getByRole("heading", { name: "This person is not known" }).waitFor();
    await visitor.leave();
  });

  it("say so if one id has two names, and where to change that", async () => {
    await report(office, { identity_id: "shared-7", identity_name: "Jing Wang" });
    await report(office, { identity_id: "shared-7", identity_name: "Jun Li" }, office.boxes[1]);
    await office.api.ask("PUT /v1/sites/{id}", { path: { id: "default" }, body: { sharesPeople: true } });
    const visitor = await enter("people/~default/shared-7");
    const conflict = visitor.page.getByRole("region", { name: "one id, two names" });
    await conflict.getByText(/Jing Wang at gate-1/).waitFor();
    await conflict.getByText(/Jun Li at garage/).waitFor();
    await conflict.getByRole("link", { name: "Change this in Sites" }).click();
    await expect.poll(() => hashOf(visitor.page)).toBe("#/settings/sites");
    await office.api.ask("PUT /v1/sites/{id}", { path: { id: "default" }, body: { sharesPeople: false } });
    await visitor.leave();
  });

  it("are for read keys that were made with people, and for no other", async () => {
    const { token } = await office.api.ask("POST /v1/keys", { body: { scope: "read", people: true, note: "hr" } });
    for (const [key, pages] of [
      [token, 1],
      [office.read, 0],
    ] as const) {
      const visitor = await visit(browser);
      await signIn(visitor, office.url, key);
      const { page } = visitor;
      await page.getByRole("status").filter({ hasText: "Connected" }).first().waitFor();
      await page.getByRole("link", { name: "Statistics" }).first().waitFor();
      await expect.poll(() => page.locator(".rail").getByRole("link", { name: "People" }).count()).toBe(pages);
      await visitor.leave();
    }
  });

  it("are for managers: a guard has no such page, and no people in the palette", async () => {
    const visitor = await visit(browser);
    await signInAs(visitor, office, "jonas@example.com", "#/people");
    const { page } = visitor;
    await page.getByRole("heading", { name: /^Your role does not allow this\./ }).waitFor();
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").fill("liu f");
    await page.getByText("Nothing is called “liu f”.").waitFor();
    expect(await page.getByRole("option").filter({ hasText: "刘芳" }).count()).toBe(0);
    await visitor.leave();
  });
});
