import { readFile, writeFile } from "node:fs/promises";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Subscriber } from "../support/subscriber.ts";
import { axeFaults } from "./support/axe.ts";
import { inChromium, openChromium } from "./support/chromium.ts";
import { type OneMachine, openOffice } from "./support/office.ts";
import { signIn, type Visitor, visit } from "./support/visitor.ts";

const robot = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1";
const blacklist = {
  source: ["gatepost"],
  "detail-type": ["Face Event Recorded"],
  detail: { event: { person: { type: ["blacklist"] } } },
};

inChromium("rules by cards", () => {
  let office: OneMachine;
  let browser: Browser;
  beforeAll(async () => {
    office = await openOffice({ scale: 0.2, looks: 12, announceEvents: true });
    await office.pass(1500, 30);
    await office.strangerPasses();
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await office?.close();
  });

  const enter = async (path = "rules", look = {}): Promise<Visitor> => {
    const visitor = await visit(browser, look);
    await signIn(visitor, office.url, office.admin);
    await visitor.page.goto(`${office.url}/#/${path}`);
    return visitor;
  };

  const written = async (): Promise<unknown> => JSON.parse(await readFile(office.runtime.folder.rules, "utf8"));

  it("sends a rule what it missed, after it has counted it", async () => {
    const hook = await Subscriber.listen();
    const missed = { name: "missed", pattern: { source: ["gatepost"] }, target: { url: hook.url, allowPrivate: true } };
    await writeFile(office.runtime.folder.rules, JSON.stringify([missed]));
    const visitor = await enter();
    const { page } = visitor;
    await page.getByRole("button", { name: "Send what it missed…" }).click();
    const dialog = page.getByRole("dialog", { name: "What missed missed" });
    await dialog.getByRole("button", { name: "Count" }).click();
    await dialog.getByText(/^\d+ entr(y|ies) to send/).waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await dialog.getByRole("button", { name: /^Send \d+$/ }).click();
    await dialog.getByText(/^\d+ entr(y|ies) sent/).waitFor();
    await expect.poll(() => hook.envelopes.some(({ detail }) => detail["repeat"] === true)).toBe(true);
    await visitor.leave();
    await hook.close();
    await writeFile(office.runtime.folder.rules, "[]");
  });

  it("names every failing target among the problems, in Chinese and with what it says itself", async () => {
    const written = ["desk", "door"].map((name) => ({ name, pattern: blacklist, target: { url: robot } }));
    await writeFile(office.runtime.folder.rules, JSON.stringify(written));
    const visitor = await visit(browser, { language: "zh" });
    const { page } = visitor;
    const reasons = ["targets that take nothing: 2; see Rules, or gatepost status"];
    await page.route("**/healthz", (route) => route.fulfill({ json: { status: "degraded", reasons } }));
    await page.route("**/v1/rules", async (route) => {
      const answer = await (await route.fetch()).json();
      const why = ["answered 410", 'Telegram 500: it says "no bot"'];
      const rules = answer.rules.map((rule: object, at: number) => ({
        ...rule,
        failing: { since: "2026-11-20T12:00:00.000Z", reason: why[at] },
      }));
      await route.fulfill({ json: { ...answer, rules } });
    });
    await signIn(visitor, office.url, office.admin);
    await page.goto(`${office.url}/#/problems`);
    const strip = page.locator(".strip li");
    await strip.getByText("（desk 返回 410）").waitFor();
    await strip.getByText('（Telegram 500: 对方说 "no bot"）').waitFor();
    expect(await strip.count()).toBe(2);
    const [first, second] = await strip.evaluateAll((all) => all.map((one) => one.getBoundingClientRect().bottom));
    expect(first).toBeLessThan(second ?? 0);
    expect(await axeFaults(page)).toEqual([]);
    await visitor.leave();
    await writeFile(office.runtime.folder.rules, "[]");
  });

  it("tells a WeCom group of the blacklist after two presses and a paste", async () => {
    const visitor = await enter();
    const { page } = visitor;
    await page.getByRole("button", { name: "a blacklisted person passes" }).click();
    await page.getByLabel("Sent to").fill(robot);
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("The rule is saved.").waitFor();
    await expect.poll(written).toEqual([
      {
        name: "blacklist",
        pattern: blacklist,
        target: { url: robot, allowPrivate: false, type: "wecom" },
        changed: { by: expect.stringMatching(/^key_/), at: expect.any(String) },
      },
    ]);
    await page.getByRole("heading", { level: 2, name: "Blacklist" }).waitFor();
    await page.getByRole("switch", { name: "On: blacklist" }).uncheck();
    await page.getByRole("button", { name: /^Blacklist.*off since/ }).waitFor();
    expect(await written()).toMatchObject([{ isOn: false }]);
    await page.getByRole("switch", { name: "On: blacklist" }).check();
    await page.getByRole("button", { name: /^Blacklist.*today/ }).waitFor();
    await visitor.leave();
  });

  it("begins a rule with an event, and says why others do not match", async () => {
    const { events } = await office.api.ask("GET /v1/events", { query: { type: "stranger", limit: 1 } });
    const id = events[0]?.id ?? "";
    const visitor = await enter(`events/${id}`);
    const { page } = visitor;
    const before = await written();
    await page.getByRole("link", { name: "Alert me of this…" }).click();
    await page.getByRole("heading", { level: 2, name: "Strangers at night" }).waitFor();
    expect(new URL(page.url()).hash).toBe(`#/rules/new?card=strangers&from=${id}`);
    expect(await page.getByLabel("kind of person").inputValue()).toBe("strangers");
    expect(await page.getByLabel("gate", { exact: true }).inputValue()).toContain(`"box":"${events[0]?.box.id}"`);
    await page
      .getByRole("status")
      .filter({ hasText: /^[1-9]\d* match$/ })
      .waitFor();
    await page.locator(".bubble").getByText("陌生人").first().waitFor();
    await page.getByLabel("Send to").selectOption("email");
    await page.locator(".bubble").getByText("Stranger").first().waitFor();
    const hour = new Date(events[0]?.time ?? 0).getHours();
    const other = (from: number) => `${String((hour + from) % 24).padStart(2, "0")}:00`;
    await page.getByLabel("Between: begins at").fill(other(3));
    await page.getByLabel("Between: ends at").fill(other(5));
    await page
      .getByRole("button", { name: /does not match$/ })
      .first()
      .click();
    await page.getByText(`is not between ${other(3)} and ${other(5)}`).waitFor();
    await page.getByText("In the last 30 days it would have notified 0 times.").waitFor();
    await page.getByLabel("Between: ends at").fill("x");
    expect(await page.getByRole("button", { name: "Save" }).isDisabled()).toBe(true);
    expect(await written()).toEqual(before);
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Boxes" }).click();
    await page.getByRole("button", { name: "Leave without saving" }).click();
    await visitor.leave();
  });

  it("shows a typed pattern as sentences if they say it, else as its own", async () => {
    const visitor = await enter();
    const { page } = visitor;
    await page.getByRole("button", { name: "New rule" }).click();
    const pattern = page.getByRole("textbox", { name: "Pattern" });
    await pattern.fill(JSON.stringify(blacklist));
    await page.getByLabel("kind of person").waitFor();
    expect(await page.getByLabel("kind of person").inputValue()).toBe("blacklist");
    await page.getByLabel("kind of person").selectOption("strangers");
    await expect.poll(() => pattern.inputValue()).toContain('"stranger"');
    await pattern.fill('{"detail":{"late":[false]}}');
    await page.getByText("This pattern has no sentence").waitFor();
    await page.getByText(/^In the last 30 days/).waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "Leave without saving" }).click();
    await visitor.leave();
  });

  it.each([
    ["wide", { width: 1440 }],
    ["narrow", { width: 390 }],
    ["dark and Chinese", { width: 1024, theme: "dark", language: "zh" }],
  ] as const)("is usable by everyone: %s", async (_, look) => {
    const visitor = await enter("rules/new?card=strangers", look);
    await visitor.page.locator(".bubble .pic").waitFor();
    await visitor.page.locator(".advanced > summary").click();
    expect(await axeFaults(visitor.page)).toEqual([]);
    await visitor.leave();
  });
});
