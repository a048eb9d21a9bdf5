import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { inChromium, openChromium } from "./support/chromium.ts";
import type { Office } from "./support/office.ts";
import { report } from "./support/report.ts";
import { runtimes } from "./support/runtimes.ts";
import { signIn, visit } from "./support/visitor.ts";

const hours = 12;
const places = 15;

inChromium.each(runtimes)("a screen through a night on $runtime", ({ open }) => {
  let office: Office;
  let browser: Browser;
  beforeAll(async () => {
    office = await open({ scale: 0.2, looks: 4, hoursAgo: hours });
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await office?.close();
  });

  it("has a right wall after 12 hours with a restart and without network", async () => {
    await office.pass(500, 8);
    const visitor = await visit(browser, { width: 1920, height: 1080 });
    const { page } = visitor;
    await page.clock.install();
    await signIn(visitor, office.url, office.read);
    await page.goto(`${office.url}/#/live?screen=1`);
    await page.locator(".screen .cell").first().waitFor();
    await page.evaluate("window.isSameNight = true");
    const now = page.locator(".cell.now");
    let passed = 0;
    const passes = async () => {
      const name = `Night ${++passed}`;
      await report(office, { identity_name: name, identity_id: name });
      return name;
    };
    const hourPasses = async (hour: number) => {
      await office.toPresent(hours - hour);
      await page.clock.fastForward(60 * 60_000);
    };
    const live = async (from: number, to: number) => {
      for (let hour = from; hour <= to; hour++) {
        await hourPasses(hour);
        await page.clock.runFor(30_000);
        await office.pass(300, 10);
        await now.filter({ hasText: await passes() }).waitFor();
      }
    };
    await live(1, 2);
    await office.unlisten();
    await hourPasses(3);
    await hourPasses(4);
    await office.listen();
    await live(5, 7);
    await office.unlisten();
    await office.listen();
    await live(8, hours);
    const last: string[] = [];
    for (let n = 0; n < places; n++) last.push(await passes());
    await now.filter({ hasText: last.at(-1) ?? "" }).waitFor();
    const shown = await page.locator(".screen .cell .name").allTextContents();
    expect(shown.toSorted()).toEqual(last.toSorted());
    // In reading order, from the place behind the newest.
    const newest = shown.indexOf(last.at(-1) ?? "");
    expect([...shown.slice(newest + 1), ...shown.slice(0, newest + 1)]).toEqual(last);
    await expect.poll(() => now.count()).toBe(1);
    expect(await page.getByText("No connection").count()).toBe(0);
    expect(await page.locator(".screen .lost").count()).toBe(0);
    expect(await page.evaluate("window.isSameNight")).toBe(true);
    await visitor.leave();
  });
});
