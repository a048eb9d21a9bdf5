import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { inChromium, openChromium } from "./support/chromium.ts";
import type { Office } from "./support/office.ts";
import { post, report } from "./support/report.ts";
import { runtimes } from "./support/runtimes.ts";
import { slowLine } from "./support/slow-line.ts";
import { idle, signIn, type Visitor, visit } from "./support/visitor.ts";

const target = { url: "http://127.0.0.1:9/hooks", allowPrivate: true };
const pattern = { source: ["gatepost"] };

inChromium.each(runtimes)("answers that come late on $runtime", ({ runtime, open }) => {
  let office: Office;
  let browser: Browser;
  beforeAll(async () => {
    office = await open({ scale: 0.2, looks: 6, rules: [{ name: "middle", pattern, target }] });
    await office.pass(1000, 8);
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await office?.close();
  });

  const enter = async (path = ""): Promise<Visitor> => {
    const visitor = await visit(browser);
    await signIn(visitor, office.url, office.admin);
    await visitor.page.goto(`${office.url}/#/${path}`);
    return visitor;
  };

  it("shows no late face of the person before, loaded with the key", async () => {
    const visitor = await enter("live");
    const { page } = visitor;
    await page.getByRole("status").filter({ hasText: "Connected" }).first().waitFor();
    const answers = await brokenCookie(page);
    const latest = page.getByRole("region", { name: /^Latest/ });
    const passes = async () => {
      const known = answers.length;
      await office.pass(50, 20);
      await expect.poll(() => answers.length).toBeGreaterThan(known);
    };
    await passes();
    const first = await latest.getByRole("link").getAttribute("href");
    const early = answers.splice(0);
    await passes();
    await expect.poll(() => latest.getByRole("link").getAttribute("href")).not.toBe(first);
    // More than one may have passed, and AWS may return them in several answers.
    await expect.poll(() => latest.getByRole("link").getAttribute("href")).toContain(await newestOf(office));
    const shown = latest.locator("img").first();
    // The pictures of the person who is shown now arrive first.
    for (let given = 0; !isLoadedByKey(await shown.getAttribute("src").catch(() => null)); ) {
      const answer = answers[given];
      if (answer !== undefined) given += 1;
      await answer?.();
      await page.evaluate("new Promise((then) => requestAnimationFrame(then))");
    }
    const own = await shown.getAttribute("src");
    for (const answer of early) await answer();
    await page.evaluate("new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then)))");
    expect(await shown.getAttribute("src")).toBe(own);
    await visitor.leave();
  });

  it("keeps the filtered passings on the wall after it is drawn again", async () => {
    const visitor = await enter("live");
    const { page } = visitor;
    await page.getByRole("status").filter({ hasText: "Connected" }).first().waitFor();
    const found = page.waitForResponse(/type=visitor/);
    await page.goto(`${office.url}/#/live?type=visitor`);
    await found;
    await idle(page);
    const wall = page.getByRole("list", { name: "Passings, one place each, taken in turn" });
    await report(office, { identity_name: "Rare Guest", identity_id: "rare", ext_data: { person_type: 2 } });
    const guest = wall.getByRole("link", { name: /^Rare Guest/ });
    await guest.waitFor();
    const places = await wall.locator("li").count();
    await page.setViewportSize({ width: 1000, height: 600 });
    await expect.poll(() => wall.locator("li").count()).not.toBe(places);
    await expect.poll(() => guest.count()).toBe(1);
    await visitor.leave();
  });

  it("keeps an open approval while another user settles the last action", async () => {
    await office.strangerPasses();
    const visitor = await enter();
    const { page } = visitor;
    await page.clock.install();
    await page.goto(`${office.url}/#/actions`);
    await page.getByRole("button", { name: "Register…" }).first().click();
    const { actions } = await office.api.actions();
    const dialog = page.getByRole("dialog", { name: "Register this stranger" });
    await dialog.getByLabel("Name").fill("王芳");
    for (const { id } of actions) await office.api.settle(id, "done");
    const listed = page.waitForResponse((answer) => answer.url().includes("state=announced"));
    await page.clock.fastForward(16_000);
    await listed;
    await idle(page);
    expect(await dialog.getByLabel("Name").inputValue()).toBe("王芳");
    await visitor.leave();
  });

  it("leads no user away who opened another page while an event was erased", async () => {
    await report(office, { identity_name: "Slowly Erased", identity_id: "slow-1" });
    const [event] = (await office.api.events({ person: "slow-1" })).events;
    const visitor = await enter(`events/${event?.id}`);
    const { page } = visitor;
    const line = await slowLine(page, /\/v1\/events\/[^/]+$/);
    line.answers.length = 0;
    await page.getByRole("button", { name: "Erase this event" }).click();
    await page.getByRole("button", { name: "Erase", exact: true }).click();
    await expect.poll(() => line.answers.length).toBeGreaterThan(0);
    await page.keyboard.press("Escape");
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Boxes" }).click();
    await page.getByRole("heading", { level: 1, name: "Boxes" }).waitFor();
    line.end();
    for (const answer of line.answers) await answer();
    await page.getByText("The event is erased").waitFor();
    expect(new URL(page.url()).hash).toBe("#/boxes");
    await visitor.leave();
  });

  // The others are about pages alone, or about what AWS has not: rules, and a retention that a user changes.
  if (runtime === "AWS") return;

  it.each([
    ["events", "Nothing matches all of this"],
    ["people", "No one has this name."],
  ])("says that no %s are found only after the answer", async (list, text) => {
    const visitor = await enter("boxes");
    const { page } = visitor;
    await page.getByRole("heading", { level: 1, name: "Boxes" }).waitFor();
    // It asks for the newest events once it has a connection.
    await page.getByRole("status").filter({ hasText: "Connected" }).first().waitFor();
    await idle(page);
    const line = await slowLine(page, new RegExp(`/v1/${list}\\?`));
    await page.evaluate(`(function look() {
        window.isSaid ||= document.querySelector("main").textContent.includes("${text}");
        requestAnimationFrame(look);
      })()`);
    await page.goto(`${office.url}/#/${list}?q=nobody-is-called-so`);
    await expect.poll(() => line.answers.length).toBe(1);
    expect(await page.evaluate("window.isSaid")).toBe(false);
    line.end();
    for (const answer of line.answers) await answer();
    await page.getByText(text).waitFor();
    await visitor.leave();
  });

  it("keeps changes to a rule while it is saved, and asks before leaving", async () => {
    const visitor = await enter("rules");
    const { page } = visitor;
    const field = page.getByRole("textbox", { name: "Pattern" });
    await field.fill('{"source":["gatepost"],"detail":{"want_action":["1001"]}}');
    const line = await slowLine(page, /\/v1\/rules\/middle/);
    await page.getByRole("button", { name: "Save" }).click();
    await expect.poll(() => line.answers.length).toBe(1);
    const typed = '{"source":["gatepost"],"detail":{"want_action":["1002"]}}';
    await field.fill(typed);
    line.end();
    const listed = page.waitForResponse((answer) => answer.url().endsWith("/v1/rules"));
    for (const answer of line.answers) await answer();
    await listed;
    await idle(page);
    expect([await field.inputValue(), await page.getByText("unsaved").count()]).toEqual([typed, 1]);
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Boxes" }).click();
    await page.getByRole("dialog", { name: "Leave without saving?" }).waitFor();
    await visitor.leave();
  });

  it("asks again before a rule is left, also while the dialogue before is closing", async () => {
    const visitor = await enter("rules");
    const { page } = visitor;
    await page.getByText(/^Advanced/).click();
    await page.getByRole("textbox", { name: "Pattern" }).fill("{}");
    const question = page.getByRole("dialog", { name: "Leave without saving?" });
    // A dialogue tells later that it has closed, and an address that it has changed: in either order.
    for (const close of ["querySelector('dialog').close()", "querySelector('dialog').requestClose()"]) {
      await page.evaluate("location.hash = '#/boxes'");
      await question.waitFor();
      await page.evaluate(`document.${close}; location.hash = '#/statistics'`);
      await question.getByRole("button", { name: "Stay here" }).click();
      await question.waitFor({ state: "detached" });
      await page.evaluate("location.hash = '#/boxes'");
      await question.waitFor();
      await page.evaluate(
        `location.hash = '#/statistics'; addEventListener('hashchange', () => document.${close}, { once: true, capture: true })`,
      );
      await question.getByRole("button", { name: "Stay here" }).click();
      await question.waitFor({ state: "detached" });
    }
    await page.evaluate("location.hash = '#/boxes'");
    await question.getByRole("button", { name: "Leave without saving" }).click();
    await page.getByRole("heading", { level: 1, name: "Boxes" }).waitFor();
    await visitor.leave();
  });

  it("keeps a draft of a rule while others add and remove a rule before it", async () => {
    const visitor = await enter("rules");
    const { page } = visitor;
    const field = page.getByRole("textbox", { name: "Pattern" });
    const typed = '{"source":["gatepost"],"detail":{"want_action":["1001"]},"is":["typed"]}';
    await page.getByText(/^Advanced/).click();
    await field.fill(typed);
    const { etag } = await office.api.ask("GET /v1/rules");
    const headers = { "if-match": etag };
    const written = { path: { name: "a-first" }, body: { pattern, target }, headers };
    await office.api.ask("PUT /v1/rules/{name}", written);
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("button", { name: /^a-first/ }).waitFor();
    await page.getByRole("heading", { level: 2, name: "middle" }).waitFor();
    expect(await field.inputValue()).toBe(typed);
    const newer = (await office.api.ask("GET /v1/rules")).etag;
    await office.api.ask("DELETE /v1/rules/{name}", { path: { name: "middle" }, headers: { "if-match": newer } });
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("button", { name: /^middle/ }).waitFor({ state: "detached" });
    expect([await field.inputValue(), await page.getByLabel("Name", { exact: true }).inputValue()]).toEqual([
      typed,
      "middle",
    ]);
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("button", { name: /^middle/ }).waitFor();
    await page.getByRole("heading", { level: 2, name: "middle" }).waitFor();
    await visitor.leave();
  });

  it("leaves a dialogue open that was opened again while the one before was sent", async () => {
    const visitor = await enter("settings/retention");
    const { page } = visitor;
    const change = page.getByRole("region", { name: "Retention" }).getByRole("button", { name: "Change" });
    const days = page.getByLabel("Days for events and pictures");
    await change.click();
    await days.fill("30");
    const line = await slowLine(page, /\/v1\/retention/);
    await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await expect.poll(() => line.answers.length).toBe(1);
    await page.keyboard.press("Escape");
    await change.click();
    await days.fill("45");
    for (const answer of line.answers) await answer();
    await page.getByText("30 days after the first receipt").waitFor();
    expect(await days.inputValue()).toBe("45");
    await visitor.leave();
  });

  it("keeps the opened group of reports while another arrives before it", async () => {
    for (const body of ["{", '{"hello":"world"}']) await post(office.boxes[0], body);
    const visitor = await enter();
    const { page } = visitor;
    await page.clock.install();
    let isTurned = false;
    await page.route(/\/v1\/quarantine\/groups/, async (route) => {
      const answer = await (await route.fetch()).json();
      return route.fulfill({ json: { ...answer, groups: isTurned ? answer.groups.toReversed() : answer.groups } });
    });
    await page.goto(`${office.url}/#/problems`);
    const group = page.locator(".groups a");
    await page.locator("#prob").waitFor();
    const [title, first] = [await page.locator("#prob").textContent(), await group.first().textContent()];
    isTurned = true;
    await page.clock.fastForward(31_000);
    await expect.poll(() => group.first().textContent()).not.toBe(first);
    expect(await page.locator("#prob").textContent()).toBe(title);
    await visitor.leave();
  });
});

/** Whether a picture is shown that was fetched with the key, or on AWS by a link that was. */
/** The id of the newest event. */
async function newestOf({ url, admin }: Office): Promise<string> {
  const answer = await fetch(`${url}/v1/events?limit=1`, { headers: { authorization: `Bearer ${admin}` } });
  const { events } = (await answer.json()) as { events: { id: string }[] };
  return String(events[0]?.id);
}

const isLoadedByKey = (src: string | null) => src !== null && /^(?:blob|http):/.test(src);

/** Loads no picture by the cookie, and delays the pictures that are requested with the key. */
async function brokenCookie(page: Page): Promise<(() => Promise<void>)[]> {
  const answers: (() => Promise<void>)[] = [];
  await page.route(/\/v1\/events\/[^/]+\/pictures\//, async (route) => {
    if (route.request().resourceType() === "image") return route.fulfill({ status: 401 });
    const response = await route.fetch();
    answers.push(() => route.fulfill({ response }).catch(() => {}));
  });
  return answers;
}
