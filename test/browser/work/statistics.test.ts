import { expect, it } from "vitest";
import { inChromium } from "../support/chromium.ts";
import { report } from "../support/report.ts";
import { workplace } from "../support/workplace.ts";

inChromium("work with statistics", () => {
  const work = workplace();

  it("counts by hour and kind, also as a table", async () => {
    const visitor = await work.enter();
    const { page } = visitor;
    await page.clock.install();
    await page.goto(`${work.office.url}/#/statistics`);
    await page.getByRole("img", { name: /^Passings each hour; most at/ }).waitFor();
    // A page that stays open goes with what passes.
    const passings = async () => Number(await page.locator(".fig b").first().textContent());
    const before = await passings();
    await report(work.office, { identity_name: "Counted", identity_id: "counted" });
    await page.clock.fastForward(60_000);
    await expect.poll(passings).toBe(before + 1);
    // On a phone the last hour with passings is in sight, and not the night before it.
    await page.setViewportSize({ width: 390, height: 780 });
    await page.goto(`${work.office.url}/#/live`);
    await page.goto(`${work.office.url}/#/statistics`);
    const isInSight = () =>
      page.evaluate<boolean>(`(() => {
        const chart = document.querySelector(".wide .chart");
        const last = Math.max(...[...chart.querySelectorAll("rect:not(.hit)")].map((bar) => bar.getBoundingClientRect().right));
        return last <= chart.parentElement.getBoundingClientRect().right + 1;
      })()`);
    await page.locator(".wide .chart rect:not(.hit)").first().waitFor();
    expect(await isInSight()).toBe(true);
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.getByText("As a table").first().click();
    await page.getByRole("rowheader", { name: "00" }).first().waitFor();
    await page.getByRole("button", { name: "Week" }).click();
    await page.getByRole("img", { name: /^Passings each day/ }).waitFor();
    expect(page.url()).toContain("by=week");
    // From Monday to Sunday, and each day is named.
    const days = page
      .getByRole("region", { name: "Passings each day" })
      .getByRole("rowheader", { includeHidden: true });
    const [first, last] = [await days.first().textContent(), await days.last().textContent()];
    expect(await page.locator(".head .when").textContent()).toContain(`${first} – ${last}`);
    await expect.poll(() => days.count()).toBe(7);
    await visitor.leave();
  });

  it("counts by the server's day when this computer's clock is wrong", async () => {
    const visitor = await work.enter();
    const { page } = visitor;
    const { promise: isLetGo, resolve: letGo } = Promise.withResolvers<void>();
    await page.route(/\/v1\/me/, (route) => isLetGo.then(() => route.continue()));
    const day = page.locator(".head .when button");
    await page.goto(`${work.office.url}/#/statistics`);
    const today = await day.textContent();
    await page.goto(`${work.office.url}/#/boxes`);
    const ahead = new Date(work.office.now());
    ahead.setFullYear(ahead.getFullYear() + 4);
    await page.clock.install({ time: ahead });
    // However long a busy machine takes until it is paused.
    const paused = ahead.getTime() + 30 * 60_000;
    await page.clock.pauseAt(paused);
    await page.goto(`${work.office.url}/#/statistics`);
    await page.clock.runFor(1000);
    await expect.poll(() => day.textContent()).not.toContain(today);
    letGo();
    // Long before it counts again by itself.
    await expect
      .poll(async () => {
        await page.clock.runFor(100);
        return day.textContent();
      })
      .toContain(today);
    expect(await page.evaluate<number>("Date.now()")).toBeLessThan(paused + 60_000);
    await visitor.leave();
  });
});
