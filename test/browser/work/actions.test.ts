import type { Action } from "@gatepost/client";
import { expect, it } from "vitest";
import { inChromium } from "../support/chromium.ts";
import { report } from "../support/report.ts";
import { slowLine } from "../support/slow-line.ts";
import { idle } from "../support/visitor.ts";
import { workplace } from "../support/workplace.ts";

inChromium("work with actions", () => {
  const work = workplace();

  it("settles what a box asked for", async () => {
    await report(work.office, { identity_name: "New Photo", identity_id: "np", want_action: "1002", score: 0.7 });
    const visitor = await work.enter();
    const { page } = visitor;
    await page.clock.install();
    await page.goto(`${work.office.url}/#/actions`);
    const task = page.getByRole("listitem").filter({ hasText: "Update the registered photo of New Photo" });
    await task.getByText("No outcome yet").waitFor();
    await task.getByRole("button", { name: /^More/ }).press("Enter");
    await task.getByRole("button", { name: "Mark done" }).press("Enter");
    await task.waitFor({ state: "detached" });
    // The next row has the focus.
    await expect.poll(() => page.locator(".ask :focus").count()).toBe(1);
    await page.clock.fastForward(11_000);
    // A list in use does not move. New actions are counted, also before the bus has taken them, and shown on request.
    await page.route(/\/v1\/actions\?.*state=(announced|pending)/, async (route) => {
      const url = new URL(route.request().url());
      const states = url.searchParams.get("state")?.split(",") ?? [];
      url.searchParams.set("state", "announced,pending");
      const list = await (await route.fetch({ url: url.href })).json();
      const actions = list.actions
        .map((one: Action) => (one.event?.person.name === "Newer Photo" ? { ...one, state: "pending" } : one))
        .filter(({ state }: Action) => states.includes(state));
      await route.fulfill({ json: { ...list, actions } });
    });
    await report(work.office, { identity_name: "Newer Photo", identity_id: "np2", want_action: "1002", score: 0.7 });
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
      await report(work.office, { identity_name: name, identity_id: name, want_action: "1002", score: 0.7 });
    }
    const visitor = await work.enter();
    const { page } = visitor;
    await page.clock.install();
    await page.goto(`${work.office.url}/#/actions`);
    const task = (name: string) => page.getByRole("listitem").filter({ hasText: `photo of ${name}` });
    await task("Slow Two").waitFor();
    const [lists, settled] = [await slowLine(page, /state=announced%2C/), await slowLine(page, /\/v1\/actions\/act_/)];
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
    const visitor = await work.enter();
    const { page } = visitor;
    await page.getByRole("status").filter({ hasText: "Connected" }).first().waitFor();
    await work.office.strangerPasses();
    const { events } = await work.office.api.events({ type: "stranger", action: "1001", limit: 1 });
    const standing = page.getByRole("complementary", { name: "Passings that stand out" });
    await standing.locator(`a[href="#/events/${events[0]?.id}"]`).first().click();
    await page.getByText("Box asks: register a stranger").waitFor();
    await page.goto(`${work.office.url}/#/actions`);
    const task = page.getByRole("listitem").filter({ hasText: "Register a stranger" }).first();
    await page.clock.install();
    await task.getByRole("button", { name: /^More/ }).click();
    await task.getByRole("button", { name: "Mark done" }).click();
    await page.getByRole("status").filter({ hasText: "Done: Register a stranger" }).waitFor();
    await page.clock.fastForward(11_000);
    await expect
      .poll(async () => (await work.office.api.actions({ want: "1001", state: "done" })).actions.length)
      .toBeGreaterThan(0);
    await visitor.leave();
  });

  it("approves a stranger with name, type and boxes, and undoes it", async () => {
    const before = new Set((await work.office.api.actions({ want: "1001" })).actions.map(({ id }) => id));
    await work.office.strangerPasses();
    const { actions } = await work.office.api.actions({ want: "1001" });
    const action = actions.find(({ id }) => !before.has(id));
    const visitor = await work.enter();
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
    await page.goto(`${work.office.url}/#/actions`);
    const task = page.getByRole("listitem").filter({ has: page.locator(`a[href="#/events/${action?.eventId}"]`) });
    await task.getByRole("button", { name: "Register…" }).click();
    const dialog = page.getByRole("dialog", { name: "Register this stranger" });
    await dialog.getByRole("img", { name: "Captured face" }).waitFor();
    await dialog.getByLabel("Name").fill("王芳");
    await dialog.getByText("Visitor", { exact: true }).click();
    await dialog.getByLabel("On which boxes").selectOption("some");
    await dialog.getByRole("checkbox", { name: "garage" }).check();
    await dialog.getByLabel("Host").fill("李静");
    await dialog.getByText("No bridge can end the visit").waitFor();
    expect(await dialog.getByLabel("Valid until").getByRole("option").allTextContents()).toHaveLength(1);
    await dialog.getByRole("button", { name: "Register", exact: true }).click();
    await task.getByText("host 李静").waitFor();
    await task.getByText("Approved: 王芳 · Visitor").waitFor();
    await task.getByText("waits for the bridge").first().waitFor();
    const boxes = action === undefined ? [] : [action.box, "garage"];
    expect(
      (await work.office.api.actions({ approved: "1" })).actions[0]?.approval?.boxes.map(({ box }) => box),
    ).toEqual(boxes);
    const looked = await work.office.api.event(action?.eventId ?? "");
    expect((await work.office.api.actions({ approved: "1" })).actions[0]?.approval?.photo).toBe(
      looked.pictures.face?.sha256,
    );
    const path = { id: action?.id ?? "" };
    const outcomes = boxes.map((box, at) => ({
      box,
      ...(at === 0 ? { state: "done" as const } : { state: "failed" as const, reason: "The library is full." }),
    }));
    await work.office.api.ask("POST /v1/actions/{id}", { path, body: { state: "failed", boxes: outcomes } });
    for (const name of ["boxes", "actions"]) await page.goto(`${work.office.url}/#/${name}`);
    await task.getByText("The library is full.").first().waitFor();
    await task.getByRole("button", { name: "Undo" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Undo" }).click();
    await task.getByText("To be undone: 王芳 · Visitor").waitFor();
    await visitor.leave();
  });
});
