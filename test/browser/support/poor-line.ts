import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "playwright-core";

const maxMs = 1200;
/** Of all that is only read. */
const refused = 0.04;

/** Half of the answers to a page arrive late, and some reads are refused for a moment: the server is busy. */
export async function poorLine(page: Page, random: () => number): Promise<void> {
  await page.route(/\/v1\//, async (route) => {
    const [pause, luck] = [random() < 0.5 ? random() * maxMs : 0, random()];
    await sleep(pause);
    const isRefused = luck < refused && route.request().method() === "GET";
    const busy = { status: 503, headers: { "retry-after": "1" }, json: { detail: "the disk is full" } };
    // A page that waits for it no more has taken it back.
    await (isRefused ? route.fulfill(busy) : route.continue()).catch(() => {});
  });
}
