import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { jpeg } from "../support/pictures.ts";
import { inChromium, openChromium } from "./support/chromium.ts";
import { hire, signInAs } from "./support/people.ts";
import { report } from "./support/report.ts";
import { openSite, type Site, wayOut } from "./support/site.ts";
import { pressPair, signIn, type Visitor, visit } from "./support/visitor.ts";
import { faultsOf, openPage } from "./support/whole.ts";

const jonas = { name: "Jonas Keller", email: "jonas@example.com", role: "guard" } as const;

const card = (page: Page, name: string) => page.locator(".pcard").filter({ hasText: name });

inChromium("who is inside", () => {
  let office: Site;
  let browser: Browser;
  beforeAll(async () => {
    office = await openSite();
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await office?.close();
  });

  const enter = async (look: Parameters<typeof visit>[1] = {}, token = office.admin): Promise<Visitor> => {
    const visitor = await visit(browser, look);
    await signIn(visitor, office.url, token);
    return visitor;
  };

  it("counts a site, and shows the people by their kinds", async () => {
    const visitor = await enter();
    const { page } = visitor;
    await pressPair(page, "g", "i");
    await page.getByRole("heading", { level: 1, name: "Inside" }).waitFor();
    await page
      .getByRole("status")
      .filter({ hasText: /^counted at \d\d:\d\d:\d\d$/ })
      .waitFor();
    const total = page.getByRole("region", { name: "Inside now" });
    expect(await total.textContent()).toBe("4inside HQ now2Employee1Visitor1VIP1Stranger");
    await page.getByRole("link", { name: "HQ 4" }).waitFor();
    await page.getByRole("link", { name: /^Default site/ }).waitFor();
    await page.getByText("2 strangers went in and 1 went out; about 1 may be inside.").waitFor();
    await card(page, "Kwame Mensah").filter({ hasText: "Gate S1" }).waitFor();
    await page.getByText("Counted by gates with a direction: in at Gate S1, out at Gate S3.").first().waitFor();
    await page.getByText("has no direction and does not count.").waitFor();
    await page.getByRole("button", { name: "Name" }).click();
    expect(page.url()).toContain("order=name");
    const staff = page.getByRole("region", { name: "Employees and VIP" }).locator(".pcard b");
    expect(await staff.allTextContents()).toEqual(["Ravi Menon", "Rosa Silva", "刘芳"]);
    await page.getByRole("searchbox", { name: "Name, id or pinyin" }).fill("lf");
    await expect.poll(() => page.locator(".pcard b").allTextContents()).toEqual(["刘芳"]);
    await page.getByRole("searchbox").fill("zz");
    await page.getByText("No one inside is called “zz”.").waitFor();
    await visitor.leave();
  });

  it("asks when a person has left, and takes it back", async () => {
    const visitor = await enter();
    const { page } = visitor;
    await page.goto(`${office.url}/#/inside?site=hq`);
    const overdue = page.getByRole("table", { name: "Not seen leaving since yesterday" });
    await overdue.getByText("Ravi Menon").waitFor();
    expect(await overdue.textContent()).toContain("1 day 2 h");
    await overdue.getByRole("button", { name: "Has left… Ravi Menon" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Left on").fill("2020-01-01");
    await dialog.getByText(/^It must be after /).waitFor();
    await dialog.getByLabel("Left on").fill(new Date(office.now()).toLocaleDateString("sv"));
    await dialog.getByLabel("Reason").fill("Left by the ramp");
    await dialog.getByRole("button", { name: "Has left" }).click();
    await overdue.getByText("Left by the ramp").waitFor();
    await page.getByRole("link", { name: "HQ 3" }).waitFor();
    await overdue.getByRole("button", { name: "Take back Ravi Menon" }).click();
    await overdue.getByRole("button", { name: "Has left… Ravi Menon" }).waitFor();
    await page.getByRole("link", { name: "HQ 4" }).waitFor();
    await visitor.leave();
  });

  it("keeps new people back until they are asked for", async () => {
    const visitor = await enter();
    const { page } = visitor;
    await page.clock.install();
    await page.goto(`${office.url}/#/inside?site=hq`);
    await card(page, "Kwame Mensah").waitFor();
    await office.passes("6", "Late Comer", { ago: 0 });
    await office.passes("4", "Kwame Mensah", { type: 2, ago: 0, device: wayOut });
    await page.clock.runFor(25_000);
    await page.getByRole("button", { name: "1 new" }).waitFor();
    expect([await card(page, "Late Comer").count(), await card(page, "Kwame Mensah").count()]).toEqual([0, 0]);
    await page.keyboard.press(".");
    await card(page, "Late Comer").waitFor();
    await visitor.leave();
  });

  it("takes a visit that begins later, and shows who of the expected visitors came and left", async () => {
    await office.api.ask("POST /v1/keys", { body: { scope: "read", boxes: ["gate-1"] } });
    const [called, host] = ["Hieronymus".repeat(6), "Donaudampfschiff".repeat(4)];
    const recognize_face = jpeg("a visitor").toString("base64");
    const ext_data = { person_type: 4, ep_id: wayOut, recognize_face };
    await report(office, { identity_id: "v1", identity_name: "", want_action: "1001", ext_data });
    const visitor = await enter();
    const { page } = visitor;
    await page.goto(`${office.url}/#/actions?box=gate-1`);
    await page.getByRole("button", { name: "Register…" }).first().click();
    const dialog = page.getByRole("dialog", { name: "Register this stranger" });
    await dialog.getByLabel("Name").fill(called);
    await dialog.getByText("Visitor", { exact: true }).click();
    await dialog.getByLabel("Host").fill(host);
    await dialog.getByLabel("Valid until").selectOption("tomorrow");
    const begin = new Date(office.now() + 3_600_000).toLocaleString("sv").slice(0, 16).replace(" ", "T");
    await dialog.getByLabel("Valid from").fill(begin);
    await dialog.getByRole("button", { name: "Register", exact: true }).click();
    await page.getByText(`Approved: ${called} · Visitor`).waitFor();
    await page.getByText(/^valid from /).waitFor();
    await page.goto(`${office.url}/#/inside?site=hq`);
    const expected = page.getByRole("table", { name: "Expected today" });
    await expected.getByText(`visits ${host}`).waitFor();
    await expected.getByText("not yet").waitFor();
    await office.passes("v1", called, { type: 2, ago: 0 });
    await page.reload();
    await expected.getByText(/^came \d\d:\d\d$/).waitFor();
    await expected.getByText("before the visit").waitFor();
    await office.passes("v1", called, { type: 2, ago: 0, device: wayOut });
    await page.reload();
    await expected.getByText(/^left \d\d:\d\d$/).waitFor();
    await page.setViewportSize({ width: 390, height: 844 });
    await expected.getByText(called).waitFor();
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
    await visitor.leave();
  });

  it("leads to the directions if no gate has one", async () => {
    const visitor = await enter();
    const { page } = visitor;
    await page.goto(`${office.url}/#/inside?site=default`);
    await page.getByRole("heading", { name: "No gate here has a direction, so no one can be counted." }).waitFor();
    await page.getByRole("link", { name: "Set directions" }).click();
    expect(page.url()).toContain("#/settings/sites");
    await visitor.leave();
  });

  it("is not for a guard", async () => {
    await hire(office, jonas);
    const visitor = await visit(browser);
    await signInAs(visitor, office, jonas.email, "#/inside");
    await visitor.page.getByRole("heading", { name: /^Your role does not allow this\./ }).waitFor();
    await visitor.leave();
  });

  it.each([
    [1440, "en", "light"],
    [1440, "zh", "dark"],
    [1024, "en", "dark"],
    [390, "zh", "light"],
    [390, "en", "light"],
  ] as const)("has no fault at %i px in %s, %s", async (width, language, theme) => {
    const visitor = await enter({ width, language, theme });
    await openPage(visitor.page, `${office.url}/#/inside?site=hq`);
    await visitor.page.locator(".pcard").first().waitFor();
    expect(await faultsOf(visitor, language)).toEqual([]);
    await visitor.page.locator(".overdue button").first().click();
    expect(await faultsOf(visitor, language)).toEqual([]);
    await visitor.leave();
  });
});
