import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { inChromium, openChromium } from "./support/chromium.ts";
import type { Office } from "./support/office.ts";
import { report } from "./support/report.ts";
import { runtimes } from "./support/runtimes.ts";
import { slowLine } from "./support/slow-line.ts";
import { changes, signIn, type Visitor, visit } from "./support/visitor.ts";
import { faultsOf } from "./support/whole.ts";

inChromium.each(runtimes)("the console of a guard on $runtime", ({ runtime, open }) => {
  let office: Office;
  let browser: Browser;
  beforeAll(async () => {
    office = await open({ scale: 0.2, looks: 6 });
    await office.pass(2000, 12);
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await office?.close();
  });

  const enter = async (path = ""): Promise<Visitor> => {
    const visitor = await visit(browser);
    await signIn(visitor, office.url, office.admin);
    await visitor.page.goto(`${office.url}/#/${path}`);
    return visitor;
  };

  const placesOf = ({ page }: Visitor) => page.getByRole("list", { name: "Passings, one place each, taken in turn" });

  it("marks the newest place of the wall also after its size was changed", async () => {
    const visitor = await enter("live");
    const { page } = visitor;
    await page.getByRole("status").filter({ hasText: "Connected" }).first().waitFor();
    const wall = placesOf(visitor);
    const newest = wall.locator("li").filter({ has: page.getByText("Now", { exact: true }) });
    for (const [height, name] of [
      [640, "After Shrinking"],
      [900, "After Growing"],
    ] as const) {
      const places = await wall.locator("li").count();
      await page.setViewportSize({ width: 1280, height });
      await expect.poll(() => wall.locator("li").count()).not.toBe(places);
      await report(office, { identity_name: name, identity_id: name });
      await newest.getByRole("link", { name: new RegExp(`^${name}`) }).waitFor();
      await expect.poll(() => newest.count()).toBe(1);
    }
    await visitor.leave();
  });

  it("loads a picture again that failed while there was no connection", async () => {
    const visitor = await enter("live");
    const { page } = visitor;
    await page.getByRole("status").filter({ hasText: "Connected" }).first().waitFor();
    const failing = /\/v1\/events\/[^/]+\/pictures\//;
    await page.route(failing, (route) => route.abort("connectionfailed"));
    await office.pass(200, 20);
    const lost = placesOf(visitor).locator(".lost");
    await lost.first().waitFor();
    await office.unlisten();
    await page.getByText("No connection").first().waitFor();
    await page.unroute(failing);
    await office.listen();
    await expect.poll(() => lost.count(), { timeout: 60_000 }).toBe(0);
    await visitor.leave();
  });

  it("moves nothing when new passings wait, and when the connection is lost", async () => {
    const visitor = await enter("live?view=list");
    const { page } = visitor;
    await page.getByRole("status").filter({ hasText: "Connected" }).first().waitFor();
    const row = page.getByRole("table", { name: "Newest passings" }).getByRole("link").first();
    await row.hover();
    const topOf = async () => (await row.boundingBox())?.y;
    const before = await topOf();
    await report(office, { identity_name: "Waits Above", identity_id: "above" });
    await page.getByRole("button", { name: "1 new" }).waitFor();
    expect(await topOf()).toBe(before);
    await office.unlisten();
    const lost = page.getByRole("alert").filter({ hasText: "No connection since" });
    await lost.waitFor();
    expect(await topOf()).toBe(before);
    await office.listen();
    await lost.waitFor({ state: "detached" });
    expect(await topOf()).toBe(before);
    await visitor.leave();
  });

  it("says no count before it is whole", async () => {
    // More than the list of events loads at first.
    await office.pass(1000, 60);
    const visitor = await visit(browser);
    const { page } = visitor;
    const line = await slowLine(page, /\/v1\/(counts|events\/count|standing)/);
    // The feed of changes brings none either.
    await page.route(changes, async (route) => {
      const response = await route.fetch({ timeout: 0 });
      const { news, ...json } = await response.json();
      const others = news.filter(({ kind }: { kind: string }) => kind !== "counts");
      // A page that waits for it no more has taken it back.
      await route.fulfill({ response, json: { ...json, news: others } }).catch(() => {});
    });
    await signIn(visitor, office.url, office.admin);
    const rail = page.getByRole("navigation", { name: "Main" });
    const standOut = page.getByRole("heading", { name: /^Stand out/ });
    await standOut.getByText("…").waitFor();
    await page.getByRole("status").filter({ hasText: "Connected" }).first().waitFor();
    await rail
      .getByRole("link", { name: /^Actions/ })
      .getByText("…")
      .waitFor();
    await page.locator("main header").getByText("…").waitFor();
    await page.goto(`${office.url}/#/events`);
    const counted = page.getByRole("status").filter({ hasText: /^(…|\d+ passings( loaded)?)$/ });
    await expect.poll(() => counted.textContent()).toBe("…");
    line.end();
    for (const pass of line.answers) await pass();
    await expect.poll(() => counted.textContent()).toMatch(/^\d+ passings$/);
    await page.goto(`${office.url}/#/live`);
    await standOut.getByText(/^\d+ not seen$/).waitFor();
    expect(await rail.getByText("…").count()).toBe(0);
    await visitor.leave();
  });

  it("takes an id of another box for another person, unless the site shares its people", async () => {
    const visitor = await enter();
    const { page } = visitor;
    const person = { identity_name: "Twice Known", identity_id: "known-7" };
    await report(office, person, office.boxes[1]);
    await report(office, person, office.boxes[0]);
    const { events } = await office.api.ask("GET /v1/events", { query: { person: "known-7", box: "gate-1" } });
    const open = async () => {
      await page.goto(`${office.url}/#/live`);
      await placesOf(visitor).waitFor();
      await page.goto(`${office.url}/#/events/${events[0]?.id}`);
      return page.getByRole("region", { name: "Earlier passings of this person" });
    };
    const before = await open();
    await before.getByText("Not seen before.").waitFor();
    expect(await before.getByRole("listitem").count()).toBe(0);
    await office.api.ask("PUT /v1/sites/{id}", { path: { id: "default" }, body: { sharesPeople: true } });
    await (await open()).getByRole("listitem").first().waitFor();
    await expect.poll(() => before.getByRole("listitem").count()).toBe(1);
    expect(await before.getByRole("link", { name: "all" }).getAttribute("href")).toContain("site=default");
    await visitor.leave();
  });

  it("shows three rows and everyone who rings on a phone, and the others on demand", async () => {
    const names = ["p-1", "p-2", "p-3", "p-4", "p-5"];
    for (const name of names) {
      await report(office, { identity_name: name, identity_id: name, ext_data: { person_type: 3 } });
    }
    const visitor = await visit(browser, { width: 390, height: 844 });
    const { page } = visitor;
    const sites = page.waitForResponse((answer) => answer.url().endsWith("/v1/sites"));
    await signIn(visitor, office.url, office.admin);
    await page.goto(`${office.url}/#/live`);
    const rows = page.getByRole("list", { name: "Stand out" }).getByRole("listitem");
    const more = page.getByRole("button", { name: /^and \d+ more$/ });
    for (const name of names) await rows.filter({ hasText: name }).first().waitFor();
    // Silences everyone who is known by then.
    await page.getByText(/^\d+ not seen$/).waitFor();
    await sites;
    await page.keyboard.press("m");
    await expect.poll(() => rows.count()).toBe(3);
    await more.waitFor();
    const hidden = Number((await more.textContent())?.match(/\d+/)?.[0]);
    const latest = await page.locator(".latest").boundingBox();
    expect(latest?.height).toBe(104);
    await more.click();
    await expect.poll(() => rows.count()).toBe(3 + hidden);
    expect(await faultsOf(visitor, "en")).toEqual([]);
    await page.getByRole("button", { name: "Show fewer" }).click();
    await expect.poll(() => rows.count()).toBe(3);
    await page.getByRole("button", { name: "More", exact: true }).click();
    await page.getByRole("dialog", { name: "More" }).getByRole("button", { name: "Full screen" }).click();
    await expect.poll(() => page.evaluate("document.fullscreenElement !== null")).toBe(true);
    await visitor.leave();
  });

  // The others are about pages alone.
  if (runtime === "AWS") return;

  it("obeys its keys while the zoom slider has the focus", async () => {
    const visitor = await enter("events?type=employee");
    const { page } = visitor;
    const withPictures = page.getByRole("row").filter({ has: page.locator("img") });
    await withPictures.getByRole("link").first().click();
    const slider = page.getByRole("slider", { name: "Zoom" });
    await slider.fill("3");
    const first = page.url();
    await slider.press("j");
    await expect.poll(() => page.url()).not.toBe(first);
    await slider.press("?");
    await page.getByRole("dialog", { name: "Keyboard" }).waitFor();
    await visitor.leave();
  });

  it("says that the sound is off until the user presses something", async () => {
    const visitor = await visit(browser, { width: 390, height: 844 });
    const { page } = visitor;
    await page.addInitScript(`localStorage.setItem("gatepost-preferences", '{"hasSound":true}')`);
    await signIn(visitor, office.url, office.admin);
    await page.goto(`${office.url}/#/live`);
    const figures = page.getByRole("status").filter({ hasText: "today" });
    await figures.filter({ hasText: "Sound is off until you click" }).waitFor();
    // A finger that scrolls goes down, and makes no click.
    await page.mouse.move(200, 300);
    await page.mouse.down();
    await figures.filter({ hasNotText: "Sound is off" }).waitFor();
    await visitor.leave();
  });

  it("finds the sound and the filters of a phone behind one button", async () => {
    const visitor = await visit(browser, { width: 390, height: 844 });
    await signIn(visitor, office.url, office.admin);
    const { page } = visitor;
    await page.goto(`${office.url}/#/live`);
    const button = page.getByRole("button", { name: /^Sound and filters/ });
    await button.click();
    const choices = page.getByRole("dialog", { name: /^Sound and filters/ });
    await choices.getByLabel("Volume").waitFor();
    await choices.getByLabel("VIP").check();
    await expect.poll(() => page.url()).toContain("type=vip");
    expect(await faultsOf(visitor, "en")).toEqual([]);
    await page.keyboard.press("Escape");
    await choices.waitFor({ state: "detached" });
    expect(await button.textContent()).toBe("1");
    await visitor.leave();
  });
});
