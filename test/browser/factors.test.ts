import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { codeAt } from "../support/app-codes.ts";
import { inChromium, openChromium } from "./support/chromium.ts";
import { type Office, openOffice } from "./support/office.ts";
import { hire, sendPassword, signInAs } from "./support/people.ts";
import { type Visitor, visit } from "./support/visitor.ts";
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
      end: "End",
      app: "codes of an app",
      byCode: "Open the app with your codes.",
      byRecovery: "Type one of your recovery codes.",
      offline: "Gatepost cannot be reached",
      othersEnd: "all other browsers are signed out",
      late: "You need a second step, and its time is over",
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
      end: "结束",
      app: "应用的验证码",
      byCode: "请打开显示验证码的应用。",
      byRecovery: "请输入一个恢复码。",
      offline: "无法连接 Gatepost",
      othersEnd: "其他浏览器全部退出",
      late: "您必须使用两步验证，而期限已过",
    },
  } as const;

  /** Adds codes under the proposed name, and leaves the recovery codes open. Returns the code that was used. */
  const addCodes = async (visitor: Visitor, language: "en" | "zh") => {
    const { page } = visitor;
    const t = texts[language];
    await page.getByRole("button", { name: t.add }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("textbox").press("Enter");
    const secret = ((await dialog.locator(".seed").textContent()) ?? "").replaceAll(" ", "");
    expect(await faultsOf(visitor, language)).toEqual([]);
    const code = codeAt(secret, Date.now());
    await dialog.getByLabel(t.code).fill(code);
    await page.keyboard.press("Enter");
    await dialog.locator("pre").waitFor();
    return code;
  };

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
    const used = await addCodes(visitor, language);
    const dialog = page.getByRole("dialog");
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
    await field.fill(used);
    await again.page.keyboard.press("Enter");
    await again.page.getByRole("alert").filter({ hasText: t.wrong }).waitFor();
    await again.page.getByText(t.byCode).waitFor();
    await again.page.getByRole("button", { name: t.useRecovery }).click();
    await again.page.getByText(t.byRecovery).waitFor();
    expect(await again.page.getByText(t.byCode).count()).toBe(0);
    expect(await faultsOf(again, language)).toEqual([]);
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

  it.each([
    ["en", 390],
    ["zh", 1280],
  ] as const)("is removed with the other sessions, or says why not, in %s at %i px", async (language, width) => {
    const t = texts[language];
    const email = `removes-${width}@example.com`;
    await hire(office, { name: "李敏", email, role: "guard" });
    const [other, visitor] = [await visit(browser, { language }), await visit(browser, { width, language })];
    await signInAs(other, office, email);
    await signInAs(visitor, office, email, "#/settings/you");
    const { page } = visitor;
    await addCodes(visitor, language);
    await page.keyboard.press("Escape");
    // The one of the invitation, and the other browser.
    const ends = page.getByRole("button", { name: t.end, exact: true });
    await expect.poll(() => ends.count()).toBe(2);
    const dialog = page.getByRole("dialog");
    const remove = async () => {
      await page.getByRole("row").filter({ hasText: t.app }).getByRole("button", { name: t.remove }).click();
      await dialog.getByText(t.othersEnd).waitFor();
      expect(await faultsOf(visitor, language)).toEqual([]);
      await dialog.getByRole("button", { name: t.remove }).click();
    };
    const unreached = await page.route("**/v1/me/factors/*", (route) => route.abort());
    await remove();
    await page.getByRole("status").filter({ hasText: t.offline }).waitFor();
    await unreached.dispose();
    await remove();
    await page.getByText(t.none).waitFor();
    await expect.poll(() => ends.count()).toBe(0);
    await visitor.leave();
    await other.leave();
  });

  it.each([
    ["en", 1280],
    ["zh", 390],
  ] as const)("can only be added once it is too late, in %s at %i px", async (language, width) => {
    const t = texts[language];
    const email = `late-${width}@example.com`;
    await hire(office, { name: "李敏", email, role: "guard" });
    const visitor = await visit(browser, { width, language });
    const { page } = visitor;
    await signInAs(visitor, office, email);
    const kept = { createdAt: "2026-01-01T00:00:00Z", lastUsedAt: null };
    const factors = [
      { id: "fac_1", kind: "passkey", name: "A", isLost: true, left: null, ...kept },
      { id: "fac_2", kind: "recovery", name: null, isLost: false, left: 9, ...kept },
    ];
    const answer = { factors, required: true, until: "2026-01-08T00:00:00Z" };
    await page.route("**/v1/me/factors", (route) => route.fulfill({ json: answer }));
    await openPage(page, `${office.url}/#/settings/you`);
    await page.getByText(t.left).waitFor();
    await page.getByText(t.late).waitFor();
    expect(await page.getByRole("button", { name: t.remove }).count()).toBe(0);
    expect(await page.getByRole("button", { name: t.add }).count()).toBe(1);
    await visitor.leave();
  });

  it.each([
    ["en", 390],
    ["zh", 1280],
  ] as const)("is asked of who has recovery codes alone in their words, in %s at %i px", async (language, width) => {
    const t = texts[language];
    const email = `alone-${width}@example.com`;
    await hire(office, { name: "李敏", email, role: "administrator" });
    const visitor = await visit(browser, { width, language });
    const { page } = visitor;
    const half = await page.route("**/v1/sessions", (route) =>
      route.fulfill({ status: 202, json: { needs: ["recovery"] } }),
    );
    await page.goto(`${office.url}/#/settings/you`);
    await sendPassword(visitor, email);
    await page.getByText(t.byRecovery).waitFor();
    expect(await page.getByText(t.byCode).count()).toBe(0);
    expect(await faultsOf(visitor, language)).toEqual([]);
    await half.dispose();

    await page.reload();
    await sendPassword(visitor, email);
    const refusal = { title: "Forbidden", status: 403, detail: "prove it", code: "factor-needed", needs: ["recovery"] };
    await page.getByRole("button", { name: t.add }).waitFor();
    await page.route("**/v1/me/factors", (route) =>
      route.fulfill({ status: 403, contentType: "application/problem+json", body: JSON.stringify(refusal) }),
    );
    await page.getByRole("button", { name: t.add }).click();
    await page.getByRole("dialog").getByRole("textbox").press("Enter");
    await page.getByRole("dialog").getByLabel(t.recovery, { exact: true }).waitFor();
    expect(await faultsOf(visitor, language)).toEqual([]);
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
