import { readFile } from "node:fs/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { inChromium, openChromium } from "./support/chromium.ts";
import { type Office, openOffice } from "./support/office.ts";
import { report } from "./support/report.ts";
import { signIn, type Visitor, visit } from "./support/visitor.ts";
import { faultsOf } from "./support/whole.ts";

/** A day of this browser's zone as an address has it. */
const isoDay = (time: number) => {
  const date = new Date(time);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
};

const bar = (page: Page, hour: number) => page.locator(".charted .hit").nth(hour);

inChromium("statistics of the past", () => {
  let office: Office;
  let browser: Browser;
  let yesterday: number;
  beforeAll(async () => {
    office = await openOffice({ scale: 0.2, looks: 6 });
    const today = new Date(office.now());
    const on = (days: number, hour: number, minute: number) =>
      new Date(today.getFullYear(), today.getMonth(), today.getDate() + days, hour, minute).getTime();
    yesterday = on(-1, 0, 0);
    let person = 0;
    const pass = (timestamp: number, personType: number, device = "BOX1__10.0.0.2", from = office.boxes[0]) =>
      report(
        office,
        { identity_id: `${person++}`, timestamp, ext_data: { person_type: personType, ep_id: device } },
        from,
      );
    for (const minute of [5, 20, 50]) await pass(on(-1, 9, minute), 1);
    await pass(on(-1, 9, 30), 4, "BOX1__10.0.0.3");
    await pass(on(-1, 17, 30), 1, "BOX2__10.0.0.4", office.boxes[1]);
    for (const minute of [10, 40]) await pass(on(-8, 9, minute), 1);
    await pass(on(-8, 12, 15), 1);
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await office?.close();
  });

  const enter = async (look: Parameters<typeof visit>[1] = {}): Promise<Visitor> => {
    const visitor = await visit(browser, look);
    await signIn(visitor, office.url, office.admin);
    return visitor;
  };

  it("steps back to yesterday, whose bars lead to exactly their passings", async () => {
    const visitor = await enter();
    const { page } = visitor;
    await page.goto(`${office.url}/#/statistics`);
    await page.getByText(/^until \d\d:\d\d$/).waitFor();
    expect(await page.getByRole("button", { name: "After (])" }).isDisabled()).toBe(true);
    await page.keyboard.press("[");
    expect(page.url()).toContain(`at=${isoDay(yesterday)}`);
    await page.getByRole("img", { name: /most at 09: 4$/ }).waitFor();
    const address = page.url();
    await bar(page, 9).hover();
    const tip = page.locator(".tip");
    await tip.getByText("09:00–10:00").waitFor();
    expect(await tip.textContent()).toContain("these 4 in Events");
    for (const hour of [9, 23]) {
      await bar(page, hour).hover();
      const [numbers, drawn] = [await tip.boundingBox(), await bar(page, hour).boundingBox()];
      const [left = 0, right = 0] = [numbers?.x, (numbers?.x ?? 0) + (numbers?.width ?? 0)];
      const isBeside = right <= (drawn?.x ?? 0) || left >= (drawn?.x ?? 0) + (drawn?.width ?? 0);
      expect(isBeside).toBe(true);
    }
    await bar(page, 9).click();
    await page.getByRole("status").filter({ hasText: "4 passings" }).waitFor();
    await expect.poll(() => page.getByRole("table", { name: "Results" }).locator("tbody tr:has(a)").count()).toBe(4);
    // The address is good tomorrow, too.
    await page.goto(address);
    await page.getByRole("img", { name: /most at 09: 4$/ }).waitFor();
    await page.keyboard.press("]");
    await page.getByText(/^until \d\d:\d\d$/).waitFor();
    await visitor.leave();
  });

  it("reads bars by arrow keys, and Enter opens the passings", async () => {
    const visitor = await enter();
    const { page } = visitor;
    await page.goto(`${office.url}/#/statistics?at=${isoDay(yesterday)}&box=garage`);
    await page.getByRole("img", { name: /most at 17: 1$/ }).waitFor();
    await page.getByRole("group", { name: "Passings each hour" }).focus();
    const said = page.locator(".tip-place");
    await expect.poll(() => said.textContent()).toContain("17:00–18:00");
    await page.keyboard.press("ArrowLeft");
    await expect.poll(() => said.textContent()).toContain("16:00–17:00");
    await page.keyboard.press("Home");
    await expect.poll(() => said.textContent()).toContain("00:00–01:00");
    await page.keyboard.press("Escape");
    await expect.poll(() => said.textContent()).toBe("");
    await page.keyboard.press("End");
    for (let hour = 23; hour > 17; hour--) await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("Enter");
    await page.getByRole("table", { name: "Results" }).waitFor();
    expect(page.url()).toContain("box=garage");
    await expect.poll(() => page.getByRole("table", { name: "Results" }).locator("tbody tr:has(a)").count()).toBe(1);
    await visitor.leave();
  });

  it("shows the week before beside it, in words, lines and the table", async () => {
    const visitor = await enter();
    const { page } = visitor;
    await page.goto(`${office.url}/#/statistics?at=${isoDay(yesterday)}`);
    await page.getByRole("switch", { name: "Compare: a week before" }).check();
    expect(page.url()).toContain("compare=week");
    await page
      .locator(".fig")
      .filter({ hasText: /^5passings↑ 67 % · 3 on / })
      .waitFor();
    await page
      .locator(".fig")
      .filter({ hasText: "passings of strangers" })
      .getByText(/^0 on /)
      .waitFor();
    await expect.poll(() => page.locator(".charted .past").count()).toBe(2);
    await bar(page, 9).hover();
    await page.locator(".tip .row").filter({ hasText: "All4+2" }).waitFor();
    const table = page.getByRole("region", { name: "Passings each hour" });
    await table.getByText("As a table").click();
    const noon = table.getByRole("row").filter({ has: page.getByRole("rowheader", { name: "12", exact: true }) });
    expect(await noon.textContent()).toBe("12000000" + "01");
    // Nothing passed a month before.
    await page.getByRole("button", { name: "Month" }).click();
    expect(page.url()).toContain("compare=month");
    await page.locator(".fig").first().waitFor();
    await visitor.leave();
  });

  it("draws each gate by itself, and leads to the gate", async () => {
    const visitor = await enter();
    const { page } = visitor;
    await page.goto(`${office.url}/#/statistics?at=${isoDay(yesterday)}&compare=week`);
    const gates = page.getByRole("region", { name: "By gate" });
    await gates.getByRole("link").first().waitFor();
    await expect.poll(() => gates.getByRole("link").count()).toBe(3);
    await gates
      .getByRole("link")
      .filter({ hasText: /3 · = 0 %$/ })
      .click();
    await page.locator(".fig").filter({ hasText: "3passings" }).waitFor();
    expect(page.url()).toContain("device=BOX1__10.0.0.2");
    await page.getByRole("button", { name: "Remove the filter Device" }).waitFor();
    await visitor.leave();
  });

  it("saves the bars as a table and as a picture", async () => {
    const visitor = await enter();
    const { page } = visitor;
    await page.goto(`${office.url}/#/statistics?at=${isoDay(yesterday)}`);
    const save = async (format: string) => {
      await page.getByRole("button", { name: "Export" }).click();
      const arrives = page.waitForEvent("download");
      await page.getByRole("button", { name: format }).click();
      const file = await arrives;
      return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) };
    };
    const table = await save("As a table (CSV)");
    expect(table.name).toBe(`gatepost-statistics-day-${isoDay(yesterday)}.csv`);
    expect(table.bytes.toString().split("\r\n")[10]).toContain('"3","0","0","1","0","0","4"');
    const picture = await save("As a picture (PNG)");
    expect(picture.name).toBe(`gatepost-statistics-day-${isoDay(yesterday)}.png`);
    // The signature of a PNG, and its width.
    expect(picture.bytes.subarray(1, 4).toString()).toBe("PNG");
    expect(picture.bytes.readUInt32BE(16)).toBe(2160);
    await visitor.leave();
  });

  it("chooses a day, and says before which nothing is kept", async () => {
    const visitor = await enter();
    const { page } = visitor;
    await page.goto(`${office.url}/#/statistics`);
    await page.getByRole("button", { name: /^Choose the day: / }).click();
    await page.getByLabel("Day", { exact: true }).fill("2020-01-05");
    await page.getByRole("button", { name: "Show", exact: true }).click();
    expect(page.url()).toContain("at=2020-01-05");
    await page.getByRole("heading", { name: /^Nothing is kept before / }).waitFor();
    expect(await page.getByRole("button", { name: "After (])" }).isEnabled()).toBe(true);
    for (const wrong of ["2026-02-30", "9999-01-01", "%27%3E", "x".repeat(500)]) {
      await page.goto(`${office.url}/#/statistics?at=${wrong}&by=${wrong}&compare=${wrong}`);
      await page.getByText(/^until \d\d:\d\d$/).waitFor();
    }
    await visitor.leave();
  });

  it.each([
    { width: 390, language: "en", theme: "light" },
    { width: 1024, language: "zh", theme: "dark" },
    { width: 1440, language: "zh", theme: "light" },
  ] as const)("is whole and accessible in $language at $width px, $theme", async (look) => {
    const visitor = await enter(look);
    const { page } = visitor;
    const found: string[] = [];
    for (const query of [`at=${isoDay(yesterday)}&compare=week`, "by=week&compare=week", "at=2020-01-05"]) {
      await page.goto(`${office.url}/#/statistics?${query}`);
      await page.locator(".charted, .blank").first().waitFor();
      if (query.startsWith("at=2020")) await page.locator(".blank").waitFor();
      else await page.locator(".charted .body").focus();
      found.push(...(await faultsOf(visitor, look.language)).map((fault) => `${query}: ${fault}`));
    }
    expect(found.join("\n")).toBe("");
    await visitor.leave();
  });
});
