import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { axeFaults } from "./support/axe.ts";
import { inChromium, openChromium } from "./support/chromium.ts";
import { type Office, openOffice } from "./support/office.ts";
import { report } from "./support/report.ts";
import { latinWords, signIn, type Visitor, visit } from "./support/visitor.ts";

inChromium("screen mode", () => {
  let office: Office;
  let browser: Browser;
  beforeAll(async () => {
    office = await openOffice({ scale: 0.2, looks: 6 });
    await office.pass(2000, 20);
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await office?.close();
  });

  const show = async (query = "", look: Parameters<typeof visit>[1] = {}): Promise<Visitor> => {
    const visitor = await visit(browser, { width: 1920, height: 1080, ...look });
    await visitor.page.clock.install();
    await signIn(visitor, office.url, office.admin);
    await visitor.page.goto(`${office.url}/#/live?screen=1${query}`);
    await visitor.page.locator(".screen .cell").first().waitFor();
    return visitor;
  };

  const blacklisted = (name: string, id = name) =>
    report(office, { identity_name: name, identity_id: id, ext_data: { person_type: 3 } });

  it("fills 1920 × 1080 px with 15 faces of 240 px or more", async () => {
    const visitor = await show();
    const { page } = visitor;
    const pictures = page.locator(".screen .cell .pics");
    await expect.poll(() => pictures.count()).toBe(15);
    const sizes = await pictures.evaluateAll((all) =>
      all.flatMap((one) => [one.getBoundingClientRect().width, one.getBoundingClientRect().height]),
    );
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(240);
    await page.getByText("3 boxes report").waitFor();
    expect(await page.getByRole("navigation").count()).toBe(0);
    await page.setViewportSize({ width: 1280, height: 720 });
    await expect.poll(() => page.locator(".screen .cell").count()).toBeLessThan(15);
    await report(office, { identity_name: "After Resizing", identity_id: "resized" });
    await page.locator(".cell.now").filter({ hasText: "After Resizing" }).waitFor();
    await visitor.leave();
  });

  it("hides the pointer and the bar after 3 s, until the pointer moves", async () => {
    const visitor = await show();
    const { page } = visitor;
    const bar = page.getByRole("toolbar", { name: "Screen" });
    const look = () =>
      page.evaluate<string[]>(`[
          getComputedStyle(document.querySelector(".screen")).cursor,
          getComputedStyle(document.querySelector(".screen-bar")).opacity,
        ]`);
    let x = 400;
    const lookAfterMove = async () => {
      x += 10;
      await page.mouse.move(x, 400);
      return look();
    };
    await expect.poll(lookAfterMove).toEqual(["auto", "1"]);
    await bar.getByRole("button", { name: "L", exact: true }).click();
    await expect.poll(() => page.locator(".screen .cell").count()).toBe(8);
    await page.clock.fastForward(3100);
    await expect.poll(look).toEqual(["none", "0"]);
    await page.keyboard.press("Escape");
    await page.getByRole("heading", { level: 1, name: "Live" }).waitFor();
    await visitor.leave();
  });

  it("shows an alarm for 30 s, and the next one after 10 s", async () => {
    const visitor = await show();
    const { page } = visitor;
    const alarm = page.locator(".alarm");
    await page.locator(".screen-lane").getByText("not seen").waitFor();
    await blacklisted("First Alarm");
    await alarm.filter({ hasText: "First Alarm" }).waitFor();
    await blacklisted("Second Alarm");
    await alarm.filter({ hasText: "the next one in" }).waitFor();
    await expect.poll(() => alarm.getByText("First Alarm").count()).toBe(1);
    await page.clock.fastForward(10_000);
    await alarm.filter({ hasText: "Second Alarm" }).waitFor();
    await blacklisted("Second Alarm");
    await alarm.getByText(/^2 times since/).waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await page.clock.fastForward(30_000);
    await alarm.waitFor({ state: "detached" });
    expect(await page.locator(".cell.now").textContent()).toContain("Second Alarm");
    await visitor.leave();
  });

  it("ends an alarm 3 s after another user has seen it", async () => {
    const visitor = await show();
    const { page } = visitor;
    const alarm = page.locator(".alarm");
    await page.locator(".screen-lane").getByText("not seen").waitFor();
    await blacklisted("Seen Elsewhere", "elsewhere");
    await alarm.waitFor();
    const { events } = await office.api.ask("GET /v1/events", { query: { person: "elsewhere" } });
    await office.api.ask("PUT /v1/events/{id}/seen", { path: { id: events[0]?.id ?? "" } });
    await alarm.getByText("Seen", { exact: true }).waitFor();
    await page.clock.fastForward(3000);
    await alarm.waitFor({ state: "detached" });
    await visitor.leave();
  });

  it("is clean in Chinese and in light", async () => {
    const visitor = await show("&theme=light&size=s", { language: "zh", width: 1440, height: 900 });
    const { page } = visitor;
    await page.getByText("3 个盒子正常").waitFor();
    expect([await axeFaults(page), await latinWords(page)]).toEqual([[], expect.not.arrayContaining(["Now"])]);
    expect(await page.evaluate("document.documentElement.dataset.theme")).toBe("light");
    await visitor.leave();
  });
});
