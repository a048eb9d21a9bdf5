import { spawnSync } from "node:child_process";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { missing } from "../support/required.ts";
import { missingChromium, openChromium } from "./support/chromium.ts";
import { openSite, type Site } from "./support/site.ts";
import { type Ids, pagesOf } from "./support/states.ts";
import { signIn, type Visitor, visit } from "./support/visitor.ts";
import { openPage } from "./support/whole.ts";

const dayMs = 24 * 60 * 60_000;
const weeks = 12;
/** The first four are inside already. */
const people = [
  "Ravi Menon",
  "刘芳",
  "Kwame Mensah",
  "Rosa Silva",
  ...Array.from({ length: 61 }, (_, n) => `Lin ${n + 10}`),
];

/** The text of each page of a PDF. */
function textsOf(pdf: Buffer): string[] {
  const { status, stdout, stderr } = spawnSync("pdftotext", ["-layout", "-", "-"], { input: pdf, encoding: "utf8" });
  if (status !== 0) throw new Error(`pdftotext: ${stderr}`);
  return stdout.split("\f").slice(0, -1);
}

/** Prints a page as a browser does, and resolves with the text of each of its sheets. */
const printed = async (page: Page) => textsOf(await page.pdf({ format: "A4", preferCSSPageSize: true }));

const timesIn = (text: string, part: string) => text.split(part).length - 1;

const absent = missingChromium ?? missing("pdftotext", ["-v"], "pdftotext");

