import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { inChromium, openChromium } from "./support/chromium.ts";
import { keptNodes } from "./support/kept-nodes.ts";
import type { Office } from "./support/office.ts";
import { pages } from "./support/states.ts";
import { openTrouble, type Trouble } from "./support/trouble.ts";
import { cutOff, signIn, visit } from "./support/visitor.ts";
import { faultsOf, openPage } from "./support/whole.ts";

inChromium("every page of the console", () => {
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

  const looks = (["en", "zh"] as const).flatMap((language) =>
    [320, 1280].map((width) => ({ language, width, theme: "light" as const })),
  );

  it.concurrent.each(looks)("is whole and accessible in $language at $width px, $theme", async (look) => {
    const visitor = await visit(browser, look);
    await signIn(visitor, office.url, office.admin);
    const found: string[] = [];
    for (const hash of [...Object.values(pages), `#/events/${event}`]) {
      await openPage(visitor.page, `${office.url}/${hash}`);
      found.push(...(await faultsOf(visitor, look.language)).map((fault) => `${hash}: ${fault}`));
    }
    await visitor.leave();
    expect(found.join("\n")).toBe("");
  });

  it("leaves nothing of itself in memory once another is opened", async () => {
    const visitor = await visit(browser);
    await signIn(visitor, office.url, office.admin);
    for (const hash of [...Object.values(pages), `#/events/${event}`, pages.live])
      await openPage(visitor.page, `${office.url}/${hash}`);
    expect(await keptNodes(visitor.page)).toBeLessThan(20);
    await visitor.leave();
  });

  it("is whole in a browser that shows all letters twice as large", async () => {
    const large = await openChromium({ letters: 32 });
    const found: string[] = [];
    for (const width of [390, 1280]) {
      const visitor = await visit(large, { width });
      await signIn(visitor, office.url, office.admin);
      for (const hash of [...Object.values(pages), `#/events/${event}`]) {
        await openPage(visitor.page, `${office.url}/${hash}`);
        found.push(...(await cutOff(visitor.page)).map((fault) => `${hash} at ${width} px: ${fault}`));
      }
      await visitor.leave();
    }
    await large.close();
    expect(found.join("\n")).toBe("");
  });

  it.each(["en", "zh"] as const)("asks for a key in %s", async (language) => {
    const visitor = await visit(browser, { width: 320, language });
    await visitor.page.goto(office.url);
    await visitor.page.getByRole("heading", { level: 1 }).waitFor();
    expect(await faultsOf(visitor, "en")).toEqual([]);
    await visitor.leave();
  });
});
