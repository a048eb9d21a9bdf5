import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { missingChromium, openChromium } from "./support/chromium.ts";
import { type Office, openOffice } from "./support/office.ts";
import { answerRecorded } from "./support/recorded.ts";
import { report } from "./support/report.ts";
import { signIn, type Visitor, visit } from "./support/visitor.ts";

describe.skipIf(missingChromium !== null)(
  `work in the console${missingChromium === null ? "" : ` (${missingChromium})`}`,
  () => {
    let office: Office;
    let browser: Browser;
    beforeAll(async () => {
      office = await openOffice({ scale: 0.2, looks: 6 });
      await office.pass(1000, 8);
      browser = await openChromium();
    });
    afterAll(async () => {
      await browser?.close();
      await office?.close();
    });

    /** Signs in, with recorded answers for what the server does not offer yet. */
    const enter = async (events: readonly string[] = []): Promise<Visitor> => {
      const visitor = await visit(browser);
      await answerRecorded(visitor.page, events);
      await signIn(visitor, office.url, office.admin);
      return visitor;
    };

    it("settles what a box asked for", async () => {
      await report(office, { identity_name: "New Photo", identity_id: "np", want_action: "1002", score: 0.7 });
      const visitor = await enter();
      const { page } = visitor;
      await page.goto(`${office.url}/#/actions`);
      const task = page.getByRole("listitem").filter({ hasText: "Update the registered photo of New Photo" });
      await task.getByText("Announced, nobody has said what became of it").waitFor();
      await task.getByRole("button", { name: "Mark done" }).click();
      await task.getByText("Done", { exact: true }).waitFor();
      await page.getByRole("link", { name: "Done", exact: true }).click();
      await page.getByRole("link", { name: /New Photo/ }).click();
      await page.getByRole("heading", { name: "What was told, and what was done" }).waitFor();
      await page.getByRole("listitem").filter({ hasText: /^Done/ }).waitFor();
      await visitor.leave();
    });

    it("adds a box: its addresses, an amber light for what is no report, a green one with the first face", async () => {
      const visitor = await enter();
      const { page } = visitor;
      await page.goto(`${office.url}/#/boxes/new`);
      await page.getByLabel("Name", { exact: true }).fill("new");
      await page.getByRole("button", { name: "Make its key" }).click();
      await page.getByRole("alert").filter({ hasText: "not “new”" }).waitFor();
      await page.getByLabel("Name", { exact: true }).fill("south-gate");
      await page.getByRole("button", { name: "Make its key" }).click();
      const address = page.locator("code").filter({ hasText: "/HistoryEvent" });
      await address.waitFor();
      await page.getByRole("img", { name: "QR code of the history address" }).waitFor();
      await page.getByRole("status").filter({ hasText: "Something arrived that is no report" }).waitFor();
      const posted = {
        identity_id: "1",
        identity_name: "First Face",
        timestamp: Date.now(),
        score: 0.9,
        ext_data: { person_type: 1 },
      };
      const answer = await fetch((await address.textContent()) ?? "", { method: "POST", body: JSON.stringify(posted) });
      expect(answer.status).toBe(200);
      await page.getByRole("status").filter({ hasText: "It reports: First Face" }).waitFor();
      await visitor.leave();
    });

    it("names the silent box first, and says what to look at", async () => {
      const visitor = await enter();
      const { page } = visitor;
      await page.goto(`${office.url}/#/boxes`);
      const silent = page.getByRole("article", { name: "north-dock" });
      await silent.getByText("Silent for 3 h 12 min").waitFor();
      expect(await page.getByRole("article").first().getAttribute("aria-label")).toBe("north-dock");
      await page.getByRole("link", { name: "garage" }).click();
      await page.getByRole("heading", { level: 1, name: "garage" }).waitFor();
      await page.getByRole("heading", { name: "Its clock is 1 d 3 h ahead" }).waitFor();
      await visitor.leave();
    });

    it("shows what was not understood, where it breaks off, and a reason that it does not know", async () => {
      const visitor = await enter();
      const { page } = visitor;
      await page.goto(`${office.url}/#/problems`);
      await page.getByText("← breaks off here, at byte 41,216").waitFor();
      expect(await page.getByText("reg_pic · 38 KB").count()).toBe(1);
      await page
        .getByRole("link", { name: /^Not understood/ })
        .last()
        .click();
      await page.getByText("The server says “made-up-reason”.").waitFor();
      await visitor.leave();
    });

    it("tries a pattern while it is typed, and says why one does not match", async () => {
      const answer = await fetch(`${office.url}/v1/events?limit=5`, {
        headers: { authorization: `Bearer ${office.admin}` },
      });
      const { events } = (await answer.json()) as { events: { id: string }[] };
      const visitor = await enter(events.map(({ id }) => id));
      const { page } = visitor;
      await page.goto(`${office.url}/#/rules`);
      await page.getByRole("status").filter({ hasText: "1 match" }).waitFor();
      await page
        .getByRole("button", { name: /does not match$/ })
        .first()
        .click();
      await page.getByText('prefix "gate-"').waitFor();
      await page.getByRole("textbox", { name: "Pattern" }).fill("{");
      await page.getByRole("alert").filter({ hasText: "This is no JSON" }).waitFor();
      expect(await page.getByRole("button", { name: "Save" }).isDisabled()).toBe(true);
      await visitor.leave();
    });

    it("erases a person only after their id was typed, and gives a receipt", async () => {
      const visitor = await enter();
      const { page } = visitor;
      await page.goto(`${office.url}/#/settings`);
      await page.getByLabel("Person id").fill("888031");
      await page.getByRole("button", { name: "Find" }).click();
      await page.getByText("218 events, 640 pictures, 2 reports in quarantine").waitFor();
      expect(await page.getByRole("button", { name: "Erase", exact: true }).isDisabled()).toBe(true);
      await page.getByLabel("Type 888031 to erase for good").fill("888031");
      await page.getByRole("button", { name: "Erase", exact: true }).click();
      await page.getByRole("heading", { name: /^Erased, .* This is the receipt\.$/ }).waitFor();
      expect(await page.getByRole("row").filter({ hasText: "late reports" }).textContent()).toContain("refused");
      await visitor.leave();
    });

    it("makes a key that is shown once, and revokes it", async () => {
      const visitor = await enter();
      const { page } = visitor;
      await page.goto(`${office.url}/#/settings`);
      await page.getByRole("button", { name: "New key" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Make it" }).click();
      await page.locator("code").filter({ hasText: /^gpr_/ }).waitFor();
      const id = (await page.locator("section b.mono").filter({ hasText: /^key_/ }).first().textContent()) ?? "";
      const row = page.getByRole("table", { name: "Keys" }).getByRole("row").filter({ hasText: id });
      await row.getByRole("button", { name: "Revoke" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
      await row.waitFor({ state: "detached" });
      await visitor.leave();
    });

    it("shows a read key no more of the settings than this browser and what this is", async () => {
      const visitor = await visit(browser);
      await signIn(visitor, office.url, office.read);
      const { page } = visitor;
      await page.goto(`${office.url}/#/settings`);
      await page.getByRole("heading", { name: "This browser" }).waitFor();
      expect(await page.getByRole("heading", { level: 2 }).allTextContents()).toEqual(["This browser", "About"]);
      await page.getByLabel("Language").selectOption("zh");
      await page.getByRole("heading", { level: 1, name: "设置" }).waitFor();
      expect(await page.evaluate("document.documentElement.lang")).toBe("zh-CN");
      await page.getByLabel("启用单键快捷键").uncheck();
      await page.keyboard.press("g");
      await page.keyboard.press("l");
      await page.waitForTimeout(200);
      expect(page.url()).toContain("#/settings");
      await visitor.leave();
    });

    it("counts by hour and kind, also as a table", async () => {
      const visitor = await enter();
      const { page } = visitor;
      await page.goto(`${office.url}/#/statistics`);
      await page.getByRole("img", { name: /^Passings each hour; most at/ }).waitFor();
      await page.getByText("As a table").first().click();
      await page.getByRole("rowheader", { name: "00" }).first().waitFor();
      await page.getByRole("button", { name: "Week" }).click();
      await page.getByRole("img", { name: /^Passings each day/ }).waitFor();
      expect(page.url()).toContain("by=week");
      await visitor.leave();
    });

    it("says honestly what the server does not offer", async () => {
      const visitor = await visit(browser);
      await visitor.page.route(/\/v1\/stats/, (route) =>
        route.fulfill({
          status: 503,
          headers: { "retry-after": "1" },
          json: { detail: "this cannot be answered at the moment" },
        }),
      );
      await visitor.page.route(/\/v1\/boxes/, (route) =>
        route.fulfill({ status: 404, json: { detail: "there is nothing at this address" } }),
      );
      await signIn(visitor, office.url, office.admin);
      const { page } = visitor;
      await page.goto(`${office.url}/#/boxes`);
      await page.getByRole("alert").filter({ hasText: "This server does not have that yet" }).waitFor();
      await page.goto(`${office.url}/#/statistics`);
      await page.getByRole("alert").filter({ hasText: "The store does not answer" }).waitFor();
      await visitor.page.unroute(/\/v1\/stats/);
      await page.getByRole("img", { name: /^Passings each hour/ }).waitFor();
      await visitor.leave();
    });
  },
);
