import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { approveOne } from "./support/approved.ts";
import { inChromium, openChromium } from "./support/chromium.ts";
import { furnish } from "./support/furnished.ts";
import { giveUp } from "./support/given-up.ts";
import { layoutFaults } from "./support/layout.ts";
import { type Office, openOffice } from "./support/office.ts";
import { hire, signInAs } from "./support/people.ts";
import { conditions, doorsOf, type Ids, pages, pagesOf } from "./support/states.ts";
import { openTrouble, type Trouble } from "./support/trouble.ts";
import { changes, signIn, type Visitor, visit } from "./support/visitor.ts";

const widths = [1440, 1024, 390, 320];
/** Less to paint than on a usual screen. */
const height = 600;
const languages = ["en", "zh"] as const;
const manager = { name: "陈敏", email: "min@example.com", role: "manager", boxes: ["gate-1"] } as const;

/** Counts the requests that are not answered yet. A page always waits for changes. */
const countAsked = `
  window.asked = 0;
  const ask = window.fetch;
  window.fetch = (...all) => {
    if (${changes}.test(all[0])) return ask(...all);
    window.asked++;
    return ask(...all).finally(() => window.asked--);
  };`;

/** Resolves once a page is drawn and has all answers: with an empty text, or after 20 s with the missing ones. */
const settled = `new Promise((resolve) => {
  let [drawn, quiet] = [0, 0];
  const look = () => {
    const waits = document.querySelectorAll("main [aria-busy=true], main .bone").length;
    const isDrawn = document.querySelector("h1") !== null;
    const isQuiet = isDrawn && (window.isLoading || (window.asked === 0 && (waits === 0 || window.isFailing)));
    quiet = isQuiet ? quiet + 1 : 0;
    if (quiet > (window.isLoading ? 20 : 2)) resolve("");
    else if (++drawn > 1200) resolve(isDrawn ? window.asked + " requests, " + waits + " skeletons" : "no heading");
    else requestAnimationFrame(look);
  };
  look();
})`;

inChromium("the layout of every page", () => {
  let trouble: Trouble;
  let empty: Office;
  let browser: Browser;
  let ids: Ids;
  beforeAll(async () => {
    [trouble, empty, browser] = await Promise.all([
      openTrouble({ scale: 0.2, looks: 6 }),
      openOffice({ scale: 0.2, looks: 2 }),
      openChromium(),
    ]);
    const { office } = trouble;
    await office.pass(1500, 10);
    await office.strangerPasses();
    await approveOne(office);
    await giveUp(trouble);
    await office.strangerPasses();
    ids = await furnish(office);
    await hire(office, manager);
  });
  afterAll(async () => {
    await browser?.close();
    await trouble?.close();
    await empty?.close();
  });

  const enter = async (language: "en" | "zh", before: (page: Page) => Promise<unknown> = async () => {}) => {
    const visitor = await visit(browser, { width: 1440, height, language });
    await visitor.page.addInitScript(countAsked);
    await before(visitor.page);
    return visitor;
  };

  /** The faults of pages at each width, by page. */
  async function walk({ page }: Visitor, addresses: Record<string, string>): Promise<string> {
    const found: string[] = [];
    for (const [name, hash] of Object.entries(addresses)) {
      await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
      const missing = await page.evaluate<string>(settled);
      if (missing !== "") found.push(`${name} is not ready: ${missing}`);
      for (const width of widths) {
        await page.setViewportSize({ width, height });
        found.push(...(await layoutFaults(page)).map((fault) => `${name} at ${width} px: ${fault}`));
      }
    }
    return found.join("\n");
  }

  it.concurrent.each(languages)("is whole with everything in it, in %s", async (language) => {
    const visitor = await enter(language);
    await signIn(visitor, trouble.office.url, trouble.office.admin);
    expect(await walk(visitor, pagesOf(ids))).toBe("");
    await visitor.leave();
  });

  it.concurrent.each(languages)("is whole for a manager of one box, in %s", async (language) => {
    const visitor = await enter(language);
    await signInAs(visitor, trouble.office, manager.email);
    expect(await walk(visitor, pagesOf(ids))).toBe("");
    await visitor.leave();
  });

  it.concurrent.each(languages)("is whole with nothing in it, in %s", async (language) => {
    const visitor = await enter(language);
    await signIn(visitor, empty.url, empty.admin);
    expect(await walk(visitor, pages)).toBe("");
    await visitor.leave();
  });

  it.concurrent.each(languages)("is whole while it is loading, in %s", async (language) => {
    const visitor = await enter(language, async (page) => {
      await page.addInitScript("window.isLoading = true;");
      await conditions["loading"]?.(page);
    });
    await signIn(visitor, trouble.office.url, trouble.office.admin);
    expect(await walk(visitor, pagesOf(ids))).toBe("");
    await visitor.leave();
  });

  it.concurrent.each(languages)("is whole while all fails and there is no connection, in %s", async (language) => {
    const visitor = await enter(language, async (page) => {
      await page.addInitScript("window.isFailing = true;");
      await conditions["failing"]?.(page);
      await conditions["offline"]?.(page);
    });
    await signIn(visitor, trouble.office.url, trouble.office.admin);
    expect(await walk(visitor, pagesOf(ids))).toBe("");
    await visitor.leave();
  });

  it.concurrent.each(languages)("is whole before signing in, in %s", async (language) => {
    const visitor = await enter(language);
    await visitor.page.goto(trouble.office.url);
    expect(await walk(visitor, doorsOf(ids))).toBe("");
    await visitor.leave();
  });
});
