import { openChromium } from "../test/browser/support/chromium.ts";
import { openOffice } from "../test/browser/support/office.ts";
import { measureSpeed, passWithFace, type Speed } from "../test/browser/support/speed.ts";
import { alarmInWords, alarmTimes } from "./alarm.ts";
import { fill } from "./first-page.ts";

const stored = 100_000;
/** An hour at 20 a second, sent faster. */
const streamed = 72_000;

type Most = Partial<Record<keyof Speed, readonly [most: number, what: string]>>;

/** What the console is to stay within. */
const limits: Most = {
  shellPainted: [300, "shell painted, ms"],
  firstEvent: [1000, "first event after load, ms"],
  livePainted: [150, "live event: sent → painted, ms"],
  filterChip: [16, "filter: echo in its chip, ms"],
  filterRows: [100, "filter: first rows, ms"],
  framesToOpen: [1, "frames to open an event"],
  framesToNext: [1, "frames to the next event"],
  scripts: [80 * 1024, "JavaScript of the live page, gzip, bytes"],
  requests: [60, "requests until it is connected"],
  elementsOfEvents: [2500, "elements of the list of events, scrolled"],
  elementsOfLive: [2500, "elements of Live after an hour's worth"],
  imagesOfLive: [200, "pictures of Live after an hour's worth"],
  layoutShift: [0.1, "layout shift while 20 events a second come"],
  longTasks: [1, "tasks over 50 ms in 20 s of them"],
  keyWhileBusy: [2, "key → paint with 20 events a second ÷ without (95th percentile)"],
  heapGrowth: [1.5, "heap after an hour's worth ÷ after a tenth of it"],
};

/**
 * The speed table of the console, on 100,000 events: a line each, with the measured time, the limit and their ratio.
 */
export async function* consoleSpeed(): AsyncGenerator<string> {
  const office = await openOffice({ scale: 0.2, looks: 2 });
  const browser = await openChromium();
  try {
    await fill(office.runtime, stored, office.now());
    const like = await passWithFace(office);
    const options = { url: office.url, token: office.admin, like, streamed, seconds: 20, scrolled: 1000 };
    const speed = await measureSpeed(browser, options);
    yield `the console in Chromium, on ${stored} events:`;
    for (const name of Object.keys(limits) as (keyof Speed)[]) {
      const [most = 1, what = name] = limits[name] ?? [];
      yield `  ${what}: ${rounded(speed[name])} of ${most} allowed (${rounded(speed[name] / most)})`;
    }
    yield `  ${alarmInWords(await alarmTimes(browser, office))}`;
  } finally {
    await browser.close();
    await office.close();
  }
}

const rounded = (value: number) => Math.round(value * 100) / 100;
