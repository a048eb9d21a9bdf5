import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { inChromium, openChromium } from "./support/chromium.ts";
import { type Office, openOffice } from "./support/office.ts";
import { hire, signInAs } from "./support/people.ts";
import { report } from "./support/report.ts";
import { signIn, type Visitor, visit } from "./support/visitor.ts";
import { faultsOf, openPage } from "./support/whole.ts";

const hourMs = 3_600_000;

inChromium("strangers of a gate", () => {
  let office: Office;
  let browser: Browser;
  let events: readonly string[];
  beforeAll(async () => {
    office = await openOffice({ scale: 0.2, looks: 6 });
    const pass = (hoursAgo: number, device = "BOX1__10.0.0.2") =>
      report(office, {
        identity_id: `${hoursAgo}.0`,
        identity_name: "",
        timestamp: office.now() - hoursAgo * hourMs,
        ext_data: { person_type: 4, ep_id: device },
      });
    for (const hours of [1, 3, 30, 20 * 24]) await pass(hours);
    for (let n = 0; n < 20; n++) await pass(40 + n, "BOX1__10.0.0.9");
    const page = await office.api.events({ type: "stranger", device: "BOX1__10.0.0.2", limit: 10 });
    events = page.events.map(({ id }) => id);
    const then = { events: [events[2] ?? ""], reason: "sent-away", note: "no pass" } as const;
    await hire(office, { name: "Jonas Keller", email: "jonas@example.com", role: "guard" });
    await office.api.ask("POST /v1/acknowledgements", { body: then });
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await office?.close();
  });

  const enter = async (): Promise<Visitor> => {
    const visitor = await visit(browser);
    await signInAs(visitor, office, "jonas@example.com", `#/strangers/${events[0]}`);
    await facesOf(visitor.page).first().waitFor();
    return visitor;
  };
  const facesOf = (page: Page) => page.locator(".faces-grid button");
  const beside = (page: Page) => page.getByRole("region", { name: "The one beside it" });

  it.each([
    { width: 1440, language: "en", theme: "light" },
    { width: 390, language: "zh", theme: "dark" },
  ] as const)("are shown without a fault at $width px in $language, $theme", async (look) => {
    const visitor = await visit(browser, look);
    await signIn(visitor, office.url, office.admin);
    await openPage(visitor.page, `${office.url}/#/strangers/${events[0]}`);
    await facesOf(visitor.page).first().waitFor();
    expect(await faultsOf(visitor, look.language)).toEqual([]);
    await visitor.leave();
  });

  it("are of the same gate and of 7 days, until the filters say others", async () => {
    const visitor = await enter();
    const { page } = visitor;
    await expect.poll(() => facesOf(page).count()).toBe(2);
    await page.getByRole("button", { name: "Days ± 7" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "± 30" }).click();
    await expect.poll(() => facesOf(page).count()).toBe(3);
    await page.getByRole("button", { name: /^Gate / }).click();
    await page.getByRole("dialog").getByRole("button", { name: "BOX1__10.0.0.9" }).click();
    await expect.poll(() => facesOf(page).count()).toBe(18);
    await page.getByRole("button", { name: "Show more" }).click();
    await expect.poll(() => facesOf(page).count()).toBe(20);
    await visitor.leave();
  });

  it("are put beside by j and k, kept by Enter, with the decision of then", async () => {
    const visitor = await enter();
    const { page } = visitor;
    await beside(page).getByText("2 hours before").waitFor();
    await beside(page).getByText("nothing decided then").waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await beside(page).getByText("29 hours before").waitFor();
    await beside(page)
      .getByText(/Sent away, .*“no pass”/)
      .waitFor();
    await page.keyboard.press("Enter");
    await facesOf(page).first().hover();
    await beside(page).getByText("2 hours before").waitFor();
    await page.getByRole("heading", { level: 1 }).hover();
    await beside(page).getByText("29 hours before").waitFor();
    await visitor.leave();
  });

  it("are reached from the event, and marked as seen with x", async () => {
    const visitor = await visit(browser);
    await signInAs(visitor, office, "jonas@example.com", `#/events/${events[0]}`);
    const { page } = visitor;
    await page.getByRole("link", { name: "Compare with others at this gate" }).click();
    await page.getByRole("heading", { level: 1, name: /^Stranger, / }).waitFor();
    await page.getByRole("button", { name: /^Seen, with a reason/ }).waitFor();
    await page.keyboard.press("x");
    await page.getByText(/Seen, \d\d:\d\d, Jonas Keller/).waitFor();
    expect(await page.getByRole("button", { name: /^Seen/ }).count()).toBe(0);
    await page.keyboard.press("Escape");
    await expect.poll(() => page.url()).toContain(`#/events/${events[0]}`);
    await visitor.leave();
  });
});
