import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isLong } from "../support/seeded.ts";
import { axeFaults } from "./support/axe.ts";
import { missingChromium, openChromium } from "./support/chromium.ts";
import type { Office } from "./support/office.ts";
import { openTrouble, type Trouble } from "./support/trouble.ts";
import { cutOff, latinWords, signIn, type Visitor, visit } from "./support/visitor.ts";

const pages = [
  "#/live",
  "#/live?view=list",
  "#/events",
  "#/events?q=nobody&type=vip",
  "event",
  "#/actions",
  "#/boxes",
  "#/boxes/garage",
  "#/boxes/new",
  "#/problems",
  "#/problems?tab=deadletters",
  "#/problems?tab=flags",
  "#/rules",
  "#/statistics",
  "#/settings",
] as const;

/** Words that are the same in Chinese, and what stands for itself. */
const sameInChinese = [
  "Gatepost",
  "VIP",
  "JSON",
  "English",
  "SE5",
  "sophonsight",
  "NTP",
  "Standard",
  "Webhooks",
  "Zhao",
  "Qiang",
];

describe.skipIf(missingChromium !== null)(
  `every page of the console${missingChromium === null ? "" : ` (${missingChromium})`}`,
  () => {
    let trouble: Trouble;
    let office: Office;
    let browser: Browser;
    let event: string;
    beforeAll(async () => {
      trouble = await openTrouble({ scale: 0.2, looks: 6 });
      ({ office } = trouble);
      await office.pass(1500, 10);
      await office.strangerPasses();
      browser = await openChromium();
      const { events } = await office.api.events({ box: "gate-1", type: "stranger", action: "1001", limit: 1 });
      event = events[0]?.id ?? "";
    });
    afterAll(async () => {
      await browser?.close();
      await trouble?.close();
    });

    const open = async ({ page }: Visitor, hash: string) => {
      await page.goto(`${office.url}/${hash === "event" ? `#/events/${event}` : hash}`);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await expect.poll(() => page.locator("main [aria-busy=true], main .bone").count()).toBe(0);
      await page.waitForTimeout(300);
    };

    const themes = isLong ? (["light", "dark"] as const) : (["light"] as const);
    const looks = (["en", "zh"] as const).flatMap((language) =>
      [320, 1280].flatMap((width) => themes.map((theme) => ({ language, width, theme }))),
    );

    it.each(looks)("is whole and accessible in $language at $width px, $theme", async (look) => {
      const visitor = await visit(browser, look);
      await signIn(visitor, office.url, office.admin);
      const found: string[] = [];
      for (const hash of pages) {
        await open(visitor, hash);
        const latin = look.language === "zh" ? await latinWords(visitor.page) : [];
        const untranslated = latin
          .filter((word) => !sameInChinese.includes(word))
          .map((word) => `untranslated: ${word}`);
        const faults = [...(await axeFaults(visitor.page)), ...(await cutOff(visitor.page)), ...untranslated];
        found.push(...faults.map((fault) => `${hash}: ${fault}`));
      }
      await visitor.leave();
      expect(found.join("\n")).toBe("");
    });

    it.each(["en", "zh"] as const)("asks for a key in %s", async (language) => {
      const visitor = await visit(browser, { width: 320, language });
      await visitor.page.goto(office.url);
      await visitor.page.getByRole("heading", { level: 1 }).waitFor();
      expect([...(await axeFaults(visitor.page)), ...(await cutOff(visitor.page))]).toEqual([]);
      await visitor.leave();
    });
  },
);