describe.skipIf(absent !== null)(`printed pages${absent === null ? "" : ` (${absent})`}`, () => {
  let office: Site;
  let browser: Browser;
  let ids: Ids;
  beforeAll(async () => {
    office = await openSite();
    for (const [n, name] of people.entries()) {
      if (n < 4) continue;
      for (let week = weeks - 1; week >= 0; week--)
        await office.passes(`${n + 100}`, name, { ago: week * 7 * dayMs + 60_000 });
    }
    const countInside = async () => (await office.api.ask("GET /v1/presence", { query: { site: "hq" } })).inside;
    await vi.waitUntil(async () => (await countInside()) === people.length, { timeout: 150_000 });
    const { id: roll } = await office.api.ask("POST /v1/rolls", { body: { site: "hq", isDrill: true } });
    const [event = "", stranger = ""] = await Promise.all(
      [{ person: "4" }, { type: ["stranger"] as const }].map(
        async (query) => (await office.api.events({ ...query, limit: 1 })).events[0]?.id,
      ),
    );
    ids = { event, stranger, roll, person: "gate-1/4", invitation: "", day: "" };
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await office?.close();
  });

  /** Opens an address with a notice over its foot. */
  async function open(visitor: Visitor, hash: string): Promise<void> {
    const { page } = visitor;
    await openPage(page, `${office.url}/${hash}`);
    await page.keyboard.press("c");
    await page.locator(".notice").waitFor();
  }

  it.each([
    { language: "en", title: "Evacuation list", number: (n: number, all: number) => `page ${n} of ${all}` },
    { language: "zh", title: "疏散清单", number: (n: number, all: number) => `第 ${n} 页，共 ${all} 页` },
  ] as const)(
    "says on each sheet what it is, and names all people, in $language",
    async ({ language, title, number }) => {
      const visitor = await visit(browser, { language, width: 390 });
      await signIn(visitor, office.url, office.admin);
      for (const hash of [`#/inside/roll/${ids.roll}`, "#/inside?site=hq"]) {
        await open(visitor, hash);
        const sheets = await printed(visitor.page);
        expect(sheets.length).toBeGreaterThan(1);
        const lines = sheets.map((text) => text.split("\n").filter((line) => line.trim() !== ""));
        for (const [at, ofSheet] of lines.entries()) {
          expect(ofSheet[0]).toMatch(/^\s*HQ · .*\d\d:\d\d$/);
          if (hash.includes("roll")) expect(ofSheet[0]).toContain(title);
          expect(ofSheet.at(-1)?.trim()).toBe(number(at + 1, sheets.length));
        }
        const text = sheets.join("\n");
        // On Inside, a person who has been there too long is in two lists.
        const most = hash.includes("roll") ? 1 : 2;
        const wrong = people.filter((name) => timesIn(text, name) < 1 || timesIn(text, name) > most);
        expect(wrong).toEqual([]);
        expect(text).not.toMatch(/Skip to content|跳到正文|Copied|已复制|Could not be copied|无法复制/);
      }
      await visitor.leave();
    },
  );

  it("prints a sheet of hours to sign for each of 12 weeks", async () => {
    const visitor = await visit(browser, { width: 1440 });
    await signIn(visitor, office.url, office.admin);
    for (let week = 0; week < weeks; week++) {
      const day = new Date(office.now() - week * 7 * dayMs - 60_000).toISOString().slice(0, 10);
      await open(visitor, `#/hours?by=week&at=${day}&site=hq`);
      const sheets = await printed(visitor.page);
      expect(sheets.length).toBeGreaterThan(1);
      for (const [at, text] of sheets.entries()) {
        expect(text).toMatch(/HQ · Hours .*\d\d:\d\d/);
        expect(text).toContain(`page ${at + 1} of ${sheets.length}`);
      }
      const text = sheets.join("\n");
      const listed = people.slice(4).filter((name) => !text.includes(name));
      expect(listed).toEqual([]);
      expect(text).toContain("Checked by");
      expect(text).not.toMatch(/Skip to content|opied/);
    }
    await visitor.leave();
  });

  it("prints a roster with its month on each sheet, the head on each, and days without work in grey", async () => {
    const month = new Date(office.now()).toISOString().slice(0, 7);
    const id = "7".repeat(1024);
    const longest = { library: "gate-1", id, day: `${month}-15`, schedule: null };
    await office.api.ask("PATCH /v1/rosters/{site}/{month}", {
      path: { site: "hq", month },
      body: { days: [longest] },
    });
    const visitor = await visit(browser, { width: 1440 });
    const { page } = visitor;
    await signIn(visitor, office.url, office.admin);
    await openPage(page, `${office.url}/#/hours/roster?site=hq&at=${month}-15`);
    await page.getByRole("grid").waitFor();
    const sheets = await printed(page);
    expect(sheets.length).toBeGreaterThan(1);
    for (const [at, text] of sheets.entries()) {
      expect(text).toMatch(/HQ · Roster · [A-Z][a-z]+ \d{4} .*\d\d:\d\d/);
      expect(text).toMatch(/ Mon .* Sun /);
      expect(text).toContain(`page ${at + 1} of ${sheets.length}`);
    }
    const text = sheets.join("\n");
    // A name may be on two lines.
    expect(people.filter((name) => !name.split(" ").every((part) => text.includes(part)))).toEqual([]);
    expect(text).not.toMatch(/Skip to content|Keys:|Save|File|Export/);
    const linesOfId = text.match(/7{8,}/g) ?? [];
    expect([1, 2, 3]).toContain(linesOfId.length);
    await page.emulateMedia({ media: "print" });
    const heads = await page.evaluate<{ text: string; isGrey: boolean; isExact: boolean }[]>(`
      [...document.querySelectorAll("thead th:not(.name-col)")].map((one) => {
        const { backgroundColor, printColorAdjust } = getComputedStyle(one);
        return { text: one.textContent, isGrey: backgroundColor === "rgb(220, 220, 220)", isExact: printColorAdjust === "exact" };
      })`);
    for (const { text: day, isGrey, isExact } of heads) {
      expect([day, isGrey && isExact]).toEqual([day, /S(?:at|un)$/.test(day)]);
    }
    await visitor.leave();
  });

  it("has nothing on paper that stays at a place of the window", async () => {
    const visitor = await visit(browser, { width: 1440 });
    const { page } = visitor;
    await signIn(visitor, office.url, office.admin);
    const found: string[] = [];
    for (const [name, hash] of Object.entries(pagesOf(ids))) {
      await page.goto(`${office.url}/${hash}`);
      await page.getByRole("heading", { level: 1 }).first().waitFor();
      await page.locator("main .bone").first().waitFor({ state: "detached" });
      await page.emulateMedia({ media: "print" });
      const floating = await page.evaluate<string[]>(`[...document.body.querySelectorAll("*")]
        .filter((one) => ["fixed", "sticky"].includes(getComputedStyle(one).position) && one.getClientRects().length > 0)
        .map((one) => one.localName + "." + one.className)`);
      found.push(...floating.map((one) => `${name}: ${one}`));
      await page.emulateMedia({ media: "screen" });
    }
    expect(found).toEqual([]);
    await visitor.leave();
  });
});
