import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import * as z from "zod";
import { inChromium } from "../support/chromium.ts";
import { giveUp, writeRule } from "../support/given-up.ts";
import { post } from "../support/report.ts";
import { faultsOf } from "../support/whole.ts";
import { workplace } from "../support/workplace.ts";

inChromium("work with problems", () => {
  const work = workplace();

  it("exports and replays several groups of reports together", async () => {
    const quarantined = async () =>
      (await work.office.api.ask("GET /v1/quarantine", { query: { limit: 500 } })).records.map(({ id }) => id);
    const visitor = await work.enter();
    const { page } = visitor;
    await page.goto(`${work.office.url}/#/problems`);
    const ticks = page.getByRole("navigation", { name: "Quarantine, grouped" }).getByRole("checkbox");
    await ticks.first().click();
    await ticks.last().click({ modifiers: ["Shift"] });
    const bar = page.getByRole("toolbar");
    await bar.getByText(`${await ticks.count()} selected`).waitFor();
    expect(await faultsOf(visitor, "en")).toEqual([]);
    const saving = page.waitForEvent("download");
    await bar.getByRole("button", { name: "Export" }).click();
    const lines = (await readFile(await (await saving).path(), "utf8")).trimEnd().split("\n");
    const records = lines.map((line) => z.looseObject({ id: z.string(), reason: z.string() }).parse(JSON.parse(line)));
    const all = await quarantined();
    expect(records.map(({ id }) => id).sort()).toEqual(all.sort());
    await bar.getByRole("button", { name: `Replay all ${records.length}` }).click();
    await expect.poll(() => bar.count()).toBe(0);
    expect((await quarantined()).length).toBeLessThanOrEqual(records.length);
    await visitor.leave();
  });

  it("shows where an unreadable report breaks off, and replays one or all", async () => {
    const visitor = await work.enter();
    const { page } = visitor;
    await page.clock.install();
    // A page of the list is shorter than the list: the others arrive when they are needed.
    await page.route(/\/v1\/quarantine\?.*limit=50/, (route) =>
      route.continue({ url: route.request().url().replace("limit=50", "limit=1") }),
    );
    await page.goto(`${work.office.url}/#/problems`);
    await page.getByRole("link", { name: /^Not JSON.*garage/ }).click();
    await page.getByText(/← breaks off here, at byte \d,\d{3}/).waitFor();
    await page.getByRole("button", { name: /^Older/ }).click();
    await page.getByRole("button", { name: /^Newer/ }).click();
    await page.getByText(/← breaks off here, at byte \d,\d{3}/).waitFor();
    expect(await page.locator("pre .fold").allTextContents()).toContain("reg_pic · 3 KB");
    await page.getByRole("button", { name: "Replay", exact: true }).click();
    await page.getByText("It is still not understood and stays here.").waitFor();
    await page.getByRole("button", { name: "Replay all", exact: true }).click();
    await page.getByText("0 became events, 2 stay.").waitFor();
    // A group that is not there any more shows no other one in its place.
    const there = page.url();
    await page.goto(`${work.office.url}/#/problems?reason=not-json&box=nowhere`);
    await page.getByRole("heading", { name: "Nothing is left in this group" }).waitFor();
    expect(await page.getByRole("button", { name: "Replay all", exact: true }).count()).toBe(0);
    await page.goto(there);
    expect(await page.getByRole("progressbar", { name: "Replay" }).getAttribute("value")).toBe("2");
    const everything = page.getByRole("button", { name: /^Replay all \d+$/ });
    const [count] = /\d+/.exec((await everything.textContent()) ?? "") ?? [];
    await everything.click();
    await page.getByText(`${count} / ${count}`, { exact: true }).waitFor();
    // The numbers beside the tabs are asked for again.
    await page.route(/\/v1\/counts/, (route) =>
      route.fulfill({ json: { problems: { quarantine: 98, deadletters: 0, flagged: 0 } } }),
    );
    await page.clock.fastForward(10_000);
    await page.getByRole("link").filter({ hasText: "Not understood 98" }).waitFor();
    await page.getByRole("link", { name: "Flags" }).click();
    await page.goto(`${work.office.url}/#/problems?tab=deadletters`);
    await page.getByRole("heading", { name: "All deliveries were accepted" }).waitFor();
    await visitor.leave();
  });

  it("shows above the problems that the server needs a new certificate", async () => {
    const visitor = await work.enter();
    const { page } = visitor;
    const reason = "the certificate ended at 2026-11-20T12:00:00.000Z: renew it";
    await page.route(/\/healthz$/, (route) => route.fulfill({ json: { status: "degraded", reasons: [reason] } }));
    await page.goto(`${work.office.url}/#/problems`);
    await page.getByRole("status").filter({ hasText: reason }).waitFor();
    expect(await faultsOf(visitor, "en")).toEqual([]);
    await visitor.leave();
  });

  it("sends all undelivered entries once their rule exists again", async () => {
    const visitor = await work.enter();
    const { page } = visitor;
    await page.clock.install();
    // A page of the list is shorter than the list.
    await page.route(/\/v1\/deadletters\?.*limit=200/, (route) =>
      route.continue({ url: route.request().url().replace("limit=200", "limit=1") }),
    );
    await page.goto(`${work.office.url}/#/problems?tab=deadletters`);
    await page.getByRole("heading", { name: "All deliveries were accepted" }).waitFor();
    // An open page sees them arrive.
    await giveUp(work.trouble);
    await page.clock.fastForward(31_000);
    const letters = page.getByRole("table", { name: "Not delivered" }).getByRole("row").filter({ hasText: "old-crm" });
    await letters.first().waitFor();
    await expect.poll(() => letters.count()).toBe(1);
    // On a phone, too, it gives each entry's type and why it was not delivered.
    await page.setViewportSize({ width: 390, height: 780 });
    expect(await letters.first().innerText()).toMatch(/Update the registered photo\s+The rule was removed.*\s+\d\d:/);
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.getByRole("button", { name: "Show more" }).click();
    await letters.nth(1).waitFor();
    work.trouble.desk.accept();
    await writeRule(work.trouble);
    await page.getByRole("button", { name: "Send all again" }).click();
    await page.getByText("2 deliveries are in the queue again.").waitFor();
    await page.getByRole("heading", { name: "All deliveries were accepted" }).waitFor();
    await visitor.leave();
  });

  it("returns the focus after a dialogue, among reports, and after a filter is removed", async () => {
    for (const body of ["{torn", "{torn again", "{torn once more"]) await post(work.office.boxes[2], body);
    const visitor = await work.enter();
    const { page } = visitor;
    const focused = () => page.locator(":focus").textContent();
    const press = (name: string | RegExp) => page.getByRole("button", { name }).first().press("Enter");
    await page.goto(`${work.office.url}/#/settings/keys`);
    for (const way of ["Escape", "Cancel"]) {
      await press("New key");
      await page.getByRole("dialog").waitFor();
      if (way === "Escape") await page.keyboard.press("Escape");
      else await press(way);
      await page.getByRole("dialog").waitFor({ state: "detached" });
      expect(await focused()).toBe("New key");
    }
    await page.goto(`${work.office.url}/#/problems?reason=not-json&box=head-office`);
    const older = page.getByRole("button", { name: /^Older/ });
    for (const body of ["{torn again", "{torn"]) {
      await older.press("Enter");
      await page.getByText(body, { exact: true }).waitFor();
      expect(await page.locator(":focus").getAttribute("aria-label")).toMatch(/^Older/);
    }
    expect(await older.getAttribute("aria-disabled")).toBe("true");
    await page.goto(`${work.office.url}/#/events?type=vip`);
    await press(/^Remove the filter/);
    await expect.poll(focused).toBe("Kind ");
    await page.setViewportSize({ width: 390, height: 800 });
    await press("More");
    await page.getByRole("dialog").getByRole("link", { name: "Settings" }).press("Enter");
    await page.getByRole("heading", { level: 1, name: "Settings" }).waitFor();
    expect(await page.locator(":focus").getAttribute("id")).toBe("main");
    await visitor.leave();
  });
});
