import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../standins/listen.ts";
import { proxies } from "./support/below-path.ts";
import { missingChromium, openChromium } from "./support/chromium.ts";
import { type OneMachine, openOffice } from "./support/office.ts";
import { hire, signInAs } from "./support/people.ts";
import { openSite, type Site } from "./support/site.ts";
import { visit } from "./support/visitor.ts";

const jonas = { name: "Jonas Keller", email: "jonas@example.com", role: "manager" } as const;

describe.skipIf(missingChromium !== null).each(proxies)("the console below /gate, by $name", ({ open }) => {
  let office: Site;
  let browser: Browser;
  let closeProxy: () => Promise<void>;
  let port: number;
  let at: number;
  beforeAll(async () => {
    at = await freePort();
    office = await openSite(async (options) => {
      const machine: OneMachine = await openOffice({ ...options, publicUrl: `http://127.0.0.1:${at}/gate` });
      port = machine.port;
      ({ close: closeProxy } = await open({ at, behind: port }));
      return machine;
    });
    await hire(office, jonas);
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await closeProxy?.();
    await office?.close();
  });

  it("shows a passing with its picture to a person who signs in", async () => {
    const visitor = await visit(browser);
    const { page } = visitor;
    const asked: string[] = [];
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    await signInAs(visitor, office, jonas.email);
    await office.pass(300, 5);
    await expect
      .poll(() => page.evaluate("[...document.querySelectorAll('main img')].some((one) => one.naturalWidth > 0)"))
      .toBe(true);
    await page.reload();
    await page.getByRole("navigation").first().waitFor();
    const cookies = await page.context().cookies();
    expect(cookies.map(({ name, path }) => [name, path]).toSorted()).toEqual([
      ["gatepost", "/gate/"],
      ["gatepost_pictures", "/gate/v1/events"],
    ]);
    await page.getByRole("button", { name: "Sign out" }).first().click();
    await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
    expect(asked.filter((path) => !path.startsWith("/gate/"))).toEqual([]);
    await visitor.leave();
  });

  it("opens a roll by its link on a phone without a connection", async () => {
    const roll = await office.api.ask("POST /v1/rolls", { body: { site: "hq", isDrill: true } });
    const { url } = await office.api.ask("POST /v1/rolls/{id}/links", {
      path: { id: roll.id },
      body: { name: "Gate S2" },
    });
    expect(url).toContain("/gate/#roll=");
    const visitor = await visit(browser, { width: 390, height: 844 });
    const { page } = visitor;
    await page.goto(url);
    await page.getByText("This browser keeps the list for a day").waitFor();
    await office.unlisten();
    await page.reload();
    await page.getByText(/No connection\. The list is as of/).waitFor();
    await office.listen();
    await visitor.leave();
  });

  it("has the path in its links and documents", async () => {
    const base = `http://127.0.0.1:${at}/gate`;
    expect((await fetch(base)).url).toBe(`${base}/`);
    expect(await (await fetch(`${base}/openapi.json`)).json()).toMatchObject({ servers: [{ url: "/gate" }] });
    expect(await (await fetch(`${base}/docs`)).text()).toContain('href="openapi.json"');
    const manifest = `${base}/assets/console.webmanifest`;
    const { start_url: start } = (await (await fetch(manifest)).json()) as { start_url: string };
    expect(new URL(start, manifest).href).toBe(`${base}/#/live`);
    // Also on the machine itself.
    expect((await fetch(`http://127.0.0.1:${port}/gate/healthz`)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${port}/gatepost`)).status).toBe(401);
  });
});
