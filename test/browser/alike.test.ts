import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { inChromium, openChromium } from "./support/chromium.ts";
import { hire, signInAs } from "./support/people.ts";
import { report } from "./support/report.ts";
import { openSite, type Site } from "./support/site.ts";
import { idle, signIn, type Visitor, visit } from "./support/visitor.ts";
import { faultsOf } from "./support/whole.ts";

const hour = 3_600_000;
const longName = "Aleksandra-Wilhelmina-Konstantinopolitańczykiewiczowa";
const min = { name: "陈敏", email: "min@example.com", role: "manager" } as const;

const question = (page: Page) => page.getByRole("status").filter({ hasText: "by the same id and name" });

inChromium("who is inside", () => {
  let office: Site;
  let browser: Browser;
  beforeAll(async () => {
    office = await openSite();
    const { api } = office;
    const [, garage] = office.boxes;
    for (const [identity_id, identity_name] of [
      ["3", "刘芳"],
      ["5", "Rosa Silva"],
      ["55", "Rosa Silva"],
      ["18", longName],
      ["501", ""],
    ]) {
      await report(office, { identity_id, identity_name, timestamp: office.now() - 60_000 }, garage);
    }
    await report(office, { identity_id: "501", identity_name: "", timestamp: office.now() - 60_000 });
    await api.ask("PATCH /v1/boxes/{id}", { path: { id: "garage" }, body: { site: "hq", name: "Garage" } });
    const devices = async () => (await api.ask("GET /v1/boxes/{id}", { path: { id: "garage" } })).devices;
    await vi.waitUntil(async () => (await devices()).length === 1, { timeout: 60_000 });
    for (const { key } of await devices())
      await api.ask("PATCH /v1/devices/{id}", { path: { id: key }, body: { label: "Ramp", direction: "in" } });
    await hire(office, min);
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await office?.close();
  });

  const enter = async (hash: string, look: Parameters<typeof visit>[1] = {}): Promise<Visitor> => {
    const visitor = await visit(browser, look);
    await signInAs(visitor, office, min.email);
    await visitor.page.goto(`${office.url}/${hash}`);
    return visitor;
  };

  it("asks about people at several boxes, with id and box beside equal names", async () => {
    const visitor = await enter("#/inside?site=hq", { width: 1440 });
    const { page } = visitor;
    const failed: string[] = [];
    page.on("response", (answer) => {
      if (answer.status() === 404) failed.push(answer.url());
    });
    await question(page)
      .getByText("Several boxes of HQ know 2 people by the same id and name. Is each of them one person?")
      .waitFor();
    const rosas = page.locator(".pcard", { hasText: "Rosa Silva" }).locator(".which");
    const idsOf = async () => (await rosas.allTextContents()).toSorted();
    await expect.poll(idsOf).toEqual(["5 · Garage", "5 · gate-1", "55 · Garage"]);
    expect(await page.locator(".pcard", { hasText: "Kwame Mensah" }).locator(".which").count()).toBe(0);
    await idle(page);
    expect(failed).toEqual([]);
    for (const hash of ["#/people", "#/hours?site=hq"]) {
      await page.goto(`${office.url}/${hash}`);
      await question(page).waitFor();
      await page.getByText("55 · Garage").first().waitFor();
    }
    expect(await faultsOf(visitor, "en")).toEqual([]);
    await visitor.leave();
  });

  it("asks at the foot of a page of a phone, over which nothing moves when it comes", async () => {
    const visitor = await enter("#/people", { width: 390, height: 740 });
    const { page } = visitor;
    await page.addInitScript(`window.shifts = 0;
        new PerformanceObserver((list) => {
          for (const { value, hadRecentInput } of list.getEntries()) window.shifts += hadRecentInput ? 0 : value;
        }).observe({ type: "layout-shift", buffered: true });`);
    let letCome: () => void = () => undefined;
    await page.route("**/v1/people/alike*", async (route) => {
      await new Promise<void>((resolve) => (letCome = resolve));
      await route.continue();
    });
    for (const hash of ["#/people", "#/inside?site=hq", "#/hours?site=hq"]) {
      await page.goto("about:blank");
      await page.goto(`${office.url}/${hash}`);
      await page.getByText("55 · Garage").first().waitFor();
      const shifts = await page.evaluate<number>("window.shifts");
      letCome();
      const asked = await question(page).boundingBox();
      expect((asked?.y ?? 0) + (asked?.height ?? 0)).toBeGreaterThan(600);
      expect(await page.evaluate<number>("window.shifts")).toBeLessThan(shifts + 0.01);
      expect(await question(page).getByRole("button", { name: "No" }).click({ trial: true })).toBeUndefined();
    }
    await visitor.leave();
  });

  it("names people of the hours whole on paper, on a phone with their ends, and without a name by id and box", async () => {
    const visitor = await enter("#/hours?site=hq", { width: 390 });
    const { page } = visitor;
    for (const which of ["501 · Garage", "501 · gate-1"]) await page.getByText(which, { exact: true }).waitFor();
    const name = page.getByText(longName, { exact: true });
    const end = name.getByText("czowa");
    const rightOf = async (part: typeof name) =>
      (await part.boundingBox().then((box) => box && box.x + box.width)) ?? 0;
    expect(await rightOf(end)).toBeLessThanOrEqual(await rightOf(page.locator("tbody .name-col").first()));
    await page.emulateMedia({ media: "print" });
    const isCut = (all: readonly { scrollWidth: number; clientWidth: number }[]) =>
      all.filter((one) => one.scrollWidth > one.clientWidth).length;
    expect(await page.locator(".name-col :is(b, .middle)").evaluateAll(isCut)).toBe(0);
    expect((await name.boundingBox())?.height).toBeGreaterThan(30);
    await visitor.leave();
  });

  it("lists them as one until the answer is no, and shows one person once it is yes", async () => {
    const { id } = await office.api.ask("POST /v1/rolls", { body: { site: "hq", isDrill: true } });
    const visitor = await enter(`#/inside/roll/${id}`, { width: 390, height: 844 });
    const { page } = visitor;
    const row = page.locator(".roll-list li", { hasText: "刘芳" });
    await row.getByText("2 boxes").waitFor();
    await expect.poll(() => row.getByText(/^in \d\d:\d\d (Ramp|Gate S1)$/).count()).toBe(2);
    const left = () => page.locator(".count2").textContent();
    const { people } = await office.api.ask("GET /v1/rolls/{id}", { path: { id } });
    expect(await left()).toBe(`${people.length}missing, 0 of ${people.length} safe`);
    await row.getByRole("button").click();
    await expect.poll(left).toBe(`${people.length - 1}missing, 1 of ${people.length} safe`);
    await question(page).getByRole("button", { name: "No" }).click();
    await expect.poll(left).toBe(`${people.length}missing, 2 of ${people.length + 2} safe`);
    await page.getByRole("button", { name: /^Undo/ }).click();
    await expect.poll(left).toBe(`${people.length - 1}missing, 1 of ${people.length} safe`);
    await page.goto(`${office.url}/#/inside?site=hq`);
    await question(page).getByRole("button", { name: "Yes…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "They are the same" }).click();
    await question(page).waitFor({ state: "detached" });
    await expect.poll(() => page.locator(".pcard", { hasText: "刘芳" }).count()).toBe(1);
    await office.api.ask("POST /v1/rolls/{id}/close", { path: { id } });
    await visitor.leave();
  });

  it("leads to the directions of all devices of the site", async () => {
    const visitor = await visit(browser, { width: 1440 });
    const { page } = visitor;
    await signIn(visitor, office.url, office.admin);
    await page.goto(`${office.url}/#/inside?site=hq`);
    await page.getByRole("link", { name: "Set directions" }).click();
    for (const name of ["Ramp", "Gate S1", "Gate S3"])
      await page.getByRole("combobox", { name: `Direction of ${name}` }).waitFor();
    await visitor.leave();
  });

  it("says in the rights of each role who sees it, and who ticks an evacuation list", async () => {
    const visitor = await visit(browser, { width: 1440 });
    const { page } = visitor;
    await signIn(visitor, office.url, office.admin);
    await page.goto(`${office.url}/#/settings/people`);
    const rights = page.getByRole("table", { name: "Rights of each role" });
    const rightOf = (text: string) => rights.getByRole("row", { name: new RegExp(text) }).textContent();
    expect(await rightOf("People, Inside, Hours.*begin and close an evacuation list")).toMatch(/–.*yes.*yes$/);
    expect(await rightOf("tick an evacuation list")).toMatch(/yes.*yes.*yes$/);
    await visitor.leave();
  });

  it("asks a manager once whether a list is over that was left open", async () => {
    for (const { id } of (await office.api.ask("GET /v1/rolls")).rolls)
      await office.api.ask("POST /v1/rolls/{id}/close", { path: { id } });
    await office.api.ask("POST /v1/rolls", { body: { site: "hq", isDrill: true } });
    const visitor = await enter("#/events");
    const { page } = visitor;
    const asked = page.getByText("Open for more than an hour. Has the evacuation ended?");
    await page.getByText(/^Evacuation of HQ since/).waitFor();
    expect(await asked.count()).toBe(0);
    await page.route("**/v1/rolls", async (route) => {
      const answer = await route.fetch();
      const { rolls } = (await answer.json()) as { rolls: { begunAt: string }[] };
      const begunAt = new Date(office.now() - hour - 60_000).toISOString();
      await route.fulfill({ response: answer, json: { rolls: rolls.map((roll) => ({ ...roll, begunAt })) } });
    });
    await page.reload();
    await asked.waitFor();
    await page.getByRole("button", { name: "Not yet" }).click();
    await asked.waitFor({ state: "detached" });
    await page.reload();
    await page.getByText(/^Evacuation of HQ since/).waitFor();
    expect(await asked.count()).toBe(0);
    await page.evaluate(() => localStorage.removeItem("gatepost-rolls-not-over"));
    await page.reload();
    await page.getByRole("button", { name: "Close the list" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Close the list" }).click();
    await page.getByText(/^Evacuation of HQ since/).waitFor({ state: "detached" });
    expect((await office.api.ask("GET /v1/rolls")).rolls).toEqual([]);
    await visitor.leave();
  });
});
