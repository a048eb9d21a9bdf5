import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { codeAt } from "../support/app-codes.ts";
import { inChromium, openChromium } from "./support/chromium.ts";
import { type Office, openOffice } from "./support/office.ts";
import { hire, sendPassword, signInAs } from "./support/people.ts";
import { visit } from "./support/visitor.ts";
import { faultsOf, openPage } from "./support/whole.ts";

inChromium("who needs a second factor, in the console", () => {
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
      title: "Second step of signing in",
      change: "Change",
      save: "Save",
      nobody: "nobody",
      everybody: "everybody",
      own: "Set up a second factor of your own first, under Settings › You",
      saved: "Saved.",
      add: "Add codes…",
      addOne: "Add one",
      adding: "Add codes of an app",
      until: /^You need a second step\. Add one by /,
      code: "Code of six digits",
      recovery: "Recovery codes",
      kept: "add another one before you remove it",
      late: "You need a second factor here, and the time to set one up is over; ask an administrator for a new link",
    },
    zh: {
      title: "两步验证",
      change: "修改",
      save: "保存",
      nobody: "无人",
      everybody: "所有人",
      own: "请先在“设置 › 我的账号”中为自己设置两步验证",
      saved: "已保存。",
      add: "添加验证码…",
      addOne: "添加",
      adding: "添加应用的验证码",
      until: /^您必须使用两步验证。请在/,
      code: "六位验证码",
      recovery: "恢复码",
      kept: "移除之前请先添加另一个",
      late: "您必须使用两步验证，而设置期限已过：请向管理员要一个新链接",
    },
  } as const;

  /** Types the first code of the dialog that shows a seed, and closes the recovery codes. */
  const confirm = async (page: Page, t: (typeof texts)["en" | "zh"]) => {
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("textbox").press("Enter");
    const secret = ((await dialog.locator(".seed").textContent()) ?? "").replaceAll(" ", "");
    await dialog.getByLabel(t.code).fill(codeAt(secret, Date.now()));
    await page.keyboard.press("Enter");
    await dialog.getByRole("heading", { name: t.recovery }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("row").filter({ hasText: t.recovery }).waitFor();
  };

  it.each([
    ["en", 1280],
    ["zh", 390],
  ] as const)(
    "is set by an administrator, and leads a guard to adding codes, in %s at %i px",
    async (language, width) => {
      const t = texts[language];
      const [root, email] = [`root-${width}@example.com`, `guard-${width}@example.com`];
      await hire(office, { name: "Grace Silva", email: root, role: "administrator" });
      await hire(office, { name: "李敏", email, role: "guard" });
      const admin = await visit(browser, { width, language });
      const { page } = admin;
      await signInAs(admin, office, root, "#/settings/people");
      const panel = page.getByRole("region", { name: t.title });
      await panel.getByText(t.nobody, { exact: true }).waitFor();
      expect(await faultsOf(admin, language)).toEqual([]);
      const choose = async () => {
        await panel.getByRole("button", { name: t.change }).click();
        const dialog = page.getByRole("dialog");
        await dialog.getByRole("radio", { name: t.nobody }).focus();
        for (let n = 0; n < 3; n++) await page.keyboard.press("ArrowDown");
        expect(await dialog.getByRole("radio", { name: t.everybody }).isChecked()).toBe(true);
        await page.keyboard.press("Enter");
        return dialog;
      };
      const refused = await choose();
      await refused.getByText(t.own).waitFor();
      expect(await faultsOf(admin, language)).toEqual([]);
      await page.keyboard.press("Escape");

      await openPage(page, `${office.url}/#/settings/you`);
      await page.getByRole("button", { name: t.add }).click();
      await confirm(page, t);
      await openPage(page, `${office.url}/#/settings/people`);
      await choose();
      await panel.getByText(t.everybody, { exact: true }).waitFor();
      await page.getByText(t.saved).waitFor();

      const guard = await visit(browser, { width, language });
      await guard.page.goto(`${office.url}/#/events`);
      await sendPassword(guard, email);
      await guard.page.getByRole("dialog").getByRole("heading", { name: t.adding }).waitFor();
      expect(guard.page.url()).toMatch(/#\/settings\/you$/);
      await guard.page.keyboard.press("Escape");
      await guard.page.getByText(t.until).waitFor();
      expect(await faultsOf(guard, language)).toEqual([]);
      await openPage(guard.page, `${office.url}/#/events`);
      await guard.page.getByText(t.until).waitFor();
      expect(await faultsOf(guard, language)).toEqual([]);
      await guard.page.getByRole("link", { name: t.addOne, exact: true }).click();
      await guard.page.getByRole("dialog").waitFor();
      await confirm(guard.page, t);
      await guard.page.getByText(t.until).waitFor({ state: "detached" });
      const only = guard.page.getByRole("row").filter({ hasText: t.kept });
      await only.waitFor();
      expect(await only.getByRole("button").count()).toBe(0);
      expect(await faultsOf(guard, language)).toEqual([]);
      await openPage(guard.page, `${office.url}/#/events`);
      expect(await guard.page.getByText(t.until).count()).toBe(0);
      await guard.leave();

      const { version } = await office.api.ask("GET /v1/sign-in/policy");
      await office.api.ask("PUT /v1/sign-in/policy", { body: { version, requiredFrom: null } });
      await admin.leave();
    },
  );

  it.each([
    ["en", 390],
    ["zh", 1280],
  ] as const)("refuses a password after the time to add one, in %s at %i px", async (language, width) => {
    const visitor = await visit(browser, { language, width });
    const { page } = visitor;
    const detail =
      "you need a second factor here, and the time to set one up is over; ask an administrator for a new link";
    await page.route("**/v1/sessions", (route) =>
      route.fulfill({
        status: 403,
        contentType: "application/problem+json",
        body: JSON.stringify({ title: "Forbidden", status: 403, detail, code: "factor-overdue" }),
      }),
    );
    await page.goto(`${office.url}/#/live`);
    await sendPassword(visitor, "late@example.com");
    await page.getByRole("alert").filter({ hasText: texts[language].late }).waitFor();
    expect(await faultsOf(visitor, language)).toEqual([]);
    await visitor.leave();
  });
});
