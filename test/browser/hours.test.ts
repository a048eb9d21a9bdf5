import { readFile } from "node:fs/promises";
import type { Api } from "@gatepost/client";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { inChromium, openChromium } from "./support/chromium.ts";
import { type Office, openOffice } from "./support/office.ts";
import { hire, signInAs } from "./support/people.ts";
import { report } from "./support/report.ts";
import { pressPair, signIn, type Visitor, visit } from "./support/visitor.ts";
import { faultsOf } from "./support/whole.ts";

type Schedule = Api["PUT /v1/schedules/{id}"]["body"];

const dayMs = 24 * 3_600_000;
const shanghaiMs = 8 * 3_600_000;
const min = { name: "陈敏", email: "min@example.com", role: "manager" } as const;

const cell = (page: Page, person: string, day: number) =>
  page.getByRole("row").filter({ hasText: person }).getByRole("gridcell").nth(day).getByRole("button");

inChromium("hours in the console", () => {
  let office: Office;
  let browser: Browser;
  /** The Monday of the week before, as `2026-11-16`, and the first day of the month before. */
  let monday: string;
  let lastMonth: string;
  const at = (day: number, time: string) => Date.parse(`${monday}T${time}:00+08:00`) + day * dayMs;
  beforeAll(async () => {
    const target = { type: "email", url: "smtps://gate%40example.com@smtp.example.com", to: "guard@example.com" };
    const mailing = { name: "mailing", pattern: { "detail-type": ["Box Recovered"] }, target };
    office = await openOffice({ scale: 0.2, looks: 6, rules: [mailing] });
    await office.api.ask("PUT /v1/sites/{id}", { path: { id: "hq" }, body: { name: "HQ", zone: "Asia/Shanghai" } });
    for (const { name } of office.boxes.slice(0, 2)) {
      await office.api.ask("PATCH /v1/boxes/{id}", { path: { id: name }, body: { site: "hq" } });
    }
    const here = new Date(office.now() + shanghaiMs);
    const weekday = (here.getUTCDay() + 6) % 7;
    monday = new Date(here.getTime() - (weekday + 7) * dayMs).toISOString().slice(0, 10);
    lastMonth = new Date(Date.UTC(here.getUTCFullYear(), here.getUTCMonth() - 1, 1)).toISOString().slice(0, 10);
    const pass = (id: string, name: string, timestamp: number, group = "Office") =>
      report(office, { identity_id: id, identity_name: name, group_name: group, timestamp });
    const days: [day: number, first: string, last: string | null][] = [
      [0, "08:54", "17:36"],
      [1, "08:10", "17:41"],
      [2, "07:58", null],
      [3, "08:03", "17:48"],
    ];
    for (const [day, first, last] of days) {
      await pass("00042", "陈洋", at(day, first));
      if (last !== null) await pass("00042", "陈洋", at(day, last));
    }
    await pass("17", "Joseph Eze", at(0, "21:52"), "Night");
    await pass("17", "Joseph Eze", at(1, "06:08"), "Night");
    await pass("00042", "陈洋", Date.parse(`${lastMonth}T09:00:00+08:00`));
    const put = (id: string, body: Omit<Schedule, "site" | "lateAfter" | "earlyBefore" | "weekdays" | "validFrom">) =>
      office.api.ask("PUT /v1/schedules/{id}", {
        path: { id },
        body: { ...body, site: "hq", lateAfter: 10, earlyBefore: 0, weekdays: [1, 2, 3, 4, 5], validFrom: monday },
      });
    await put("sch_office", {
      name: "Office",
      groups: ["Office"],
      start: "08:30",
      end: "17:30",
      inWindow: ["05:00", "12:00"],
      outWindow: ["12:00", "05:00"],
    });
    await put("sch_night", {
      name: "Night",
      groups: ["Night"],
      start: "22:00",
      end: "06:00",
      inWindow: ["18:00", "02:00"],
      outWindow: ["02:00", "12:00"],
      breaks: [{ from: "02:00", to: "02:30" }],
      night: { from: "22:00", to: "05:00" },
    });
    browser = await openChromium();
    await hire(office, min);
  });
  afterAll(async () => {
    await browser?.close();
    await office?.close();
  });

  const enter = async (
    look: Parameters<typeof visit>[1] = {},
    query = `by=week&at=${monday}&site=hq`,
  ): Promise<Visitor> => {
    const visitor = await visit(browser, { width: 1440, ...look });
    await signInAs(visitor, office, min.email, `#/hours?${query}`);
    await visitor.page.getByRole("grid").waitFor();
    return visitor;
  };

  it("makes a schedule, and says before how many cells change", async () => {
    const visitor = await visit(browser, { width: 1440 });
    const { page } = visitor;
    await signInAs(visitor, office, min.email, "#/hours/schedules/new?site=hq");
    const fill = (label: string, text: string) => page.getByLabel(new RegExp(`^${label}`)).fill(text);
    await fill("Name", "Workshop");
    await fill("Groups of people", "Office, Workshop");
    await fill("Starts", "22:00");
    await fill("Ends", "06:00");
    await page.getByText("the next day: the hours belong to the day of the start").waitFor();
    await fill("First day", monday);
    await page.getByRole("status").filter({ hasText: "Taken for first in: must contain the start" }).waitFor();
    await fill("Taken for first in: begins", "18:00");
    await fill("Taken for first in: ends", "02:00");
    await fill("Taken for last out: begins", "02:00");
    await fill("Taken for last out: ends", "12:00");
    await page.getByRole("button", { name: "Add a time" }).click();
    await page.getByRole("status").filter({ hasText: "breaks: must be from the start to the end" }).waitFor();
    await fill("Break 1: begins", "02:00");
    await fill("Break 1: ends", "02:30");
    await page.getByRole("button", { name: "Add minutes" }).click();
    await fill("Break 2: after so many minutes", "540");
    // The first schedule by name counts for the group Office.
    await page.getByRole("status").filter({ hasText: "0 cells change" }).waitFor();
    await fill("Name", "A workshop");
    await page
      .getByRole("status")
      .filter({ hasText: /^[1-9]\d* cells? changes?$/ })
      .waitFor();
    expect(await faultsOf(visitor, "en")).toEqual([]);
    await fill("Groups of people", "Workshop");
    await page.getByRole("button", { name: /^Save from Mon / }).click();
    const made = page.getByRole("link", { name: /A workshop/ });
    await made.filter({ hasText: "Mon–Fri 22:00–06:00" }).waitFor();
    await page.getByRole("button", { name: "Remove break 1" }).click();
    expect(await page.getByLabel("Break 1: after so many minutes").inputValue()).toBe("540");
    await page.getByRole("button", { name: "Remove…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove…" }).click();
    await made.waitFor({ state: "detached" });
    await visitor.leave();
  });

  it("shows a week in the times of the site, late, open, absent and over midnight", async () => {
    const visitor = await enter();
    const { page } = visitor;
    await expect.poll(() => cell(page, "陈洋", 0).textContent()).toContain("08:54–17:36");
    expect(await cell(page, "陈洋", 0).textContent()).toContain("late 24");
    expect(await cell(page, "陈洋", 2).textContent()).toMatch(/07:58–\?.*no last out/);
    expect(await cell(page, "陈洋", 4).textContent()).toContain("absent");
    expect(await cell(page, "Joseph Eze", 0).textContent()).toMatch(/21:52–06:08.*7:46, to Tue/);
    await page
      .getByRole("status")
      .filter({ hasText: /^2 people · \d+ h · 1 late · / })
      .waitFor();
    await page.getByRole("columnheader", { name: "night" }).waitFor();
    await page.getByRole("button", { name: "Day", exact: true }).click();
    await page.getByRole("gridcell", { name: "7:46, to Tue · break 0:30" }).waitFor();
    await visitor.leave();
  });

  it("moves in the grid by arrows, opens a cell and returns to it", async () => {
    const visitor = await enter();
    const { page } = visitor;
    await expect.poll(() => page.locator(".hours-sheet [tabindex='0']").count()).toBe(1);
    await cell(page, "Joseph Eze", 0).focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Home");
    const focused = page.locator(".hours-sheet button:focus");
    await expect.poll(() => focused.textContent()).toContain("08:54");
    await page.keyboard.press("Enter");
    const popover = page.getByRole("dialog", { name: /^陈洋, Monday / });
    await popover.getByText("first in", { exact: true }).first().waitFor();
    await expect.poll(() => popover.getByRole("listitem").count()).toBe(2);
    await popover.getByText("Office 08:30–17:30, grace 10 min").waitFor();
    await page.keyboard.press("Escape");
    await popover.waitFor({ state: "detached" });
    await expect.poll(() => focused.textContent()).toContain("08:54");
    await visitor.leave();
  });

  it("corrects a day with a reason, and takes the correction back", async () => {
    const visitor = await enter();
    const { page } = visitor;
    await cell(page, "陈洋", 0).click();
    const popover = page.getByRole("dialog", { name: /^陈洋, Monday / });
    await popover.getByLabel("First in").fill("08:25");
    expect(await popover.getByRole("button", { name: "Correct", exact: true }).isDisabled()).toBe(true);
    await popover.getByLabel("Reason, always shown").fill("Was at the dock");
    await popover.getByRole("textbox", { name: "Last out" }).fill("06:08");
    await popover.getByLabel("The last out is on the next day").waitFor();
    expect(await popover.getByRole("button", { name: "Correct", exact: true }).isDisabled()).toBe(true);
    await popover.getByRole("textbox", { name: "Last out" }).fill("17:36");
    await popover.getByRole("button", { name: "Correct", exact: true }).click();
    await expect.poll(() => cell(page, "陈洋", 0).textContent()).toMatch(/08:25–17:36.*Was at the dock/);
    await page.getByRole("status").filter({ hasText: "1 corrected" }).waitFor();
    expect(await page.locator(".notes li").textContent()).toMatch(/was 08:54–17:36; Was at the dock, 陈敏/);
    await cell(page, "陈洋", 0).click();
    await popover.getByRole("button", { name: "Take the correction back" }).click();
    await expect.poll(() => cell(page, "陈洋", 0).textContent()).toContain("late 24");
    await cell(page, "陈洋", 1).click();
    const tuesday = page.getByRole("dialog", { name: /^陈洋, Tuesday / });
    await tuesday.getByLabel("Leave from").fill("13:00");
    await tuesday.getByLabel("Reason, always shown").fill("At a doctor");
    expect(await tuesday.getByRole("button", { name: "Leave", exact: true }).isDisabled()).toBe(true);
    await tuesday.getByLabel("to", { exact: true }).fill("17:30");
    await tuesday.getByRole("button", { name: "Leave in part" }).click();
    await expect.poll(() => cell(page, "陈洋", 1).textContent()).toMatch(/08:10–17:41.*5:01.*leave 13:00–17:30/);
    const widths = await cell(page, "陈洋", 1).evaluate(({ scrollWidth, clientWidth }) => [scrollWidth, clientWidth]);
    expect(widths[0]).toBeLessThanOrEqual(widths[1] ?? 0);
    await page.keyboard.press("u");
    await expect.poll(() => cell(page, "陈洋", 1).textContent()).toContain("9:31");
    await cell(page, "陈洋", 4).click();
    const friday = page.getByRole("dialog", { name: /^陈洋, Friday / });
    await friday.getByLabel("Reason, always shown").fill("Holiday of the family");
    await friday.getByRole("button", { name: "Leave" }).click();
    await expect.poll(() => cell(page, "陈洋", 4).textContent()).toContain("leave");
    await page.keyboard.press("u");
    await expect.poll(() => cell(page, "陈洋", 4).textContent()).toContain("absent");
    await visitor.leave();
  });

  it("keeps the drawn cells when a late report changes them, until a key renews them", async () => {
    const visitor = await enter();
    const { page } = visitor;
    await page.clock.install();
    await page.reload();
    await page.getByRole("grid").waitFor();
    await expect.poll(() => cell(page, "陈洋", 3).textContent()).toContain("17:48");
    await report(office, {
      identity_id: "00042",
      identity_name: "陈洋",
      group_name: "Office",
      timestamp: at(3, "18:30"),
    });
    await page.clock.runFor(61_000);
    await page.getByText("1 cell changed since you opened").waitFor();
    expect(await cell(page, "陈洋", 3).textContent()).toContain("17:48");
    await page.keyboard.press(".");
    await expect.poll(() => cell(page, "陈洋", 3).textContent()).toContain("18:30");
    await visitor.leave();
  });

  it("turns periods by brackets, and has filters in the address", async () => {
    const visitor = await enter();
    const { page } = visitor;
    await page.keyboard.press("[");
    await page.getByRole("heading", { name: "No one passed in this period" }).waitFor();
    await page.keyboard.press("]");
    await page.getByRole("grid").waitFor();
    await page.getByRole("button", { name: "Group", exact: true }).click();
    await page.getByRole("button", { name: "Night", exact: true }).click();
    await expect.poll(() => page.getByRole("row").count()).toBe(2);
    expect(page.url()).toContain("group=Night");
    await page.getByRole("button", { name: "Remove the filter Group" }).click();
    await page.getByRole("button", { name: "Only", exact: true }).click();
    await page.getByLabel("late").check();
    await expect.poll(() => page.url()).toContain("only=late");
    await expect.poll(() => page.getByRole("row").count()).toBe(2);
    await page.goto(`${office.url}/#/live`);
    await page.getByRole("heading", { level: 1, name: "Live" }).waitFor();
    await pressPair(page, "g", "h");
    await page.getByRole("heading", { level: 1, name: "Hours" }).waitFor();
    expect(page.url()).toContain("only=late");
    await visitor.leave();
  });

  it("exports the sheet as a table and a workbook", async () => {
    const visitor = await enter();
    const { page } = visitor;
    const link = page.getByRole("link", { name: "Download" });
    const href = () => link.getAttribute("href", { timeout: 100 }).catch(() => null);
    for (const [format, ending] of [
      ["Table (CSV)", "csv"],
      ["Workbook (xlsx)", "xlsx"],
    ] as const) {
      const before = await href();
      await page.getByRole("button", { name: "Export" }).click();
      await page.getByRole("button", { name: format }).click();
      // The link of the first export stays until the second one is ready.
      await expect.poll(async () => [null, before].includes(await href())).toBe(false);
      const arrives = page.waitForEvent("download");
      await link.click();
      const file = await arrives;
      expect(file.suggestedFilename()).toMatch(new RegExp(`^gatepost-hours-job_.*\\.${ending}$`));
      const bytes = await readFile(await file.path());
      if (ending === "csv") expect(bytes.toString()).toContain('"00042"');
      else expect(bytes.subarray(0, 2).toString()).toBe("PK");
    }
    await visitor.leave();
  });

  it("closes the month before, whose days then cannot be corrected", async () => {
    const visitor = await enter({}, `by=month&at=${lastMonth}&site=hq`);
    const { page } = visitor;
    await page.getByRole("button", { name: /^Close .*…$/ }).click();
    await page
      .getByRole("dialog")
      .getByRole("button", { name: /^Close [A-Z]/ })
      .click();
    await page.getByText(/ is closed \(陈敏, /).waitFor();
    await report(office, {
      identity_id: "00042",
      identity_name: "陈洋",
      group_name: "Office",
      timestamp: Date.parse(`${lastMonth}T19:00:00+08:00`),
    });
    await page.reload();
    await page.getByText(/would have changed 1 cell\./).waitFor();
    await page.getByRole("button", { name: "Show them" }).click();
    await page.locator(".hours-sheet .sel").waitFor();
    await cell(page, "陈洋", 0).click();
    const popover = page.getByRole("dialog", { name: /^陈洋, / });
    await popover.getByText(/ is closed /).waitFor();
    expect(await popover.getByLabel("Reason, always shown").count()).toBe(0);
    await visitor.leave();
  });

  it("has the hours of a site mailed to its user", async () => {
    const visitor = await visit(browser, { width: 1440 });
    const { page } = visitor;
    await signInAs(visitor, office, min.email, "#/hours/schedules?site=hq");
    const mail = page.getByRole("region", { name: "By mail" });
    await mail.getByText("Sent to no one.").waitFor();
    await mail.getByLabel("Hours of").selectOption({ label: "the last week, each Monday" });
    await mail.getByLabel("Sent at").fill("07:30");
    await mail.getByRole("button", { name: "Send to me" }).click();
    await mail.getByText("Sent to 1 person.").waitFor();
    expect(await faultsOf(visitor, "en")).toEqual([]);
    const found = () => office.api.ask("GET /v1/hours/mail", { query: { site: "hq" } });
    expect(await found()).toMatchObject({ mail: { at: "07:30", what: "last-week" }, isSetUp: true });
    await mail.getByRole("button", { name: "Do not send to me" }).click();
    await mail.getByText("Sent to no one.").waitFor();
    expect(await found()).toEqual({ mail: null, isSetUp: true });
    await visitor.leave();
  });

  it("is not there for a key that was not made for people", async () => {
    const visitor = await visit(browser);
    const { page } = visitor;
    await signIn(visitor, office.url, office.read);
    expect(await page.getByRole("link", { name: "Hours" }).count()).toBe(0);
    await page.goto(`${office.url}/#/hours`);
    await page.getByText(/Your role does not allow this/).waitFor();
    await visitor.leave();
  });

  it.each([
    { width: 390, language: "en", theme: "light" },
    { width: 1024, language: "zh", theme: "dark" },
    { width: 1440, language: "zh", theme: "light" },
  ] as const)("is whole and accessible in $language at $width px, $theme", async (look) => {
    const visitor = await visit(browser, look);
    await signIn(visitor, office.url, office.admin);
    const { page } = visitor;
    const found: string[] = [];
    const note = async (what: string) =>
      found.push(...(await faultsOf(visitor, look.language)).map((fault) => `${what}: ${fault}`));
    for (const period of ["day", "week", "month"]) {
      await page.goto(`${office.url}/#/hours?by=${period}&at=${monday}&site=hq`);
      await page.locator(`.hours-sheet.${period}`).waitFor();
      await note(period);
      await cell(page, "陈洋", 0).click();
      await page.locator(".cellpop .facts").waitFor();
      await note(`${period} opened`);
      await page.keyboard.press("Escape");
    }
    await page.goto(`${office.url}/#/hours/schedules?site=hq`);
    await page.locator(".shift").waitFor();
    await note("schedules");
    expect(found.join("\n")).toBe("");
    await visitor.leave();
  });
});
