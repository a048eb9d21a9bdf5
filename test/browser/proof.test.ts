import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { OidcProvider } from "../standins/oidc/provider.ts";
import { codeAt } from "../support/app-codes.ts";
import { inChromium, openChromium } from "./support/chromium.ts";
import { type OneMachine, openOffice } from "./support/office.ts";
import { hire, password, signInAs } from "./support/people.ts";
import { visit } from "./support/visitor.ts";
import { faultsOf } from "./support/whole.ts";

const email = "ada@example.com";
const dialogOf = (page: Page) => page.getByRole("dialog", { name: /^(Confirm that it is you|请确认是您本人)$/ });

inChromium("a change that needs care, in a session that is older than 15 minutes", () => {
  let office: OneMachine;
  let browser: Browser;
  let provider: OidcProvider;
  let ada: string;
  beforeAll(async () => {
    provider = await new OidcProvider().start();
    const { id: clientId, secret: clientSecret } = provider.client;
    office = await openOffice({ scale: 0.2, looks: 2, company: { issuer: provider.issuer, clientId, clientSecret } });
    provider.clock = () => office.now();
    const groups = { it: { role: "administrator" as const, sites: null } };
    await office.api.ask("PUT /v1/company", { body: { version: "0", settings: { name: "北门", groups } } });
    ada = await hire(office, { name: "Ada Lovelace", email, role: "administrator" });
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await office?.close();
    await provider?.stop();
  });

  /** Lets all sessions of Ada be as after 15 minutes. */
  const grow = async () => {
    const { sessions } = office.runtime.reads;
    for (const { id } of await sessions.of(ada)) await sessions.prove(id, ada, { at: 1 });
  };
  const write = async (page: Page, address: string) => {
    await page.getByLabel(/^(E-mail|邮箱)$/).fill(address);
    await page.getByRole("button", { name: /^(Create link|生成链接)$/ }).click();
  };

  it("asks for the password over the form, keeps what was written, and then sends it", async () => {
    const visitor = await visit(browser, { width: 390 });
    const { page } = visitor;
    await signInAs(visitor, office, email, "#/settings/people?act=invite");
    await grow();
    await write(page, "first@example.com");
    const dialog = dialogOf(page);
    await dialog.waitFor();
    expect(await faultsOf(visitor, "en")).toEqual([]);
    const field = dialog.getByLabel("Password");
    expect(await field.getAttribute("autocomplete")).toBe("current-password");
    const ready = () => field.evaluate((one) => one.ownerDocument.activeElement === one);
    await expect.poll(ready).toBe(true);
    await page.keyboard.press("Escape");
    await page.getByRole("alert").filter({ hasText: "prove once more who you are" }).waitFor();
    expect(await page.getByLabel("E-mail").inputValue()).toBe("first@example.com");
    await page.getByRole("button", { name: "Create link" }).click();
    await expect.poll(ready).toBe(true);
    await page.keyboard.type("six red boats");
    await page.keyboard.press("Enter");
    await dialog.getByRole("alert").filter({ hasText: "this is not your password" }).waitFor();
    await field.fill(password);
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "Open the link" }).waitFor();
    expect(await dialog.count()).toBe(0);
    await write(page, "second@example.com");
    await expect.poll(() => page.getByLabel("E-mail").inputValue()).toBe("");
    expect(await dialog.count()).toBe(0);
    const { accounts } = await office.api.ask("GET /v1/accounts");
    expect(accounts.map((one) => one.email)).toEqual(
      expect.arrayContaining(["first@example.com", "second@example.com"]),
    );
    await visitor.leave();
  });

  it("asks over a dialogue that is open, in Chinese", async () => {
    const visitor = await visit(browser, { width: 390, language: "zh" });
    const { page } = visitor;
    await signInAs(visitor, office, email, "#/settings/people?act=invite");
    await grow();
    await page.getByRole("button", { name: "新建分组" }).click();
    await page.getByRole("dialog").getByRole("textbox").fill("guards");
    await page.getByRole("dialog").getByRole("button", { name: "保存" }).click();
    await dialogOf(page).waitFor();
    expect(await faultsOf(visitor, "zh")).toEqual([]);
    await dialogOf(page).getByLabel("密码").fill(password);
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").first().waitFor({ state: "detached" });
    const { settings } = await office.api.ask("GET /v1/company");
    expect(Object.keys(settings.groups)).toEqual(["it", "guards"]);
    await visitor.leave();
  });

  it("closes with the session", async () => {
    const visitor = await visit(browser);
    const { page } = visitor;
    await signInAs(visitor, office, email, "#/settings/people?act=invite");
    await grow();
    await write(page, "third@example.com");
    await dialogOf(page).getByLabel("Password").fill(password);
    await office.api.ask("DELETE /v1/sessions", { query: { account: ada } });
    await page.keyboard.press("Enter");
    await page.getByRole("alert").filter({ hasText: "You were signed out" }).waitFor();
    expect(await dialogOf(page).count()).toBe(0);
    await visitor.leave();
  });

  it("takes a code with a blank or in full width of who has a second factor", async () => {
    const grace = await hire(office, { name: "Grace Hopper", email: "grace@example.com", role: "administrator" });
    const visitor = await visit(browser, { width: 390 });
    const { page } = visitor;
    await signInAs(visitor, office, "grace@example.com", "#/settings/people?act=invite");
    const { factors } = office.runtime.reads;
    const { id, secret } = await factors.addCode({ id: grace, label: "Grace" }, "Phone");
    const code = (steps: number) => codeAt(secret, office.now() + steps * 30_000);
    expect(await factors.confirmCode(grace, id, code(-1))).toBe("confirmed");
    await write(page, "fifth@example.com");
    const field = dialogOf(page).getByLabel(/code/i);
    await field.fill("000 00０");
    await page.keyboard.press("Enter");
    await dialogOf(page).getByRole("alert").filter({ hasText: "this code is wrong" }).waitFor();
    const [first, ...others] = code(1);
    await field.fill(`${String.fromCodePoint(0xfee0 + (first?.codePointAt(0) ?? 0))}${others.join(" ")}`);
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "Open the link" }).waitFor();
    expect((await factors.of(grace))[0]?.lastUsedAt).not.toBeNull();
    await visitor.leave();
  });

  it("asks a person of the company there, in a window of its own", async () => {
    provider.person = { sub: "7", name: "Lucia Nowak", email: "lucia@example.com", groups: ["it"] };
    const visitor = await visit(browser, { width: 390 });
    const { page } = visitor;
    await page.goto(`${office.url}/#/settings/people?act=invite`);
    await page.getByRole("link", { name: "Continue with 北门" }).click();
    await write(page, "fourth@example.com");
    const dialog = dialogOf(page);
    await dialog.waitFor();
    await dialog.getByRole("button", { name: "Continue with 北门" }).waitFor();
    expect(await faultsOf(visitor, "en")).toEqual([]);
    provider.fault = "tells no auth_time";
    await dialog.getByRole("button", { name: "Continue with 北门" }).click();
    await dialog.getByRole("alert").filter({ hasText: "did not ask you again" }).waitFor();
    provider.fault = null;
    const opened = page.context().waitForEvent("page");
    await dialog.getByRole("button", { name: "Continue with 北门" }).click();
    const window = await opened;
    await page.getByRole("link", { name: "Open the link" }).waitFor();
    if (!window.isClosed()) await window.waitForEvent("close");
    const { accounts } = await office.api.ask("GET /v1/accounts");
    expect(accounts.some((one) => one.email === "fourth@example.com")).toBe(true);
    await visitor.leave();
  });
});
