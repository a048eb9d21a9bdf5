import { client } from "@gatepost/client";
import type { FleetBox } from "@gatepost/simulator";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { synthTimeoutMs } from "../system/infra/stages.ts";
import { type Started, started, whereRehearsable } from "../system/rehearsal/started.ts";
import { inChromium, openChromium } from "./support/chromium.ts";
import { type PassersBy, passersBy } from "./support/passers-by.ts";
import { post, report } from "./support/report.ts";
import { signIn, type Visitor, visit } from "./support/visitor.ts";

whereRehearsable(() => {
  inChromium("the console of the deployment", () => {
    let deps: Started;
    let browser: Browser;
    let people: PassersBy;
    let office: { boxes: readonly FleetBox[]; now(): number };
    beforeAll(async () => {
      deps = await started();
      const boxes: FleetBox[] = [{ name: "gate-1", kind: "se3", url: new URL(deps.box.url) }];
      office = { boxes, now: Date.now };
      people = await passersBy(boxes, { scale: 0.2, looks: 6 });
      browser = await openChromium();
    }, synthTimeoutMs);
    afterAll(async () => {
      await browser?.close();
      await deps?.stop();
    });

    const enter = async (): Promise<Visitor> => {
      const visitor = await visit(browser);
      await signIn(visitor, deps.rehearsal.console, deps.rehearsal.admin);
      return visitor;
    };

    it("signs in by the link, and shows a new passing with its face", async () => {
      const visitor = await enter();
      const { page } = visitor;
      expect(page.url()).toBe(`${deps.rehearsal.console}/#/live`);
      await page.getByRole("status").filter({ hasText: "Connected" }).first().waitFor();
      await report(office, { identity_name: "Comes Live" });
      const wall = page.getByRole("list", { name: "Passings, one place each, taken in turn" });
      await wall.getByRole("link", { name: /^Comes Live Employee gate-1/ }).waitFor();
      await people.pass(500, 6);
      await page.locator(".cell img.face").first().waitFor();
      await expect
        .poll(() => page.evaluate("[...document.querySelectorAll('img')].every((one) => one.naturalWidth > 0)"))
        .toBe(true);
      await visitor.leave();
    });

    it("rings in all tabs until another user acknowledges the person, and forgets an erased one", async () => {
      const { console: url, admin } = deps.rehearsal;
      const visitor = await enter();
      const other = await visitor.page.context().newPage();
      await other.goto(`${url}/#/live`);
      const pages = [visitor.page, other];
      for (const page of pages) await page.getByRole("status").filter({ hasText: "Connected" }).first().waitFor();
      await report(office, { identity_name: "Not Wanted", identity_id: "banned-1", ext_data: { person_type: 3 } });
      const rings = (page: Page) => page.locator("li").filter({ hasText: "Not Wanted" }).locator(".rings");
      for (const page of pages) await rings(page).waitFor();
      const api = client({ url, token: admin });
      const [event] = (await api.events({ person: "banned-1" })).events;
      const id = event?.id ?? "";
      await api.ask("POST /v1/acknowledgements", { body: { events: [id], reason: "sent-away" } });
      for (const page of pages) await expect.poll(() => rings(page).count()).toBe(0);
      await api.eraseEvent(id);
      for (const page of pages) await expect.poll(() => page.getByText("Not Wanted").count()).toBe(0);
      await visitor.leave();
    });

    it("finds a passing, opens it, and says why", async () => {
      await report(office, { identity_name: "Sought After", identity_id: "777001", want_action: "1002" });
      const visitor = await enter();
      const { page } = visitor;
      await page.goto(`${deps.rehearsal.console}/#/events?q=ought`);
      await page.getByRole("table", { name: "Results" }).getByRole("link").first().click();
      await page.getByRole("heading", { level: 1, name: "Sought After" }).waitFor();
      await page.getByText("its reports, and who is notified").click();
      await page.getByText("On AWS, EventBridge runs the rules. Deliveries").waitFor();
      await page.goto(`${deps.rehearsal.console}/#/actions`);
      const task = page.getByRole("listitem").filter({ hasText: "Update the registered photo of Sought After" });
      await task.waitFor();
      // Its queue keeps it for a subscriber, so whether someone is told is not known.
      expect(await page.getByText("no one is notified").count()).toBe(0);
      await task.getByRole("button", { name: "Decline" }).click();
      await task.waitFor({ state: "detached" });
      await page.getByRole("link", { name: /^Declined/ }).click();
      await page.getByRole("row").filter({ hasText: "Sought After" }).waitFor();
      await visitor.leave();
    });

    it("adds a box: amber for an unreadable report, green with the first face", async () => {
      const visitor = await enter();
      const { page } = visitor;
      await page.goto(`${deps.rehearsal.console}/#/boxes/new`);
      await page.getByLabel("Name", { exact: true }).fill("west-gate");
      await page.getByRole("button", { name: "Create its key" }).click();
      const address = page.locator("code").filter({ hasText: "/HistoryEvent" });
      await address.waitFor();
      const url = new URL(((await address.textContent()) ?? "").replace("/HistoryEvent", ""));
      const box: FleetBox = { name: "west-gate", kind: "se3", url };
      await expect.poll(() => post(box, "this is no report")).toBe(200);
      await page.getByRole("status").filter({ hasText: "Something arrived that is not a report" }).waitFor();
      await report(office, { identity_name: "First Face" }, box);
      await page.getByRole("status").filter({ hasText: "It reports: First Face" }).waitFor();
      await visitor.leave();
    });

    it("lets an unknown terminal in, and asks for the zone of its times", async () => {
      const { console: url, admin } = deps.rehearsal;
      const push = async () => {
        const body = "4711\t2026-11-24 08:01:18\t0\t15\n";
        return (await fetch(`${url}/iclock/cdata?SN=WAITS1&table=ATTLOG`, { method: "POST", body })).text();
      };
      expect(await push()).toBe("ERROR\n");
      const visitor = await enter();
      const { page } = visitor;
      await page.goto(`${url}/#/boxes`);
      await page.getByRole("button", { name: "Allow it: WAITS1" }).click();
      const dialog = page.getByRole("dialog", { name: "Allow WAITS1 as a box" });
      await dialog.getByLabel("Name", { exact: true }).fill("workshop");
      await dialog.getByRole("button", { name: "Allow it" }).click();
      await page.getByText("WAITS1 reports as workshop now.").waitFor();
      await page.getByRole("heading", { name: "A terminal asks to connect: WAITS1" }).waitFor({ state: "detached" });
      const headers = { authorization: `Bearer ${admin}`, "content-type": "application/json" };
      await fetch(`${url}/v1/boxes/workshop`, { method: "PATCH", headers, body: JSON.stringify({ zone: null }) });
      await expect.poll(push).toBe("OK: 1");
      await page.goto(`${url}/#/boxes/workshop`);
      await page.getByText(/times without one cannot be read/).waitFor();
      await visitor.leave();
    });

    it("says on every page what it has, and what belongs to AWS", async () => {
      const visitor = await enter();
      const { page } = visitor;
      for (const [hash, heading] of [
        ["#/boxes", "Boxes"],
        ["#/problems", "Problems"],
        ["#/problems?tab=deadletters", "Problems"],
        ["#/rules", "Rules"],
        ["#/statistics", "Statistics"],
        ["#/settings", "Settings"],
      ]) {
        await page.goto(`${deps.rehearsal.console}/${hash}`);
        await page.getByRole("heading", { level: 1, name: heading ?? "" }).waitFor();
        await expect.poll(() => page.locator("main .bone").count()).toBe(0);
        expect(await page.getByText("This server does not support this yet").count()).toBe(0);
      }
      expect(deps.rehearsal.refused).toEqual([]);
      await visitor.leave();
    });
  });
});
