import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Browser } from "playwright-core";
import { openChromium } from "../../test/browser/support/chromium.ts";
import type { Office } from "../../test/browser/support/office.ts";
import { openTrouble } from "../../test/browser/support/trouble.ts";

/** Pictures of every page, to be looked at: `npm run screenshots -- --page live --width 1440 --language en`. */
const { values } = parseArgs({
  options: {
    out: { type: "string", default: "screenshots" },
    page: { type: "string", multiple: true },
    width: { type: "string", multiple: true, default: ["320", "390", "1024", "1440", "2560"] },
    language: { type: "string", multiple: true, default: ["en", "zh"] },
    theme: { type: "string", multiple: true, default: ["light", "dark"] },
  },
});

type Visit = readonly [name: string, hash: (office: Office) => Promise<string>];

const at = (hash: string) => async () => hash;

async function anEvent({ api }: Office): Promise<string> {
  const { events } = await api.events({ action: "1002", limit: 2 });
  return `#/events/${events.at(-1)?.id}`;
}

const visits: readonly Visit[] = [
  ["live", at("#/live")],
  ["live-list", at("#/live?view=list")],
  ["events", at("#/events")],
  ["events-none", at("#/events?q=nobody&type=vip")],
  ["event", anEvent],
  ["actions", at("#/actions")],
  ["boxes", at("#/boxes")],
  ["box", at("#/boxes/garage")],
  ["new-box", at("#/boxes/new")],
  ["problems", at("#/problems")],
  ["rules", at("#/rules")],
  ["statistics", at("#/statistics")],
  ["settings", at("#/settings")],
];

const heights: Record<string, number> = { 320: 700, 390: 780, 2560: 1440 };

interface Look {
  width: string;
  language: string;
  theme: string;
}

async function shoot(browser: Browser, office: Office, look: Look): Promise<void> {
  const { width, language, theme } = look;
  const context = await browser.newContext({
    viewport: { width: Number(width), height: heights[width] ?? 900 },
    locale: language === "zh" ? "zh-CN" : "en-GB",
    colorScheme: theme === "dark" ? "dark" : "light",
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  page.on("console", (message) => process.stdout.write(`${look.width} ${message.type()}: ${message.text()}\n`));
  page.on("pageerror", (error) => process.stdout.write(`${look.width} ${error.stack}\n`));
  await page.goto(`${office.url}/#token=${office.admin}`);
  await page.waitForSelector("main h1");
  for (const [name, hashOf] of visits) {
    if (values.page !== undefined && !values.page.includes(name)) continue;
    const hash = await hashOf(office);
    await page.goto(`${office.url}/${hash}`);
    await page.waitForTimeout(900);
    await page.screenshot({ path: join(values.out, `${name}-${width}-${language}-${theme}.png`) });
  }
  await context.close();
}

await mkdir(values.out, { recursive: true });
const trouble = await openTrouble();
const { office } = trouble;
await office.pass(4000, 12);
await office.strangerPasses();
const browser = await openChromium();
try {
  for (const width of values.width) {
    for (const language of values.language) {
      for (const theme of values.theme) await shoot(browser, office, { width, language, theme });
    }
  }
} finally {
  await browser.close();
  await trouble.close();
}
