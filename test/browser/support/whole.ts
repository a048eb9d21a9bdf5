import type { Page } from "playwright-core";
import { axeFaults } from "./axe.ts";
import { layoutFaults } from "./layout.ts";
import { cutOff, latinWords, type Visitor } from "./visitor.ts";

/** Words that are the same in Chinese, and texts that need no translation. */
const sameInChinese = new Set([
  ...[
    "Gatepost",
    "VIP",
    "JSON",
    "CSV",
    "NDJSON",
    "zip",
    "English",
    "SE5",
    "sophonsight",
    "NTP",
    "Standard",
    "Webhooks",
    "MiB",
    "KiB",
  ],
  ...["Zhao", "Qiang", "AWS", "EventBridge", "webhook"],
  // Keys of a keyboard.
  ...["Ctrl", "Delete", "Shift"],
]);

/** Opens an address and waits until nothing of it is loading any more. */
export async function openPage(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.locator("main [aria-busy=true], main .bone").first().waitFor({ state: "detached" });
  await page.waitForTimeout(300);
}

/** The faults of a page as it is: the ones that axe finds, cut texts, of its layout, and in Chinese untranslated texts. */
export async function faultsOf({ page }: Visitor, language: "en" | "zh"): Promise<string[]> {
  const latin = language === "zh" ? await latinWords(page) : [];
  const untranslated = latin.filter((word) => !sameInChinese.has(word)).map((word) => `untranslated: ${word}`);
  return [...(await axeFaults(page)), ...(await cutOff(page)), ...(await layoutFaults(page)), ...untranslated];
}
