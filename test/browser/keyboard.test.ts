import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { inChromium, openChromium } from "./support/chromium.ts";
import { type Office, openOffice } from "./support/office.ts";
import { hire, password } from "./support/people.ts";
import { report } from "./support/report.ts";
import { pressPair, visit } from "./support/visitor.ts";

const jonas = { name: "Jonas Keller", email: "jonas@example.com", role: "guard" } as const;
const limit = 40;

/** Presses Tab until an element has the focus. */
async function tabTo(page: Page, wanted: Locator): Promise<void> {
  for (let pressed = 0; pressed < limit; pressed++) {
    if (await wanted.evaluate((element) => element === element.ownerDocument.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`the focus did not reach it with ${limit} presses of Tab`);
}

inChromium("a guard with a keyboard alone", () => {
  let office: Office;
  let browser: Browser;
  beforeAll(async () => {
    office = await openOffice({ scale: 0.2, looks: 6 });
    await office.pass(500, 6);
    await hire(office, jonas);
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await office?.close();
  });

  const reasonsOf = async (person: string) => {
    const { events } = await office.api.ask("GET /v1/events", { query: { person } });
    return events.map(({ acknowledgement }) => acknowledgement?.reason ?? null);
  };

  it("signs in, acknowledges, takes back, decides, opens an event, and returns", async () => {
    const visitor = await visit(browser);
    const { page } = visitor;
    const { keyboard } = page;
    const hash = () => new URL(page.url()).hash;
    await page.goto(`${office.url}/#/live`);
    const email = page.getByLabel("E-mail");
    await email.waitFor();
    await tabTo(page, email);
    await keyboard.type(jonas.email);
    await tabTo(page, page.getByLabel("Password", { exact: true }));
    await keyboard.type(password);
    await keyboard.press("Enter");
    await page.getByRole("status").filter({ hasText: "Connected" }).first().waitFor();

    const person = "Keys Alarm";
    await report(office, { identity_name: person, identity_id: person, ext_data: { person_type: 3 } });
    const row = page.getByRole("list", { name: "Stand out" }).getByRole("link", { name: person });
    const question = page.getByRole("dialog", { name: person });
    await row.waitFor();
    await keyboard.press("m");
    await keyboard.press("x");
    await question.waitFor();
    await keyboard.press("3");
    await keyboard.press("Tab");
    await keyboard.type("Turned round");
    await tabTo(page, question.getByRole("button", { name: "Acknowledge" }));
    await keyboard.press("Enter");
    await row.waitFor({ state: "detached" });
    await expect.poll(() => reasonsOf(person)).toEqual(["sent-away"]);
    await keyboard.press("u");
    await row.waitFor();
    await expect.poll(() => reasonsOf(person)).toEqual([null]);
    await keyboard.press("x");
    await question.waitFor();
    await keyboard.press("1");
    await keyboard.press("Enter");
    await expect.poll(() => reasonsOf(person)).toEqual(["known"]);

    const asked = "Keys Ask";
    await report(office, { identity_name: asked, identity_id: asked, want_action: "1002", score: 0.91 });
    const [action] = (await office.api.actions({ want: "1002" })).actions;
    const stateOf = async () =>
      (await office.api.ask("GET /v1/actions/{id}", { path: { id: action?.id ?? "" } })).state;
    await pressPair(page, "g", "a");
    await page.getByRole("listitem").filter({ hasText: asked }).waitFor();
    await keyboard.press("j");
    await keyboard.press("x");
    await page.getByRole("status").filter({ hasText: "1 selected" }).waitFor();
    await keyboard.press("d");
    await expect.poll(stateOf).toBe("declined");
    await keyboard.press("u");
    await expect.poll(stateOf).toBe("announced");

    await pressPair(page, "g", "e");
    await page.getByRole("table", { name: "Results" }).waitFor();
    await keyboard.press("j");
    await keyboard.press("Enter");
    await expect.poll(hash).toMatch(/^#\/events\/evt_/);
    await keyboard.press("Escape");
    await expect.poll(hash).toBe("#/events");
    await keyboard.press("Control+k");
    await page.getByRole("combobox").waitFor();
    await keyboard.type("Live");
    await page.getByRole("option").first().waitFor();
    await keyboard.press("Enter");
    await expect.poll(hash).toBe("#/live");
    await visitor.leave();
  });
});
