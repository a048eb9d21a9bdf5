import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort, type Listening, listen } from "../standins/listen.ts";
import { missingChromium, openChromium } from "./support/chromium.ts";
import { type OneMachine, openOffice } from "./support/office.ts";
import { report } from "./support/report.ts";
import { visit } from "./support/visitor.ts";

describe.skipIf(missingChromium !== null)("a page of another program", () => {
  let office: OneMachine;
  let browser: Browser;
  let home: Listening;
  /** What the frame of the page shows. */
  let framed = "";
  let port: number;
  beforeAll(async () => {
    port = await freePort();
    office = await openOffice({ scale: 0.2, looks: 6, frameAncestors: [`http://localhost:${port}`] });
    await office.pass(500, 10);
    home = await listen((_, response) => {
      response.setHeader("content-type", "text/html");
      response.end(`<!doctype html><title>Home</title><iframe src="${framed}" width="1200" height="800"></iframe>`);
    }, port);
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await home?.close();
    await office?.close();
  });

  const screenLink = async () => {
    const { api, url } = office;
    await api.ask("PUT /v1/sites/{id}", { path: { id: "hq" }, body: { name: "HQ" } });
    await api.ask("PATCH /v1/boxes/{id}", { path: { id: "gate-1" }, body: { site: "hq" } });
    const made = await api.createKey({ scope: "read", for: "screen", site: "hq" });
    return made.signIn?.replace(`${url}/#`, `${url}/screen#`) ?? expect.fail("no link");
  };
  const openAt = async (host: string, address: string) => {
    framed = address;
    const visitor = await visit(browser);
    await visitor.page.goto(`http://${host}:${port}/`);
    return { ...visitor, frame: () => visitor.page.frames()[1] ?? expect.fail("no frame") };
  };

  it("frames the screen by a screen link, without a cookie and without a way out", async () => {
    const { page, frame, leave } = await openAt("localhost", await screenLink());
    await frame().locator(".screen .cell img").first().waitFor();
    await report(office, { identity_name: "Ada Stone", identity_id: "ada" });
    await frame().locator(".cell").filter({ hasText: "Ada Stone" }).waitFor();
    const loaded = "[...document.querySelectorAll('.screen img')].some((one) => one.naturalWidth > 0)";
    await expect.poll(() => frame().evaluate(loaded)).toBe(true);
    expect(await page.context().cookies()).toEqual([]);
    expect(await frame().getByRole("button", { name: "Leave" }).count()).toBe(0);
    await frame().evaluate("location.hash = '#/events'");
    await report(office, { identity_name: "Ravi Menon", identity_id: "ravi" });
    await frame().locator(".screen .cell").filter({ hasText: "Ravi Menon" }).waitFor();
    await page.reload();
    await frame().locator(".screen .cell").first().waitFor();
    await leave();
  });

  it("shows in the frame that a screen link is missing", async () => {
    const { frame, leave } = await openAt("localhost", `${office.url}/screen#token=${office.admin}`);
    await frame().getByText("Open this with a screen link").waitFor();
    await leave();
  });

  it.each([
    ["of another origin frames nothing", "127.0.0.1", "/screen"],
    ["frames no other page", "localhost", "/"],
  ])("%s", async (_, host, path) => {
    const { page, frame } = await openAt(host, `${office.url}${path}`);
    await expect.poll(() => frame().url()).toMatch(/^chrome-error:/);
    await page.context().close();
  });

  it("has no screen to frame if the server names no origin", async () => {
    const other = await openOffice({ scale: 0.2, looks: 2 });
    expect((await fetch(`${other.url}/screen`)).status).toBe(401);
    expect((await fetch(other.url)).headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    await other.close();
  });
});
