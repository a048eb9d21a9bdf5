import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { routes } from "@gatepost/core/paths";
import { expect, it } from "vitest";
import { inChromium } from "../support/chromium.ts";
import { post, report } from "../support/report.ts";
import { signIn, visit } from "../support/visitor.ts";
import { workplace } from "../support/workplace.ts";

inChromium("work with boxes", () => {
  const work = workplace();

  it("adds a box: its addresses, amber for an unreadable report, green with a face", async () => {
    const visitor = await visit(work.browser);
    const { page } = visitor;
    // The browser's clock is an hour ahead.
    await page.clock.install({ time: Date.now() + 3_600_000 });
    await signIn(visitor, work.office.url, work.office.admin);
    await page.goto(`${work.office.url}/#/boxes/new`);
    await page.getByLabel("Name", { exact: true }).fill("new");
    await page.getByRole("button", { name: "Create its key" }).click();
    await page.getByRole("alert").filter({ hasText: "not “new”" }).waitFor();
    await page.getByLabel("Name", { exact: true }).fill("west-gate");
    await page.getByRole("button", { name: "Create its key" }).click();
    const address = page.locator("code").filter({ hasText: "/HistoryEvent" });
    await address.waitFor();
    await page.locator(".scan summary").nth(1).click();
    await page.getByRole("img", { name: "QR code: History", exact: true }).waitFor();
    await page.getByRole("status").filter({ hasText: "Waiting for the first report" }).waitFor();
    const url = new URL(((await address.textContent()) ?? "").replace("/HistoryEvent", ""));
    await page.getByText("Other addresses").click();
    const addresses = await page.locator(".url code").allTextContents();
    expect(addresses).toEqual(expect.arrayContaining([url.href, ...routes.map(({ path }) => `${url.href}${path}`)]));
    const box = { name: "west-gate", kind: "se3", url } as const;
    expect(await post(box, "this is no report")).toBe(200);
    await page.getByRole("status").filter({ hasText: "Something arrived that is not a report" }).waitFor();
    const link = page.getByRole("main").getByRole("link", { name: "Look at it" });
    expect(await link.getAttribute("href")).toBe("#/problems?reason=not-json&box=west-gate");
    await report(work.office, { identity_name: "First Face" }, box);
    await page
      .getByRole("status")
      .filter({ hasText: /It reports: First Face, (now|\d s ago)/ })
      .waitFor();
    // What a box of that name sent before says nothing of the new key.
    await page.goto(`${work.office.url}/#/boxes`);
    await page.goto(`${work.office.url}/#/boxes/new`);
    await page.getByLabel("Name", { exact: true }).fill("garage");
    await page.getByRole("button", { name: "Create its key" }).click();
    await page.getByRole("status").filter({ hasText: "Waiting for the first report" }).waitFor();
    await visitor.leave();
  });

  it("lets an unknown terminal in, and finds the person whom it denied", async () => {
    const visitor = await work.enter();
    const { page } = visitor;
    const [date = "", time = ""] = new Date(work.office.now()).toISOString().split(/[T.]/);
    const push = async () => {
      const url = `${work.office.url}/iclock/cdata?SN=WAITS1&table=rtlog`;
      const body = `time=${date} ${time}\tpin=4711\tevent=23\n`;
      return (await fetch(url, { method: "POST", body })).text();
    };
    expect(await push()).toBe("ERROR\n");
    await page.goto(`${work.office.url}/#/boxes`);
    await page.getByRole("heading", { name: "A terminal asks to connect: WAITS1" }).waitFor();
    await page.getByRole("button", { name: "Allow it: WAITS1" }).click();
    const dialog = page.getByRole("dialog", { name: "Allow WAITS1 as a box" });
    await dialog.getByLabel("Name", { exact: true }).fill("workshop");
    await dialog.getByLabel("Time zone of its place").fill("UTC");
    await dialog.getByRole("button", { name: "Allow it" }).click();
    await page.getByText("WAITS1 reports as workshop now.").waitFor();
    await page.getByRole("heading", { name: "A terminal asks to connect: WAITS1" }).waitFor({ state: "detached" });
    expect(await push()).toBe("OK");
    await page.goto(`${work.office.url}/#/events`);
    await page.getByRole("group", { name: "Filters" }).getByRole("button", { name: "Result" }).click();
    await page.getByRole("button", { name: /^Not let in/ }).click();
    await page.getByRole("link", { name: /Not let in/ }).click();
    await page.getByText("Not let in: no permission").waitFor();
    await page.goto(`${work.office.url}/#/boxes/workshop`);
    await page.getByRole("heading", { name: "Time zone of its times" }).waitFor();
    await page.getByRole("button", { name: "Change: Time zone of its times" }).click();
    await page.getByLabel("Time zone, such as Asia/Shanghai").fill("Asia/Kolkata");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Asia/Kolkata", { exact: true }).waitFor();
    await visitor.leave();
  });

  it("shows a source, with its fault and what to do in the language of the page", async () => {
    const { path } = work.office.runtime.folder;
    const source = { name: "door", mqtt: "mqtt://127.0.0.1:1", topics: ["doors/+/card"], box: "gate-3" };
    await writeFile(join(path, "sources.json"), JSON.stringify([source]));
    const visitor = await work.enter();
    const { page } = visitor;
    await page.goto(`${work.office.url}/#/boxes`);
    const sources = page.getByRole("region", { name: "Sources" });
    await sources.getByText("No message since the start").waitFor();
    await sources.getByText("no broker listens at 127.0.0.1:1: correct mqtt, or start the broker").waitFor();
    await sources.getByText(/^Not connected for /).waitFor();
    await page.getByRole("button", { name: "中文" }).click();
    await page.getByText("127.0.0.1:1 上没有代理：请更正 mqtt，或启动代理").waitFor();
    await page.goto(`${work.office.url}/#/problems`);
    await page.getByRole("link", { name: "1 个源没有连接（共 1 个），请看“盒子”" }).click();
    await page.getByText("MQTT 源").waitFor();
    await writeFile(join(path, "sources.json"), "[]");
    await page.getByText("MQTT 源").waitFor({ state: "detached" });
    await visitor.leave();
  });

  it("adds a terminal of another make, with its steps, host, port and path", async () => {
    const visitor = await work.enter();
    const { page } = visitor;
    await page.goto(`${work.office.url}/#/boxes/new`);
    await page.getByLabel("Make").selectOption("hikvision");
    await page.getByLabel("Name", { exact: true }).fill("back-door");
    await page.getByRole("button", { name: "Create its key" }).click();
    await page.getByText(/HTTP listening\.$/).waitFor();
    await page
      .locator("code")
      .filter({ hasText: /^\/gpi_[\w-]+\/HikEvent$/ })
      .waitFor();
    await page
      .locator("code")
      .filter({ hasText: new URL(work.office.url).port })
      .waitFor();
    await visitor.leave();
  });

  it("lists the silent box first, with advice and its allowed silence", async () => {
    const visitor = await work.enter();
    const { page } = visitor;
    await page.goto(`${work.office.url}/#/boxes`);
    const silent = page.getByRole("article", { name: "north-dock" });
    await silent.getByText(/^Silent for 4 h/).waitFor();
    expect(await page.getByRole("article").first().getAttribute("aria-label")).toBe("north-dock");
    await page.getByText("Reports", { exact: true }).first().waitFor();
    // A thousand boxes are still few elements.
    expect(await page.getByRole("article", { name: "garage" }).locator("*").count()).toBeLessThan(60);
    await page.getByText("1 report today was over the limit").waitFor();
    await page.getByRole("link", { name: "garage" }).click();
    await page.getByRole("heading", { level: 1, name: "garage" }).waitFor();
    await page.getByRole("heading", { name: /^Its clock is (3 h|2 h 59 min) ahead$/ }).waitFor();
    await page.goto(`${work.office.url}/#/boxes`);
    await silent.getByRole("button", { name: "Silence is expected" }).click();
    await page.getByRole("article", { name: "north-dock" }).getByText("Expected silence").waitFor();
    expect((await work.office.api.ask("GET /v1/boxes/{id}", { path: { id: "north-dock" } })).silence.isExpected).toBe(
      true,
    );
    await visitor.leave();
  });

  it("finds one of a thousand boxes and keys by typed text", async () => {
    const visitor = await work.enter();
    const { page } = visitor;
    const many = <Item extends { id: string }>(items: readonly Item[], count: number): Item[] =>
      Array.from({ length: count }, (_, at) => ({ ...(items[at % items.length] as Item), id: `many-${at}` }));
    await page.route(/\/v1\/boxes\?/, async (route) => {
      const { boxes } = await (await route.fetch()).json();
      await route.fulfill({ json: { boxes: many(boxes, 1200), next: null } });
    });
    await page.route(/\/v1\/keys$/, async (route) => {
      const { keys } = await (await route.fetch()).json();
      await route.fulfill({ json: { keys: many(keys, 1200) } });
    });
    await page.goto(`${work.office.url}/#/boxes`);
    await page.getByRole("article").first().waitFor();
    await expect.poll(() => page.locator("article").count()).toBe(1200);
    await page.keyboard.press("/");
    await page.keyboard.type("MANY-777");
    await expect.poll(() => page.locator("article").count()).toBe(1);
    expect(new URL(page.url()).hash).toBe("#/boxes?q=MANY-777");
    await page.keyboard.type("x");
    await page.getByRole("heading", { name: "No box has this name" }).waitFor();
    await page.getByRole("button", { name: "Clear all" }).click();
    await expect.poll(() => page.locator("article").count()).toBe(1200);
    await page.goto(`${work.office.url}/#/settings/keys`);
    await page.getByRole("searchbox", { name: "Find a key" }).fill("many-777");
    await expect.poll(() => page.getByRole("table", { name: "Keys" }).getByRole("row").count()).toBe(2);
    await visitor.leave();
  });
});
