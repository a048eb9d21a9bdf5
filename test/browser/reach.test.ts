import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { inChromium, openChromium } from "./support/chromium.ts";
import { furnish } from "./support/furnished.ts";
import type { Office } from "./support/office.ts";
import { report } from "./support/report.ts";
import { conditions, type Ids, pagesOf } from "./support/states.ts";
import { stopsOf } from "./support/stops.ts";
import { openTrouble, type Trouble } from "./support/trouble.ts";
import { idle, signIn, visit } from "./support/visitor.ts";
import { openPage } from "./support/whole.ts";

/** Run in the page: whether nothing lies on the bar of selected rows. */
const isOnTop = `(() => {
  const { left, top, height } = document.querySelector(".many").getBoundingClientRect();
  return document.elementFromPoint(left + 8, top + height / 2)?.closest(".many") !== null;
})()`;

inChromium("what a keyboard and a thumb reach", () => {
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
    await expect.poll(() => choice.locator("option").count()).toBe(10);
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

  it.each(["en", "zh"] as const)("keeps the places while pages of a phone load, in %s", async (language) => {
    const visitor = await visit(browser, { width: 390, height: 780, language });
    const { page } = visitor;
    await page.addInitScript(`window.shifts = 0;
        new PerformanceObserver((list) => {
          for (const { value, hadRecentInput } of list.getEntries()) window.shifts += hadRecentInput ? 0 : value;
        }).observe({ type: "layout-shift", buffered: true });`);
    await signIn(visitor, office.url, office.admin);
    const { screen: _, ...ofPhone } = pagesOf(ids);
    const { events } = await office.api.events({ type: ["stranger"], limit: 1 });
    const found: string[] = [];
    for (const [name, hash] of Object.entries({ ...ofPhone, "last stranger": `#/strangers/${events[0]?.id}` })) {
      await page.goto("about:blank");
      await openPage(page, `${office.url}/${hash}`);
      await idle(page);
      const shift = await page.evaluate<number>("window.shifts");
      if (shift >= 0.1) found.push(`${name}: ${shift.toFixed(2)}`);
    }
    expect(found).toEqual([]);
    await visitor.leave();
  });

  it("has buttons of 40 px, numbers of steps, and no key hints until they are asked for, where a finger points", async () => {
    const context = await browser.newContext({
      viewport: { width: 390, height: 780 },
      hasTouch: true,
      isMobile: true,
    });
    const page = await context.newPage();
    await page.goto(`${office.url}/#token=${office.admin}`);
    await page.getByRole("navigation").first().waitFor();
    const found: string[] = [];
    for (const [name, hash] of Object.entries(pagesOf(ids))) {
      await openPage(page, `${office.url}/${hash}`);
      const faults = await page.evaluate<string[]>(`[
          ...[...document.querySelectorAll("button:not(.facet .x), a.btn, .tabs a, .facet, .bar > *, select.field, .check")]
            .filter((one) => one.checkVisibility() && Math.round(one.getBoundingClientRect().height) < 40),
          ...[...document.querySelectorAll("kbd")].filter((one) => one.checkVisibility()),
        ].map((one) => one.localName + "." + one.className + " " + one.textContent)`);
      found.push(...faults.map((fault) => `${name}: ${fault}`));
    }
    expect(found).toEqual([]);
    await openPage(page, `${office.url}/#/boxes/new`);
    expect(await page.locator(".step > .n").filter({ visible: true }).allTextContents()).toEqual(["1", "2", "3"]);
    await page.goto(`${office.url}/#/events`);
    await page.keyboard.press("?");
    await page.locator(".keys kbd").first().waitFor();
    await context.close();
  });

  it("has the wall on the first screen of a phone also with three alarms, each on one line", async () => {
    for (const name of ["First Alarm", "Second Alarm", "Third Alarm"]) {
      await report(office, { identity_name: name, identity_id: name, ext_data: { person_type: 3 } });
    }
    const visitor = await visit(browser, { width: 390, height: 780 });
    const { page } = visitor;
    await signIn(visitor, office.url, office.admin);
    const alarms = page.getByRole("list", { name: "Stand out" }).locator("li.blacklist");
    for (const name of ["First Alarm", "Second Alarm", "Third Alarm"]) {
      const alarm = alarms.filter({ hasText: name });
      await alarm.getByRole("button", { name: "Acknowledge…" }).waitFor();
      expect((await alarm.boundingBox())?.height).toBeLessThan(60);
    }
    const wall = page.getByRole("list", { name: /^Passings/ });
    await wall.waitFor();
    const bar = await page.locator(".bar").boundingBox();
    expect((await wall.boundingBox())?.y).toBeLessThan((bar?.y ?? 0) - 60);
    await visitor.leave();
  });

  it("has the box in Live's list at every width, and what was asked only if something was", async () => {
    const visitor = await visit(browser, { width: 1440 });
    const { page } = visitor;
    await signIn(visitor, office.url, office.admin);
    await openPage(page, `${office.url}/#/live?view=list`);
    const row = page.locator("tr[data-event]").first();
    for (const width of [1920, 1440, 1024, 800, 390]) {
      await page.setViewportSize({ width, height: 780 });
      await expect
        .poll(() =>
          row
            .getByText(/^(gate-1|garage|head-office)$/)
            .filter({ visible: true })
            .count(),
        )
        .toBe(1);
    }
    await page.setViewportSize({ width: 1440, height: 780 });
    const asked = page.getByRole("columnheader", { name: "Asked for" });
    await asked.waitFor();
    await page.goto(`${office.url}/#/live?view=list&type=vip`);
    await asked.waitFor({ state: "detached" });
    await visitor.leave();
  });

  it("offers no export of a page without entries, and says so", async () => {
    const visitor = await visit(browser);
    const { page } = visitor;
    await signIn(visitor, office.url, office.admin);
    const said = page.getByRole("button", { name: "Nothing to export" });
    for (const hash of [
      "#/events?q=nobody",
      "#/people?q=nobody",
      "#/hours?by=day&site=hq&group=none",
      "#/settings/log?by=key_none",
      "#/statistics?at=2020-01-01",
    ]) {
      await openPage(page, `${office.url}/${hash}`);
      await said.waitFor();
      expect(await said.isDisabled()).toBe(true);
    }
    await openPage(page, `${office.url}/#/events`);
    await page.getByRole("button", { name: "Export" }).waitFor();
    expect(await said.count()).toBe(0);
    await visitor.leave();
  });

  it("draws no initials of a key in the log", async () => {
    const visitor = await visit(browser);
    const { page } = visitor;
    await signIn(visitor, office.url, office.admin);
    await openPage(page, `${office.url}/#/settings/log`);
    const ofKey = page.locator("tr", { hasText: "key" }).locator(".avatar").first();
    expect(await ofKey.textContent()).toBe("");
    await visitor.leave();
  });

  it("loads pictures of requests in the width of their place, and only near the view", async () => {
    const visitor = await visit(browser, { width: 1440 });
    const { page } = visitor;
    const widths = new Set<string | null>();
    await signIn(visitor, office.url, office.admin);
    await page.goto(`${office.url}/#/actions`);
    await page.locator(".ask img").first().waitFor();
    for (const image of await page.locator(".ask img").all()) {
      widths.add(new URL((await image.getAttribute("src")) ?? "", office.url).searchParams.get("width"));
      expect(await image.getAttribute("loading")).toBe("lazy");
    }
    expect([...widths]).toEqual(["96"]);
    await visitor.leave();
  });

  it("draws arrows that can be used with a border, and bars that are seen", async () => {
    const visitor = await visit(browser);
    const { page } = visitor;
    await signIn(visitor, office.url, office.admin);
    await openPage(page, `${office.url}/#/problems?reason=not-json&box=garage`);
    const borderOf = (name: string) =>
      page.evaluate<string>(`getComputedStyle(document.querySelector('[aria-label^="${name}"]')).borderTopColor`);
    const [usable, used] = [await borderOf("Older"), await borderOf("Newer")];
    expect(usable).not.toBe(used);
    expect(usable).not.toMatch(/, 0\)$|transparent/);
    for (const theme of ["light", "dark"]) {
      await page.evaluate(`document.documentElement.dataset.theme = "${theme}"`);
      await openPage(page, `${office.url}/#/inside?site=hq`);
      const ratio = await page.evaluate<number>(`(() => {
          const light = (color) => {
            const [r, g, b] = color.match(/[0-9.]+/g).map((one) => one / 255)
              .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
            return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
          };
          const bar = document.querySelector(".half-hours rect");
          const [one, other] = [getComputedStyle(bar).fill, getComputedStyle(bar.closest(".panel")).backgroundColor].map(light);
          return Math.max(one, other) / Math.min(one, other);
        })()`);
      expect(ratio).toBeGreaterThanOrEqual(3);
    }
    await visitor.leave();
  });

  it("shows each address of a new box whole, one under the other, with its own QR code once that is opened", async () => {
    const visitor = await visit(browser, { width: 390, height: 780 });
    const { page } = visitor;
    await signIn(visitor, office.url, office.admin);
    await openPage(page, `${office.url}/#/boxes/new`);
    await page.getByLabel("Name", { exact: true }).fill("yard");
    await page.getByRole("button", { name: "Create its key" }).click();
    const addresses = page.locator(".urls .url .mono");
    await addresses.first().waitFor();
    await expect.poll(() => addresses.count()).toBe(4);
    const isCut = await addresses.evaluateAll((all) => all.map((one) => one.scrollWidth > one.clientWidth));
    expect(isCut).toEqual([false, false, false, false]);
    const [first, second] = await Promise.all([0, 1].map((at) => addresses.nth(at).boundingBox()));
    expect(first?.width).toBeGreaterThan(250);
    expect(second?.y).toBeGreaterThan((first?.y ?? 0) + (first?.height ?? 0));
    expect(await page.locator(".scan svg").count()).toBe(0);
    for (const code of await page.locator(".scan summary").all()) await code.click();
    await expect.poll(() => page.getByRole("img", { name: /^QR code: / }).count()).toBe(4);
    await visitor.leave();
  });

  it("offers no choice of a site if there is only one", async () => {
    const visitor = await visit(browser);
    const { page } = visitor;
    const choices = page.getByRole("combobox", { name: /^Site of / });
    await signIn(visitor, office.url, office.admin);
    await openPage(page, `${office.url}/#/settings/sites`);
    await choices.first().waitFor();
    await page.route("**/v1/sites", async (route) => {
      const { sites } = await (await route.fetch()).json();
      await route.fulfill({ json: { sites: sites.filter(({ id }: { id: string }) => id === "default") } });
    });
    await page.reload();
    await openPage(page, `${office.url}/#/settings/sites`);
    await page
      .getByRole("textbox", { name: /^Display name of / })
      .first()
      .waitFor();
    expect(await choices.count()).toBe(0);
    await visitor.leave();
  });

  it("cuts a long name of a gate before its end, which stays", async () => {
    const name = "simulator-at-the-northern-gate";
    await report(office, { identity_name: "", ext_data: { person_type: 4, ep_id: `X__${name}`, device_ip: name } });
    const visitor = await visit(browser, { width: 1440 });
    const { page } = visitor;
    await signIn(visitor, office.url, office.admin);
    const where = page.locator(".cell .where", { hasText: name }).first();
    await where.waitFor();
    const [head, end] = await where
      .locator("span")
      .evaluateAll((all) => all.map((one) => [one.textContent, one.scrollWidth > one.clientWidth]));
    expect([head?.[1], end]).toEqual([true, ["n-gate", false]]);
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
      await expect.poll(() => page.evaluate<boolean>(isOnTop)).toBe(true);
      const hidden = (await stopsOf(page)).filter(({ covers }) => covers !== "");
      expect(hidden).toEqual([]);
      await visitor.leave();
    },
  );
});
