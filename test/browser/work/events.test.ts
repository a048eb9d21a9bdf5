import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { inChromium } from "../support/chromium.ts";
import { report } from "../support/report.ts";
import { signIn } from "../support/visitor.ts";
import { workplace } from "../support/workplace.ts";

inChromium("work with events", () => {
  const work = workplace();

  it("explains an event by its reports and rules, and sends a refused entry again", async () => {
    work.trouble.desk.answer(500);
    await report(work.office, { identity_name: "Why So", identity_id: "why", want_action: "1002" });
    await report(
      work.office,
      { identity_name: "Why Not", identity_id: "why-not", want_action: "1002" },
      work.office.boxes[1],
    );
    const visitor = await work.enter();
    const { page } = visitor;
    await page.goto(`${work.office.url}/#/events/${await work.eventOf("why-not")}`);
    await page.getByText("its reports, and who is notified").click();
    await page.getByText("One report made this event").waitFor();
    await page.getByText("history-nested").first().waitFor();
    const desk = page.locator(".why-told li").filter({ hasText: "guard-desk" });
    await desk.getByText("does not match").first().waitFor();
    await desk.getByText('prefix "gate-"').waitFor();
    // It stays open from one event to the next.
    await page.goto(`${work.office.url}/#/events/${await work.eventOf("why")}`);
    await desk.getByText("Waiting.").waitFor();
    await desk.getByText("returned 500").waitFor();
    const people = page.locator(".why-told li").filter({ hasText: "people-system" });
    await people.getByText(/^returned 204 after \d+ ms$/).waitFor();
    expect(await people.getByRole("button", { name: "Send again to people-system" }).count()).toBe(1);
    work.trouble.desk.accept();
    await desk.getByRole("button", { name: "Send again to guard-desk" }).click();
    await desk.getByText("Delivered.").waitFor();
    const isIt = ({ detail }: { detail: { event: { person: { id: string | null } } } }) =>
      detail.event.person.id === "why";
    expect(work.trouble.desk.envelopes.filter(isIt).length).toBeGreaterThan(0);
    await visitor.leave();
  });

  it("leads back to the filter from an event that it has erased", async () => {
    for (const identity_id of ["leave-1", "leave-2"]) {
      await report(work.office, { identity_name: "About To Leave", identity_id });
    }
    const visitor = await work.enter();
    const { page } = visitor;
    await page.goto(`${work.office.url}/#/events?q=About+To+Leave`);
    const rows = page.getByRole("table", { name: "Results" }).getByRole("link", { name: /^About To Leave/ });
    await expect.poll(() => rows.count()).toBe(2);
    await rows.first().click();
    await page.getByRole("button", { name: "Erase this event" }).click();
    await page.getByRole("button", { name: "Erase", exact: true }).click();
    await expect.poll(() => rows.count()).toBe(1);
    expect(page.url()).toContain("#/events?q=About+To+Leave");
    await visitor.leave();
  });

  it("exports what the filter finds, in each format, and marks all of it as seen", async () => {
    for (const id of ["ex-1", "ex-2", "ex-3"]) {
      await report(work.office, { identity_name: "Exported", identity_id: id, ext_data: { person_type: 3 } });
    }
    const visitor = await work.enter();
    const { page } = visitor;
    await page.goto(`${work.office.url}/#/events?q=Exported`);
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
      await signIn(visitor, work.office.url, work.office.admin);
      await page.goto(`${work.office.url}/#/events?q=Exported`);
    }
    await page.getByRole("button", { name: "Mark all as seen" }).click();
    await page.getByText("3 passings marked as seen.").waitFor();
    const seen = await work.office.api.ask("GET /v1/events", { query: { q: "Exported", with: "seen" } });
    expect("seen" in seen && seen.seen).toHaveLength(3);
    await visitor.leave();
  });

  it("exports the shown list, and says why an export ended", async () => {
    const visitor = await work.enter();
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
    await page.goto(`${work.office.url}/#/events?from=today`);
    await page.getByRole("table", { name: "Results" }).waitFor();
    // The next day the list is still the list of the day before.
    await page.clock.fastForward(24 * 60 * 60_000);
    await page.getByRole("button", { name: "Export" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Export" }).click();
    const alert = page.getByRole("alert").filter({ hasText: "The export failed." });
    await alert.filter({ hasText: "the disk is full: make room for the data folder" }).waitFor();
    expect(wishes.map(({ filter }) => filter["from"])).toEqual([listed.at(-1)]);
    await page.clock.fastForward(60_000);
    await expect.poll(() => alert.count()).toBe(1);
    await page.getByRole("button", { name: "Mark all as seen" }).click();
    await expect.poll(() => wishes.length).toBe(2);
    const { events } = await work.office.api.events({ limit: 1 });
    expect(Date.parse(wishes[1]?.filter["to"] ?? "")).toBe((events[0]?.timestamp ?? 0) + 1);
    await visitor.leave();
  });

  it("keeps the focus in a list whose rows are removed, and in their replacements", async () => {
    for (const note of ["focus one", "focus two"]) await work.office.api.createKey({ scope: "read", note });
    const visitor = await work.enter();
    const { page } = visitor;
    const focused = () => page.evaluate("document.activeElement.closest('tr, section, main, body').textContent");
    await page.goto(`${work.office.url}/#/settings/keys`);
    const row = (note: string) => page.getByRole("table", { name: "Keys" }).getByRole("row").filter({ hasText: note });
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
    await page.goto(`${work.office.url}/#/events?q=nobody-is-called-so`);
    await page.getByRole("main").getByRole("button", { name: "Clear all" }).press("Enter");
    await page.getByRole("table", { name: "Results" }).waitFor();
    await expect.poll(() => page.locator(":focus").count()).toBe(1);
    await visitor.leave();
  });

  it("says that data could not be loaded again, and why a list ends", async () => {
    const visitor = await work.enter();
    const { page } = visitor;
    const refuse = (status: number, detail: string) => ({ status, json: { detail } });
    await page.clock.install();
    await page.goto(`${work.office.url}/#/statistics`);
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
    await page.goto(`${work.office.url}/#/events`);
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
});
