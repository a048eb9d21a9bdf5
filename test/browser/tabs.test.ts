import type { Browser, BrowserContext, Page, Request } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { inChromium, openChromium } from "./support/chromium.ts";
import { type Office, openOffice } from "./support/office.ts";
import { report } from "./support/report.ts";
import { changes, signIn, visit } from "./support/visitor.ts";

const wall = (page: Page) => page.getByRole("list", { name: "Passings, one place each, taken in turn" });
const shown = (page: Page, name: string) => wall(page).getByRole("link", { name: new RegExp(`^${name} `) });

inChromium("several tabs of one browser", () => {
  let office: Office;
  let browser: Browser;
  beforeAll(async () => {
    office = await openOffice({ scale: 0.2, looks: 6 });
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await office?.close();
  });

  /** Opens tabs of one user, the first one first. */
  const openTabs = async (count: number, url = office.url, prepare = async (_: BrowserContext) => {}) => {
    const visitor = await visit(browser);
    const { page: first } = visitor;
    const context = first.context();
    await prepare(context);
    const asking = followRequests(context);
    await signIn(visitor, url, office.read);
    await connected(first);
    const pages = [first];
    while (pages.length < count) {
      const page = await context.newPage();
      await page.goto(`${url}/#/live`);
      await connected(page);
      pages.push(page);
    }
    return { visitor, pages, asking };
  };
  const passes = (name: string, type = 1) =>
    report(office, { identity_name: name, identity_id: name, ext_data: { person_type: type } });

  it("wait for changes by one connection, and show each passing once", async () => {
    const { visitor, pages, asking } = await openTabs(3);
    await expect.poll(() => asking()).toEqual([pages[0]]);
    await passes("All Tabs");
    for (const page of pages) await shown(page, "All Tabs").waitFor();
    await passes("Wanted Everywhere", 3);
    for (const page of pages) {
      await page.locator(".rings").first().waitFor();
      await expect.poll(() => shown(page, "All Tabs").count()).toBe(1);
    }
    const [event] = (await office.api.events({ person: "Wanted Everywhere" })).events;
    await office.api.ask("POST /v1/acknowledgements", { body: { events: [event?.id ?? ""] } });
    for (const page of pages) await expect.poll(() => page.locator(".rings").count()).toBe(0);
    await expect.poll(() => asking()).toEqual([pages[0]]);
    await visitor.leave();
  });

  it("miss nothing when the tab that asks is closed, and when it is killed", async () => {
    const { visitor, pages, asking } = await openTabs(3);
    const [first, second, third] = pages;
    if (first === undefined || second === undefined || third === undefined) throw new Error("three tabs");
    await first.close();
    await passes("After Closing");
    for (const page of [second, third]) await shown(page, "After Closing").waitFor();
    await expect.poll(() => asking()).toEqual([second]);
    // It runs no further line, and closes nothing.
    const devtools = await second.context().newCDPSession(second);
    await devtools.send("Debugger.enable");
    await devtools.send("Debugger.pause");
    await passes("After Killing");
    await shown(third, "After Killing").waitFor();
    await passes("Later");
    await shown(third, "Later").waitFor();
    await devtools.send("Debugger.resume");
    await devtools.detach();
    // It is older, and asks again.
    for (const name of ["After Killing", "Later"]) {
      await shown(second, name).waitFor();
      for (const page of [second, third]) await expect.poll(() => shown(page, name).count()).toBe(1);
    }
    await expect.poll(() => asking()).toEqual([second]);
    await second.context().close();
    expect(visitor.faults).toEqual([]);
  });

  it("let the visible one ask instead of a hidden one", async () => {
    const { visitor, pages, asking } = await openTabs(2);
    const [first, second] = pages;
    if (first === undefined || second === undefined) throw new Error("two tabs");
    await look(first, { isHidden: true });
    await expect.poll(() => asking()).toEqual([second]);
    await passes("Unseen There");
    await shown(second, "Unseen There").waitFor();
    await look(second, { isHidden: true });
    await look(first, { isHidden: false });
    await shown(first, "Unseen There").waitFor();
    await expect.poll(() => asking()).toEqual([first]);
    await visitor.leave();
  });

  it("wait by one connection by plain http, too", async () => {
    const url = "http://gatepost.test";
    const { visitor, pages, asking } = await openTabs(2, url, (context) => forward(context, url, office.url));
    expect(await pages[0]?.evaluate("isSecureContext || 'locks' in navigator")).toBe(false);
    await expect.poll(() => asking()).toEqual([pages[0]]);
    await passes("In Plain Text");
    for (const page of pages) await shown(page, "In Plain Text").waitFor();
    await visitor.leave();
  });

  it("ask separately for different users", async () => {
    const { visitor, pages, asking } = await openTabs(1);
    const other = await pages[0]?.context().newPage();
    if (other === undefined) throw new Error("another tab");
    // A screen keeps its own key.
    const { token } = await office.api.createKey({ scope: "read" });
    await other.goto(`${office.url}/#token=${token}&screen=m`);
    await expect.poll(() => asking().length).toBe(2);
    await visitor.leave();
  });

  it("all know that there is no connection, and each user may try again at once", async () => {
    const { visitor, pages } = await openTabs(2);
    const lost = (page: Page) => page.getByRole("alert").filter({ hasText: "No connection since" });
    await office.unlisten();
    for (const page of pages) await lost(page).waitFor();
    await office.listen();
    await passes("After The Loss");
    await pages[1]?.getByRole("button", { name: "Try now" }).click();
    for (const page of pages) {
      await shown(page, "After The Loss").waitFor();
      await expect.poll(() => lost(page).count()).toBe(0);
    }
    await visitor.leave();
  });
});

const connected = (page: Page) => page.getByRole("status").filter({ hasText: "Connected" }).first().waitFor();

/** Follows the requests for changes. The returned function gives the tabs of those that wait for an answer. */
function followRequests(context: BrowserContext): () => Page[] {
  const waiting = new Set<Request>();
  context.on("request", (request) => changes.test(request.url()) && waiting.add(request));
  for (const ended of ["requestfinished", "requestfailed"] as const) {
    context.on(ended as "requestfinished", (request) => waiting.delete(request));
  }
  return () => [...waiting].map((request) => request.frame().page()).filter((page) => !page.isClosed());
}

/** Hides a tab, as if another one were in front of it, or shows it. */
async function look(page: Page, { isHidden }: { isHidden: boolean }): Promise<void> {
  await page.evaluate(`Object.defineProperty(document, "hidden", { configurable: true, value: ${isHidden} });
    document.dispatchEvent(new Event("visibilitychange"))`);
}

/** Gives an address by plain http, which is not the machine's own, what a server on this machine answers. */
async function forward(context: BrowserContext, from: string, to: string): Promise<void> {
  await context.route(`${from}/**`, async (route) => {
    const { pathname, search } = new URL(route.request().url());
    const sent = { ...(await route.request().allHeaders()), origin: to, host: new URL(to).host };
    const answered = route.fetch({ url: `${to}${pathname}${search}`, headers: sent, timeout: 0 });
    const response = await answered.catch(() => null);
    // The browser would log, with the whole address, that this header has no effect by plain http.
    const { "cross-origin-opener-policy": _, ...headers } = response?.headers() ?? {};
    // A tab that waits for it no more has taken it back.
    if (response !== null) await route.fulfill({ response, headers }).catch(() => {});
  });
}
