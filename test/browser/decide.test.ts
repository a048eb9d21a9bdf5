import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { inChromium, openChromium } from "./support/chromium.ts";
import { type Office, openOffice } from "./support/office.ts";
import { hire, signInAs } from "./support/people.ts";
import { report } from "./support/report.ts";
import { slowLine } from "./support/slow-line.ts";
import { signIn, type Visitor, visit } from "./support/visitor.ts";
import { faultsOf } from "./support/whole.ts";

const jonas = { name: "Jonas Keller", email: "jonas@example.com", role: "guard" } as const;

inChromium("deciding in the console", () => {
  let office: Office;
  let browser: Browser;
  beforeAll(async () => {
    office = await openOffice({ scale: 0.2, looks: 6 });
    await office.pass(2000, 12);
    await office.strangerPasses();
    await hire(office, jonas);
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await office?.close();
  });

  const enter = async (look: Parameters<typeof visit>[1] = {}): Promise<Visitor> => {
    const visitor = await visit(browser, look);
    await signIn(visitor, office.url, office.admin);
    await visitor.page.goto(`${office.url}/#/actions`);
    return visitor;
  };

  /** Has a box ask for a new photo of a person whom only this test lets pass, and gives the action. */
  const ask = async (name: string) => {
    await report(office, { identity_name: name, identity_id: name, want_action: "1002", score: 0.91 });
    const { events } = await office.api.events({ person: name });
    const { actions } = await office.api.actions({ want: "1002" });
    const action = actions.find(({ eventId }) => eventId === events[0]?.id);
    if (action === undefined) throw new Error(`nothing was asked for ${name}`);
    return action;
  };
  const stateOf = async (id: string) => (await office.api.ask("GET /v1/actions/{id}", { path: { id } })).state;
  const rowOf = (page: Page, name: string) => page.getByRole("listitem").filter({ hasText: `photo of ${name}` });
  const namesOf = (page: Page) => page.locator(".asks h2").allTextContents();

  it("takes a declined action away, and puts it back in its place", async () => {
    for (const name of ["Before It", "Declined One", "After It"]) await ask(name);
    const action = await ask("Newest One");
    const visitor = await enter();
    const { page } = visitor;
    const row = rowOf(page, "Newest One");
    await row.waitFor();
    const before = await namesOf(page);
    await row.getByRole("button", { name: "Decline" }).click();
    await row.waitFor({ state: "detached" });
    const toast = page.getByRole("status").filter({ hasText: "Declined: Update the registered photo of Newest One" });
    await toast.getByRole("button", { name: "Poor photo" }).click();
    await expect
      .poll(async () => (await office.api.ask("GET /v1/actions/{id}", { path: { id: action.id } })).decline?.reason)
      .toBe("poor-photo");
    await page.keyboard.press("u");
    await row.waitFor();
    expect(await namesOf(page)).toEqual(before);
    await expect.poll(() => stateOf(action.id)).toBe("announced");
    await visitor.leave();
  });

  it("offers one undo for declines that follow each other", async () => {
    const actions = [await ask("First Of Two"), await ask("Second Of Two")];
    const visitor = await enter();
    const { page } = visitor;
    for (const name of ["First Of Two", "Second Of Two"]) {
      await rowOf(page, name).getByRole("button", { name: "Decline" }).press("Enter");
    }
    await page.getByRole("status").filter({ hasText: "Declined: 2 requests" }).waitFor();
    for (const { id } of actions) await expect.poll(() => stateOf(id)).toBe("declined");
    await page.getByRole("button", { name: /^Undo/ }).last().click();
    for (const { id } of actions) await expect.poll(() => stateOf(id)).toBe("announced");
    await visitor.leave();
  });

  it("sends a result only once it cannot be undone any more", async () => {
    const [undone, done] = [await ask("Undone In Time"), await ask("Really Done")];
    const visitor = await enter();
    const { page } = visitor;
    await page.clock.install();
    const mark = async (name: string) => {
      await rowOf(page, name).getByRole("button", { name: /^More/ }).click();
      await rowOf(page, name).getByRole("button", { name: "Mark done" }).click();
      await rowOf(page, name).waitFor({ state: "detached" });
    };
    await mark("Undone In Time");
    await page.keyboard.press("u");
    await rowOf(page, "Undone In Time").waitFor();
    await mark("Really Done");
    expect(await stateOf(done.id)).toBe("announced");
    await page.clock.fastForward(11_000);
    await expect.poll(() => stateOf(done.id)).toBe("done");
    expect(await stateOf(undone.id)).toBe("announced");
    await visitor.leave();
  });

  it("sends a result when its page is closed before", async () => {
    const action = await ask("Closed Early");
    const visitor = await enter();
    const { page } = visitor;
    const row = rowOf(page, "Closed Early");
    await row.getByRole("button", { name: /^More/ }).click();
    await row.getByRole("button", { name: "Mark failed" }).click();
    await row.waitFor({ state: "detached" });
    await page.goto("about:blank");
    await expect.poll(() => stateOf(action.id)).toBe("failed");
    await visitor.leave();
  });

  it("keeps the row of an action that a colleague declined, with his name", async () => {
    const action = await ask("Of A Colleague");
    const guard = await visit(browser);
    await signInAs(guard, office, jonas.email, "#/actions");
    const visitor = await enter();
    const { page } = visitor;
    await page.clock.install();
    const row = rowOf(page, "Of A Colleague");
    await row.waitFor();
    await rowOf(guard.page, "Of A Colleague").getByRole("button", { name: "Decline" }).click();
    await expect.poll(() => stateOf(action.id)).toBe("declined");
    await page.clock.fastForward(16_000);
    await row.getByText("Declined by Jonas Keller").waitFor();
    expect(await row.getByRole("button", { name: "Decline" }).isDisabled()).toBe(true);
    expect(await row.getByRole("button", { name: "Compare…" }).isDisabled()).toBe(true);
    await page
      .getByRole("navigation", { name: "State" })
      .getByRole("link", { name: /^Declined/ })
      .click();
    await page
      .getByRole("row")
      .filter({ hasText: "Of A Colleague" })
      .getByRole("button", { name: "Take back" })
      .click();
    await expect.poll(() => stateOf(action.id)).toBe("announced");
    // The same person is asked for again.
    await office.api.ask("POST /v1/actions/{id}", { path: { id: action.id }, body: { state: "declined" } });
    await ask("Of A Colleague");
    await page.goto(`${office.url}/#/boxes`);
    await page.goto(`${office.url}/#/actions`);
    await row.getByText(/^declined before, /).waitFor();
    await guard.leave();
    await visitor.leave();
  });

  it("lets a guard decline and compare, and nothing else", async () => {
    await ask("Seen By Guards");
    const visitor = await visit(browser);
    await signInAs(visitor, office, jonas.email, "#/actions");
    const { page } = visitor;
    const row = rowOf(page, "Seen By Guards");
    await row.getByRole("button", { name: "Compare…" }).click();
    const dialog = page.getByRole("dialog", { name: "New registered photo of Seen By Guards?" });
    await dialog.getByRole("button", { name: "Decline" }).waitFor();
    expect(await dialog.getByRole("button", { name: /^Take this photo/ }).count()).toBe(0);
    await page.keyboard.press("Escape");
    expect(await row.getByRole("button").allTextContents()).toEqual(["Compare…", "Decline"]);
    await page.getByText("no one is notified").waitFor();
    expect(await page.getByText("Make a rule").count()).toBe(0);
    await visitor.leave();
  });

  it.each(["en", "zh"] as const)("begins each column at the same place in every row, in %s", async (language) => {
    await ask("A Person With A Name That Is So Long That It Needs Two Lines In Its Row");
    const visitor = await enter({ width: 1440, language });
    const { page } = visitor;
    await page.locator(".ask").nth(2).waitFor();
    const starts = await page.evaluate<string[]>(`[...document.querySelectorAll(".ask")].map((row) =>
        [...row.children].map((part) => Math.round(part.getBoundingClientRect().left)).join(" "))`);
    expect(new Set(starts).size).toBe(1);
    const sizes = await page.evaluate<
      string[]
    >(`[...document.querySelectorAll(".ask .pic, .ask .empty-pic")].map((one) =>
        one.offsetWidth + "x" + one.offsetHeight)`);
    expect(new Set(sizes)).toEqual(new Set(["96x120"]));
    await visitor.leave();
  });

  it("compares two photos of one size, and takes the new one", async () => {
    const { actions } = await office.api.actions({ want: "1002", with: "event" });
    const whole = actions.find(
      ({ event }) => event?.pictures.registered !== undefined && event.pictures.face !== undefined,
    );
    if (whole?.event === undefined) throw new Error("no box asked with both pictures");
    const visitor = await enter();
    const { page } = visitor;
    const row = page.getByRole("listitem").filter({ has: page.locator(`a[href="#/events/${whole.eventId}"]`) });
    await row.getByRole("button", { name: "Compare…" }).click();
    const dialog = page.getByRole("dialog", { name: /^New registered photo of / });
    const take = dialog.getByRole("button", { name: "Take this photo" });
    await dialog
      .getByText(whole.event.person.id ?? "")
      .first()
      .waitFor();
    await dialog.getByText(/match \d+\.\d of 100/).waitFor();
    await expect.poll(() => take.isEnabled()).toBe(true);
    const boxes = await Promise.all(
      ["Registered photo", "Captured face"].map((name) => dialog.getByRole("img", { name }).boundingBox()),
    );
    expect(boxes[0]?.height).toBe(boxes[1]?.height);
    expect(boxes[0]?.width).toBe(boxes[1]?.width);
    expect(boxes[0]?.height).toBeGreaterThanOrEqual(240);
    await page.keyboard.down("Space");
    await dialog.locator(".upon").waitFor();
    await page.keyboard.up("Space");
    await dialog.locator(".upon").waitFor({ state: "detached" });
    await page.keyboard.press("Enter");
    await row.getByText(/^Approved: /).waitFor();
    await visitor.leave();
  });

  it("waits for both pictures, and says if the registered one is missing", async () => {
    const action = await ask("Without Pictures");
    const visitor = await enter();
    const { page } = visitor;
    await page.route(/\/photo\?/, (route) => route.abort("connectionfailed"));
    await rowOf(page, "Without Pictures").getByRole("button", { name: "Compare…" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("The registered photo is not here, so it cannot be compared.").waitFor();
    expect(await dialog.getByRole("button", { name: "Take this photo without comparing" }).isDisabled()).toBe(true);
    await page.keyboard.press("d");
    await expect.poll(() => stateOf(action.id)).toBe("declined");
    await visitor.leave();
  });

  it("registers no stranger before a kind is chosen, and warns of the blacklist", async () => {
    await office.strangerPasses();
    const visitor = await enter();
    const { page } = visitor;
    await page.getByRole("button", { name: "Register…" }).first().click();
    const dialog = page.getByRole("dialog", { name: "Register this stranger" });
    const register = dialog.getByRole("button", { name: "Register", exact: true });
    await dialog.getByLabel("Name").fill("赵强");
    await dialog.getByRole("img", { name: "Captured face" }).waitFor();
    expect(await dialog.getByRole("radio", { checked: true }).count()).toBe(0);
    expect(await register.isDisabled()).toBe(true);
    await dialog.getByText("Blacklist", { exact: true }).click();
    await dialog.getByText("This person will trigger an alarm at every gate.").waitFor();
    await expect.poll(() => register.getAttribute("class")).toContain("risk");
    expect(await faultsOf(visitor, "en")).toEqual([]);
    await dialog.getByText("VIP", { exact: true }).click();
    await dialog.getByLabel("Note").fill("Guest of 李静");
    await register.click();
    await page.getByText("Approved: 赵强 · VIP").waitFor();
    const { actions } = await office.api.actions({ approved: "1" });
    expect(actions.find(({ approval }) => approval?.name === "赵强")?.approval?.note).toBe("Guest of 李静");
    await visitor.leave();
  });

  it("finds actions by kind and by match", async () => {
    const visitor = await enter();
    const { page } = visitor;
    await page.getByRole("button", { name: "Asked for" }).click();
    await page
      .getByRole("dialog")
      .getByRole("button", { name: /^Register a stranger/ })
      .click();
    await expect.poll(() => page.url()).toContain("want=1001");
    await expect.poll(async () => new Set(await namesOf(page))).toEqual(new Set(["Register a stranger"]));
    await page.goto(`${office.url}/#/actions?match=100`);
    await page.getByText("Nothing matches these filters.").waitFor();
    await visitor.leave();
  });

  it("selects by key, by Shift and all that match, declines them, and puts them back", async () => {
    const actions = [await ask("Many One"), await ask("Many Two"), await ask("Many Three")];
    const visitor = await enter();
    const { page } = visitor;
    const tick = (name: string) => rowOf(page, name).getByRole("checkbox");
    const selected = (n: number) =>
      page
        .getByRole("status")
        .filter({ hasText: `${n} selected` })
        .waitFor();
    await rowOf(page, "Many Three").getByRole("link").first().focus();
    await page.keyboard.press("x");
    await selected(1);
    await page.keyboard.press("Shift+J");
    await selected(2);
    await page.keyboard.press("Escape");
    await page.getByRole("toolbar").waitFor({ state: "detached" });
    await tick("Many Three").click();
    await tick("Many One").click({ modifiers: ["Shift"] });
    await selected(3);
    // The bar covers no row at the end of the page.
    await page.keyboard.press("End");
    await page.evaluate("scrollTo(0, 1e6)");
    const covered = await page.evaluate<number>(`(() => {
        const bar = document.querySelector(".many").getBoundingClientRect();
        const last = [...document.querySelectorAll("main .ask, main .settled tr")].at(-1).getBoundingClientRect();
        return last.bottom - bar.top;
      })()`);
    expect(covered).toBeLessThanOrEqual(0);
    expect(await faultsOf(visitor, "en")).toEqual([]);
    await page.keyboard.press("d");
    await page.getByRole("status").filter({ hasText: "Declined: 3 requests" }).waitFor();
    for (const { id } of actions) await expect.poll(() => stateOf(id)).toBe("declined");
    await page.keyboard.press("u");
    for (const { id } of actions) await expect.poll(() => stateOf(id)).toBe("announced");
    await tick("Many Three").click();
    await page.getByRole("button", { name: /^Select all \d+ that match$/ }).click();
    const { count } = await office.api.ask("GET /v1/actions/count", { query: { state: "pending,announced,failed" } });
    await selected(count);
    await visitor.leave();
  });

  it("compares one by one, and takes no second press for the next action", async () => {
    const actions = [await ask("Queue One"), await ask("Queue Two")];
    const visitor = await enter();
    const { page } = visitor;
    for (const name of ["Queue One", "Queue Two"]) await rowOf(page, name).getByRole("checkbox").click();
    await page.clock.install();
    await page.clock.pauseAt(Date.now() + 60_000);
    await page.getByRole("button", { name: "Compare one by one…" }).click();
    await page.clock.runFor(500);
    const dialog = page.getByRole("dialog");
    await dialog.getByText("1 of 2").waitFor();
    await page.keyboard.press("d");
    await page.keyboard.press("d");
    await dialog.getByText("2 of 2").waitFor();
    await expect.poll(() => stateOf(actions[0]?.id ?? "")).toBe("declined");
    expect(await stateOf(actions[1]?.id ?? "")).toBe("announced");
    await page.clock.runFor(500);
    await page.keyboard.press("k");
    await dialog.getByText("1 of 2").waitFor();
    await page.clock.runFor(500);
    for (const _ of [1, 2]) {
      await page.keyboard.press("j");
      await page.clock.runFor(500);
    }
    await dialog.waitFor({ state: "detached" });
    await visitor.leave();
  });

  it("declines many with progress, and stops in the middle", async () => {
    const names = Array.from({ length: 24 }, (_, at) => `Bulk ${at}`);
    for (const name of names) await report(office, { identity_name: name, identity_id: name, want_action: "1002" });
    const visitor = await enter();
    const { page } = visitor;
    await rowOf(page, "Bulk 23").getByRole("checkbox").click();
    await rowOf(page, "Bulk 0")
      .getByRole("checkbox")
      .click({ modifiers: ["Shift"] });
    const line = await slowLine(page, /\/v1\/actions\/act_/);
    await page.keyboard.press("d");
    await expect.poll(() => line.answers.length).toBe(4);
    await page.getByRole("progressbar").waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await rowOf(page, "Bulk 0").waitFor();
    line.end();
    for (const answer of line.answers) await answer();
    await page.getByRole("status").filter({ hasText: "Declined: 4 requests" }).waitFor();
    const { count } = await office.api.ask("GET /v1/actions/count", { query: { state: "declined" } });
    expect(count).toBeGreaterThanOrEqual(4);
    await page.keyboard.press("u");
    for (const name of names) await rowOf(page, name).first().waitFor();
    await visitor.leave();
  });

  it("takes the sure photos of several, and says how many are left out", async () => {
    await ask("Not Sure");
    await office.pass(500, 8);
    const { actions } = await office.api.actions({ want: "1002", state: "announced", with: "event" });
    const isOpen = ({ approval }: (typeof actions)[number]) => approval?.isOpen !== true;
    const sure = actions.filter((action) => {
      const { pictures, quality } = action.event ?? {};
      const hasBoth = pictures?.registered !== undefined && pictures.face !== undefined;
      return isOpen(action) && hasBoth && (action.match ?? 0) >= 90 && quality?.registrable !== false;
    });
    expect(sure.length).toBeGreaterThan(0);
    const visitor = await enter();
    const { page } = visitor;
    await page.goto(`${office.url}/#/actions?want=1002`);
    await page.locator(".ask .tick").first().click();
    await page.getByRole("button", { name: /^Select all \d+ that match$/ }).click();
    const downloading = page.waitForEvent("download");
    await page.getByRole("button", { name: "Export" }).click();
    expect((await downloading).suggestedFilename()).toBe("actions.csv");
    await page.getByRole("button", { name: "Take all photos…" }).click();
    const dialog = page.getByRole("dialog", { name: "Take all photos" });
    await dialog.getByText(/left out: match below 90/).waitFor();
    expect(await dialog.getByRole("listitem").count()).toBe(sure.length);
    expect(await faultsOf(visitor, "en")).toEqual([]);
    await dialog.getByRole("button", { name: /^Take \d+ photos?$/ }).click();
    await page.getByText(/photos? (is|are) taken\./).waitFor();
    const orders = async () => {
      const path = (id: string) => ({ path: { id } });
      const all = await Promise.all(sure.map(({ id }) => office.api.ask("GET /v1/actions/{id}", path(id))));
      return new Set(all.map(({ approval }) => approval?.order));
    };
    await expect.poll(orders).toEqual(new Set(["approve"]));
    await page.keyboard.press("u");
    await expect.poll(orders).toEqual(new Set(["undo"]));
    await visitor.leave();
  });

  it("marks the selected passings of a list as seen, and takes that back", async () => {
    for (const name of ["Row One", "Row Two"]) await report(office, { identity_name: name, identity_id: name });
    const visitor = await enter();
    const { page } = visitor;
    await page.goto(`${office.url}/#/events`);
    const row = (name: string) => page.getByRole("row").filter({ hasText: name });
    await row("Row Two").getByRole("link").focus();
    await page.keyboard.press("x");
    await page.keyboard.press("Shift+J");
    await page.getByRole("status").filter({ hasText: "2 selected" }).waitFor();
    expect(await faultsOf(visitor, "en")).toEqual([]);
    const downloading = page.waitForEvent("download");
    await page.getByRole("toolbar").getByRole("button", { name: "Export" }).click();
    expect((await downloading).suggestedFilename()).toBe("events.csv");
    await page.getByRole("toolbar").getByRole("button", { name: "Seen" }).click();
    await page.getByRole("toolbar").waitFor({ state: "detached" });
    const isSeen = async (person: string) => {
      const { events } = await office.api.events({ person });
      return events[0]?.acknowledgement !== null;
    };
    for (const name of ["Row One", "Row Two"]) await expect.poll(() => isSeen(name)).toBe(true);
    await page.keyboard.press("u");
    for (const name of ["Row One", "Row Two"]) await expect.poll(() => isSeen(name)).toBe(false);
    await visitor.leave();
  });

  it("declines over a hundred by a job, whose progress and undo outlast a reload", async () => {
    const names = Array.from({ length: 101 }, (_, at) => `Crowd ${at}`);
    for (const name of names) await report(office, { identity_name: name, identity_id: name, want_action: "1002" });
    const visitor = await visit(browser);
    const { page } = visitor;
    await signInAs(visitor, office, jonas.email, "#/actions");
    await rowOf(page, "Crowd 100").getByRole("checkbox").click();
    await page.getByRole("button", { name: /^Select all [\d,]+ that match$/ }).click();
    await page.getByText(/^1\d\d selected$/).waitFor();
    const line = await slowLine(page, /\/v1\/jobs\/job_/);
    await page.keyboard.press("d");
    await expect.poll(() => line.answers.length).toBe(1);
    await page.getByRole("toolbar").getByRole("button", { name: "Stop" }).waitFor();
    expect(await page.getByText("Nothing is open").count()).toBe(0);
    expect(await faultsOf(visitor, "en")).toEqual([]);
    await page.reload();
    await expect.poll(() => line.answers.length).toBe(2);
    const declined = async () => {
      const { actions } = await office.api.actions({ want: "1002", state: "declined", with: "event", limit: 500 });
      const all = new Set(actions.map(({ event }) => event?.person.name));
      return names.filter((name) => all.has(name));
    };
    // Once the page knows that the job is done, it offers the undo for some seconds only.
    await expect.poll(declined).toEqual(names);
    line.end();
    for (const answer of line.answers) await answer();
    await page.getByText(/^[\d,]+ requests are decided/).waitFor();
    await page.keyboard.press("u");
    await page.getByText(/^[\d,]+ decisions are taken back/).waitFor();
    expect(await declined()).toEqual([]);
    await visitor.leave();
  });

  it("says of how many requests no one is notified, until a rule matches", async () => {
    await ask("Untold One");
    const { count } = await office.api.ask("GET /v1/actions/count", {
      query: { state: "announced", told: "false" },
    });
    const english = await enter();
    const said = english.page.getByText(`${count} request`).filter({ hasText: "no one is notified" });
    await said.waitFor();
    const chinese = await enter({ language: "zh" });
    await chinese.page.getByText(`${count} 个请求没有通知任何人。`).waitFor();
    await chinese.leave();
    const untoldWants = await Promise.all(
      (["1001", "1002"] as const).map(async (want) => {
        const query = { state: "announced", told: "false" as const, want };
        return (await office.api.ask("GET /v1/actions/count", { query })).count > 0 ? [want] : [];
      }),
    );
    await said.getByRole("link", { name: "Make a rule that matches" }).click();
    await english.page
      .getByRole("combobox")
      .filter({ has: english.page.locator(`option:checked[value="${untoldWants.flat().join()}"]`) })
      .waitFor();
    await english.page.goBack();
    const { etag } = await office.api.ask("GET /v1/rules");
    await office.api.ask("PUT /v1/rules/{name}", {
      path: { name: "all" },
      body: { pattern: { source: ["gatepost"] }, target: { url: "https://hooks.example/all" } },
      headers: { "if-match": etag },
    });
    await said.waitFor({ state: "detached" });
    await english.leave();
  });
});
