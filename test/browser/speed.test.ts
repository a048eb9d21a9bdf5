import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { inChromium, openChromium } from "./support/chromium.ts";
import { type Office, openOffice } from "./support/office.ts";
import { report } from "./support/report.ts";
import { measureSpeed, passWithFace, type Speed } from "./support/speed.ts";

const stored = 400;
const streamed = 3000;

inChromium("the weight of the console", () => {
  let office: Office;
  let browser: Browser;
  let speed: Speed;
  beforeAll(async () => {
    office = await openOffice({ scale: 0.2, looks: 2 });
    const box = await office.addBox("gate-3");
    for (let n = 0; n < stored; n++) await report(office, { identity_id: `p${n}`, timestamp: office.now() - n }, box);
    browser = await openChromium();
    const like = await passWithFace(office);
    const { url, admin: token } = office;
    speed = await measureSpeed(browser, { url, token, like, streamed, seconds: 2, scrolled: 200 });
  });
  afterAll(async () => {
    await browser?.close();
    await office?.close();
  });

  // Counts hold on every machine; times are for `npm run bench -- console`.
  it("loads little: scripts, requests", () => {
    expect(speed.scripts).toBeGreaterThan(10_000);
    expect(speed.scripts).toBeLessThanOrEqual(80 * 1024);
    expect(speed.requests).toBeLessThan(60);
  });

  it("paints only the rows in view, however many were scrolled past or arrived", () => {
    expect(speed.rowsScrolledPast).toBeGreaterThanOrEqual(200);
    expect(speed.elementsOfEvents).toBeLessThan(2500);
    expect(speed.elementsOfLive).toBeLessThan(2500);
    expect(speed.imagesOfLive).toBeLessThanOrEqual(200);
  });

  it("keeps no more of a long stream than of a short one", () => {
    expect(speed.heapGrowth).toBeLessThan(2);
  });

  it("moves nothing in view", () => {
    expect(speed.layoutShift).toBeLessThan(0.1);
  });
});
