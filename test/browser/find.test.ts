import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { axeFaults } from "./support/axe.ts";
import { inChromium, openChromium } from "./support/chromium.ts";
import { type Office, openOffice } from "./support/office.ts";
import { hire, signInAs } from "./support/people.ts";
import { signIn, type Visitor, visit } from "./support/visitor.ts";

inChromium("finding in the console", () => {
  let office: Office;
  let browser: Browser;
  beforeAll(async () => {
    office = await openOffice({ scale: 0.2, looks: 4 });
    await office.pass(1000, 4);
    await office.api.ask("PATCH /v1/boxes/{id}", { path: { id: "gate-1" }, body: { name: "South gate" } });
    await hire(office, { name: "Jonas", email: "jonas@example.com", role: "guard" });
    await hire(office, { name: "Min", email: "min@example.com", role: "manager" });
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await office?.close();
  });

  const as = async (email: string, hash = "#/live"): Promise<Visitor> => {
    const visitor = await visit(browser);
    await signInAs(visitor, office, email, hash);
    return visitor;
  };
  const hashOf = ({ page }: Visitor) => page.evaluate<string>("location.hash");
  const boxOf = ({ page }: Visitor) => page.getByRole("combobox", { name: "Find a person, box, page or time" });
  const optionsOf = ({ page }: Visitor) => page.getByRole("listbox", { name: "Found" }).getByRole("option");

  const open = async (visitor: Visitor, typed: string) => {
    await visitor.page.keyboard.press("Control+k");
    await boxOf(visitor).fill(typed);
  };

  it("opens a box by its display name, by the keyboard alone", async () => {
    const visitor = await as("min@example.com");
    await open(visitor, "south");
    await optionsOf(visitor).filter({ hasText: "South gate" }).waitFor();
    const active = await boxOf(visitor).getAttribute("aria-activedescendant");
    expect(await visitor.page.locator(`[id="${active}"]`).textContent()).toContain("South gate");
    expect(await axeFaults(visitor.page)).toEqual([]);
    await visitor.page.keyboard.press("Enter");
    await expect.poll(() => hashOf(visitor)).toBe("#/boxes/gate-1");
    await boxOf(visitor).waitFor({ state: "detached" });
    await open(visitor, "south");
    await optionsOf(visitor).filter({ hasText: "South gate" }).waitFor();
    await visitor.page.keyboard.press("Control+Enter");
    await expect.poll(() => hashOf(visitor)).toBe("#/events?box=gate-1");
    await visitor.leave();
  });

  it("ignores the keys of the page while the palette is loading", async () => {
    const visitor = await as("jonas@example.com");
    const { page } = visitor;
    const { promise: isLetThrough, resolve: letThrough } = Promise.withResolvers<void>();
    await page.route("**/palette-*.js", async (route) => {
      await isLetThrough;
      await route.continue();
    });
    await page.keyboard.press("Control+k");
    await page.keyboard.press("?");
    letThrough();
    await boxOf(visitor).waitFor();
    expect(await page.getByRole("dialog", { name: "Keyboard" }).count()).toBe(0);
    await visitor.leave();
  });

  it.each([
    ["Enter", "#/events?q=Nobody"],
    ["Escape", "#/actions"],
  ])("gives the next key to the page after %s has closed the palette", async (last, hash) => {
    const visitor = await as("min@example.com", "#/actions");
    await open(visitor, "Nobody");
    await optionsOf(visitor).filter({ hasText: "Nobody" }).waitFor();
    // The browser's event of the closed dialogue arrives after this key.
    const { page } = visitor;
    await page.evaluate(`addEventListener("focusout", () => queueMicrotask(() => {
        document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "?", bubbles: true }));
      }), { once: true })`);
    await page.keyboard.press(last);
    await page.getByRole("dialog", { name: "Keyboard" }).waitFor();
    expect(await hashOf(visitor)).toBe(hash);
    await visitor.leave();
  });

  it("opens from a field and over a dialogue, and gives the focus back", async () => {
    const visitor = await as("jonas@example.com", "#/events");
    const { page } = visitor;
    const search = page.getByRole("searchbox", { name: "Search" });
    await search.focus();
    await open(visitor, "x");
    await page.keyboard.press("Escape");
    await expect.poll(() => search.evaluate((field) => field.matches(":focus"))).toBe(true);
    await search.blur();
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard" }).waitFor();
    await open(visitor, "live");
    await page.keyboard.press("Enter");
    await expect.poll(() => hashOf(visitor)).toBe("#/live");
    await visitor.leave();
  });

  it("leads to events by a time, a text and an id", async () => {
    const visitor = await as("jonas@example.com");
    const { page } = visitor;
    await open(visitor, "yesterday 8:30");
    await optionsOf(visitor).first().click();
    await expect.poll(() => hashOf(visitor)).toMatch(/^#\/events\?from=.+&to=/);
    await open(visitor, "No Such <b>Person</b>");
    await page.getByText("Nothing is called “No Such <b>Person</b>”.").waitFor();
    await page.keyboard.press("Enter");
    await expect.poll(() => hashOf(visitor)).toBe("#/events?q=No+Such+%3Cb%3EPerson%3C%2Fb%3E");
    const { events } = await office.api.events({ limit: 1 });
    await open(visitor, events[0]?.id ?? "");
    await page.keyboard.press("Enter");
    await expect.poll(() => hashOf(visitor)).toBe(`#/events/${events[0]?.id}`);
    await visitor.leave();
  });

  it("shows at most eight rows, and only what the role may open", async () => {
    const visitor = await as("jonas@example.com");
    await open(visitor, "");
    await optionsOf(visitor).first().waitFor();
    expect(await optionsOf(visitor).count()).toBeLessThanOrEqual(8);
    await boxOf(visitor).fill("a");
    await expect.poll(() => optionsOf(visitor).count()).toBe(8);
    await boxOf(visitor).fill("statistics");
    await expect.poll(() => optionsOf(visitor).count()).toBe(1);
    await boxOf(visitor).fill("screen mode");
    await visitor.page.keyboard.press("Enter");
    await expect.poll(() => hashOf(visitor)).toBe("#/live?screen=1");
    await visitor.page.keyboard.press("Control+k");
    await visitor.page.keyboard.press("Escape");
    await expect.poll(() => hashOf(visitor)).toBe("#/live");
    expect(await boxOf(visitor).count()).toBe(0);
    await visitor.leave();
  });

  it("reports why its script cannot be loaded, and opens afterwards", async () => {
    const visitor = await as("jonas@example.com");
    const { page } = visitor;
    await page.route("**/assets/palette-*.js", (route) => route.abort("connectionfailed"));
    await page.keyboard.press("Control+k");
    await page.getByText("Gatepost cannot be reached").waitFor();
    // After an upgrade the server has another console, and no part of this one.
    await page.route(`${office.url}/`, (route) => route.fulfill({ body: '<script src="/assets/other.js">' }));
    await page.keyboard.press("Control+k");
    await page.getByText("Gatepost was upgraded · Reload").waitFor();
    await page.unrouteAll();
    await page.getByRole("button", { name: /^Find/ }).click();
    await boxOf(visitor).waitFor();
    await visitor.leave();
  });

  it("saves a filter as a view, updates it, and removes it with an undo", async () => {
    const visitor = await as("jonas@example.com", "#/events?type=stranger");
    const { page } = visitor;
    const rail = page.getByRole("navigation", { name: "Main" }).first();
    const link = rail.getByRole("link", { name: "Strangers at night" });
    await page.getByRole("button", { name: "Save view" }).click();
    const name = page.getByRole("textbox", { name: "Name of the view" });
    expect(await page.getByRole("combobox", { name: "Visible to" }).count()).toBe(0);
    await name.fill("Strangers at night");
    await name.press("Enter");
    await link.waitFor();
    await page.goto(`${office.url}/#/live`);
    await link.click();
    await expect.poll(() => hashOf(visitor)).toBe("#/events?type=stranger");
    await page.evaluate("location.hash = '#/events?type=stranger&box=garage'");
    await page.getByRole("button", { name: "Update “Strangers at night”" }).click();
    await expect.poll(() => link.getAttribute("href")).toBe("#/events?type=stranger&box=garage");
    await page.getByRole("button", { name: "Remove view" }).click();
    await link.waitFor({ state: "detached" });
    await page.getByRole("button", { name: /^Undo/ }).click();
    await link.waitFor();
    expect(await link.getAttribute("href")).toBe("#/events?type=stranger&box=garage");
    await visitor.leave();
  });

  it("shows a shared view to guards, who cannot change it", async () => {
    const manager = await as("min@example.com", "#/events?box=garage");
    await manager.page.getByRole("button", { name: "Save view" }).click();
    await manager.page.getByRole("textbox", { name: "Name of the view" }).fill("Garage");
    await manager.page.getByRole("combobox", { name: "Visible to" }).selectOption("Everyone");
    await manager.page.getByRole("dialog").getByRole("button", { name: "Save view" }).click();
    await manager.page.getByRole("link", { name: "Garage", exact: true }).waitFor();
    await manager.leave();
    const guard = await as("jonas@example.com");
    await guard.page.getByRole("link", { name: "Garage", exact: true }).click();
    await guard.page.getByRole("button", { name: "Remove the filter Box" }).waitFor();
    expect(await guard.page.getByRole("button", { name: "Remove view" }).count()).toBe(0);
    await open(guard, "garage");
    await optionsOf(guard).filter({ hasText: "Garage" }).first().waitFor();
    await expect.poll(() => guard.page.getByRole("group", { name: "Views" }).getByRole("option").count()).toBe(1);
    await guard.leave();
  });

  it("asks nothing about views with a read key", async () => {
    const visitor = await visit(browser);
    const asked: string[] = [];
    visitor.page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    await signIn(visitor, office.url, office.read);
    await visitor.page.goto(`${office.url}/#/events?type=stranger`);
    await visitor.page.getByRole("button", { name: "Remove the filter Kind" }).waitFor();
    expect(await visitor.page.getByRole("button", { name: "Save view" }).count()).toBe(0);
    expect(asked).toContain("/v1/events");
    expect(asked).not.toContain("/v1/views");
    await visitor.leave();
  });
});
