import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { codeAt } from "../support/app-codes.ts";
import { inChromium, openChromium } from "./support/chromium.ts";
import { type Office, openOffice } from "./support/office.ts";
import { hire, sendPassword, signInAs } from "./support/people.ts";
import { visit } from "./support/visitor.ts";
import { faultsOf, openPage } from "./support/whole.ts";

inChromium("a second factor in the console", () => {
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

  const texts = {
    en: {
      add: "Add codes…",
      next: "Next",
      code: "Code of six digits",
      confirm: "Confirm",
      close: "Close",
      shown: "Recovery codes",
      left: "9 left",
      step: "One more step",
      recovery: "Recovery code",
      useRecovery: "Use a recovery code",
      signIn: "Sign in",
      out: "Sign out",
      none: "Your password alone",
      wrong: "This code is wrong, or was used",
      remove: "Remove",
    },
    zh: {
      add: "添加验证码…",
      next: "下一步",
      code: "六位验证码",
      confirm: "确认",
      close: "关闭",
      shown: "恢复码",
      left: "剩余 9 个",
      step: "还差一步",
      recovery: "恢复码",
      useRecovery: "使用恢复码",
      signIn: "登录",
      out: "退出",
      none: "目前只凭密码登录",
      wrong: "验证码不对，或已用过",
      remove: "移除",
    },
  } as const;

  it.each([
    ["en", 1280],
    ["zh", 390],
  ] as const)("is set up in a minute, and asked for, in %s at %i px", async (language, width) => {
    const t = texts[language];
    const email = `sure-${width}@example.com`;
    await hire(office, { name: "李敏", email, role: "guard" });
    const visitor = await visit(browser, { width, language });
    const { page } = visitor;
    await signInAs(visitor, office, email, "#/settings/you");
    await openPage(page, `${office.url}/#/settings/you`);
    await page.getByText(t.none).waitFor();
    await page.getByRole("button", { name: t.add }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("textbox").press("Enter");
    const secret = ((await dialog.locator(".seed").textContent()) ?? "").replaceAll(" ", "");
    expect(await faultsOf(visitor, language)).toEqual([]);
    const code = dialog.getByLabel(t.code);
    await code.fill(codeAt(secret, Date.now() - 30_000));
    await page.keyboard.press("Enter");
    const codes = ((await dialog.locator("pre").textContent()) ?? "").split("\n");
    expect(codes).toHaveLength(10);
    expect(await faultsOf(visitor, language)).toEqual([]);
    await dialog.getByRole("button", { name: t.close }).last().click();
    await page.getByRole("row").filter({ hasText: t.shown }).waitFor();
    expect(await faultsOf(visitor, language)).toEqual([]);

    const again = await visit(browser, { width, language });
    await again.page.goto(`${office.url}/#/settings/you`);
    await sendPassword(again, email);
    await again.page.getByRole("heading", { level: 1, name: t.step }).waitFor();
    const field = again.page.getByLabel(t.code);
    await expect.poll(() => again.page.evaluate("document.activeElement.inputMode")).toBe("numeric");
    expect(await faultsOf(again, language)).toEqual([]);
    await field.fill(codeAt(secret, Date.now() - 30_000));
    await again.page.keyboard.press("Enter");
    await again.page.getByRole("alert").filter({ hasText: t.wrong }).waitFor();
    await again.page.getByRole("button", { name: t.useRecovery }).click();
    await again.page.getByLabel(t.recovery).fill(codes[0] ?? "");
    await again.page.getByRole("button", { name: t.signIn, exact: true }).click();
    await again.page.getByText(t.left).waitFor();
    await again.page.getByRole("row").filter({ hasText: t.shown }).getByRole("button", { name: t.remove }).click();
    const asked = again.page.getByRole("dialog");
    expect(await asked.evaluate((one) => one.ownerDocument.defaultView?.getComputedStyle(one).textAlign)).toBe("start");
    const header = asked.locator("header");
    expect(await header.evaluate((one) => one.ownerDocument.defaultView?.getComputedStyle(one).flexDirection)).toBe(
      "row",
    );
    await asked.getByRole("button", { name: t.remove }).click();
    await again.page.getByText(t.left).waitFor({ state: "detached" });
    await again.leave();
    await visitor.leave();
  });

  it("is taken away by an administrator", async () => {
    const [email, root] = ["lost@example.com", "root@example.com"];
    await hire(office, { name: "Jonas Keller", email, role: "guard" });
    await hire(office, { name: "Grace Silva", email: root, role: "administrator" });
    const admin = await visit(browser);
    await signInAs(admin, office, root, "#/settings/people");
    await admin.page.getByRole("button", { name: "More about Jonas Keller" }).click();
    await admin.page.getByRole("button", { name: "Take second step away" }).click();
    expect(await faultsOf(admin, "en")).toEqual([]);
    await admin.page.getByRole("dialog").getByRole("button", { name: "Take away" }).click();
    await admin.page.getByText("Jonas Keller has no second step any more.").waitFor();
    await admin.leave();
  });
});
