import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { inChromium } from "../support/chromium.ts";
import { slowLine } from "../support/slow-line.ts";
import { idle } from "../support/visitor.ts";
import { workplace } from "../support/workplace.ts";

inChromium("work with rules", () => {
  const work = workplace();

  it("tries a pattern while typing, explains a mismatch, and saves the rule", async () => {
    const visitor = await work.enter();
    const { page } = visitor;
    await page.goto(`${work.office.url}/#/rules`);
    await page.getByText(/cannot be used: line 1, column \d+, target\.url: must hold no user or password/).waitFor();
    await page.getByRole("button", { name: "New rule" }).click();
    const pattern = page.getByRole("textbox", { name: "Pattern" });
    await pattern.fill('{"source":["gatepost"],"detail":{"event":{"box":{"id":[{"prefix":"gara"}]}}}}');
    await page
      .getByRole("status")
      .filter({ hasText: /^\d+ match$/ })
      .waitFor();
    await page
      .getByRole("button", { name: /does not match$/ })
      .first()
      .click();
    await page.getByText('prefix "gara"').waitFor();
    await pattern.fill("{");
    await page.getByRole("alert").filter({ hasText: "Invalid JSON" }).waitFor();
    expect(await page.getByRole("button", { name: "Save" }).isDisabled()).toBe(true);
    await pattern.fill('{"source":["gatepost"],"detail":{"want_action":["1002"]}}');
    await page.getByLabel("Name", { exact: true }).fill("garage-desk");
    await page.getByLabel("Sent to").fill(`${work.trouble.people.url}/garage`);
    await page.getByLabel("May be on a private network").check();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("The rule is saved.").waitFor();
    await page.getByRole("heading", { level: 2, name: "garage-desk" }).waitFor();
    expect(await page.getByText("unsaved").count()).toBe(0);
    // The draft of another rule stays meanwhile.
    const line = await slowLine(page, /\/v1\/rules\/garage-desk/);
    await page.getByRole("button", { name: "Save" }).click();
    await expect.poll(() => line.answers.length).toBe(1);
    await page.getByRole("button", { name: "New rule" }).click();
    await page.getByLabel("Name", { exact: true }).fill("being-written");
    line.end();
    const listed = page.waitForResponse((answer) => answer.url().endsWith("/v1/rules"));
    for (const answer of line.answers) await answer();
    await listed;
    await idle(page);
    expect(await page.getByLabel("Name", { exact: true }).inputValue()).toBe("being-written");
    await page.getByRole("button", { name: /^garage-desk/ }).click();
    await page.getByRole("button", { name: "Leave without saving" }).click();
    // A new one does not take the place of another.
    await page.getByRole("button", { name: "New rule" }).click();
    await page.getByLabel("Name", { exact: true }).fill("garage-desk");
    await page.getByRole("alert").filter({ hasText: "A rule with this name exists" }).waitFor();
    expect(await page.getByRole("button", { name: "Save" }).isDisabled()).toBe(true);
    await page.getByRole("button", { name: /^garage-desk/ }).click();
    await page.getByRole("button", { name: "Leave without saving" }).click();
    await page.getByRole("button", { name: "Remove the rule" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove the rule" }).click();
    await page.getByRole("button", { name: /^garage-desk/ }).waitFor({ state: "detached" });
    await page.getByRole("heading", { level: 2, name: "people-system" }).waitFor();
    await visitor.leave();
  });

  it("shows the latest answers of subscribers, and never overwrites another user's change", async () => {
    const visitor = await work.enter();
    const { page } = visitor;
    await page.clock.install();
    await page.goto(`${work.office.url}/#/rules`);
    const pattern = page.getByRole("textbox", { name: "Pattern" });
    const first = page.getByRole("button", { name: /^people-system/ });
    await page.getByText(/^Advanced/).click();
    let asked = 0;
    await page.route(/\/v1\/rules$/, async (route) => {
      const listing = await (await route.fetch()).json();
      await route.fulfill({
        json: { ...listing, rules: listing.rules.map((rule: object) => ({ ...rule, waiting: 41 })) },
      });
      asked++;
    });
    await page.clock.fastForward(16_000);
    await first.filter({ hasText: "41" }).waitFor();
    await pattern.fill('{"source":["gatepost"],"detail":{"want_action":["1002"]}}');
    const { etag } = await work.office.api.ask("GET /v1/rules");
    const target = { url: `${work.trouble.people.url}/other`, allowPrivate: true };
    const body = { pattern: { source: ["gatepost"] }, target };
    await work.office.api.ask("PUT /v1/rules/{name}", {
      path: { name: "of-another" },
      body,
      headers: { "if-match": etag },
    });
    await page.clock.fastForward(16_000);
    await expect.poll(() => asked).toBe(2);
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText(/^Someone else has changed the rules/).waitFor();
    await page.getByRole("button", { name: /^of-another/ }).waitFor();
    expect(await pattern.inputValue()).toBe('{"source":["gatepost"],"detail":{"want_action":["1002"]}}');
    const { etag: now } = await work.office.api.ask("GET /v1/rules");
    await work.office.api.ask("DELETE /v1/rules/{name}", {
      path: { name: "of-another" },
      headers: { "if-match": now },
    });
    await visitor.leave();
  });

  it("asks before an unsaved rule is left, in every way of leaving", async () => {
    const visitor = await work.enter();
    const { page } = visitor;
    await page.goto(`${work.office.url}/#/rules`);
    const pattern = page.getByRole("textbox", { name: "Pattern" });
    const written = '{"source":["gatepost"],"detail":{"want_action":["1001"]},"is":["written"]}';
    const question = page.getByRole("dialog", { name: "Leave without saving?" });
    await page.getByRole("button", { name: "New rule" }).click();
    await pattern.fill(written);
    const ways: (() => Promise<unknown>)[] = [
      () => page.getByRole("button", { name: /^people-system/ }).click(),
      () => page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Boxes" }).click(),
      () => page.goBack(),
      () => page.getByRole("button", { name: "Sign out" }).click(),
      () => page.evaluate("location.hash = '#/statistics'"),
    ];
    for (const go of ways) {
      await go();
      await question.getByRole("button", { name: "Stay here" }).click();
      await question.waitFor({ state: "detached" });
      expect([await pattern.inputValue(), new URL(page.url()).hash]).toEqual([written, "#/rules"]);
    }
    const asks = () => page.evaluate("!dispatchEvent(Object.assign(new Event('beforeunload', { cancelable: true })))");
    expect(await asks()).toBe(true);
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Boxes" }).click();
    await question.getByRole("button", { name: "Leave without saving" }).click();
    await page.getByRole("heading", { level: 1, name: "Boxes" }).waitFor();
    expect([new URL(page.url()).hash, await asks()]).toEqual(["#/boxes", false]);
    await visitor.leave();
  });

  it.each([
    ["a visitor arrives", /^a registered visitor arrives/, "visitors", { gates: null }, "访客到达："],
    ["a rule’s target fails", /takes nothing for five minutes/, "targets", {}, "规则的目标无法送达：webhook"],
  ] as const)("begins a rule by the card: %s", async (way, sentence, kind, gates, title) => {
    const visitor = await work.enter();
    const { page } = visitor;
    await page.goto(`${work.office.url}/#/rules`);
    await page.getByRole("button", { name: way }).click();
    await page.getByText(sentence).waitFor();
    await page.getByText(title).waitFor();
    expect(await page.getByLabel("Not again").count()).toBe(0);
    await page.getByText("This cannot be tried on passings: send a test.").waitFor();
    await page.getByLabel("Sent to").fill("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0123456789abcdef");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("The rule is saved.").waitFor();
    const { rules } = await work.office.api.ask("GET /v1/rules");
    expect(rules.find(({ name }) => name === kind)).toMatchObject({ isOn: true, card: { kind, ...gates } });
    await page.reload();
    await page.getByRole("button", { name: kind === "visitors" ? /^Visitors arrive/ : /^A target fails/ }).click();
    await page.getByText(sentence).waitFor();
    await visitor.leave();
  });

  it("writes a rule that tells people, and shows nothing of its secrets again", async () => {
    const visitor = await work.enter();
    const { page } = visitor;
    await page.goto(`${work.office.url}/#/rules`);
    await page.getByRole("button", { name: "New rule" }).click();
    await page.getByLabel("Name", { exact: true }).fill("guards");
    await page.getByLabel("Send to").selectOption("dingtalk");
    await page.getByLabel("Sent to").fill("https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef");
    await page.getByLabel("Secret, password or token").fill("SEChunter2");
    await page.getByLabel("Text: zh, en").fill("{who} {where}");
    await page.getByLabel("Not again").selectOption("for 10 minutes, same gate");
    await page.getByLabel("from", { exact: true }).fill("22:00");
    await page.getByLabel("to", { exact: true }).fill("07:00");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("The rule is saved.").waitFor();
    await page.getByRole("heading", { level: 2, name: "guards" }).waitFor();
    expect(await page.getByLabel("Sent to").inputValue()).toBe(
      "https://oapi.dingtalk.com/robot/send?access_token=***cdef",
    );
    expect(await page.getByLabel("Secret, password or token").inputValue()).toBe("");
    expect(await page.getByLabel("Secret, password or token").getAttribute("placeholder")).toMatch(/^is set/);
    await page.getByLabel("Not again").selectOption("for 60 minutes, same person");
    await page.getByRole("button", { name: "Save" }).click();
    // The sentence about the first one is still there.
    const written = async (): Promise<unknown> => JSON.parse(await readFile(work.office.runtime.folder.rules, "utf8"));
    await expect.poll(written).toContainEqual(
      expect.objectContaining({
        name: "guards",
        target: {
          type: "dingtalk",
          url: "https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef",
          secret: "SEChunter2",
          template: "{who} {where}",
          cooldownSeconds: 3600,
          cooldownPer: "person",
          allowPrivate: false,
          quiet: { from: "22:00", to: "07:00", zone: expect.any(String) },
        },
      }),
    );
    // The server refuses to remove a rule whose change the page has not loaded yet.
    await page.getByText("unsaved", { exact: true }).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Remove the rule" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove the rule" }).click();
    await page.getByRole("button", { name: /^guards/ }).waitFor({ state: "detached" });
    await visitor.leave();
  });
});
