import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isLong, seeded, seedOfRun } from "../support/seeded.ts";
import { approveOne } from "./support/approved.ts";
import { missingChromium, openChromium } from "./support/chromium.ts";
import { giveUp } from "./support/given-up.ts";
import { poorLine } from "./support/poor-line.ts";
import { openTrouble, type Trouble } from "./support/trouble.ts";
import { signIn, visit } from "./support/visitor.ts";
import { erasedOn, type Wanderer, wander } from "./support/wander.ts";
import { faultsOf } from "./support/whole.ts";

const visitors = 12;
const steps = 300;
/** The page is looked at after so many steps: a look takes as long as they do. */
const stepsOfLook = 6;

// It finds faults that no test expects, and not in a change that has nothing to do with them: `npm run test:long`
// alone.
describe.skipIf(missingChromium !== null || !isLong)("a user who does anything in the console", () => {
  let trouble: Trouble;
  let browser: Browser;
  beforeAll(async () => {
    trouble = await openTrouble({ scale: 0.2, looks: 6 });
    await trouble.office.pass(1500, 10);
    await trouble.office.strangerPasses();
    await approveOne(trouble.office);
    await giveUp(trouble);
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await trouble?.close();
  });

  it.each(Array.from({ length: visitors }, (_, n) => n))(
    "finds each page whole, and none that stays empty (%d)",
    { timeout: 600_000 },
    async (n) => {
      const { office } = trouble;
      const random = seeded(seedOfRun(`wander ${n}`));
      const visitor = await visit(browser, { width: n % 4 < 2 ? 1280 : 320, theme: n % 3 === 0 ? "dark" : "light" });
      const { page } = visitor;
      const wanderer: Wanderer = { page, office, random, erased: new Set() };
      const done: string[] = [];
      const lately = () => ({ message: `at ${page.url()} after ${done.slice(-15).join(" | ")}` });
      if (n % 2 === 1) await poorLine(page, seeded(n));
      await signIn(visitor, office.url, office.admin);
      while (done.length < steps) {
        done.push(await wander(wanderer));
        if ((await page.locator("main.center").count()) > 0) await signIn(visitor, office.url, office.admin);
        if (done.length % stepsOfLook > 0) continue;
        await expect.poll(() => page.locator("main .bone, main [aria-busy=true]").count(), lately()).toBe(0);
        await expect.poll(() => page.locator("h1").count(), lately()).toBe(1);
        await expect.poll(() => faultsOf(visitor, "en"), lately()).toEqual([]);
        await expect.poll(() => erasedOn(wanderer), lately()).toEqual([]);
        expect(visitor.faults, lately().message).toEqual([]);
      }
      await visitor.leave();
    },
  );
});
