import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { OidcProvider } from "../standins/oidc/provider.ts";
import { inChromium, openChromium } from "./support/chromium.ts";
import { type Office, openOffice } from "./support/office.ts";
import { hire, password, sendPassword, signInAs } from "./support/people.ts";
import { pressPair, signIn, visit } from "./support/visitor.ts";
import { faultsOf, openPage } from "./support/whole.ts";

const grace = { name: "Grace Silva", email: "grace@example.com", role: "administrator" } as const;
const min = { name: "陈敏", email: "min@example.com", role: "manager" } as const;
const jonas = { name: "Jonas Keller", email: "jonas@example.com", role: "guard" } as const;

inChromium("people in the console", () => {
  let office: Office;
  let browser: Browser;
  let provider: OidcProvider;
  beforeAll(async () => {
    provider = await new OidcProvider().start();
    const { id: clientId, secret: clientSecret } = provider.client;
    office = await openOffice({ scale: 0.2, looks: 6, company: { issuer: provider.issuer, clientId, clientSecret } });
    await office.pass(800, 6);
    await office.strangerPasses();
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await office?.close();
    await provider?.stop();
  });

  it("lets an admin key make the first account, which signs out and in again", async () => {
    const visitor = await visit(browser);
    const { page } = visitor;
    await signIn(visitor, office.url, office.admin);
    await page.getByRole("link", { name: "Create your account" }).first().click();
    await page.getByLabel("E-mail").fill(grace.email);
    await page.getByRole("button", { name: "Create link" }).click();
    await page.getByRole("link", { name: "Open the link" }).click();
    await page.getByLabel("Name").fill(grace.name);
    await page.getByLabel("Password", { exact: true }).fill("password12");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").filter({ hasText: "among the most used" }).waitFor();
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { level: 1, name: "Live" }).waitFor();
    expect(page.url()).toBe(`${office.url}/#/live`);
    await page.getByText("Grace Silva · Administrator").first().waitFor();
    await page.getByRole("status").filter({ hasText: "Connected" }).first().waitFor();
    await page.reload();
    await page.getByRole("heading", { level: 1, name: "Live" }).waitFor();
    await page.getByRole("button", { name: "Sign out" }).first().click();
    await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
    // The session has ended at the server, too.
    await page.goto(`${office.url}/#/events?type=stranger`);
    await page.reload();
    await sendPassword(visitor, grace.email, "not the password");
    await page.getByRole("alert").filter({ hasText: "E-mail or password is wrong." }).waitFor();
    await sendPassword(visitor, grace.email.toUpperCase());
    await page.getByRole("heading", { level: 1, name: "Events" }).waitFor();
    expect(page.url()).toBe(`${office.url}/#/events?type=stranger`);
    await visitor.leave();
  });

  it("says how long the next try has to wait", async () => {
    const visitor = await visit(browser);
    const { page } = visitor;
    await page.goto(`${office.url}/#/sign-in`);
    await page.route(/\/v1\/sessions$/, (route) =>
      route.fulfill({ status: 429, headers: { "retry-after": "3000" }, json: { detail: "too many failures" } }),
    );
    await sendPassword(visitor, jonas.email);
    await page
      .getByRole("alert")
      .filter({ hasText: /The next try is possible in (3000|29\d\d) s\./ })
      .waitFor();
    expect(await page.getByRole("button", { name: "Sign in", exact: true }).isDisabled()).toBe(true);
    expect(await faultsOf(visitor, "en")).toEqual([]);
    await visitor.leave();
  });

  it("takes an invitation once", async () => {
    const made = await office.api.ask("POST /v1/accounts", { body: { email: "once@example.com", role: "guard" } });
    const [first, second] = [await visit(browser, { width: 390 }), await visit(browser)];
    await first.page.goto(made.invitation.url);
    await first.page.getByText("Gatepost has invited you. Your role is guard, and you see everything.").waitFor();
    expect(await faultsOf(first, "en")).toEqual([]);
    await first.page.getByLabel("Name").fill("Once Only");
    const field = first.page.getByLabel("Password", { exact: true });
    expect(await field.getAttribute("type")).toBe("password");
    expect(await field.getAttribute("autocomplete")).toBe("new-password");
    await field.fill(password);
    await first.page.getByRole("button", { name: "Sign in" }).click();
    await first.page.getByRole("heading", { level: 1, name: "Live" }).waitFor();
    await second.page.goto(made.invitation.url);
    await second.page.getByRole("alert").filter({ hasText: "This link was used, or has expired" }).waitFor();
    await second.page.getByRole("link", { name: "Sign in" }).click();
    await second.page.getByLabel("E-mail").waitFor();
    await first.leave();
    await second.leave();
  });

  it.each([390, 1280])("shows people their own account in both languages, accessible, at %i px", async (width) => {
    const email = `own-${width}@example.com`;
    await hire(office, { name: "李敏", email, role: "guard" });
    const visitor = await visit(browser, { width });
    const { page } = visitor;
    await signInAs(visitor, office, email, "#/settings/you");
    for (const language of ["en", "zh"] as const) {
      await page.evaluate(`localStorage.setItem("gatepost-preferences", '{"language":"${language}"}')`);
      await page.reload();
      await openPage(page, `${office.url}/#/settings/you`);
      await page.getByText(email).first().waitFor();
      expect(await faultsOf(visitor, language)).toEqual([]);
    }
    await page.getByRole("button", { name: "修改密码…" }).click();
    const current = page.getByRole("dialog").getByLabel("当前密码");
    expect(await current.getAttribute("autocomplete")).toBe("current-password");
    await current.fill("six red boats");
    await page.getByRole("dialog").getByLabel("新密码").fill("eight blue kites");
    await page.getByRole("dialog").getByRole("button", { name: "保存" }).click();
    await page
      .getByRole("alert")
      .filter({ hasText: /^这不是您的密码$/ })
      .waitFor();
    expect(await current.getAttribute("aria-invalid")).toBe("true");
    await visitor.leave();
  });

  it("shows a guard the pages of the role, and says who can give others", async () => {
    await hire(office, jonas);
    const visitor = await visit(browser);
    const { page } = visitor;
    await signInAs(visitor, office, jonas.email, "#/boxes");
    await page.getByRole("heading", { name: "Your role does not allow this. Grace Silva can change it." }).waitFor();
    const rail = page.getByRole("navigation", { name: "Main" }).first().getByRole("list").getByRole("link");
    expect((await rail.allTextContents()).map((text) => text.replace(/\d.*/, ""))).toEqual([
      "Live",
      "Events",
      "Actions",
      "Settings",
    ]);
    await pressPair(page, "g", "b");
    await pressPair(page, "g", "e");
    await page.getByRole("heading", { level: 1, name: "Events" }).waitFor();
    await page.getByRole("table", { name: "Results" }).waitFor();
    expect(await page.getByRole("button", { name: "Export" }).count()).toBe(0);
    await page.goto(`${office.url}/#/settings`);
    await page.getByRole("heading", { level: 2, name: jonas.name }).waitFor();
    const sections = page.getByRole("navigation", { name: "Settings" }).getByRole("link");
    expect(await sections.allTextContents()).toEqual(["You", "This browser", "About"]);
    await visitor.leave();
  });

  it("names two people in two browsers at what they did, also in the log", async () => {
    await hire(office, min);
    const { actions } = await office.api.actions({ want: "1001", state: "announced" });
    const [action] = actions;
    const [guard, manager] = [await visit(browser), await visit(browser)];
    await signInAs(guard, office, jonas.email, `#/events/${action?.eventId}`);
    await signInAs(manager, office, min.email, "#/actions");
    await guard.page.getByRole("heading", { name: "Notifications and decisions" }).waitFor();
    await guard.page.keyboard.press("x");
    await manager.page.getByRole("button", { name: "Register…" }).first().click();
    await manager.page.getByLabel("Name").fill("New Colleague");
    await manager.page.getByRole("dialog").getByText("Employee", { exact: true }).click();
    await manager.page.getByRole("dialog").getByRole("button", { name: "Register", exact: true }).click();
    await manager.page.getByText(/^Approved: New Colleague/).waitFor();
    await manager.page.getByText(min.name, { exact: true }).nth(1).waitFor();
    await expect
      .poll(async () => (await office.api.event(action?.eventId ?? "")).acknowledgement?.by.name)
      .toBe(jonas.name);
    const admin = await visit(browser);
    await signInAs(admin, office, grace.email, `#/events/${action?.eventId}`);
    await admin.page.getByRole("listitem").filter({ hasText: `Seen` }).filter({ hasText: jonas.name }).waitFor();
    await admin.page
      .getByRole("listitem")
      .filter({ hasText: "Approved for the boxes" })
      .filter({ hasText: min.name })
      .waitFor();
    await admin.page.getByRole("button", { name: "Erase this event" }).click();
    await admin.page.getByRole("dialog").getByRole("button", { name: "Erase" }).click();
    await admin.page.getByRole("status").filter({ hasText: "The event is erased." }).waitFor();
    await admin.page.goto(`${office.url}/#/settings/log`);
    const rows = admin.page.getByRole("table", { name: "Who did what" }).getByRole("row");
    await rows.filter({ hasText: "erased an event" }).filter({ hasText: grace.name }).waitFor();
    await rows.filter({ hasText: "registered a person" }).filter({ hasText: min.name }).waitFor();
    await admin.page.getByRole("button", { name: "Who", exact: true }).click();
    await admin.page.getByRole("button", { name: /^陈敏/ }).click();
    await expect.poll(() => rows.filter({ hasText: grace.name }).count()).toBe(0);
    await admin.page.getByRole("button", { name: "Verify" }).click();
    await admin.page
      .getByRole("status")
      .filter({ hasText: /^unbroken, \d+ entries$/ })
      .waitFor();
    for (const one of [guard, manager, admin]) await one.leave();
  });

  it("signs out whose role was changed, and is back at the same address afterwards", async () => {
    const [guard, admin] = [await visit(browser), await visit(browser)];
    await signInAs(guard, office, jonas.email, "#/events?type=employee");
    await guard.page.getByRole("table", { name: "Results" }).waitFor();
    await signInAs(admin, office, grace.email, "#/settings/people");
    const role = admin.page.getByRole("combobox", { name: "Role of Jonas Keller" });
    await role.selectOption("manager");
    await admin.page.getByRole("status").filter({ hasText: "Jonas Keller: Manager" }).waitFor();
    await guard.page.getByRole("alert").filter({ hasText: "You were signed out" }).waitFor();
    await admin.page.getByRole("button", { name: "Undo" }).click();
    await expect.poll(() => role.inputValue()).toBe("guard");
    expect(await admin.page.getByRole("combobox", { name: "Role of Grace Silva" }).isDisabled()).toBe(true);
    await sendPassword(guard, jonas.email);
    await guard.page.getByRole("table", { name: "Results" }).waitFor();
    expect(new URL(guard.page.url()).hash).toBe("#/events?type=employee");
    await guard.leave();
    await admin.leave();
  });

  it("signs in with the company, by the groups that an administrator has mapped", async () => {
    const [admin, colleague] = [await visit(browser), await visit(browser)];
    await signInAs(admin, office, grace.email, "#/settings/people");
    await admin.page.getByRole("button", { name: "New group" }).click();
    await admin.page.getByLabel("Group, as the provider names it").fill("managers");
    await admin.page.getByRole("dialog").getByLabel("Role").selectOption("manager");
    await admin.page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await admin.page.getByRole("combobox", { name: "Role of managers" }).waitFor();
    const { page } = colleague;
    provider.person = { sub: "7", name: "Lucia Nowak", email: "lucia@example.com", groups: ["cooks"] };
    await page.goto(`${office.url}/#/statistics`);
    await page.getByRole("link", { name: /^Continue with/ }).click();
    await page.getByRole("alert").filter({ hasText: "You have no account here." }).waitFor();
    provider.person.groups = ["managers"];
    // Loaded anew: the link of the page that was refused leads to Live.
    await page.goto("about:blank");
    await page.goto(`${office.url}/#/statistics`);
    await page.getByRole("link", { name: /^Continue with/ }).click();
    await page.getByRole("heading", { level: 1, name: "Statistics" }).waitFor();
    await page.getByText("Lucia Nowak · Manager").first().waitFor();
    await admin.leave();
    await colleague.leave();
  });

  it("names boxes and sites, takes that back, and filters by site", async () => {
    const visitor = await visit(browser);
    const { page } = visitor;
    await signInAs(visitor, office, grace.email, "#/settings/sites");
    await page.getByRole("button", { name: "New site" }).click();
    await page.getByRole("dialog").getByLabel("Name").fill("Head Office");
    await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await page.getByRole("region", { name: "Head Office" }).waitFor();
    await page.getByRole("combobox", { name: "Site of gate-1" }).selectOption("head-office");
    await page.getByRole("status").filter({ hasText: "gate-1: Head Office" }).waitFor();
    await page.getByRole("button", { name: "Open: Head Office" }).click();
    const name = page.getByRole("textbox", { name: "Display name of gate-1" });
    await name.fill("South gate");
    await name.press("Enter");
    await page.getByRole("status").filter({ hasText: "gate-1: South gate" }).waitFor();
    await name.fill("Wrong gate");
    await name.press("Tab");
    await page.getByRole("status").filter({ hasText: "gate-1: Wrong gate" }).waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await expect
      .poll(async () => (await office.api.ask("GET /v1/boxes/{id}", { path: { id: "gate-1" } })).name)
      .toBe("South gate");
    await page.getByRole("button", { name: "Edit: Head Office" }).click();
    await page.getByText("This site has boxes, so it cannot be removed.").waitFor();
    await page.goto(`${office.url}/#/events`);
    await page.getByRole("button", { name: "Site", exact: true }).click();
    await page.getByRole("button", { name: /^Head Office/ }).click();
    const rows = page.getByRole("table", { name: "Results" }).locator("tr[data-event]");
    await expect.poll(() => rows.filter({ hasNotText: "South gate" }).count()).toBe(0);
    await expect.poll(() => rows.filter({ hasText: "South gate" }).count()).toBeGreaterThan(0);
    await page.goto(`${office.url}/#/boxes?site=head-office`);
    await page.getByRole("article", { name: "South gate" }).waitFor();
    await expect.poll(() => page.getByRole("article").count()).toBe(1);
    await visitor.leave();
  });
});
