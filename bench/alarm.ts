import type { Browser } from "playwright-core";
import { openChromium } from "../test/browser/support/chromium.ts";
import { type Office, openOffice } from "../test/browser/support/office.ts";
import { report } from "../test/browser/support/report.ts";
import { signIn, visit } from "../test/browser/support/visitor.ts";

const alarms = 100;

/** ms within which a person on the blacklist is to ring. */
export const alarmMs = 300;

/** From the report of a person on the blacklist until the console rings, ms, in ascending order. */
export async function alarmTimes(browser: Browser, office: Office): Promise<number[]> {
  const visitor = await visit(browser);
  const { page } = visitor;
  await signIn(visitor, office.url, office.admin);
  await page.getByRole("status").filter({ hasText: "Connected" }).first().waitFor();
  const took: number[] = [];
  for (let n = 0; n < alarms; n++) {
    const name = `Alarm ${n}`;
    const ringing = page.evaluate<number>(`new Promise((resolve) => {
      const look = () => {
        const rings = [...document.querySelectorAll(".rings")];
        if (!rings.some((one) => one.closest("li")?.textContent.includes("${name}"))) return requestAnimationFrame(look);
        resolve(Date.now());
      };
      look();
    })`);
    const from = Date.now();
    await report(office, { identity_id: name, identity_name: name, ext_data: { person_type: 3 } });
    took.push((await ringing) - from);
    await page.keyboard.press("m");
  }
  await visitor.leave();
  return took.toSorted((one, other) => one - other);
}

/** What the times are, in words. */
export function alarmInWords(took: readonly number[]): string {
  const at = (share: number) => took[Math.ceil(took.length * share) - 1] ?? Number.NaN;
  return `blacklisted person: sent → the console rings, ms: p50 ${at(0.5)}, p99 ${at(0.99)} of ${alarmMs} allowed`;
}

if (import.meta.main) {
  const office = await openOffice({ scale: 0.2, looks: 2 });
  const browser = await openChromium();
  try {
    process.stdout.write(`${alarmInWords(await alarmTimes(browser, office))}\n`);
  } finally {
    await browser.close();
    await office.close();
  }
}
