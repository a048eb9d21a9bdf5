import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { inChromium, openChromium } from "./support/chromium.ts";
import { type Office, openOffice } from "./support/office.ts";
import { type Visitor, visit } from "./support/visitor.ts";
import { faultsOf } from "./support/whole.ts";

const heading = (page: Page, name: string) => page.getByRole("heading", { level: 1, name }).waitFor();
const asked = "Your name, e-mail and password";

/** Everything that scripts of a page can read and keep. */
const readable = (page: Page) =>
  page.evaluate<string>("JSON.stringify([location.href, { ...localStorage }, { ...sessionStorage }, document.cookie])");

inChromium("the first link", () => {
  let office: Office;
  let browser: Browser;
  beforeAll(async () => {
    office = await openOffice({ looks: 4, scale: 0.5 });
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await office?.close();
  });

  const newLink = async () => {
    const { code } = await office.api.ask("POST /v1/sign-in/links");
    return `${office.url}/#setup=${code}`;
  };
  const opened = async (look: Parameters<typeof visit>[1] = {}): Promise<Visitor & { link: string }> => {
    const visitor = await visit(browser, look);
    const link = await newLink();
    await visitor.page.goto(link);
    return { ...visitor, link };
  };

  it("asks once, keeps no secret, and lasts over F5 and a second tab", async () => {
    const visitor = await opened();
    const { page, link } = visitor;
    await heading(page, asked);
    expect(await readable(page)).not.toContain("gps_");
    await page.getByRole("button", { name: "Later" }).click();
    await heading(page, "Live");
    await page.getByRole("status").filter({ hasText: "Connected" }).first().waitFor();
    await page.reload();
    await heading(page, "Live");
    const second = await page.context().newPage();
    await second.goto(office.url);
    await heading(second, "Live");
    // A used link leads back to the session that it has begun.
    await second.goto("about:blank");
    await second.goto(link);
    await heading(second, asked);
    expect(await readable(second)).not.toContain("gps_");
    await page.getByText("By the first link").waitFor();
    await page.goto(`${office.url}/#/settings/people`);
    const sessions = page.getByRole("region", { name: "Signed in by a first link" });
    await sessions.getByText("this one").waitFor();
    await page.getByRole("button", { name: "Sign out" }).first().click();
    await heading(page, "Sign in");
    await second.reload();
    await heading(second, "Sign in");
    await visitor.leave();
  });

  it("says that a link was used, and what to do", async () => {
    const first = await opened();
    await heading(first.page, asked);
    const other = await visit(browser);
    await other.page.goto(first.link);
    await other.page
      .getByRole("alert")
      .filter({
        hasText:
          "This link was used, or has expired. Run gatepost sign-in on the machine of Gatepost to get a new one.",
      })
      .waitFor();
    await other.page.getByLabel("E-mail").waitFor();
    await other.page.goto(`${office.url}/#setup=`);
    await other.page.reload();
    await heading(other.page, "Sign in");
    await other.leave();
    await first.leave();
  });

  it.each([
    [390, "en", asked],
    [1440, "zh", "您的姓名、邮箱和密码"],
  ] as const)("fits %i px in %s", async (width, language, title) => {
    const visitor = await opened({ width, language });
    await heading(visitor.page, title);
    expect(await faultsOf(visitor, language)).toEqual([]);
    await visitor.leave();
  });

  it("exchanges a key in a link for a session that ends with the key", async () => {
    const { token, id } = await office.api.createKey({ scope: "read" });
    const visitor = await visit(browser);
    const { page } = visitor;
    await page.goto(`${office.url}/#token=${token}`);
    await heading(page, "Live");
    expect(await readable(page)).not.toContain("gpr_");
    await page.reload();
    await heading(page, "Live");
    await office.api.send("DELETE /v1/keys/{id}", { path: { id } });
    await page.getByRole("alert").filter({ hasText: "This key was revoked" }).waitFor();
    await visitor.leave();
  });

  it("makes the first administrator, who is asked no more", async () => {
    const visitor = await opened();
    const { page } = visitor;
    await page.getByLabel("Name").fill("陈敏");
    await page.getByLabel("E-mail").fill("min@example.com");
    await page.getByLabel("Password").fill("password1234");
    await page.getByRole("button", { name: "Become administrator" }).click();
    await page.getByRole("alert").filter({ hasText: "among the most used" }).waitFor();
    await page.getByLabel("Password").fill("seven green boats");
    await page.getByRole("button", { name: "Become administrator" }).click();
    await heading(page, "Live");
    await page.locator(".user").filter({ hasText: "陈敏 · Administrator" }).waitFor();
    await page.getByRole("button", { name: "Sign out" }).first().click();
    await page.getByLabel("E-mail").fill("min@example.com");
    await page.getByLabel("Password").fill("seven green boats");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await heading(page, "Live");
    await page.goto("about:blank");
    await page.goto(await newLink());
    await heading(page, "Live");
    await page.getByText("By the first link").waitFor();
    await visitor.leave();
  });
});
