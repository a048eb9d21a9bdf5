import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { inChromium, openChromium } from "./support/chromium.ts";
import { hire, signInAs } from "./support/people.ts";
import { runtimes } from "./support/runtimes.ts";
import { openSite, type Site } from "./support/site.ts";
import { type Visitor, visit } from "./support/visitor.ts";
import { faultsOf } from "./support/whole.ts";

const min = { name: "陈敏", email: "min@example.com", role: "manager" } as const;
const jonas = { name: "Jonas Keller", email: "jonas@example.com", role: "guard" } as const;

const keptLine = "This browser keeps the list for a day, without pictures: you can open it offline.";
const tick = (page: Page, name: string) => page.getByRole("button", { name: `Safe: ${name}`, exact: true });
const offline = (page: Page) => page.getByText(/No connection\. The list is as of \d\d:\d\d\./);

/** The content of the lists that a browser keeps. */
const kept = (page: Page) =>
  page.evaluate<string[]>(
    "Object.keys(localStorage).filter((name) => name.startsWith('gatepost-roll ')).map((name) => localStorage[name])",
  );

inChromium.each(runtimes)("a kept evacuation list on $runtime", ({ runtime, open }) => {
  let office: Site;
  let browser: Browser;
  beforeAll(async () => {
    office = await openSite(open);
    await hire(office, min);
    await hire(office, jonas);
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await office?.close();
  });

  /** Until the returned function is called, or the test ends, no browser reaches the server. */
  async function loseServer(): Promise<() => Promise<void>> {
    await office.unlisten();
    let isLost = true;
    const end = async () => {
      if (isLost) await office.listen();
      isLost = false;
    };
    onTestFinished(end);
    return end;
  }

  async function begin(): Promise<string> {
    const { rolls } = await office.api.ask("GET /v1/rolls");
    for (const { id } of rolls) await office.api.ask("POST /v1/rolls/{id}/close", { path: { id } });
    return (await office.api.ask("POST /v1/rolls", { body: { site: "hq", isDrill: true } })).id;
  }

  /** Opens the list as a guard, and waits until it is kept. */
  async function openKept(id: string): Promise<Visitor> {
    const visitor = await visit(browser, { width: 390, height: 844 });
    await signInAs(visitor, office, jonas.email);
    await visitor.page.goto(`${office.url}/#/inside/roll/${id}`);
    await visitor.page.getByText(keptLine).waitFor();
    return visitor;
  }

  const ticksOf = async (id: string) => {
    const { ticks } = await office.api.ask("GET /v1/rolls/{id}/ticks", { path: { id } });
    return ticks.map(({ isSafe, by }) => [isSafe, by.name]);
  };

  it.each(["opened later", "open already"])("sends waiting ticks also from another page, %s", async (when) => {
    const id = await begin();
    const visitor = await openKept(id);
    const { page } = visitor;
    const other = await page.context().newPage();
    const open = () => other.goto(`${office.url}/#/events`);
    if (when === "open already") {
      await open();
      await other
        .getByText(/^Evacuation/)
        .first()
        .waitFor();
    }
    const endLoss = await loseServer();
    await tick(page, "Rosa Silva").click();
    await page.getByText("Continue: 1 tick is kept here and sent automatically.").waitFor();
    await page.close();
    await endLoss();
    if (when === "opened later") await open();
    await expect.poll(() => ticksOf(id)).toEqual([[true, "Jonas Keller"]]);
    await other.context().close();
  });

  it("has no pictures, and is removed when it is closed", async () => {
    const id = await begin();
    const visitor = await openKept(id);
    const { page } = visitor;
    const [text = ""] = await kept(page);
    expect(text).toContain("刘芳");
    expect(text).not.toMatch(/data:image|"thumb"|\/pictures\//);
    await office.api.ask("POST /v1/rolls/{id}/close", { path: { id } });
    await page.locator(".roll-report").waitFor();
    expect(await kept(page)).toEqual([]);
    await visitor.leave();
  });

  it("loses a person who is erased while it is open", async () => {
    const visitor = await openKept(await begin());
    const { page } = visitor;
    await tick(page, "Ravi Menon").waitFor();
    await office.api.ask("DELETE /v1/people", { query: { id: "2", box: "gate-1" } });
    await expect.poll(() => tick(page, "Ravi Menon").count()).toBe(0);
    expect((await kept(page)).join()).not.toContain("Ravi");
    await visitor.leave();
  });

  // The others are about what a browser keeps.
  if (runtime === "AWS") return;

  it("opens after a reload without a connection, and sends its ticks later", async () => {
    const id = await begin();
    const visitor = await openKept(id);
    const { page } = visitor;
    const endLoss = await loseServer();
    await page.reload();
    await offline(page).waitFor();
    await page.getByRole("heading", { level: 1, name: /^Evacuation · HQ/ }).waitFor();
    expect(await faultsOf(visitor, "en")).toEqual([]);
    await tick(page, "刘芳").click();
    await page.getByText("You tick as Jonas Keller.").waitFor();
    // The start page of the console leads to the list, too.
    await page.goto(`${office.url}/#/live`);
    await page.reload();
    await page.getByText("Continue: 1 tick is kept here and sent automatically.").waitFor();
    await page.getByRole("button", { name: "Safe 1" }).click();
    await page.getByText(/this phone, not sent$/).waitFor();
    await endLoss();
    await expect.poll(() => ticksOf(id)).toEqual([[true, "Jonas Keller"]]);
    await page.getByText(keptLine).waitFor();
    await visitor.leave();
  });

  it("opens by a link without a connection, and is removed when the links end", async () => {
    const id = await begin();
    const path = { id };
    const { url } = await office.api.ask("POST /v1/rolls/{id}/links", { path, body: { name: "Gate S2" } });
    const visitor = await visit(browser, { width: 390, height: 844 });
    const { page } = visitor;
    await page.goto(url);
    await page.getByText(keptLine).waitFor();
    const endLoss = await loseServer();
    await page.reload();
    await offline(page).waitFor();
    await tick(page, "刘芳").click();
    await page.reload();
    await page.getByRole("button", { name: "Safe 1" }).click();
    await page.getByText(/this phone, not sent$/).waitFor();
    await endLoss();
    await expect.poll(() => ticksOf(id)).toEqual([[true, "Gate S2"]]);
    expect((await kept(page)).join()).not.toContain("gpe_");
    await office.api.send("DELETE /v1/rolls/{id}/links", { path });
    await expect.poll(() => kept(page)).toEqual([]);
    await page.reload();
    await page.getByText("This link has ended. Ask for another one.").waitFor();
    await visitor.leave();
  });

  it("loses an erased person with the first answer of the server", async () => {
    const id = await begin();
    const visitor = await openKept(id);
    const { page } = visitor;
    const endLoss = await loseServer();
    await page.reload();
    await tick(page, "Kwame Mensah").waitFor();
    await page.goto("about:blank");
    await endLoss();
    await office.api.ask("DELETE /v1/people", { query: { id: "4", box: "gate-1" } });
    await page.goBack();
    await expect.poll(async () => (await kept(page)).join()).not.toContain("Kwame");
    await tick(page, "刘芳").waitFor();
    expect(await tick(page, "Kwame Mensah").count()).toBe(0);
    await visitor.leave();
  });

  it.each(["signs out", "has lost the session"])("is removed when its user %s", async (how) => {
    const visitor = await openKept(await begin());
    const { page } = visitor;
    if (how === "signs out") {
      await page.setViewportSize({ width: 1280, height: 900 });
      await page.goto(`${office.url}/#/events`);
      await page.getByRole("button", { name: "Sign out" }).first().click();
    } else await page.context().clearCookies();
    await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
    expect(await kept(page)).toEqual([]);
    await visitor.leave();
  });

  it("is shown for a day at most", async () => {
    const visitor = await openKept(await begin());
    const { page } = visitor;
    const endLoss = await loseServer();
    await page.goto("about:blank");
    const other = await page.context().newPage();
    await other.addInitScript(`for (const name of Object.keys(localStorage)) {
        if (name.startsWith("gatepost-roll ")) localStorage[name] = localStorage[name].replace(/^\\d+/, (at) => at - 86_400_000);
      }`);
    await other.goto(`${office.url}/`);
    await other.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
    expect(await kept(other)).toEqual([]);
    await endLoss();
    await visitor.leave();
  });

  it("is not kept by plain http, and the page advises to print it", async () => {
    const visitor = await visit(browser);
    const { page } = visitor;
    await page.addInitScript("Object.defineProperty(window, 'isSecureContext', { value: false })");
    await signInAs(visitor, office, jonas.email);
    await page.goto(`${office.url}/#/inside/roll/${await begin()}`);
    await page.getByText("The list is here only while this page is open: print it first.").waitFor();
    await tick(page, "刘芳").click();
    expect(await kept(page)).toEqual([]);
    await visitor.leave();
  });

  it("is not shown to another user of the same browser", async () => {
    const visitor = await openKept(await begin());
    const { page } = visitor;
    await page.context().clearCookies();
    await page.goto("about:blank");
    const manager = await page.context().newPage();
    await manager.goto(`${office.url}/#/sign-in`);
    await manager.getByLabel("E-mail").fill(min.email);
    await manager.getByLabel("Password", { exact: true }).fill("seven green boats");
    await manager.getByRole("button", { name: "Sign in", exact: true }).click();
    await manager.getByRole("navigation").first().waitFor();
    expect(await kept(manager)).toEqual([]);
    await visitor.leave();
  });
});
