import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { missingChromium, openChromium } from "./support/chromium.ts";
import { furnish } from "./support/furnished.ts";
import type { Office } from "./support/office.ts";
import { conditions, type Ids, pagesOf } from "./support/states.ts";
import { stopsOf } from "./support/stops.ts";
import { openTrouble, type Trouble } from "./support/trouble.ts";
import { signIn, visit } from "./support/visitor.ts";
import { openPage } from "./support/whole.ts";

describe.skipIf(missingChromium !== null)(
  `what a keyboard and a thumb reach${missingChromium === null ? "" : ` (${missingChromium})`}`,
  () => {
    let trouble: Trouble;
    let office: Office;
    let browser: Browser;
    let ids: Ids;
    beforeAll(async () => {
      trouble = await openTrouble({ scale: 0.2, looks: 6 });
      ({ office } = trouble);
      await office.pass(1500, 10);
      await office.strangerPasses();
      ids = await furnish(office);
      browser = await openChromium();
    });
    afterAll(async () => {
      await browser?.close();
      await trouble?.close();
    });

    /** The stops of the Tab key that something lies on, of each page. */
    async function hiddenStops(page: Page, addresses: Record<string, string>): Promise<string[]> {
      const found: string[] = [];
      for (const [name, hash] of Object.entries(addresses)) {
        await openPage(page, `${office.url}/${hash}`);
        const stops = await stopsOf(page);
        expect(stops.length).toBeGreaterThan(2);
        found.push(...stops.flatMap((stop) => (stop.covers === "" ? [] : `${name}: ${stop.covers} on ${stop.name}`)));
      }
      return found;
    }

    it.concurrent.each([
      [390, 640],
      [1024, 600],
    ])("shows every stop of the Tab key on every page, at %i × %i px", async (width, height) => {
      const visitor = await visit(browser, { width, height });
      await signIn(visitor, office.url, office.admin);
      expect(await hiddenStops(visitor.page, pagesOf(ids))).toEqual([]);
      await visitor.leave();
    });

    it("offers the sections of the settings in one field on a phone", async () => {
      const visitor = await visit(browser, { width: 390, height: 780 });
      const { page } = visitor;
      await signIn(visitor, office.url, office.admin);
      await openPage(page, `${office.url}/#/settings/browser`);
      const choice = page.getByLabel("Section");
      expect(await choice.locator("option").count()).toBe(10);
      expect(await page.locator(".sets nav a").filter({ visible: true }).count()).toBe(0);
      await choice.selectOption("Keys");
      await page.getByRole("heading", { level: 2, name: "Keys" }).waitFor();
      expect(new URL(page.url()).hash).toBe("#/settings/keys");
      await visitor.leave();
    });

    it("writes Latin letters and their punctuation in a Latin font", async () => {
      const visitor = await visit(browser);
      const { page } = visitor;
      await signIn(visitor, office.url, office.admin);
      await openPage(page, `${office.url}/#/live`);
      await page.evaluate("document.querySelector('h1').textContent = 'The box’s “gate” – 08:12 · in…'");
      const devtools = await page.context().newCDPSession(page);
      await devtools.send("DOM.enable");
      await devtools.send("CSS.enable");
      const { root } = await devtools.send("DOM.getDocument");
      const { nodeId } = await devtools.send("DOM.querySelector", { nodeId: root.nodeId, selector: "h1" });
      const { fonts } = await devtools.send("CSS.getPlatformFontsForNode", { nodeId });
      expect(fonts.map(({ familyName }) => familyName).filter((name) => /CJK/.test(name))).toEqual([]);
      expect(fonts.length).toBeGreaterThan(0);
      await visitor.leave();
    });

    it.concurrent.each([390, 1024])(
      "shows every stop above the bar of selected rows, also offline, at %i px",
      async (width) => {
        const visitor = await visit(browser, { width, height: 640 });
        const { page } = visitor;
        await conditions["offline"]?.(page);
        await signIn(visitor, office.url, office.admin);
        await page.locator(".strip").waitFor();
        await openPage(page, `${office.url}/#/actions`);
        await page.locator(".ask .tick").first().check();
        await page.locator(".many").waitFor();
        const hidden = (await stopsOf(page)).filter(({ covers }) => covers !== "");
        expect(hidden).toEqual([]);
        await visitor.leave();
      },
    );
  },
);
