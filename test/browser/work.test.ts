import { readFile } from "node:fs/promises";
import type { RequestedAction } from "@gatepost/client";
import { routes } from "@gatepost/core/paths";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { missingChromium, openChromium } from "./support/chromium.ts";
import { giveUp, writeRule } from "./support/given-up.ts";
import type { Office } from "./support/office.ts";
import { post, report } from "./support/report.ts";
import { slowLine } from "./support/slow-line.ts";
import { openTrouble, type Trouble } from "./support/trouble.ts";
import { idle, signIn, type Visitor, visit } from "./support/visitor.ts";
import { faultsOf } from "./support/whole.ts";

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

describe.skipIf(missingChromium !== null)(
  `work in the console${missingChromium === null ? "" : ` (${missingChromium})`}`,
  () => {
    let trouble: Trouble;
    let office: Office;
    let browser: Browser;
    beforeAll(async () => {
      trouble = await openTrouble({ scale: 0.2, looks: 6 });
      ({ office } = trouble);
      trouble.desk.accept();
      await office.pass(1000, 8);
      browser = await openChromium();
    });
    afterAll(async () => {
      await browser?.close();
      await trouble?.close();
    });

    const enter = async (): Promise<Visitor> => {
      const visitor = await visit(browser);
      await signIn(visitor, office.url, office.admin);
      return visitor;
    };

    /** The event of a person whom only this test lets pass. */
    const eventOf = async (person: string): Promise<string> => {
      const { events } = await office.api.events({ person });
      return events[0]?.id ?? "";
    };

    it("settles what a box asked for", async () => {
      await report(office, { identity_name: "New Photo", identity_id: "np", want_action: "1002", score: 0.7 });
      const visitor = await enter();
      const { page } = visitor;
      await page.clock.install();
      await page.goto(`${office.url}/#/actions`);
      const task = page.getByRole("listitem").filter({ hasText: "Update the registered photo of New Photo" });
      await task.getByText("No outcome yet").waitFor();
      await task.getByRole("button", { name: /^More/ }).press("Enter");
      await task.getByRole("button", { name: "Mark done" }).press("Enter");
      await task.waitFor({ state: "detached" });
      // The next row has the focus.
      expect(await page.locator(".ask :focus").count()).toBe(1);
      await page.clock.fastForward(11_000);
      // A list in use does not move. New actions are counted, also before the bus has taken them, and shown on request.
      await page.route(/\/v1\/actions\?.*state=(announced|pending)/, async (route) => {
        const url = new URL(route.request().url());
        const states = url.searchParams.get("state")?.split(",") ?? [];
        url.searchParams.set("state", "announced,pending");
        const list = await (await route.fetch({ url: url.href })).json();
        const actions = list.actions
          .map((one: RequestedAction) =>
            one.event?.person.name === "Newer Photo" ? { ...one, state: "pending" } : one,
          )
          .filter(({ state }: RequestedAction) => states.includes(state));
        await route.fulfill({ json: { ...list, actions } });
      });
      await report(office, { identity_name: "Newer Photo", identity_id: "np2", want_action: "1002", score: 0.7 });
      const newer = page.getByRole("listitem").filter({ hasText: "Newer Photo" });
      await page.clock.fastForward(16_000);
      await page.getByRole("button", { name: "1 new" }).waitFor();
      expect(await newer.count()).toBe(0);
      await page.keyboard.press(".");
      await newer.waitFor();
      await page.getByRole("link", { name: /^Done/ }).click();
      await page.getByRole("link", { name: /New Photo/ }).click();
      await page.getByRole("heading", { name: "Notifications and decisions" }).waitFor();
      await page.getByRole("listitem").filter({ hasText: /^Done/ }).waitFor();
      await visitor.leave();
    });

    it("keeps actions declined, in whatever order slow answers arrive", async () => {
      const people = ["Slow One", "Slow Two"] as const;
      for (const name of people) {
        await report(office, { identity_name: name, identity_id: name, want_action: "1002", score: 0.7 });
      }
      const visitor = await enter();
      const { page } = visitor;
      await page.clock.install();
      await page.goto(`${office.url}/#/actions`);
      const task = (name: string) => page.getByRole("listitem").filter({ hasText: `photo of ${name}` });
      await task("Slow Two").waitFor();
      const [lists, settled] = [
        await slowLine(page, /state=announced%2C/),
        await slowLine(page, /\/v1\/actions\/act_/),
      ];
      // The list is asked for again before anything is settled, and answered after it.
      await page.clock.fastForward(16_000);
      await expect.poll(() => lists.answers.length).toBe(1);
      for (const name of people) await task(name).getByRole("button", { name: "Decline" }).click();
      await expect.poll(() => settled.answers.length).toBe(people.length);
      for (const line of [lists, settled]) line.end();
      for (const answer of [...settled.answers, ...lists.answers]) await answer();
      await idle(page);
      await page.clock.fastForward(16_000);
      await idle(page);
      for (const name of people) expect(await task(name).count()).toBe(0);
      await visitor.leave();
    });

    it("acts on a stranger: seen at the lane, opened, and registered", async () => {
      const visitor = await enter();
      const { page } = visitor;
      await page.getByRole("status").filter({ hasText: "Connected" }).first().waitFor();
      await office.strangerPasses();
      const { events } = await office.api.events({ type: "stranger", action: "1001", limit: 1 });
      const standing = page.getByRole("complementary", { name: "Passings that stand out" });
      await standing.locator(`a[href="#/events/${events[0]?.id}"]`).first().click();
      await page.getByText("Box asks: register a stranger").waitFor();
      await page.goto(`${office.url}/#/actions`);
      const task = page.getByRole("listitem").filter({ hasText: "Register a stranger" }).first();
      await page.clock.install();
      await task.getByRole("button", { name: /^More/ }).click();
      await task.getByRole("button", { name: "Mark done" }).click();
      await page.getByRole("status").filter({ hasText: "Done: Register a stranger" }).waitFor();
      await page.clock.fastForward(11_000);
      await expect
        .poll(async () => (await office.api.actions({ want: "1001", state: "done" })).actions.length)
        .toBeGreaterThan(0);
      await visitor.leave();
    });

    it("approves a stranger with name, type and boxes, and undoes it", async () => {
      const before = new Set((await office.api.actions({ want: "1001" })).actions.map(({ id }) => id));
      await office.strangerPasses();
      const { actions } = await office.api.actions({ want: "1001" });
      const action = actions.find(({ id }) => !before.has(id));
      const visitor = await enter();
      const { page } = visitor;
      // However many boxes there are, each can be chosen.
      await page.route(/\/v1\/boxes\?limit=\d+/, (route) =>
        route.continue({
          url: route
            .request()
            .url()
            .replace(/limit=\d+/, "limit=1"),
        }),
      );
      await page.goto(`${office.url}/#/actions`);
      const task = page.getByRole("listitem").filter({ has: page.locator(`a[href="#/events/${action?.eventId}"]`) });
      await task.getByRole("button", { name: "Register…" }).click();
      const dialog = page.getByRole("dialog", { name: "Register this stranger" });
      await dialog.getByRole("img", { name: "Captured face" }).waitFor();
      await dialog.getByLabel("Name").fill("王芳");
      await dialog.getByText("Visitor", { exact: true }).click();
      await dialog.getByLabel("On which boxes").selectOption("some");
      await dialog.getByRole("checkbox", { name: "garage" }).check();
      await dialog.getByLabel("Host").fill("李静");
      await dialog.getByRole("button", { name: "Register", exact: true }).click();
      await dialog.getByText("no bridge can remove the person").waitFor();
      await dialog.getByLabel("Valid until").selectOption("always");
      await dialog.getByRole("button", { name: "Register", exact: true }).click();
      await task.getByText("host 李静").waitFor();
      await task.getByText("Approved: 王芳 · Visitor").waitFor();
      await task.getByText("waits for the bridge").first().waitFor();
      const boxes = action === undefined ? [] : [action.box, "garage"];
      expect((await office.api.actions({ approved: "1" })).actions[0]?.approval?.boxes.map(({ box }) => box)).toEqual(
        boxes,
      );
      const looked = await office.api.event(action?.eventId ?? "");
      expect((await office.api.actions({ approved: "1" })).actions[0]?.approval?.photo).toBe(
        looked.pictures.face?.sha256,
      );
      const path = { id: action?.id ?? "" };
      const outcomes = boxes.map((box, at) => ({
        box,
        ...(at === 0 ? { state: "done" as const } : { state: "failed" as const, reason: "The library is full." }),
      }));
      await office.api.ask("POST /v1/actions/{id}", { path, body: { state: "failed", boxes: outcomes } });
      for (const name of ["boxes", "actions"]) await page.goto(`${office.url}/#/${name}`);
      await task.getByText("The library is full.").first().waitFor();
      await task.getByRole("button", { name: "Undo" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Undo" }).click();
      await task.getByText("To be undone: 王芳 · Visitor").waitFor();
      await visitor.leave();
    });

    it("explains an event by its reports and rules, and sends a refused entry again", async () => {
      trouble.desk.answer(500);
      await report(office, { identity_name: "Why So", identity_id: "why", want_action: "1002" });
      await report(office, { identity_name: "Why Not", identity_id: "why-not", want_action: "1002" }, office.boxes[1]);
      const visitor = await enter();
      const { page } = visitor;
      await page.goto(`${office.url}/#/events/${await eventOf("why-not")}`);
      await page.getByText("its reports, and who is notified").click();
      await page.getByText("One report made this event").waitFor();
      await page.getByText("history-nested").first().waitFor();
      const desk = page.locator(".why-told li").filter({ hasText: "guard-desk" });
      await desk.getByText("does not match").first().waitFor();
      await desk.getByText('prefix "gate-"').waitFor();
      // It stays open from one event to the next.
      await page.goto(`${office.url}/#/events/${await eventOf("why")}`);
      await desk.getByText("Waiting.").waitFor();
      await desk.getByText("returned 500").waitFor();
      const people = page.locator(".why-told li").filter({ hasText: "people-system" });
      await people.getByText(/^returned 204 after \d+ ms$/).waitFor();
      expect(await people.getByRole("button").count()).toBe(0);
      trouble.desk.accept();
      await desk.getByRole("button", { name: "Send again to guard-desk" }).click();
      await desk.getByText("Delivered.").waitFor();
      const isIt = ({ detail }: { detail: { event: { person: { id: string | null } } } }) =>
        detail.event.person.id === "why";
      expect(trouble.desk.envelopes.filter(isIt).length).toBeGreaterThan(0);
      await visitor.leave();
    });

    it("adds a box: its addresses, amber for an unreadable report, green with a face", async () => {
      const visitor = await visit(browser);
      const { page } = visitor;
      // The browser's clock is an hour ahead.
      await page.clock.install({ time: Date.now() + 3_600_000 });
      await signIn(visitor, office.url, office.admin);
      await page.goto(`${office.url}/#/boxes/new`);
      await page.getByLabel("Name", { exact: true }).fill("new");
      await page.getByRole("button", { name: "Create its key" }).click();
      await page.getByRole("alert").filter({ hasText: "not “new”" }).waitFor();
      await page.getByLabel("Name", { exact: true }).fill("west-gate");
      await page.getByRole("button", { name: "Create its key" }).click();
      const address = page.locator("code").filter({ hasText: "/HistoryEvent" });
      await address.waitFor();
      await page.getByRole("img", { name: "QR code of the history address" }).waitFor();
      await page.getByRole("status").filter({ hasText: "Waiting for the first report" }).waitFor();
      const url = new URL(((await address.textContent()) ?? "").replace("/HistoryEvent", ""));
      await page.getByText("Other addresses").click();
      const addresses = await page.locator(".url code").allTextContents();
      expect(addresses).toEqual(expect.arrayContaining([url.href, ...routes.map(({ path }) => `${url.href}${path}`)]));
      const box = { name: "west-gate", kind: "se3", url } as const;
      expect(await post(box, "this is no report")).toBe(200);
      await page.getByRole("status").filter({ hasText: "Something arrived that is not a report" }).waitFor();
      const link = page.getByRole("main").getByRole("link", { name: "Look at it" });
      expect(await link.getAttribute("href")).toBe("#/problems?reason=not-json&box=west-gate");
      await report(office, { identity_name: "First Face" }, box);
      await page
        .getByRole("status")
        .filter({ hasText: /It reports: First Face, (now|\d s ago)/ })
        .waitFor();
      // What a box of that name sent before says nothing of the new key.
      await page.goto(`${office.url}/#/boxes`);
      await page.goto(`${office.url}/#/boxes/new`);
      await page.getByLabel("Name", { exact: true }).fill("garage");
      await page.getByRole("button", { name: "Create its key" }).click();
      await page.getByRole("status").filter({ hasText: "Waiting for the first report" }).waitFor();
      await visitor.leave();
    });

    it("lets an unknown terminal in, and finds the person whom it denied", async () => {
      const visitor = await enter();
      const { page } = visitor;
      const [date = "", time = ""] = new Date(office.now()).toISOString().split(/[T.]/);
      const push = async () => {
        const url = `${office.url}/iclock/cdata?SN=WAITS1&table=rtlog`;
        const body = `time=${date} ${time}\tpin=4711\tevent=23\n`;
        return (await fetch(url, { method: "POST", body })).text();
      };
      expect(await push()).toBe("ERROR\n");
      await page.goto(`${office.url}/#/boxes`);
      await page.getByRole("heading", { name: "A terminal asks to connect: WAITS1" }).waitFor();
      await page.getByRole("button", { name: "Allow it: WAITS1" }).click();
      const dialog = page.getByRole("dialog", { name: "Allow WAITS1 as a box" });
      await dialog.getByLabel("Name", { exact: true }).fill("workshop");
      await dialog.getByLabel("Time zone of its place").fill("UTC");
      await dialog.getByRole("button", { name: "Allow it" }).click();
      await page.getByText("WAITS1 reports as workshop now.").waitFor();
      await page.getByRole("heading", { name: "A terminal asks to connect: WAITS1" }).waitFor({ state: "detached" });
      expect(await push()).toBe("OK");
      await page.goto(`${office.url}/#/events`);
      await page.getByRole("group", { name: "Filters" }).getByRole("button", { name: "Result" }).click();
      await page.getByRole("button", { name: /^Not let in/ }).click();
      await page.getByRole("link", { name: /Not let in/ }).click();
      await page.getByText("Not let in: no permission").waitFor();
      await page.goto(`${office.url}/#/boxes/workshop`);
      await page.getByRole("heading", { name: "Time zone of its times" }).waitFor();
      await page.getByRole("button", { name: "Change: Time zone of its times" }).click();
      await page.getByLabel("Time zone, such as Asia/Shanghai").fill("Asia/Kolkata");
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByText("Asia/Kolkata", { exact: true }).waitFor();
      await visitor.leave();
    });

    it("adds a terminal of another make, with its steps, host, port and path", async () => {
      const visitor = await enter();
      const { page } = visitor;
      await page.goto(`${office.url}/#/boxes/new`);
      await page.getByLabel("Make").selectOption("hikvision");
      await page.getByLabel("Name", { exact: true }).fill("back-door");
      await page.getByRole("button", { name: "Create its key" }).click();
      await page.getByText(/HTTP listening\.$/).waitFor();
      await page
        .locator("code")
        .filter({ hasText: /^\/gpi_[\w-]+\/HikEvent$/ })
        .waitFor();
      await page
        .locator("code")
        .filter({ hasText: new URL(office.url).port })
        .waitFor();
      await visitor.leave();
    });

    it("lists the silent box first, with advice and its allowed silence", async () => {
      const visitor = await enter();
      const { page } = visitor;
      await page.goto(`${office.url}/#/boxes`);
      const silent = page.getByRole("article", { name: "north-dock" });
      await silent.getByText(/^Silent for 4 h/).waitFor();
      expect(await page.getByRole("article").first().getAttribute("aria-label")).toBe("north-dock");
      await page.getByText("Reports", { exact: true }).first().waitFor();
      // A thousand boxes are still few elements.
      expect(await page.getByRole("article", { name: "garage" }).locator("*").count()).toBeLessThan(60);
      await page.getByText("1 report today was over the limit").waitFor();
      await page.getByRole("link", { name: "garage" }).click();
      await page.getByRole("heading", { level: 1, name: "garage" }).waitFor();
      await page.getByRole("heading", { name: /^Its clock is (3 h|2 h 59 min) ahead$/ }).waitFor();
      await page.goto(`${office.url}/#/boxes`);
      await silent.getByRole("button", { name: "Silence is expected" }).click();
      await page.getByRole("article", { name: "north-dock" }).getByText("Expected silence").waitFor();
      expect((await office.api.ask("GET /v1/boxes/{id}", { path: { id: "north-dock" } })).silence.isExpected).toBe(
        true,
      );
      await visitor.leave();
    });

    it("finds one of a thousand boxes and keys by typed text", async () => {
      const visitor = await enter();
      const { page } = visitor;
      const many = <Item extends { id: string }>(items: readonly Item[], count: number): Item[] =>
        Array.from({ length: count }, (_, at) => ({ ...(items[at % items.length] as Item), id: `many-${at}` }));
      await page.route(/\/v1\/boxes\?/, async (route) => {
        const { boxes } = await (await route.fetch()).json();
        await route.fulfill({ json: { boxes: many(boxes, 1200), next: null } });
      });
      await page.route(/\/v1\/keys$/, async (route) => {
        const { keys } = await (await route.fetch()).json();
        await route.fulfill({ json: { keys: many(keys, 1200) } });
      });
      await page.goto(`${office.url}/#/boxes`);
      await page.getByRole("article").first().waitFor();
      expect(await page.locator("article").count()).toBe(1200);
      await page.keyboard.press("/");
      await page.keyboard.type("MANY-777");
      await expect.poll(() => page.locator("article").count()).toBe(1);
      expect(new URL(page.url()).hash).toBe("#/boxes?q=MANY-777");
      await page.keyboard.type("x");
      await page.getByRole("heading", { name: "No box has this name" }).waitFor();
      await page.getByRole("button", { name: "Clear all" }).click();
      await expect.poll(() => page.locator("article").count()).toBe(1200);
      await page.goto(`${office.url}/#/settings/keys`);
      await page.getByRole("searchbox", { name: "Find a key" }).fill("many-777");
      await expect.poll(() => page.getByRole("table", { name: "Keys" }).getByRole("row").count()).toBe(2);
      await visitor.leave();
    });

    it("exports and replays several groups of reports together", async () => {
      const quarantined = async () =>
        (await office.api.ask("GET /v1/quarantine", { query: { limit: 500 } })).records.map(({ id }) => id);
      const visitor = await enter();
      const { page } = visitor;
      await page.goto(`${office.url}/#/problems`);
      const ticks = page.getByRole("navigation", { name: "Quarantine, grouped" }).getByRole("checkbox");
      await ticks.first().click();
      await ticks.last().click({ modifiers: ["Shift"] });
      const bar = page.getByRole("toolbar");
      await bar.getByText(`${await ticks.count()} selected`).waitFor();
      expect(await faultsOf(visitor, "en")).toEqual([]);
      const saving = page.waitForEvent("download");
      await bar.getByRole("button", { name: "Export" }).click();
      const lines = (await readFile(await (await saving).path(), "utf8")).trimEnd().split("\n");
      const records = lines.map((line) =>
        z.looseObject({ id: z.string(), reason: z.string() }).parse(JSON.parse(line)),
      );
      const all = await quarantined();
      expect(records.map(({ id }) => id).sort()).toEqual(all.sort());
      await bar.getByRole("button", { name: `Replay all ${records.length}` }).click();
      await expect.poll(() => bar.count()).toBe(0);
      expect((await quarantined()).length).toBeLessThanOrEqual(records.length);
      await visitor.leave();
    });

    it("shows where an unreadable report breaks off, and replays one or all", async () => {
      const visitor = await enter();
      const { page } = visitor;
      await page.clock.install();
      // A page of the list is shorter than the list: the others arrive when they are needed.
      await page.route(/\/v1\/quarantine\?.*limit=50/, (route) =>
        route.continue({ url: route.request().url().replace("limit=50", "limit=1") }),
      );
      await page.goto(`${office.url}/#/problems`);
      await page.getByRole("link", { name: /^Not JSON.*garage/ }).click();
      await page.getByText(/← breaks off here, at byte \d,\d{3}/).waitFor();
      await page.getByRole("button", { name: /^Older/ }).click();
      await page.getByRole("button", { name: /^Newer/ }).click();
      await page.getByText(/← breaks off here, at byte \d,\d{3}/).waitFor();
      expect(await page.locator("pre .fold").allTextContents()).toContain("reg_pic · 3 KB");
      await page.getByRole("button", { name: "Replay", exact: true }).click();
      await page.getByText("It is still not understood and stays here.").waitFor();
      await page.getByRole("button", { name: "Replay all", exact: true }).click();
      await page.getByText("0 became events, 2 stay.").waitFor();
      // A group that is not there any more shows no other one in its place.
      const there = page.url();
      await page.goto(`${office.url}/#/problems?reason=not-json&box=nowhere`);
      await page.getByRole("heading", { name: "Nothing is left in this group" }).waitFor();
      expect(await page.getByRole("button", { name: "Replay all", exact: true }).count()).toBe(0);
      await page.goto(there);
      expect(await page.getByRole("progressbar", { name: "Replay" }).getAttribute("value")).toBe("2");
      const everything = page.getByRole("button", { name: /^Replay all \d+$/ });
      const [count] = /\d+/.exec((await everything.textContent()) ?? "") ?? [];
      await everything.click();
      await page.getByText(`${count} / ${count}`, { exact: true }).waitFor();
      // The numbers beside the tabs are asked for again.
      await page.route(/\/v1\/counts/, (route) =>
        route.fulfill({ json: { problems: { quarantine: 98, deadletters: 0, flagged: 0 } } }),
      );
      await page.clock.fastForward(10_000);
      await page.getByRole("link").filter({ hasText: "Not understood 98" }).waitFor();
      await page.getByRole("link", { name: "Flags" }).click();
      await page.goto(`${office.url}/#/problems?tab=deadletters`);
      await page.getByRole("heading", { name: "All deliveries were accepted" }).waitFor();
      await visitor.leave();
    });

    it("shows above the problems that the server needs a new certificate", async () => {
      const visitor = await enter();
      const { page } = visitor;
      const reason = "the certificate ended at 2026-11-20T12:00:00.000Z: renew it";
      await page.route(/\/healthz$/, (route) => route.fulfill({ json: { status: "degraded", reasons: [reason] } }));
      await page.goto(`${office.url}/#/problems`);
      await page.getByRole("status").filter({ hasText: reason }).waitFor();
      expect(await faultsOf(visitor, "en")).toEqual([]);
      await visitor.leave();
    });

    it("sends all undelivered entries once their rule exists again", async () => {
      const visitor = await enter();
      const { page } = visitor;
      await page.clock.install();
      // A page of the list is shorter than the list.
      await page.route(/\/v1\/deadletters\?.*limit=200/, (route) =>
        route.continue({ url: route.request().url().replace("limit=200", "limit=1") }),
      );
      await page.goto(`${office.url}/#/problems?tab=deadletters`);
      await page.getByRole("heading", { name: "All deliveries were accepted" }).waitFor();
      // An open page sees them arrive.
      await giveUp(trouble);
      await page.clock.fastForward(31_000);
      const letters = page
        .getByRole("table", { name: "Not delivered" })
        .getByRole("row")
        .filter({ hasText: "old-crm" });
      await letters.first().waitFor();
      expect(await letters.count()).toBe(1);
      // On a phone, too, it gives each entry's type and why it was not delivered.
      await page.setViewportSize({ width: 390, height: 780 });
      expect(await letters.first().innerText()).toMatch(/Update the registered photo\s+The rule was removed.*\s+\d\d:/);
      await page.setViewportSize({ width: 1280, height: 900 });
      await page.getByRole("button", { name: "Show more" }).click();
      await letters.nth(1).waitFor();
      trouble.desk.accept();
      await writeRule(trouble);
      await page.getByRole("button", { name: "Send all again" }).click();
      await page.getByText("2 deliveries are in the queue again.").waitFor();
      await page.getByRole("heading", { name: "All deliveries were accepted" }).waitFor();
      await visitor.leave();
    });

    it("tries a pattern while typing, explains a mismatch, and saves the rule", async () => {
      const visitor = await enter();
      const { page } = visitor;
      await page.goto(`${office.url}/#/rules`);
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
      await page.getByLabel("Sent to").fill(`${trouble.people.url}/garage`);
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
      const visitor = await enter();
      const { page } = visitor;
      await page.clock.install();
      await page.goto(`${office.url}/#/rules`);
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
      const { etag } = await office.api.ask("GET /v1/rules");
      const target = { url: `${trouble.people.url}/other`, allowPrivate: true };
      const body = { pattern: { source: ["gatepost"] }, target };
      await office.api.ask("PUT /v1/rules/{name}", {
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
      const { etag: now } = await office.api.ask("GET /v1/rules");
      await office.api.ask("DELETE /v1/rules/{name}", { path: { name: "of-another" }, headers: { "if-match": now } });
      await visitor.leave();
    });

    it("asks before an unsaved rule is left, in every way of leaving", async () => {
      const visitor = await enter();
      const { page } = visitor;
      await page.goto(`${office.url}/#/rules`);
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
      const asks = () =>
        page.evaluate("!dispatchEvent(Object.assign(new Event('beforeunload', { cancelable: true })))");
      expect(await asks()).toBe(true);
      await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Boxes" }).click();
      await question.getByRole("button", { name: "Leave without saving" }).click();
      await page.getByRole("heading", { level: 1, name: "Boxes" }).waitFor();
      expect([new URL(page.url()).hash, await asks()]).toEqual(["#/boxes", false]);
      await visitor.leave();
    });

    it("writes a rule that tells people, and shows nothing of its secrets again", async () => {
      const visitor = await enter();
      const { page } = visitor;
      await page.goto(`${office.url}/#/rules`);
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
      const written = async (): Promise<unknown> => JSON.parse(await readFile(office.runtime.folder.rules, "utf8"));
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

    it("writes a rule whose passings become check-ins in Frappe", async () => {
      const visitor = await enter();
      const { page } = visitor;
      await page.goto(`${office.url}/#/rules`);
      await page.getByRole("button", { name: "New rule" }).click();
      await page.getByLabel("Name", { exact: true }).fill("hours");
      await page.getByLabel("Send to").selectOption("frappe");
      await page.getByLabel("Sent to").fill("https://hr.example.com");
      await page.getByLabel("Secret, password or token").fill("key:SEChunter2");
      await page.getByLabel("Frappe field with the id of a person").selectOption({ label: "by ID" });
      await page.getByLabel("Time zone of Frappe").fill("Asia/Kolkata");
      await page.getByText("An Employee Checkin for each passing").waitFor();
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByText("The rule is saved.").waitFor();
      const { rules } = await office.api.ask("GET /v1/rules");
      expect(rules.find(({ name }) => name === "hours")?.target).toEqual({
        type: "frappe",
        url: "https://hr.example.com/",
        zone: "Asia/Kolkata",
        employee: "name",
        headers: [],
        isSigned: true,
        allowPrivate: false,
      });
      await expect.poll(() => page.getByLabel("Secret, password or token").inputValue()).toBe("");
      await page.getByRole("button", { name: "Remove the rule" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Remove the rule" }).click();
      await page.getByRole("button", { name: /^hours/ }).waitFor({ state: "detached" });
      await visitor.leave();
    });

    it("leads back to the filter from an event that it has erased", async () => {
      for (const identity_id of ["leave-1", "leave-2"]) {
        await report(office, { identity_name: "About To Leave", identity_id });
      }
      const visitor = await enter();
      const { page } = visitor;
      await page.goto(`${office.url}/#/events?q=About+To+Leave`);
      const rows = page.getByRole("table", { name: "Results" }).getByRole("link", { name: /^About To Leave/ });
      await expect.poll(() => rows.count()).toBe(2);
      await rows.first().click();
      await page.getByRole("button", { name: "Erase this event" }).click();
      await page.getByRole("button", { name: "Erase", exact: true }).click();
      await expect.poll(() => rows.count()).toBe(1);
      expect(page.url()).toContain("#/events?q=About+To+Leave");
      await visitor.leave();
    });

    it("erases a person only after their id was typed, and gives a receipt", async () => {
      for (const time of [3000, 2000, 1000]) {
        const timestamp = office.now() - time;
        await report(office, { identity_name: "To Be Gone", identity_id: "gone-1", timestamp });
      }
      const library = office.boxes[0]?.name ?? "";
      const leave = { library, id: "gone-1", day: new Date(office.now()).toISOString().slice(0, 10) };
      const body = { ...leave, kind: "leave" as const, reason: "Was ill" };
      const { id: correction } = await office.api.ask("POST /v1/hours/corrections", { body });
      const visitor = await enter();
      const { page } = visitor;
      await page.goto(`${office.url}/#/settings/erase`);
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
      expect(await line.filter({ hasText: correction }).count()).toBe(1);
      expect(jobs).toHaveLength(1);
      const downloads = page.waitForEvent("download");
      await page.getByRole("link", { name: "Download the receipt" }).click();
      expect((await downloads).suggestedFilename()).toBe("gatepost-receipt.json");
      expect((await office.api.events({ person: "gone-1" })).events).toEqual([]);
      await page.goto(`${office.url}/#/live`);
      await page.getByRole("heading", { level: 1, name: "Live" }).waitFor();
      await page.locator(".cell a").first().waitFor();
      expect(await page.getByText("To Be Gone").count()).toBe(0);
      await visitor.leave();
    });

    it("finds the person to erase by an id with spaces around it", async () => {
      await report(office, { identity_name: "Spaced Out", identity_id: " erase-me " });
      const visitor = await enter();
      const { page } = visitor;
      await page.goto(`${office.url}/#/settings/erase`);
      await page.getByLabel("Person id").fill(" erase-me ");
      await page.getByRole("button", { name: "Find", exact: true }).click();
      await page.getByText("1 event, 0 pictures").waitFor();
      await page.getByLabel(/^Type .*to erase permanently$/).fill("erase-me");
      await page.getByRole("button", { name: "Erase", exact: true }).click();
      await page.getByRole("heading", { name: /^Erased, .* This is the receipt\.$/ }).waitFor();
      await expect.poll(async () => (await office.api.events({ person: " erase-me " })).events).toEqual([]);
      // An id that was pasted with a space behind it is found all the same.
      await report(office, { identity_name: "Close Together", identity_id: "erase-close" });
      await page.reload();
      await signIn(visitor, office.url, office.admin);
      await page.goto(`${office.url}/#/settings/erase`);
      await page.getByLabel("Person id").fill("erase-close ");
      await page.getByRole("button", { name: "Find", exact: true }).click();
      await page.getByText("Close Together").waitFor();
      await visitor.leave();
    });

    it("offers to erase only the shown person, also after another id was typed", async () => {
      const long = "x".repeat(300);
      for (const identity_id of ["meant-not", long]) await report(office, { identity_name: "Kept", identity_id });
      const visitor = await enter();
      const { page } = visitor;
      await page.goto(`${office.url}/#/settings/erase`);
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

    it("exports what the filter finds, in each format, and marks all of it as seen", async () => {
      for (const id of ["ex-1", "ex-2", "ex-3"]) {
        await report(office, { identity_name: "Exported", identity_id: id, ext_data: { person_type: 3 } });
      }
      const visitor = await enter();
      const { page } = visitor;
      await page.goto(`${office.url}/#/events?q=Exported`);
      await page.getByRole("status").filter({ hasText: "3 passings" }).waitFor();
      const formats = [
        ["Table (CSV), without pictures", /\.csv$/, 4],
        ["One event a line (NDJSON)", /\.ndjson$/, 3],
        ["Table and pictures (zip)", /\.zip$/, null],
      ] as const;
      for (const [label, name, lines] of formats) {
        await page.getByRole("button", { name: "Export" }).click();
        await page.getByRole("radio", { name: label }).check();
        await page.getByRole("dialog").getByRole("button", { name: "Export" }).click();
        const link = page.getByRole("link", { name: "Download" });
        await expect.poll(() => link.getAttribute("href")).toMatch(/^\//);
        const downloads = page.waitForEvent("download");
        await link.click();
        const download = await downloads;
        expect(download.suggestedFilename()).toMatch(name);
        const bytes = await readFile(await download.path());
        if (lines === null) expect(bytes.subarray(0, 2).toString()).toBe("PK");
        else expect(bytes.toString().trim().split("\n")).toHaveLength(lines);
        await page.reload();
        await signIn(visitor, office.url, office.admin);
        await page.goto(`${office.url}/#/events?q=Exported`);
      }
      await page.getByRole("button", { name: "Mark all as seen" }).click();
      await page.getByText("3 passings marked as seen.").waitFor();
      const seen = await office.api.ask("GET /v1/events", { query: { q: "Exported", with: "seen" } });
      expect("seen" in seen && seen.seen).toHaveLength(3);
      await visitor.leave();
    });

    it("exports the shown list, and says why an export ended", async () => {
      const visitor = await enter();
      const { page } = visitor;
      const wishes: { kind: string; filter: Record<string, string> }[] = [];
      const failed = {
        id: "job_full",
        kind: "export",
        state: "failed",
        done: 1,
        of: 3,
        startedAt: null,
        endedAt: null,
        result: null,
        reason: "the disk is full: make room for the data folder",
      };
      await page.route(/\/v1\/jobs$/, (route) => {
        wishes.push(route.request().postDataJSON());
        return route.fulfill({ status: 202, json: failed });
      });
      const listed: string[] = [];
      page.on("request", (request) => {
        const { pathname, searchParams } = new URL(request.url());
        // Who stands out is asked for by itself, of the last 24 hours.
        const isOfList = pathname === "/v1/events" && searchParams.get("with") !== "seen";
        if (isOfList) listed.push(searchParams.get("from") ?? "");
      });
      await page.clock.install();
      await page.goto(`${office.url}/#/events?from=today`);
      await page.getByRole("table", { name: "Results" }).waitFor();
      // The next day the list is still the list of the day before.
      await page.clock.fastForward(24 * 60 * 60_000);
      await page.getByRole("button", { name: "Export" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Export" }).click();
      const alert = page.getByRole("alert").filter({ hasText: "The export failed." });
      await alert.filter({ hasText: "the disk is full: make room for the data folder" }).waitFor();
      expect(wishes.map(({ filter }) => filter["from"])).toEqual([listed.at(-1)]);
      await page.clock.fastForward(60_000);
      expect(await alert.count()).toBe(1);
      await page.getByRole("button", { name: "Mark all as seen" }).click();
      await expect.poll(() => wishes.length).toBe(2);
      const { events } = await office.api.events({ limit: 1 });
      expect(Date.parse(wishes[1]?.filter["to"] ?? "")).toBe((events[0]?.timestamp ?? 0) + 1);
      await visitor.leave();
    });

    it("continues with a job while another page is open, and stops it", async () => {
      const visitor = await enter();
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
      await page.goto(`${office.url}/#/events?box=gate-1`);
      await page.getByRole("button", { name: "Mark all as seen" }).click();
      const progress = page.getByRole("progressbar", { name: "Mark all as seen" });
      await progress.waitFor();
      await page.goto(`${office.url}/#/boxes`);
      await progress.waitFor({ state: "detached" });
      await page.goto(`${office.url}/#/events?box=gate-1`);
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

    it("returns the focus after a dialogue, among reports, and after a filter is removed", async () => {
      for (const body of ["{torn", "{torn again", "{torn once more"]) await post(office.boxes[2], body);
      const visitor = await enter();
      const { page } = visitor;
      const focused = () => page.locator(":focus").textContent();
      const press = (name: string | RegExp) => page.getByRole("button", { name }).first().press("Enter");
      await page.goto(`${office.url}/#/settings/keys`);
      for (const way of ["Escape", "Cancel"]) {
        await press("New key");
        await page.getByRole("dialog").waitFor();
        if (way === "Escape") await page.keyboard.press("Escape");
        else await press(way);
        await page.getByRole("dialog").waitFor({ state: "detached" });
        expect(await focused()).toBe("New key");
      }
      await page.goto(`${office.url}/#/problems?reason=not-json&box=head-office`);
      const older = page.getByRole("button", { name: /^Older/ });
      for (const body of ["{torn again", "{torn"]) {
        await older.press("Enter");
        await page.getByText(body, { exact: true }).waitFor();
        expect(await page.locator(":focus").getAttribute("aria-label")).toMatch(/^Older/);
      }
      expect(await older.getAttribute("aria-disabled")).toBe("true");
      await page.goto(`${office.url}/#/events?type=vip`);
      await press(/^Remove the filter/);
      await expect.poll(focused).toBe("Kind ");
      await page.setViewportSize({ width: 390, height: 800 });
      await press("More");
      await page.getByRole("dialog").getByRole("link", { name: "Settings" }).press("Enter");
      await page.getByRole("heading", { level: 1, name: "Settings" }).waitFor();
      expect(await page.locator(":focus").getAttribute("id")).toBe("main");
      await visitor.leave();
    });

    it("keeps the focus in a list whose rows are removed, and in their replacements", async () => {
      for (const note of ["focus one", "focus two"]) await office.api.createKey({ scope: "read", note });
      const visitor = await enter();
      const { page } = visitor;
      const focused = () => page.evaluate("document.activeElement.closest('tr, section, main, body').textContent");
      await page.goto(`${office.url}/#/settings/keys`);
      const row = (note: string) =>
        page.getByRole("table", { name: "Keys" }).getByRole("row").filter({ hasText: note });
      const notes = await page.getByRole("table", { name: "Keys" }).getByRole("row").allTextContents();
      const [first = "", second = ""] = ["focus one", "focus two"].sort(
        (a, b) => notes.findIndex((text) => text.includes(a)) - notes.findIndex((text) => text.includes(b)),
      );
      await row(first).getByRole("button", { name: "Revoke" }).press("Enter");
      await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).press("Enter");
      await row(first).waitFor({ state: "detached" });
      await expect.poll(focused).toContain(second);
      expect(await page.locator(":focus").textContent()).toBe("Revoke");
      // A filter without matches goes, with its button.
      await page.goto(`${office.url}/#/events?q=nobody-is-called-so`);
      await page.getByRole("main").getByRole("button", { name: "Clear all" }).press("Enter");
      await page.getByRole("table", { name: "Results" }).waitFor();
      expect(await page.locator(":focus").count()).toBe(1);
      await visitor.leave();
    });

    it("changes for how long events are kept", async () => {
      const visitor = await enter();
      const { page } = visitor;
      await page.goto(`${office.url}/#/settings/retention`);
      const kept = page.getByRole("region", { name: "Retention" });
      await kept.getByText("90 days after the first receipt").waitFor();
      await kept.getByRole("button", { name: "Change" }).click();
      await page.getByLabel("Days for events and pictures").fill("30");
      await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
      await kept.getByText("30 days after the first receipt").waitFor();
      expect(await office.api.ask("GET /v1/retention")).toMatchObject({ eventDays: 30 });
      await visitor.leave();
    });

    it("changes when an unacknowledged alarm is announced", async () => {
      const visitor = await enter();
      const { page } = visitor;
      await page.goto(`${office.url}/#/settings/alarms`);
      const after = page.getByLabel(/^Send an alert/);
      await expect.poll(() => after.inputValue()).toBe("5");
      await after.selectOption("after 10 minutes");
      await page.getByText("Saved.").waitFor();
      expect(await office.api.ask("GET /v1/alarms")).toEqual({ tellAfterMinutes: 10 });
      await after.selectOption("never");
      await expect.poll(() => office.api.ask("GET /v1/alarms")).toEqual({ tellAfterMinutes: null });
      await visitor.leave();
    });

    it("can be installed", async () => {
      const visitor = await enter();
      const { page } = visitor;
      const devtools = await page.context().newCDPSession(page);
      const { errors, data } = await devtools.send("Page.getAppManifest");
      expect(errors).toEqual([]);
      expect(JSON.parse(data ?? "{}")).toMatchObject({ name: "Gatepost", display: "standalone", start_url: "/#/live" });
      const { installabilityErrors } = await devtools.send("Page.getInstallabilityErrors");
      expect(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== "in-incognito")).toEqual([]);
      await visitor.leave();
    });

    it("makes a key that is shown once, and revokes it", async () => {
      const visitor = await enter();
      const { page } = visitor;
      await page.goto(`${office.url}/#/settings/keys`);
      const made = async () => (await office.api.ask("GET /v1/keys")).keys.length;
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
      const visitor = await visit(browser);
      await signIn(visitor, office.url, office.read);
      const { page } = visitor;
      await page.goto(`${office.url}/#/settings`);
      await page.getByRole("heading", { name: "This browser" }).waitFor();
      const sections = page.getByRole("navigation", { name: "Settings" }).getByRole("link");
      expect(await sections.allTextContents()).toEqual(["This browser", "About"]);
      const me = await office.api.ask("GET /v1/me");
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

    it("counts by hour and kind, also as a table", async () => {
      const visitor = await enter();
      const { page } = visitor;
      await page.clock.install();
      await page.goto(`${office.url}/#/statistics`);
      await page.getByRole("img", { name: /^Passings each hour; most at/ }).waitFor();
      // A page that stays open goes with what passes.
      const passings = async () => Number(await page.locator(".fig b").first().textContent());
      const before = await passings();
      await report(office, { identity_name: "Counted", identity_id: "counted" });
      await page.clock.fastForward(60_000);
      await expect.poll(passings).toBe(before + 1);
      // On a phone the last hour with passings is in sight, and not the night before it.
      await page.setViewportSize({ width: 390, height: 780 });
      await page.goto(`${office.url}/#/live`);
      await page.goto(`${office.url}/#/statistics`);
      const isInSight = () =>
        page.evaluate<boolean>(`(() => {
          const chart = document.querySelector(".wide .chart");
          const last = Math.max(...[...chart.querySelectorAll("rect:not(.hit)")].map((bar) => bar.getBoundingClientRect().right));
          return last <= chart.parentElement.getBoundingClientRect().right + 1;
        })()`);
      await page.locator(".wide .chart rect:not(.hit)").first().waitFor();
      expect(await isInSight()).toBe(true);
      await page.setViewportSize({ width: 1280, height: 900 });
      await page.getByText("As a table").first().click();
      await page.getByRole("rowheader", { name: "00" }).first().waitFor();
      await page.getByRole("button", { name: "Week" }).click();
      await page.getByRole("img", { name: /^Passings each day/ }).waitFor();
      expect(page.url()).toContain("by=week");
      // From Monday to Sunday, and each day is named.
      const days = page
        .getByRole("region", { name: "Passings each day" })
        .getByRole("rowheader", { includeHidden: true });
      const [first, last] = [await days.first().textContent(), await days.last().textContent()];
      expect(await page.locator(".head .when").textContent()).toContain(`${first} – ${last}`);
      expect(await days.count()).toBe(7);
      await visitor.leave();
    });

    it("counts by the server's day when this computer's clock is wrong", async () => {
      const visitor = await enter();
      const { page } = visitor;
      const { promise: isLetGo, resolve: letGo } = Promise.withResolvers<void>();
      await page.route(/\/v1\/me/, (route) => isLetGo.then(() => route.continue()));
      const day = page.locator(".head .when button");
      await page.goto(`${office.url}/#/statistics`);
      const today = await day.textContent();
      await page.goto(`${office.url}/#/boxes`);
      const ahead = new Date(office.now());
      ahead.setFullYear(ahead.getFullYear() + 4);
      await page.clock.install({ time: ahead });
      // However long a busy machine takes until it is paused.
      const paused = ahead.getTime() + 30 * 60_000;
      await page.clock.pauseAt(paused);
      await page.goto(`${office.url}/#/statistics`);
      await page.clock.runFor(1000);
      await expect.poll(() => day.textContent()).not.toContain(today);
      letGo();
      // Long before it counts again by itself.
      await expect
        .poll(async () => {
          await page.clock.runFor(100);
          return day.textContent();
        })
        .toContain(today);
      expect(await page.evaluate<number>("Date.now()")).toBeLessThan(paused + 60_000);
      await visitor.leave();
    });

    it("says honestly what the server does not offer", async () => {
      const visitor = await visit(browser);
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
      await signIn(visitor, office.url, office.admin);
      const { page } = visitor;
      await page.goto(`${office.url}/#/boxes`);
      await page.getByRole("alert").filter({ hasText: "This server does not support this yet" }).waitFor();
      await page.goto(`${office.url}/#/statistics`);
      await page.getByRole("alert").filter({ hasText: "The data store does not respond" }).waitFor();
      await visitor.page.unroute(/\/v1\/stats/);
      await page.getByRole("img", { name: /^Passings each hour/ }).waitFor();
      await visitor.leave();
    });

    it("says that data could not be loaded again, and why a list ends", async () => {
      const visitor = await enter();
      const { page } = visitor;
      const refuse = (status: number, detail: string) => ({ status, json: { detail } });
      await page.clock.install();
      await page.goto(`${office.url}/#/statistics`);
      const charts = page.getByRole("img", { name: /^Passings each hour/ });
      await charts.first().waitFor();
      const drawn = await charts.count();
      await page.route(/\/v1\/stats/, (route) => route.fulfill(refuse(503, "the store is away")));
      await page.clock.fastForward(60_000);
      const outdated = page.getByRole("status").filter({ hasText: "cannot be reloaded now. the store is away" });
      // Charts of the page, and those by gate, are asked for one by one.
      await outdated.first().waitFor();
      expect(await charts.count()).toBe(drawn);
      await page.unroute(/\/v1\/stats/);
      await page.clock.fastForward(60_000);
      await expect.poll(() => outdated.count()).toBe(0);
      // A page of events that says there are more of them than come.
      await page.route(/\/v1\/events\?/, async (route) => {
        if (route.request().url().includes("cursor=")) return route.fulfill(refuse(400, "begin again"));
        const answer = await route.fetch();
        return route.fulfill({ json: { ...(await answer.json()), next: "more" } });
      });
      await page.goto(`${office.url}/#/events`);
      await page.getByRole("table", { name: "Results" }).waitFor();
      await page.evaluate("scrollTo(0, 1e6)");
      const more = page.getByRole("alert").filter({ hasText: "begin again" });
      await more.waitFor();
      await page.unroute(/\/v1\/events\?/);
      await page.route(/\/v1\/events\?.*cursor=/, (route) => route.fulfill({ json: { events: [], next: null } }));
      await more.getByRole("button", { name: "Retry" }).click();
      await page.getByText("End of the list.").waitFor();
      await visitor.leave();
    });
  },
);
