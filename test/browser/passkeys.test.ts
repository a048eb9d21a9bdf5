import type { Browser, CDPSession } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { inChromium, openChromium } from "./support/chromium.ts";
import { type OneMachine, openOffice } from "./support/office.ts";
import { hire, sendPassword, signInAs } from "./support/people.ts";
import { type Visitor, visit } from "./support/visitor.ts";
import { faultsOf, openPage } from "./support/whole.ts";

const texts = {
  en: {
    add: "Add passkey…",
    added: "The passkey is added",
    name: "Name",
    close: "Close",
    kind: "passkey",
    signIn: "Sign in with a passkey",
    step: "One more step",
    use: "Use passkey",
    ended: "No passkey was used",
    withRecovery: "Use a recovery code",
    elsewhere: "Passkeys work at the other address",
    known: "This device has a passkey of yours already",
    remove: "Remove",
  },
  zh: {
    add: "添加通行密钥…",
    added: "已添加，下次登录时需要通行密钥",
    name: "名称",
    close: "关闭",
    kind: "通行密钥",
    signIn: "用通行密钥登录",
    step: "还差一步",
    use: "使用通行密钥",
    ended: "未使用通行密钥",
    withRecovery: "使用恢复码",
    elsewhere: "通行密钥在此 Gatepost 的另一地址可用",
    known: "此设备已有您的通行密钥",
    remove: "移除",
  },
} as const;

inChromium("a passkey in the console", () => {
  let office: OneMachine;
  let browser: Browser;
  /** The same server at the address that has passkeys. */
  let named: string;
  beforeAll(async () => {
    office = await openOffice({ scale: 0.2, looks: 2 });
    named = office.url.replace("127.0.0.1", "localhost");
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await office?.close();
  });

  /** Gives a page a device that keeps passkeys, and whose person is there and verified. */
  const giveDevice = async ({ page }: Visitor) => {
    const session = await page.context().newCDPSession(page);
    await session.send("WebAuthn.enable");
    const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    return { session, authenticatorId };
  };
  const verify = (
    { session, authenticatorId }: { session: CDPSession; authenticatorId: string },
    isUserVerified: boolean,
  ) => session.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified });
  const signOut = async ({ page }: Visitor, at: string) => {
    await page.context().clearCookies();
    await openPage(page, `${at}/#/sign-in`);
  };

  it.each([
    ["en", 1280],
    ["zh", 390],
  ] as const)("is added, signs in alone and as the second step, in %s at %i px", async (language, width) => {
    const t = texts[language];
    const email = `passkey-${width}@example.com`;
    await hire(office, { name: "李敏", email, role: "administrator" });
    const visitor = await visit(browser, { width, language });
    const { page } = visitor;
    const device = await giveDevice(visitor);
    await signInAs(visitor, { ...office, url: named }, email, "#/settings/you");
    await openPage(page, `${named}/#/settings/you`);
    await page.getByRole("button", { name: t.add }).press("Enter");
    const dialog = page.getByRole("dialog");
    await expect.poll(() => page.evaluate("document.activeElement.tagName")).toBe("INPUT");
    expect(await faultsOf(visitor, language)).toEqual([]);
    await page.keyboard.press("Enter");
    expect(((await dialog.locator("pre").textContent()) ?? "").split("\n")).toHaveLength(10);
    await dialog.getByRole("button", { name: t.close }).last().click();
    await page.getByRole("row").filter({ hasText: t.kind }).waitFor();
    expect(await faultsOf(visitor, language)).toEqual([]);

    await page.getByRole("button", { name: t.add }).click();
    await dialog.getByLabel(t.name).press("Enter");
    await dialog.getByRole("alert").filter({ hasText: t.known }).waitFor();
    await page.keyboard.press("Escape");

    await signOut(visitor, named);
    const alone = page.getByRole("button", { name: t.signIn });
    await alone.waitFor();
    expect(await faultsOf(visitor, language)).toEqual([]);
    await verify(device, false);
    await alone.click();
    await page.getByRole("alert").filter({ hasText: t.ended }).waitFor();
    await verify(device, true);
    await alone.press("Enter");
    await page.getByRole("navigation").first().waitFor();

    await signOut(visitor, named);
    await sendPassword(visitor, email);
    await page.getByRole("heading", { level: 1, name: t.step }).waitFor();
    const use = page.getByRole("button", { name: t.use });
    await expect.poll(() => use.evaluate((one) => one.ownerDocument.activeElement === one)).toBe(true);
    await page.getByRole("button", { name: t.withRecovery }).waitFor();
    expect(await faultsOf(visitor, language)).toEqual([]);
    await page.keyboard.press("Enter");
    await page.getByRole("navigation").first().waitFor();

    const { sessions } = office.runtime.reads;
    const { accounts } = await office.api.ask("GET /v1/accounts");
    const id = accounts.find((one) => one.email === email)?.id ?? "";
    for (const one of await sessions.of(id)) await sessions.prove(one.id, id, { at: 1 });
    await openPage(page, `${named}/#/settings/you`);
    const row = page.getByRole("row").filter({ hasText: t.kind });
    await row.getByRole("button", { name: t.remove }).click();
    await dialog.getByRole("button", { name: t.remove }).click();
    const proof = page.getByRole("dialog").filter({ has: page.getByRole("button", { name: t.use }) });
    await proof.getByRole("button", { name: t.withRecovery }).waitFor();
    expect(await faultsOf(visitor, language)).toEqual([]);
    await proof.getByRole("button", { name: t.use }).press("Enter");
    await row.waitFor({ state: "detached" });
    await visitor.leave();
  });

  it("is offered where it works alone: another address says where, and asks for a code", async () => {
    const t = texts.en;
    const email = "elsewhere@example.com";
    await hire(office, { name: "Ada Lovelace", email, role: "guard" });
    const visitor = await visit(browser, { width: 390 });
    const { page } = visitor;
    await giveDevice(visitor);
    await signInAs(visitor, { ...office, url: named }, email, "#/settings/you");
    await openPage(page, `${named}/#/settings/you`);
    await page.getByRole("button", { name: t.add }).click();
    await page.getByRole("dialog").getByLabel(t.name).press("Enter");
    const codes = ((await page.getByRole("dialog").locator("pre").textContent()) ?? "").split("\n");

    await page.goto(`${office.url}/#/settings/you`);
    expect(await page.getByRole("button", { name: t.signIn }).count()).toBe(0);
    await sendPassword(visitor, email);
    await page.getByText(t.elsewhere).waitFor();
    expect(await page.getByRole("link", { name: named }).getAttribute("href")).toBe(`${named}/`);
    expect(await page.getByRole("button", { name: t.use }).count()).toBe(0);
    expect(await faultsOf(visitor, "en")).toEqual([]);
    await page.getByLabel("Recovery code").fill(codes[0] ?? "");
    await page.keyboard.press("Enter");
    await page.getByRole("row").filter({ hasText: t.kind }).waitFor();
    await page.getByText(t.elsewhere).waitFor();
    expect(await page.getByRole("button", { name: t.add }).count()).toBe(0);
    expect(await faultsOf(visitor, "en")).toEqual([]);
    await visitor.leave();
  });
});
