import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { inChromium, openChromium } from "./support/chromium.ts";
import { type Office, openOffice } from "./support/office.ts";
import { report } from "./support/report.ts";
import { signIn, type Visitor, visit } from "./support/visitor.ts";

/** The elements of a selector whose middle is under the card of an alarm, as a script of the page. */
const covered = `(selector) => [...document.querySelectorAll(selector)].filter((one) => {
  const { x, y, width, height } = one.getBoundingClientRect();
  const over = document.elementFromPoint(x + width / 2, y + height / 2);
  return one.checkVisibility() && over?.closest(".corner") && !one.closest(".corner");
}).map((one) => one.textContent)`;
/** In the head of a page, and in the bars at its foot. */
const coveredAtTop = `scrollTo(0, 0); (${covered})(":is(.head, .title, .bar, .rail, .strip) :is(a, button, input)")`;
/** In a page that is scrolled to its end. */
const coveredAtEnd = `scrollTo(0, 1e6); (${covered})("main :is(a, button, input)")`;

inChromium("persons who stand out", () => {
  let office: Office;
  let browser: Browser;
  beforeAll(async () => {
    office = await openOffice({ scale: 0.2, looks: 2 });
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await office?.close();
  });

  const enter = async (path = "live"): Promise<Visitor> => {
    const visitor = await visit(browser);
    await signIn(visitor, office.url, office.admin);
    await visitor.page.goto(`${office.url}/#/${path}`);
    await visitor.page.getByRole("status").filter({ hasText: "Connected" }).first().waitFor();
    return visitor;
  };
  const listOf = ({ page }: Visitor) => page.getByRole("list", { name: "Stand out" });
  const undo = ({ page }: Visitor) => page.getByRole("status").getByRole("button", { name: /^Undo/ });

  let passed = 0;
  const pass = (name: string, type: number) => {
    passed++;
    return report(office, {
      identity_name: name,
      identity_id: type === 4 ? `${passed}.0` : name,
      timestamp: office.now() - passed,
      ext_data: { person_type: type, device_ip: `10.0.1.${passed % 200}` },
    });
  };
  const banned = (name: string) => pass(name, 3);
  const stranger = () => pass("", 4);
  const acknowledged = async (person: string) => {
    const { events } = await office.api.ask("GET /v1/events", { query: { person, with: "seen" } });
    return events.map(({ acknowledgement }) => acknowledgement?.reason ?? null);
  };

  it("stay where they are under the pointer, and a click is meant for them", async () => {
    await stranger();
    await stranger();
    const visitor = await enter();
    const { page } = visitor;
    const row = listOf(visitor).getByRole("listitem").nth(1);
    const link = await row.getByRole("link").getAttribute("href");
    await row.getByRole("button", { name: "Seen (X)" }).hover();
    for (let n = 0; n < 20; n++) await banned(`late-${n}`);
    await page
      .getByRole("heading", { name: /^Stand out/ })
      .getByText("20 blacklist")
      .waitFor();
    expect(await row.getByRole("link").getAttribute("href")).toBe(link);
    await page.mouse.down();
    await page.mouse.up();
    await expect.poll(() => row.getAttribute("class")).toContain("is-seen");
    const seen = async () => {
      const { events } = await office.api.ask("GET /v1/events", { query: { with: "seen", limit: 100 } });
      return events.filter(({ acknowledgement }) => acknowledgement !== null).map(({ id }) => id);
    };
    await expect.poll(seen).toEqual([link?.split("/").pop()]);
    await page.mouse.move(10, 10);
    await listOf(visitor).getByText("late-19").waitFor();
    await visitor.leave();
  });

  it("are marked by Shift X only if they are drawn strangers, and undo restores all", async () => {
    for (let n = 0; n < 60; n++) await stranger();
    const visitor = await enter();
    const { page } = visitor;
    const heading = page.getByRole("heading", { name: /^Stand out/ });
    const unseen = async () => Number((await heading.textContent())?.match(/(\d+) not seen/)?.[1]);
    await expect.poll(unseen).toBeGreaterThanOrEqual(80);
    const before = await unseen();
    const drawn = await listOf(visitor).locator("li.stranger").count();
    await page.keyboard.press("Shift+X");
    await expect.poll(unseen).toBe(before - drawn);
    expect(before - drawn).toBeGreaterThanOrEqual(20 + 10);
    await undo(visitor).click();
    await expect.poll(unseen).toBe(before);
    const query = { type: "stranger", limit: 100 } as const;
    const marked = async () => {
      const { events } = await office.api.ask("GET /v1/events", { query });
      return events.filter(({ acknowledgement }) => acknowledgement !== null).length;
    };
    await expect.poll(marked).toBeLessThanOrEqual(1);
    await visitor.leave();
  });

  it("ring on every page until they are silenced or acknowledged", async () => {
    const visitor = await enter("events");
    const { page } = visitor;
    await banned("alarm-here");
    const card = page.getByRole("region", { name: "Blacklist: alarm-here" });
    await card.getByText(/^rings, 0:\d\d$/).waitFor();
    await card.getByRole("button", { name: "Silence" }).click({ delay: 700 });
    await card.getByText(/^rings/).waitFor({ state: "detached" });
    const open = await card.getByRole("link", { name: "Open" }).getAttribute("href");
    await page.goto(`${office.url}/${open}`);
    await page.getByRole("heading", { level: 1, name: "alarm-here" }).waitFor();
    await page.getByRole("heading", { name: "Not acknowledged" }).waitFor();
    expect(await card.count()).toBe(0);
    await visitor.leave();
  });

  it("are acknowledged with a reason and a note by the keyboard alone, and taken back", async () => {
    await banned("by-keys");
    await banned("by-keys");
    const visitor = await enter();
    const { page } = visitor;
    await listOf(visitor).getByRole("link", { name: "by-keys" }).focus();
    await page.keyboard.press("Enter");
    const question = page.getByRole("form", { name: "Not acknowledged" });
    await question.getByRole("button", { name: "Acknowledge all 2" }).waitFor();
    // Without a reason nothing is sent, and the question has the focus.
    await page.keyboard.press("x");
    await page.keyboard.press("3");
    await page.keyboard.press("Tab");
    await page.keyboard.type("Turned round at the ramp");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: /^Sent away/ }).waitFor();
    await page.getByText("Turned round at the ramp").first().waitFor();
    await expect.poll(() => acknowledged("by-keys")).toEqual(["sent-away", "sent-away"]);
    await page.getByRole("button", { name: "Add a note" }).click();
    await page.getByRole("textbox", { name: "Note" }).fill("Came back with a pass");
    await page.keyboard.press("Enter");
    await page
      .getByRole("region", { name: "Notifications and decisions" })
      .getByText("Came back with a pass")
      .waitFor();
    await page.getByRole("button", { name: "Take back" }).focus();
    await page.keyboard.press("Enter");
    await question.waitFor();
    await expect.poll(() => acknowledged("by-keys")).toEqual([null, null]);
    await visitor.leave();
  });

  it("keep a note that is being written while a colleague acknowledges them", async () => {
    await banned("two-guards");
    const { events } = await office.api.events({ person: "two-guards" });
    const [id = ""] = events.map((event) => event.id);
    const visitor = await enter(`events/${id}`);
    const { page } = visitor;
    await page.getByRole("form", { name: "Not acknowledged" }).getByRole("textbox", { name: "Note" }).fill("Red car");
    await office.api.ask("POST /v1/acknowledgements", {
      body: { events: [id], reason: "known", note: "Has a pass" },
    });
    await page.getByRole("heading", { name: /^Known/ }).waitFor();
    await expect.poll(() => page.getByRole("textbox", { name: "Note" }).inputValue()).toBe("Red car");
    await page.getByRole("button", { name: "Add a note" }).click();
    const thread = page.getByRole("region", { name: "Notifications and decisions" });
    await thread.getByText("Red car").waitFor();
    await thread.getByText("Has a pass").waitFor();
    await visitor.leave();
  });

  it("are given a reason after they were marked as seen", async () => {
    await stranger();
    const visitor = await enter();
    const { page } = visitor;
    const row = listOf(visitor).locator("li.stranger").first();
    const id = (await row.getByRole("link").getAttribute("href"))?.split("/").pop() ?? "";
    await row.getByRole("button", { name: "Seen (X)" }).click();
    await page.getByRole("button", { name: "Add a reason…" }).click();
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("2");
    await page.getByRole("dialog").getByRole("button", { name: "Acknowledge" }).click();
    const reason = async () => {
      const event = await office.api.ask("GET /v1/events/{id}", { path: { id } });
      return event.acknowledgement?.reason;
    };
    await expect.poll(reason).toBe("let-in");
    await visitor.leave();
  });

  it.each([320, 390, 768, 1024, 1280, 1440])("cover nothing that can be pressed, %i px wide", async (width) => {
    const visitor = await enter("events");
    const { page } = visitor;
    await page.setViewportSize({ width, height: 700 });
    for (const hash of ["events", "actions", "people", "hours", "boxes", "statistics", "rules", "settings/keys"]) {
      await page.goto(`${office.url}/#/${hash}`);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await banned(`${width}-${hash}`);
      await page.getByRole("region", { name: `Blacklist: ${width}-${hash}` }).waitFor();
      expect({ hash, covered: await page.evaluate<string[]>(coveredAtTop) }).toEqual({ hash, covered: [] });
      expect({ hash, covered: await page.evaluate<string[]>(coveredAtEnd) }).toEqual({ hash, covered: [] });
    }
    await visitor.leave();
  });
});
