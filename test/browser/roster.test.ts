import { readFile } from "node:fs/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { inChromium, openChromium } from "./support/chromium.ts";
import { type Office, openOffice } from "./support/office.ts";
import { hire, signInAs } from "./support/people.ts";
import { report } from "./support/report.ts";
import { type Visitor, visit } from "./support/visitor.ts";
import { faultsOf } from "./support/whole.ts";

const dayMs = 24 * 3_600_000;
const shanghaiMs = 8 * 3_600_000;
const min = { name: "陈敏", email: "min@example.com", role: "manager" } as const;
const lin = { name: "Lin Yu", email: "lin@example.com", role: "manager" } as const;

inChromium("the roster in the console", () => {
  let office: Office;
  let browser: Browser;
  /** The month after the one of today, as `2026-12`. */
  let month: string;
  let box: string;
  beforeAll(async () => {
    office = await openOffice({ scale: 0.2, looks: 6 });
    const { api } = office;
    await api.ask("PUT /v1/sites/{id}", { path: { id: "hq" }, body: { name: "HQ", zone: "Asia/Shanghai" } });
    box = office.boxes[0]?.name ?? "";
    await api.ask("PATCH /v1/boxes/{id}", { path: { id: box }, body: { site: "hq" } });
    const here = new Date(office.now() + shanghaiMs);
    month = new Date(Date.UTC(here.getUTCFullYear(), here.getUTCMonth() + 1, 1)).toISOString().slice(0, 7);
    const people = [
      ["00042", "陈洋", "Office"],
      ["17", "Joseph Eze", "Night"],
      ["18", "Rosa Silva", "Office"],
    ] as const;
    for (const [n, [id, name, group]] of people.entries()) {
      const timestamp = office.now() - dayMs + n * 60_000;
      await report(office, { identity_id: id, identity_name: name, group_name: group, timestamp });
    }
    const usual = { site: "hq", lateAfter: 10, earlyBefore: 0, weekdays: [1, 2, 3, 4, 5], validFrom: "2026-01-01" };
    const day = { inWindow: ["05:00", "12:00"], outWindow: ["12:00", "05:00"] };
    const night = { inWindow: ["18:00", "02:00"], outWindow: ["02:00", "12:00"] };
    const schedules = {
      sch_early: { name: "Early", groups: ["Early"], start: "06:00", end: "14:00", ...day },
      sch_night: { name: "Night", groups: ["Night"], start: "22:00", end: "06:00", ...night },
      sch_office: { name: "Office", groups: ["Office"], start: "08:30", end: "17:30", ...day },
    };
    for (const [id, schedule] of Object.entries(schedules)) {
      await api.ask("PUT /v1/schedules/{id}", { path: { id }, body: { ...usual, ...schedule } });
    }
    browser = await openChromium();
    await hire(office, min);
  });
  afterAll(async () => {
    await browser?.close();
    await office?.close();
  });

  const enter = async (
    look: Parameters<typeof visit>[1] = {},
    at = `${month}-01`,
    as: string = min.email,
  ): Promise<Visitor> => {
    const visitor = await visit(browser, { width: 1440, ...look });
    await signInAs(visitor, office, as, `#/hours/roster?site=hq&at=${at}`);
    await visitor.page.getByRole("grid").waitFor();
    return visitor;
  };
  const cell = (page: Page, person: string, day: number) =>
    page
      .getByRole("row")
      .filter({ hasText: person })
      .getByRole("gridcell")
      .nth(day - 1)
      .getByRole("button");
  const textsOf = (page: Page, person: string, ...days: number[]) =>
    Promise.all(days.map(async (day) => (await cell(page, person, day).textContent()) ?? ""));
  const path = () => ({ site: "hq", month });
  const stored = async () => {
    const { days } = await office.api.ask("GET /v1/rosters/{site}/{month}", { path: path() });
    return days.map(({ id, day, schedule }) => `${id} ${Number(day.slice(8))} ${schedule}`);
  };
  const clear = async () => {
    const { rev } = await office.api.ask("GET /v1/rosters/{site}/{month}", { path: path() });
    await office.api.ask("PUT /v1/rosters/{site}/{month}", { path: path(), body: { rev, days: [] } });
  };
  const save = (page: Page) => page.getByRole("button", { name: /^Save \d/ }).click();
  const said = (page: Page, text: string | RegExp) => page.getByText(text).first().waitFor();

  it("plans the selected days by keys, and saves them", async () => {
    await clear();
    const visitor = await enter();
    const { page } = visitor;
    expect(await page.locator(".hours-sheet [tabindex='0']").count()).toBe(1);
    await cell(page, "Joseph Eze", 1).focus();
    await page.keyboard.press("2");
    await page.keyboard.press("ArrowRight");
    for (let n = 0; n < 2; n++) await page.keyboard.press("Shift+ArrowRight");
    await page.keyboard.press("Shift+ArrowDown");
    await page.keyboard.press("1");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("0");
    expect(await textsOf(page, "Joseph Eze", 1, 2, 4)).toEqual([
      "NNight 22:00–06:00, not saved",
      "EEarly 06:00–14:00, not saved",
      "EEarly 06:00–14:00, not saved",
    ]);
    expect(await textsOf(page, "Rosa Silva", 1, 3, 5)).toEqual([
      "as the group",
      "EEarly 06:00–14:00, not saved",
      "–free, not saved",
    ]);
    expect(await stored()).toEqual([]);
    await page.getByRole("button", { name: "Save 8 days" }).click();
    await said(page, "8 days saved");
    expect(await textsOf(page, "Rosa Silva", 3, 5)).toEqual(["EEarly 06:00–14:00", "–free"]);
    const early = ["2", "3", "4"].map((day) => `${day} sch_early`);
    const expected = [
      "17 1 sch_night",
      ...early.map((one) => `17 ${one}`),
      ...early.map((one) => `18 ${one}`),
      "18 5 null",
    ];
    expect(await stored()).toEqual(expected);
    await cell(page, "Rosa Silva", 5).focus();
    await page.keyboard.press("Delete");
    await save(page);
    await said(page, "1 day saved");
    expect(await stored()).toEqual(expected.slice(0, -1));
    await visitor.leave();
  });

  it("moves by page keys also over rows that are not painted, and selects them", async () => {
    const { rev } = await office.api.ask("GET /v1/rosters/{site}/{month}", { path: path() });
    const days = Array.from({ length: 120 }, (_, n) => ({
      library: box,
      id: `p${n}`,
      day: `${month}-01`,
      schedule: null,
    }));
    await office.api.ask("PUT /v1/rosters/{site}/{month}", { path: path(), body: { rev, days } });
    const visitor = await enter({ height: 800 });
    const { page } = visitor;
    const at = () => page.evaluate("document.activeElement.dataset.at");
    await page.locator('[data-at="0 3"]').focus();
    for (let n = 1; n <= 6; n++) {
      await page.keyboard.press("PageDown");
      await expect.poll(at).toBe(`${n * 10} 3`);
    }
    await page.keyboard.press("Shift+PageDown");
    await expect.poll(at).toBe("70 3");
    await page.keyboard.press("1");
    await page.getByRole("button", { name: "Save 11 days" }).waitFor();
    await page.keyboard.press("Control+z");
    await page.getByRole("button", { name: "Saved" }).waitFor();
    await visitor.leave();
  });

  it("plans a day by a menu, for a phone, too", async () => {
    await clear();
    const visitor = await enter({ width: 390, height: 800 });
    const { page } = visitor;
    await cell(page, "陈洋", 2).click();
    const menu = page.getByRole("dialog", { name: "Roster" });
    await menu.getByRole("button", { name: "Early 06:00–14:00" }).click();
    await menu.waitFor({ state: "detached" });
    expect(await textsOf(page, "陈洋", 2)).toEqual(["EEarly 06:00–14:00, not saved"]);
    await save(page);
    await said(page, "1 day saved");
    expect(await stored()).toEqual(["00042 2 sch_early"]);
    await visitor.leave();
  });

  it("takes what a spreadsheet has copied, and names what it does not understand", async () => {
    await clear();
    const visitor = await enter();
    const { page } = visitor;
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    const copy = (text: string) => page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
    await copy("Early\toff\tN\r\n\tzzz\tsch_office\r\n");
    await cell(page, "Joseph Eze", 30).focus();
    await page.keyboard.press("Home");
    await page.keyboard.press("Control+v");
    await said(page, "1 cell was not understood: zzz");
    expect(await textsOf(page, "Joseph Eze", 1, 2, 3)).toEqual([
      "EEarly 06:00–14:00, not saved",
      "–free, not saved",
      "NNight 22:00–06:00, not saved",
    ]);
    expect(await textsOf(page, "Rosa Silva", 1, 2, 3)).toEqual([
      "as the group",
      "as the group",
      "OOffice 08:30–17:30, not saved",
    ]);
    await page.keyboard.press("Shift+ArrowRight");
    await page.keyboard.press("Shift+ArrowRight");
    await page.keyboard.press("Control+c");
    expect(await page.evaluate("navigator.clipboard.readText()")).toBe("Early\tfree\tNight");
    await page.getByRole("button", { name: "Drop" }).click();
    expect(await textsOf(page, "Joseph Eze", 1)).toEqual(["as the group"]);
    await visitor.leave();
  });

  it("saves the roster as a file, and reads it in again with other days and people", async () => {
    await clear();
    const visitor = await enter();
    const { page } = visitor;
    await cell(page, "陈洋", 1).focus();
    await page.keyboard.press("3");
    await page.getByRole("button", { name: "File" }).click();
    const arrives = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save as CSV" }).click();
    const file = await arrives;
    expect(file.suggestedFilename()).toBe(`roster-hq-${month}.csv`);
    const text = await readFile(await file.path(), "utf8");
    const head = `library,id,name,${month}-01,${month}-02`;
    expect(text.startsWith(`\ufeff${head}`)).toBe(true);
    expect(text).toContain(`"${box}","00042","陈洋","Office","",`);
    const readIn = (content: string) =>
      page
        .locator("input[type=file]")
        .setInputFiles({ name: "r.csv", mimeType: "text/csv", buffer: Buffer.from(content) });
    await readIn(`${head}\n${box},00042,,Night,free\n,99,New,Early,\n`);
    await said(page, "3 days changed. Look, then save.");
    expect(await textsOf(page, "陈洋", 1, 2)).toEqual(["NNight 22:00–06:00, not saved", "–free, not saved"]);
    await save(page);
    await said(page, "3 days saved. 1 of these people have not passed yet: 99");
    expect(await stored()).toEqual(["00042 1 sch_night", "00042 2 null", "99 1 sch_early"]);
    await readIn("name;day\nA;1\n");
    await said(page, /^This is no roster: /);
    await readIn(`${head}\ngate-elsewhere,1,,Early,\n`);
    await said(page, "1 line is of no library here, or of several: 1");
    await visitor.leave();
  });

  it("reads files and pasted tables with days as spreadsheets write them, and undoes", async () => {
    await clear();
    const visitor = await enter();
    const { page } = visitor;
    const [year, number] = [month.slice(0, 4), Number(month.slice(5))];
    const readIn = (content: Buffer) =>
      page.locator("input[type=file]").setInputFiles({ name: "r.csv", mimeType: "text/csv", buffer: content });
    const rosa = () => textsOf(page, "Rosa Silva", 1, 13);
    const [none, early] = ["as the group", "EEarly 06:00–14:00, not saved"];
    // As Excel saves Unicode text, and a table with semicolons. The spreadsheet has taken the zeros from 00042.
    const unicode = `\ufeffID\tName\t${number}/1/${year}\t${number}/13/${year}\r\n18\t"Silva, Rosa"\tEarly\tE\r\n`;
    await readIn(Buffer.from(unicode, "utf16le"));
    await said(page, "2 days changed. Look, then save.");
    expect(await rosa()).toEqual([early, early]);
    await readIn(
      Buffer.from(`\ufeffid;01.${month.slice(5)}.${year};32.${month.slice(5)}.${year}\r\n42;off;E\r\n18;;\r\n`),
    );
    await said(page, /^1 column is no day of .+ and left out: 32\..+ 2 days changed\. Look, then save\.$/);
    expect(await textsOf(page, "陈洋", 1)).toEqual(["–free, not saved"]);
    expect(await rosa()).toEqual([none, early]);
    await cell(page, "Rosa Silva", 2).focus();
    await page.keyboard.press("Control+z");
    expect(await rosa()).toEqual([early, early]);
    expect(await textsOf(page, "陈洋", 1)).toEqual([none]);
    await page.getByRole("button", { name: "Drop" }).click();
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByRole("button", { name: "Undo" }).click();
    expect(await rosa()).toEqual([none, none]);
    await cell(page, "Rosa Silva", 2).focus();
    await page.keyboard.press("Control+z");
    await said(page, "Nothing to undo");
    await readIn(Buffer.from(`id,${Number(year) - 1}-05-02\n18,Early\n`));
    await said(page, /^The first line has no day of /);
    const other = number === 1 ? 2 : number;
    await readIn(Buffer.from(`id,1/${other}/${year},${other}/1/${year}\n18,Early,\n`));
    await said(page, /can be read in two ways/);
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    const paste = async (text: string, person: string) => {
      await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
      await cell(page, person, 20).focus();
      await page.keyboard.press("Control+v");
    };
    await paste(`${year}/${number}/13\t1.${number}.${year}\r\n\tEarly\r\n`, "Rosa Silva");
    await said(page, "1 day changed");
    expect(await rosa()).toEqual([early, none]);
    await paste(`id\t${year}/${number}/13\r\n18\tEarly\r\n17\t休\r\n`, "Joseph Eze");
    await said(page, "2 days changed");
    expect([...(await rosa()), ...(await textsOf(page, "Joseph Eze", 13))]).toEqual([early, early, "–free, not saved"]);
    await paste(`Name\t${year}/${number}/13\r\nRosa\tN\r\n`, "Rosa Silva");
    await said(page, /^This is no roster: /);
    expect(await rosa()).toEqual([early, early]);
    await visitor.leave();
  });

  it("keeps the days of the user if someone else saves before", async () => {
    await clear();
    const visitor = await enter();
    const { page } = visitor;
    await cell(page, "陈洋", 1).focus();
    await page.keyboard.press("1");
    const { rev } = await office.api.ask("GET /v1/rosters/{site}/{month}", { path: path() });
    const other = { library: box, id: "17", day: `${month}-01`, schedule: null };
    await office.api.ask("PATCH /v1/rosters/{site}/{month}", { path: path(), body: { rev, days: [other] } });
    await save(page);
    await said(page, /^Someone else changed this roster/);
    await expect.poll(() => textsOf(page, "Joseph Eze", 1)).toEqual(["–free"]);
    expect(await textsOf(page, "陈洋", 1)).toEqual(["EEarly 06:00–14:00, not saved"]);
    await save(page);
    await said(page, "1 day saved");
    expect(await stored()).toEqual(["00042 1 sch_early", "17 1 null"]);
    await visitor.leave();
  });

  it("asks before unsaved days are left", async () => {
    const visitor = await enter();
    const { page } = visitor;
    await cell(page, "陈洋", 3).focus();
    await page.keyboard.press("1");
    await page.getByRole("button", { name: "Before ([)" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.waitFor();
    expect(page.url()).toContain(`at=${month}-01`);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Drop" }).click();
    await page.getByRole("button", { name: "Before ([)" }).click();
    await expect.poll(() => page.url()).not.toContain(`at=${month}-01`);
    await visitor.leave();
  });

  it.each([
    { width: 390, language: "en", theme: "light" },
    { width: 390, language: "zh", theme: "dark" },
    { width: 1440, language: "en", theme: "dark" },
    { width: 1440, language: "zh", theme: "light" },
  ] as const)("is whole and accessible in $language at $width px, $theme", async (look) => {
    await clear();
    const { rev } = await office.api.ask("GET /v1/rosters/{site}/{month}", { path: path() });
    const dayOf = (n: number) => `${month}-${String(n).padStart(2, "0")}`;
    const days = ["00042", "17"].flatMap((id) =>
      [1, 2, 3, 4, 5].map((n) => ({ library: box, id, day: dayOf(n), schedule: n > 3 ? null : "sch_early" })),
    );
    await office.api.ask("PUT /v1/rosters/{site}/{month}", { path: path(), body: { rev, days } });
    const visitor = await enter(look);
    const { page } = visitor;
    await cell(page, "Rosa Silva", 6).focus();
    await page.keyboard.press("Shift+ArrowRight");
    await page.keyboard.press("2");
    // The latin names of schedules and people are not the page's words.
    const own = (faults: string[]) =>
      faults.filter((fault) => !/untranslated: (Early|Night|Office|HQ|Delete|Shift|Ctrl|CSV)/.test(fault));
    expect(own(await faultsOf(visitor, look.language))).toEqual([]);
    await cell(page, "Rosa Silva", 6).click();
    await page.getByRole("dialog").waitFor();
    expect(own(await faultsOf(visitor, look.language))).toEqual([]);
    await visitor.leave();
  });

  it("cannot be changed by who sees one of the boxes that share their people", async () => {
    const other = office.boxes[1]?.name ?? "";
    await office.api.ask("PATCH /v1/boxes/{id}", { path: { id: other }, body: { site: "hq" } });
    await office.api.ask("PUT /v1/sites/{id}", { path: { id: "hq" }, body: { sharesPeople: true } });
    await hire(office, { ...lin, boxes: [box] });
    const visitor = await enter({}, `${month}-01`, lin.email);
    const { page } = visitor;
    await page.getByText("The boxes of this site share their people").waitFor();
    await cell(page, "陈洋", 7).focus();
    await page.keyboard.press("1");
    expect(await textsOf(page, "陈洋", 7)).toEqual(["as the group"]);
    expect(await page.getByRole("button", { name: /^Save/ }).count()).toBe(0);
    const note = /open days are counted from the boxes that you see/;
    const hours = `${office.url}/#/hours?site=hq&by=week`;
    await page.goto(hours);
    await page.getByText(note).waitFor();
    await page.locator(".hours-sheet td button").first().click();
    await page.getByRole("dialog").getByText("counted from the boxes that you see").waitFor();
    await visitor.leave();
    const ofAll = await enter();
    await ofAll.page.goto(hours);
    await ofAll.page.locator(".hours-sheet td button").first().waitFor();
    expect(await ofAll.page.getByText(note).count()).toBe(0);
    await ofAll.page.goto(`${office.url}/#/hours/roster?site=hq&at=${month}-01`);
    await cell(ofAll.page, "陈洋", 7).focus();
    await ofAll.page.keyboard.press("1");
    await save(ofAll.page);
    await said(ofAll.page, "1 day saved");
    await ofAll.leave();
  });
});
