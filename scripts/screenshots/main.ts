import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { approveOne } from "../../test/browser/support/approved.ts";
import { openChromium } from "../../test/browser/support/chromium.ts";
import { anEvent, furnish } from "../../test/browser/support/furnished.ts";
import { giveUp } from "../../test/browser/support/given-up.ts";
import { type Office, openOffice } from "../../test/browser/support/office.ts";
import { conditions, type Ids, leaveWritten } from "../../test/browser/support/states.ts";
import { openTrouble } from "../../test/browser/support/trouble.ts";
import { numberOf, oneOf, optionsOf } from "../called.ts";
import { type Visit, visitsOf } from "./visits.ts";

/**
 * Screenshots of every page: `npm run screenshots -- --page live --width 1440 --language en`. `--state` is a state of
 * the tests, `empty` (nothing was ever received), or `opened` (folded parts and dialogs).
 */
const values = optionsOf({
  out: { type: "string", default: "screenshots" },
  page: { type: "string", multiple: true },
  width: { type: "string", multiple: true, default: ["320", "390", "1024", "1440", "2560"] },
  language: { type: "string", multiple: true, default: ["en", "zh"] },
  theme: { type: "string", multiple: true, default: ["light", "dark"] },
  state: { type: "string", multiple: true, default: ["usual"] },
  /** Without anything that needs a hand, as the README shows it. */
  calm: { type: "boolean", default: false },
  jpeg: { type: "boolean", default: false },
  /** The whole page, and not only the part that is visible without scrolling. */
  whole: { type: "boolean", default: false },
});

interface Shown {
  office: Office;
  ids: Ids;
  close(): Promise<void>;
}

const noIds: Ids = { event: "none", stranger: "none", person: "none/none", roll: "none", invitation: "none", day: "" };

async function openCalm(): Promise<Shown> {
  const office = await openOffice();
  await office.pass(6000, 8);
  await office.strangerPasses();
  // The guard has looked, and one has come since.
  const { events } = await office.api.events({ type: ["stranger", "blacklist"], limit: 500 });
  for (const { id } of events.slice(4)) await office.api.ask("PUT /v1/events/{id}/seen", { path: { id } });
  return { office, ids: { ...noIds, event: await anEvent(office.api) }, close: () => office.close() };
}

async function openBusy(): Promise<Shown> {
  const trouble = await openTrouble();
  const ids = await furnish(trouble.office);
  await trouble.office.pass(4000, 12);
  await trouble.office.strangerPasses();
  await approveOne(trouble.office);
  await giveUp(trouble);
  await trouble.office.strangerPasses();
  return { ...trouble, ids: { ...ids, event: await anEvent(trouble.office.api) } };
}

async function openEmpty(): Promise<Shown> {
  const office = await openOffice({ scale: 0.2, looks: 2 });
  return { office, ids: noIds, close: () => office.close() };
}

/** The pages in the README. */
const calmPages = ["live", "event"];
const chosen = values.page ?? (values.calm ? calmPages : null);

const heights: Record<string, number> = { 320: 700, 390: 780, 2560: 1440 };

interface Look {
  width: string;
  language: string;
  theme: string;
}

async function shoot(browser: Browser, { office, ids }: Shown, state: string, look: Look): Promise<void> {
  const { width, language, theme } = look;
  const context = await browser.newContext({
    viewport: { width: Number(width), height: heights[width] ?? 900 },
    locale: language === "zh" ? "zh-CN" : "en-GB",
    colorScheme: theme === "dark" ? "dark" : "light",
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  page.setDefaultTimeout(5000);
  page.on("pageerror", (error) => process.stdout.write(`${look.width} ${error.stack}\n`));
  await conditions[state]?.(page);
  const visits = visitsOf(state, ids).filter(({ name }) => chosen === null || chosen.includes(name));
  for (const visit of visits.filter(({ isDoor }) => isDoor)) await take(page, office, visit, { state, ...look });
  await page.goto(`${office.url}/#token=${office.admin}`);
  await page.waitForSelector("main h1");
  for (const visit of visits.filter(({ isDoor }) => !isDoor)) {
    await leaveWritten(page);
    await take(page, office, visit, { state, ...look });
  }
  await context.close();
}

async function take(
  page: Page,
  { url }: Office,
  { name, hash, open }: Visit,
  { state, width, language, theme }: Look & { state: string },
): Promise<void> {
  await page.goto(`${url}/${hash}`);
  await page.waitForTimeout(900);
  // Elements without room at this width are absent.
  await open?.(page).catch(() => process.stdout.write(`${name} is not there at ${width} px\n`));
  await page.waitForTimeout(open === undefined ? 0 : 200);
  const file = `${state === "usual" ? "" : `${state}-`}${name}-${width}-${language}-${theme}`;
  const path = join(values.out, `${file}.${values.jpeg ? "jpg" : "png"}`);
  const how = { path, fullPage: values.whole };
  await page.screenshot(values.jpeg ? { ...how, type: "jpeg", quality: 60 } : how);
}

async function shootAll(browser: Browser, state: string): Promise<void> {
  const shown = await (state === "empty" ? openEmpty() : values.calm ? openCalm() : openBusy());
  for (const width of values.width) {
    for (const language of values.language) {
      for (const theme of values.theme) await shoot(browser, shown, state, { width, language, theme });
    }
  }
  await shown.close();
}

const states = [...Object.keys(conditions), "empty", "opened"];
for (const state of values.state) oneOf(state, states);
for (const language of values.language) oneOf(language, ["en", "zh"]);
for (const theme of values.theme) oneOf(theme, ["light", "dark"]);
for (const width of values.width) numberOf("width", width, { least: 1 });
for (const page of chosen ?? [])
  oneOf(
    page,
    values.state.flatMap((state) => visitsOf(state, noIds).map(({ name }) => name)),
  );
await mkdir(values.out, { recursive: true });
const browser = await openChromium();
try {
  for (const state of values.state) await shootAll(browser, state);
} finally {
  await browser.close();
}
