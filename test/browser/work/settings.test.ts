import { expect, it } from "vitest";
import { inChromium } from "../support/chromium.ts";
import { report } from "../support/report.ts";
import { slowLine } from "../support/slow-line.ts";
import { idle, signIn, visit } from "../support/visitor.ts";
import { workplace } from "../support/workplace.ts";

const failedErasure = {
  id: "job_failed",
  kind: "erase",
  state: "failed",
  done: 1,
  of: 3,
  startedAt: null,
  endedAt: null,
  result: null,
  reason: null,
};

/** A double click that is faster than any answer. */
const clickTwice = (button: { click(): void }) => {
  button.click();
  button.click();
};

inChromium("work with settings", () => {
  const work = workplace();

  it("erases a person only after their id was typed, and gives a receipt", async () => {
    for (const time of [3000, 2000, 1000]) {
      const timestamp = work.office.now() - time;
      await report(work.office, { identity_name: "To Be Gone", identity_id: "gone-1", timestamp });
    }
    const library = work.office.boxes[0]?.name ?? "";
    const leave = { library, id: "gone-1", day: new Date(work.office.now()).toISOString().slice(0, 10) };
    const body = { ...leave, kind: "leave" as const, reason: "Was ill" };
    const { id: correction } = await work.office.api.ask("POST /v1/hours/corrections", { body });
    const visitor = await work.enter();
    const { page } = visitor;
    await page.goto(`${work.office.url}/#/settings/erase`);
    await page.getByLabel("Person id").fill("gone-1");
    await page.getByRole("button", { name: "Find", exact: true }).click();
    await page.getByText(`Corrections of hours: ${correction}`).waitFor();
    await page.getByText("3 events, 0 pictures, 0 reports in quarantine").waitFor();
    const erase = page.getByRole("button", { name: "Erase", exact: true });
    expect(await erase.isDisabled()).toBe(true);
    await page.getByLabel("Type gone-1 to erase permanently").fill("gone-1");
    // An erasure that fails can be begun again.
    await page.route(/\/v1\/jobs$/, (route) => route.fulfill({ json: failedErasure }), { times: 1 });
    await erase.click();
    await page.getByRole("alert").filter({ hasText: "The erasure did not finish" }).waitFor();
    await page.getByRole("button", { name: "Start again" }).click();
    await page.getByLabel("Person id").fill("gone-1");
    await page.getByRole("button", { name: "Find", exact: true }).click();
    await page.getByLabel("Type gone-1 to erase permanently").fill("gone-1");
    const jobs: string[] = [];
    page.on("request", (request) => {
      if (request.method() === "POST" && request.url().endsWith("/v1/jobs")) jobs.push(request.url());
    });
    await erase.evaluate(clickTwice);
    await page.getByRole("heading", { name: /^Erased, .* This is the receipt\.$/ }).waitFor();
    const line = page.getByRole("row");
    expect(await line.filter({ hasText: "events, with reports" }).textContent()).toContain("3");
    expect(await line.filter({ hasText: "later reports of passings up to" }).textContent()).toContain("refused");
    await expect.poll(() => line.filter({ hasText: correction }).count()).toBe(1);
    expect(jobs).toHaveLength(1);
    const downloads = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download the receipt" }).click();
    expect((await downloads).suggestedFilename()).toBe("gatepost-receipt.json");
    expect((await work.office.api.events({ person: "gone-1" })).events).toEqual([]);
    await page.goto(`${work.office.url}/#/live`);
    await page.getByRole("heading", { level: 1, name: "Live" }).waitFor();
    await page.locator(".cell a").first().waitFor();
    expect(await page.getByText("To Be Gone").count()).toBe(0);
    await visitor.leave();
  });

  it("finds the person to erase by an id with spaces around it", async () => {
    await report(work.office, { identity_name: "Spaced Out", identity_id: " erase-me " });
    const visitor = await work.enter();
    const { page } = visitor;
    await page.goto(`${work.office.url}/#/settings/erase`);
    await page.getByLabel("Person id").fill(" erase-me ");
    await page.getByRole("button", { name: "Find", exact: true }).click();
    await page.getByText("1 event, 0 pictures").waitFor();
    await page.getByLabel(/^Type .*to erase permanently$/).fill("erase-me");
    await page.getByRole("button", { name: "Erase", exact: true }).click();
    await page.getByRole("heading", { name: /^Erased, .* This is the receipt\.$/ }).waitFor();
    await expect.poll(async () => (await work.office.api.events({ person: " erase-me " })).events).toEqual([]);
    // An id that was pasted with a space behind it is found all the same.
    await report(work.office, { identity_name: "Close Together", identity_id: "erase-close" });
    await page.reload();
    await signIn(visitor, work.office.url, work.office.admin);
    await page.goto(`${work.office.url}/#/settings/erase`);
    await page.getByLabel("Person id").fill("erase-close ");
    await page.getByRole("button", { name: "Find", exact: true }).click();
    await page.getByText("Close Together").waitFor();
    await visitor.leave();
  });

  it("offers to erase only the shown person, also after another id was typed", async () => {
    const long = "x".repeat(300);
    for (const identity_id of ["meant-not", long]) await report(work.office, { identity_name: "Kept", identity_id });
    const visitor = await work.enter();
    const { page } = visitor;
    await page.goto(`${work.office.url}/#/settings/erase`);
    const { answers, end } = await slowLine(page, /\/v1\/people/);
    const person = page.getByLabel("Person id");
    await person.fill("meant-not");
    await page.getByRole("button", { name: "Find", exact: true }).click();
    await expect.poll(() => answers.length).toBe(1);
    await person.fill(long);
    end();
    for (const answer of answers) await answer();
    await idle(page);
    expect(await page.getByText("1 event, 0 pictures").count()).toBe(0);
    await page.getByRole("button", { name: "Find", exact: true }).click();
    await page.getByText("1 event, 0 pictures").waitFor();
    await page.getByLabel(`Type ${long} to erase permanently`).waitFor();
    await visitor.leave();
  });

  it("continues with a job while another page is open, and stops it", async () => {
    const visitor = await work.enter();
    const { page } = visitor;
    const stopped: string[] = [];
    // A job that would take long: it is done when it is stopped.
    const job = { id: "job_long", kind: "seen", done: 7, of: 100, result: null, reason: null };
    const times = { startedAt: new Date().toISOString(), endedAt: null };
    await page.route(/\/v1\/jobs/, async (route) => {
      if (route.request().method() === "DELETE") {
        stopped.push(route.request().url());
        return route.fulfill({ status: 204 });
      }
      return route.fulfill({ json: { ...job, ...times, state: stopped.length > 0 ? "stopped" : "running" } });
    });
    await page.goto(`${work.office.url}/#/events?box=gate-1`);
    await page.getByRole("button", { name: "Mark all as seen" }).click();
    const progress = page.getByRole("progressbar", { name: "Mark all as seen" });
    await progress.waitFor();
    await page.goto(`${work.office.url}/#/boxes`);
    await progress.waitFor({ state: "detached" });
    await page.goto(`${work.office.url}/#/events?box=gate-1`);
    await progress.waitFor();
    expect(await progress.getAttribute("value")).toBe("7");
    // A connection that is lost for a moment does not end it.
    await page.route(/\/v1\/jobs\/job_long$/, (route) => route.abort(), { times: 1 });
    await page.waitForTimeout(800);
    await page.getByRole("button", { name: "Stop", exact: true }).click();
    await page.getByText("7 passings marked as seen.").waitFor();
    expect(stopped).toHaveLength(1);
    await visitor.leave();
  });

  it("changes for how long events are kept", async () => {
    const visitor = await work.enter();
    const { page } = visitor;
    await page.goto(`${work.office.url}/#/settings/retention`);
    const kept = page.getByRole("region", { name: "Retention" });
    await kept.getByText("90 days after the first receipt").waitFor();
    await kept.getByRole("button", { name: "Change" }).click();
    await page.getByLabel("Days for events and pictures").fill("30");
    await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await kept.getByText("30 days after the first receipt").waitFor();
    expect(await work.office.api.ask("GET /v1/retention")).toMatchObject({ eventDays: 30 });
    await visitor.leave();
  });

  it("changes when an unacknowledged alarm is announced", async () => {
    const visitor = await work.enter();
    const { page } = visitor;
    await page.goto(`${work.office.url}/#/settings/alarms`);
    const after = page.getByLabel(/^Send an alert/);
    await expect.poll(() => after.inputValue()).toBe("5");
    await after.selectOption("after 10 minutes");
    await page.getByText("Saved.").waitFor();
    expect(await work.office.api.ask("GET /v1/alarms")).toEqual({ tellAfterMinutes: 10 });
    await after.selectOption("never");
    await expect.poll(() => work.office.api.ask("GET /v1/alarms")).toEqual({ tellAfterMinutes: null });
    await visitor.leave();
  });

  it("can be installed", async () => {
    const visitor = await work.enter();
    const { page } = visitor;
    const devtools = await page.context().newCDPSession(page);
    const { errors, data } = await devtools.send("Page.getAppManifest");
    expect(errors).toEqual([]);
    expect(JSON.parse(data ?? "{}")).toMatchObject({
      name: "Gatepost",
      display: "standalone",
      start_url: "../#/live",
    });
    const { installabilityErrors } = await devtools.send("Page.getInstallabilityErrors");
    expect(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== "in-incognito")).toEqual([]);
    await visitor.leave();
  });

  it("makes a key that is shown once, and revokes it", async () => {
    const visitor = await work.enter();
    const { page } = visitor;
    await page.goto(`${work.office.url}/#/settings/keys`);
    const made = async () => (await work.office.api.ask("GET /v1/keys")).keys.length;
    const before = await made();
    await page.getByRole("button", { name: "New key" }).click();
    // Without an answer, the browser's own words are not for people.
    await page.route(/\/v1\/keys$/, (route) => route.abort(), { times: 1 });
    await page.getByRole("dialog").getByRole("button", { name: "Create key" }).click();
    await page.getByRole("alert").filter({ hasText: "Gatepost cannot be reached" }).waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Create key" }).evaluate(clickTwice);
    const token = page.locator("code").filter({ hasText: /^gpr_/ });
    await token.waitFor();
    // By plain HTTP there is no clipboard; and a browser may allow nothing at all.
    await page.evaluate(`Object.defineProperty(navigator, "clipboard", { value: undefined });
      document.addEventListener("copy", () => { window.copied = document.activeElement.value; });`);
    await page.getByRole("button", { name: "Copy: Key" }).click();
    await page.getByRole("status").filter({ hasText: "Copied" }).waitFor();
    expect(await page.evaluate("window.copied")).toBe(await token.textContent());
    await page.evaluate("document.execCommand = () => false");
    await page.getByRole("button", { name: "Copy: Key" }).click();
    await page.getByRole("status").filter({ hasText: "copy it yourself" }).waitFor();
    expect(await made()).toBe(before + 1);
    const id = (await page.locator("section b.mono").filter({ hasText: /^key_/ }).first().textContent()) ?? "";
    const row = page.getByRole("table", { name: "Keys" }).getByRole("row").filter({ hasText: id });
    await row.getByRole("button", { name: "Replace" }).evaluate(clickTwice);
    await page.getByRole("status").filter({ hasText: "The old one still works" }).waitFor();
    expect(await made()).toBe(before + 2);
    await row.getByRole("button", { name: "Revoke" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
    await row.waitFor({ state: "detached" });
    await visitor.leave();
  });

  it("shows a read key only the settings of this browser and the facts", async () => {
    const visitor = await visit(work.browser);
    await signIn(visitor, work.office.url, work.office.read);
    const { page } = visitor;
    await page.goto(`${work.office.url}/#/settings`);
    await page.getByRole("heading", { name: "This browser" }).waitFor();
    const sections = page.getByRole("navigation", { name: "Settings" }).getByRole("link");
    expect(await sections.allTextContents()).toEqual(["This browser", "About"]);
    const me = await work.office.api.ask("GET /v1/me");
    const told = { shipping: { since: "2020-01-02T03:04:05.000Z", isFailing: true, isLate: true } };
    await page.route(/\/v1\/me$/, (route) => route.fulfill({ json: { ...me, ...told } }));
    await sections.filter({ hasText: "About" }).click();
    await page.getByText(/nothing was shipped since .+: see the log of the server/).waitFor();
    await page.unroute(/\/v1\/me$/);
    await sections.filter({ hasText: "This browser" }).click();
    await page.getByLabel("Language").selectOption("zh");
    await page.getByRole("heading", { level: 1, name: "设置" }).waitFor();
    expect(await page.evaluate("document.documentElement.lang")).toBe("zh-CN");
    await page.getByLabel("启用单键快捷键").uncheck();
    await page.keyboard.press("g");
    await page.keyboard.press("l");
    await page.waitForTimeout(200);
    expect(page.url()).toContain("#/settings");
    await visitor.leave();
  });

  it("says honestly what the server does not offer", async () => {
    const visitor = await visit(work.browser);
    await visitor.page.route(/\/v1\/stats/, (route) =>
      route.fulfill({
        status: 503,
        headers: { "retry-after": "1" },
        json: { detail: "this cannot be answered at the moment" },
      }),
    );
    await visitor.page.route(/\/v1\/boxes/, (route) =>
      route.fulfill({ status: 404, json: { detail: "there is nothing at this address" } }),
    );
    await signIn(visitor, work.office.url, work.office.admin);
    const { page } = visitor;
    await page.goto(`${work.office.url}/#/boxes`);
    await page.getByRole("alert").filter({ hasText: "This server does not support this yet" }).waitFor();
    await page.goto(`${work.office.url}/#/statistics`);
    await page.getByRole("alert").filter({ hasText: "The data store does not respond" }).waitFor();
    await visitor.page.unroute(/\/v1\/stats/);
    await page.getByRole("img", { name: /^Passings each hour/ }).waitFor();
    await visitor.leave();
  });
});
