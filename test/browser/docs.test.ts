import { serve } from "@gatepost/embedded";
import { describe, expect, it, onTestFinished } from "vitest";
import { measured, sizeOf } from "../../packages/api/src/openapi/sizing.ts";
import { temporaryRuntime } from "../runtime/embedded/temporary.ts";
import { axeFaults } from "./support/axe.ts";
import { missingChromium, openChromium } from "./support/chromium.ts";

async function openDocs() {
  const { runtime, close } = await temporaryRuntime();
  onTestFinished(close);
  const served = await serve(runtime, { host: "127.0.0.1", port: 0 });
  onTestFinished(() => served.close());
  const browser = await openChromium();
  onTestFinished(() => browser.close());
  const page = await browser.newPage();
  const faults: string[] = [];
  page.on("console", (message) => void (message.type() === "error" && faults.push(message.text())));
  page.on("pageerror", (error) => void faults.push(error.message));
  await page.goto(`http://127.0.0.1:${served.port}/docs`);
  return { page, faults, output: page.locator("#sizing output") };
}

describe.skipIf(missingChromium !== null)("the calculator of the docs page", () => {
  it("calculates a server from boxes, passings, days and pictures", async () => {
    const { page, faults, output } = await openDocs();
    const load = { boxes: 7, passings: 300, days: 30, pictureKilobytes: 100 };
    for (const [name, value] of Object.entries(load)) await page.locator(`[name=${name}]`).fill(`${value}`);
    const size = sizeOf(load, measured);
    const rounded = (value: number) => new Intl.NumberFormat("en", { maximumSignificantDigits: 3 }).format(value);
    expect((await output.innerText()).split("\n")).toEqual([
      "63,000 passings are kept",
      `${rounded(size.picturesGigabytes)} GB of disk for pictures`,
      `${rounded(size.databaseGigabytes)} GB of disk for the database`,
      "3 GB of memory, with the whole database in it",
      "2 CPU cores",
    ]);
    expect(faults.filter((fault) => !fault.includes("favicon"))).toEqual([]);
  });

  it("asks for a valid number instead of a wrong result", async () => {
    const { page, output } = await openDocs();
    await page.getByLabel("Boxes").fill("0");
    expect(await output.innerText()).toMatch(/^Enter a whole number/);
    await page.getByLabel("Boxes").fill("1");
    expect(await output.innerText()).toMatch(/^45,000 passings/);
  });

  it("has no fault that axe finds", async () => {
    const { page } = await openDocs();
    expect(await axeFaults(page)).toEqual([]);
  });
});
