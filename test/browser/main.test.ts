import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { inChromium, openChromium } from "./support/chromium.ts";
import { type OneMachine, openOffice } from "./support/office.ts";
import { report } from "./support/report.ts";
import { changes, cutOff, pressPair, signIn, visit } from "./support/visitor.ts";

/** If the page has already tried again by itself, there is no button left to press. */
async function tryNow(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Try now" }).evaluateAll("(buttons) => buttons[0]?.click()");
}

inChromium("the console in a browser", () => {
  let office: OneMachine;
  let browser: Browser;
  beforeAll(async () => {
    office = await openOffice({ scale: 0.2, looks: 6 });
    await office.pass(1500, 10);
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await office?.close();
  });

  it("signs in by the link, and takes the key out of the address at once", async () => {
    const visitor = await visit(browser);
    await signIn(visitor, office.url, office.admin);
    const { page } = visitor;
    expect(page.url()).toBe(`${office.url}/#/live`);
    expect(await page.title()).toBe("Live · Gatepost");
    expect(await page.evaluate("JSON.stringify({ ...localStorage })")).not.toContain("gpa_");
    await page.getByRole("status").filter({ hasText: "Connected" }).first().waitFor();
    await page.goBack().catch(() => null);
    expect(page.url()).not.toContain("gpa_");
    await visitor.leave();
  });

  it("shows the sound as on only once it is heard, after the first click", async () => {
    const visitor = await visit(browser);
    const { page } = visitor;
    await page.addInitScript(`localStorage.setItem("gatepost-preferences", '{"hasSound":true}')`);
    await signIn(visitor, office.url, office.read);
    await page.getByRole("button", { name: "Sound is off until you click" }).waitFor();
    await page.getByRole("heading", { level: 1 }).click();
    await page.getByRole("button", { name: "Sound in this browser" }).waitFor();
    await visitor.leave();
  });

  it("says why a key opens nothing, and asks for another", async () => {
    const visitor = await visit(browser);
    const { page } = visitor;
    await page.goto(`${office.url}/#token=gpr_nothing`);
    await page.getByRole("alert").filter({ hasText: "is not valid here" }).waitFor();
    await page.getByLabel("Key", { exact: true }).fill("gpi_box");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").filter({ hasText: "key of a box" }).waitFor();
    await page.getByLabel("Key", { exact: true }).fill(office.read);
    await page.getByLabel("Keep in this browser").check();
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { level: 1, name: "Live" }).waitFor();
    await page.reload();
    await page.getByRole("heading", { level: 1, name: "Live" }).waitFor();
    await page.getByRole("button", { name: "Sign out" }).first().click();
    await page.reload();
    await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
    await visitor.leave();
  });

  it("shows a passing in one place of the wall, and keeps a stranger until seen", async () => {
    const visitor = await visit(browser);
    await signIn(visitor, office.url, office.admin);
    const { page } = visitor;
    await page.getByRole("status").filter({ hasText: "Connected" }).first().waitFor();
    const wall = page.getByRole("list", { name: "Passings, one place each, taken in turn" });
    await report(office, { identity_name: "Comes Live" });
    await wall.getByRole("link", { name: /^Comes Live Employee gate-1/ }).waitFor();
    await expect.poll(() => wall.getByText("Now", { exact: true }).count()).toBe(1);
    const standOut = page.getByRole("complementary", { name: "Passings that stand out" });
    // A person stands out again after a reload if the server has not taken the acknowledgement yet.
    const clickUntilTaken = async (button: Locator) => {
      const taken = page.waitForResponse((answer) => answer.url().endsWith("/v1/acknowledgements"));
      await button.click();
      await taken;
    };
    await clickUntilTaken(standOut.getByRole("button", { name: /^Mark \d+ seen$/ }));
    await report(office, {
      identity_id: "",
      identity_name: "stranger",
      ext_data: { person_type: 4, device_name: "South door" },
    });
    const seen = standOut.getByRole("button", { name: "Seen (X)" });
    await clickUntilTaken(seen);
    await page.mouse.move(0, 0);
    await expect.poll(() => standOut.locator("li.stranger").count()).toBe(0);
    await page.reload();
    await signIn(visitor, office.url, office.admin);
    await wall.getByRole("link", { name: /^Comes Live/ }).waitFor();
    expect(await seen.count()).toBe(0);
    await visitor.leave();
  });

  it("finds a passing by typed text, opens it, and returns to its row", async () => {
    await report(office, { identity_name: "Sought After", identity_id: "777001" });
    const visitor = await visit(browser);
    await signIn(visitor, office.url, office.read);
    const { page } = visitor;
    await page.getByRole("link", { name: "Events", exact: true }).first().click();
    await page.getByRole("searchbox", { name: "Search by name, id, device or box" }).fill("ought aft");
    const row = page.getByRole("table", { name: "Results" }).getByRole("link", { name: /^Sought After/ });
    await row.waitFor();
    await expect.poll(() => page.getByRole("table", { name: "Results" }).getByRole("link").count()).toBe(1);
    expect(page.url()).toContain("q=ought");
    await row.click();
    await page.getByRole("heading", { level: 1, name: "Sought After" }).waitFor();
    expect(await page.title()).toBe("Sought After · Gatepost");
    await expect.poll(() => page.getByRole("definition").filter({ hasText: "777001" }).count()).toBe(1);
    // A read key erases nothing.
    expect(await page.getByRole("button", { name: "Erase this event" }).count()).toBe(0);
    await page.keyboard.press("Escape");
    await row.waitFor();
    await expect.poll(() => page.evaluate("document.activeElement.textContent")).toContain("Sought After");
    await row.click();
    await page.getByRole("heading", { level: 1, name: "Sought After" }).waitFor();
    // A colleague who is sent the address finds the same title.
    await page.evaluate(`localStorage.setItem("gatepost-read-key", "${office.read}")`);
    await page.reload();
    await page.getByRole("heading", { level: 1, name: "Sought After" }).waitFor();
    await expect.poll(() => page.title()).toBe("Sought After · Gatepost");
    // A user who followed a link from elsewhere does not leave the console by Escape.
    const address = page.url();
    await page.goto("about:blank");
    await page.goto(address);
    await page.getByRole("heading", { level: 1, name: "Sought After" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("heading", { level: 1, name: "Events" }).waitFor();
    await visitor.leave();
  });

  it("keeps the list as it was for a return from an event, and finds new passings otherwise", async () => {
    const visitor = await visit(browser);
    await signIn(visitor, office.url, office.read);
    const { page } = visitor;
    const rail = (name: string) => page.getByRole("link", { name, exact: true }).first().click();
    const rows = page.getByRole("table", { name: "Results" }).getByRole("link");
    await rail("Events");
    await rows.first().waitFor();
    await report(office, { identity_name: "While Away", identity_id: "away" });
    await rail("Live");
    await rail("Events");
    await rows.filter({ hasText: "While Away" }).waitFor();
    await rows.filter({ hasText: "While Away" }).click();
    await page.getByRole("heading", { level: 1, name: "While Away" }).waitFor();
    await report(office, { identity_name: "While Open", identity_id: "open" });
    await page.keyboard.press("Escape");
    await expect.poll(() => page.evaluate("document.activeElement.textContent")).toContain("While Away");
    expect(await rows.filter({ hasText: "While Open" }).count()).toBe(0);
    await visitor.leave();
  });

  it("says of which year a day is, where it is another one", async () => {
    await report(office, { identity_name: "Long Ago", identity_id: "777002", timestamp: Date.UTC(2019, 5, 13, 12) });
    const visitor = await visit(browser);
    await signIn(visitor, office.url, office.read);
    const { page } = visitor;
    await page.goto(`${office.url}/#/events?q=Long%20Ago`);
    await page.getByRole("cell", { name: /^Thursday 13 June 2019/ }).waitFor();
    await visitor.leave();
  });

  it("is printed dark on light and without the navigation, also in dark mode", async () => {
    const visitor = await visit(browser, { theme: "dark" });
    await signIn(visitor, office.url, office.read);
    const { page } = visitor;
    const ink = () => page.evaluate("getComputedStyle(document.querySelector('h1')).color");
    const navigation = page.getByRole("navigation", { name: "Main" });
    await page.goto(`${office.url}/#/events`);
    await page.getByRole("table", { name: "Results" }).waitFor();
    expect([await ink(), await navigation.count()]).toEqual(["rgb(236, 236, 238)", 1]);
    await page.emulateMedia({ media: "print" });
    expect([await ink(), await navigation.count()]).toEqual(["rgb(23, 24, 27)", 0]);
    expect(await page.evaluate("document.querySelector('main').getBoundingClientRect().left")).toBe(0);
    await visitor.leave();
  });

  it("searches no other page for the text that was typed before it was opened", async () => {
    const visitor = await visit(browser);
    await signIn(visitor, office.url, office.read);
    const { page } = visitor;
    await page.clock.install();
    await page.goto(`${office.url}/#/events`);
    await page.getByRole("searchbox").fill("somebody");
    await page.evaluate("location.hash = '#/boxes'");
    await page.getByRole("heading", { level: 1, name: "Boxes" }).waitFor();
    await page.clock.runFor(1000);
    expect(new URL(page.url()).hash).toBe("#/boxes");
    await visitor.leave();
  });

  it("goes to a time that is typed", async () => {
    const visitor = await visit(browser);
    await signIn(visitor, office.url, office.read);
    const { page } = visitor;
    await page.keyboard.press("/");
    await page.getByRole("searchbox").waitFor();
    await page.keyboard.press("/");
    await page.getByRole("searchbox").fill("yesterday 6:30–6:45");
    await page.getByText(/^Enter: go to/).waitFor();
    await page.keyboard.press("Enter");
    await expect.poll(() => page.url()).toMatch(/from=.*T.*&to=.*T/);
    await page.getByRole("heading", { name: "Nothing matches all of this" }).waitFor();
    await page.getByRole("button", { name: "Clear all" }).click();
    await page.getByRole("table", { name: "Results" }).waitFor();
    await visitor.leave();
  });

  it("filters by kind, and puts the filter into the address", async () => {
    const visitor = await visit(browser);
    await signIn(visitor, office.url, office.read);
    const { page } = visitor;
    await page.goto(`${office.url}/#/events`);
    await page.getByRole("group", { name: "Filters" }).getByRole("button", { name: "Kind" }).click();
    await page.getByRole("checkbox", { name: "Stranger" }).check();
    await expect.poll(() => page.url()).toContain("type=stranger");
    await page.keyboard.press("Escape");
    expect(await page.evaluate("document.activeElement.textContent")).toContain("Kind");
    // It closes, too, when the focus leaves it.
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: "Kind" }).waitFor();
    await page.getByRole("searchbox").focus();
    await page.getByRole("dialog", { name: "Kind" }).waitFor({ state: "detached" });
    await expect
      .poll(() => page.getByRole("table", { name: "Results" }).locator("tbody tr[data-event]:not(.stranger)").count())
      .toBe(0);
    await page.getByRole("button", { name: "Remove the filter Kind" }).click();
    expect(page.url()).not.toContain("type=");
    // What an address asks for that is no kind is named, and can be taken away.
    await page.goto(`${office.url}/#/events?type=foo&type=vip`);
    await page.getByRole("button", { name: /VIP, foo/ }).waitFor();
    await page.getByRole("button", { name: "Clear all" }).click();
    await page.getByRole("table", { name: "Results" }).waitFor();
    await visitor.leave();
  });

  it("keeps every open filter within the window, also when the window becomes narrower", async () => {
    const visitor = await visit(browser);
    await signIn(visitor, office.url, office.read);
    const { page } = visitor;
    for (const [hash, count] of [
      ["events", 6],
      ["live", 2],
    ] as const) {
      await page.goto(`${office.url}/#/${hash}`);
      const filters = page.locator("main .facet button[aria-haspopup]");
      await expect.poll(() => filters.count()).toBeGreaterThanOrEqual(count);
      for (let at = 0; at < (await filters.count()); at++) {
        await page.setViewportSize({ width: 1280, height: 900 });
        await filters.nth(at).click();
        await page.locator("dialog.popover").waitFor();
        for (const width of [761, 768, 820, 1024, 320]) {
          await page.setViewportSize({ width, height: 900 });
          // The window says only with its next frame that it has become narrower.
          await expect.poll(() => cutOff(page), { message: `${hash} ${at} ${width}` }).toEqual([]);
        }
        await page.keyboard.press("Escape");
      }
    }
    await visitor.leave();
  });

  it("compares registered and captured under one zoom, and blinks while Space is held", async () => {
    const visitor = await visit(browser, { width: 1440 });
    await signIn(visitor, office.url, office.read);
    const { page } = visitor;
    await page.goto(`${office.url}/#/events?type=employee&box=garage`);
    await page.getByRole("table", { name: "Results" }).getByRole("link").first().click();
    await page.getByRole("img", { name: "Registered photo" }).waitFor();
    await page.getByRole("img", { name: "Captured face" }).waitFor();
    await page.getByRole("slider", { name: "Zoom" }).fill("3");
    await expect
      .poll(() =>
        page.evaluate(
          "[...document.querySelectorAll('.compare .frame > .pic')].map((one) => getComputedStyle(one).scale + getComputedStyle(one).transform).every((one) => one.includes('3'))",
        ),
      )
      .toBe(true);
    await page.locator("body").click({ position: { x: 5, y: 5 } });
    await page.keyboard.down(" ");
    await page.locator(".compare .over").waitFor();
    await page.keyboard.up(" ");
    await expect.poll(() => page.locator(".compare .over").count()).toBe(0);
    await visitor.leave();
  });

  it("continues in order with all missed passings after the server was away", async () => {
    const visitor = await visit(browser);
    await signIn(visitor, office.url, office.admin);
    const { page } = visitor;
    await page.goto(`${office.url}/#/live?view=list`);
    await page.getByRole("status").filter({ hasText: "Connected" }).first().waitFor();
    await report(office, { identity_name: "Seen Last", identity_id: "last" });
    await page
      .getByRole("link", { name: /^Seen Last/ })
      .first()
      .waitFor();
    const [last] = (await office.api.events({ person: "last" })).events;
    await office.api.eraseEvent(last?.id ?? "");
    await office.unlisten();
    await page.getByRole("alert").filter({ hasText: "No connection since" }).waitFor();
    expect(await page.getByRole("table", { name: "Newest passings" }).getByRole("link").count()).toBeGreaterThan(3);
    await office.listen();
    for (const name of ["Away One", "Away Two", "Away Three"])
      await report(office, { identity_name: name, identity_id: name });
    await tryNow(page);
    const rows = page.getByRole("table", { name: "Newest passings" }).getByRole("link");
    await expect
      .poll(async () => (await rows.allInnerTexts()).slice(0, 3).map((text) => text.replace("Employee", "").trim()))
      .toEqual(["Away Three", "Away Two", "Away One"]);
    await expect.poll(() => page.getByText("Seen Last").count()).toBe(0);
    await expect.poll(() => page.getByRole("alert").filter({ hasText: "No connection" }).count()).toBe(0);
    await visitor.leave();
  });

  it("removes events that were erased while the server was away", async () => {
    for (const name of ["Stays Here", "Erased Meanwhile", "Stays Too"]) {
      await report(office, { identity_name: name, identity_id: name, ext_data: { person_type: 3 } });
    }
    const visitor = await visit(browser);
    await signIn(visitor, office.url, office.admin);
    const { page } = visitor;
    const eraseMeanwhile = async (id = "") => {
      await page.getByRole("status").filter({ hasText: "Connected" }).first().waitFor();
      await office.unlisten();
      await page.getByRole("alert").filter({ hasText: "No connection since" }).waitFor();
      await office.runtime.reads.eraser.eraseEvent(id);
      await office.listen();
      await tryNow(page);
    };
    const [listed] = (await office.api.events({ person: "Erased Meanwhile" })).events;
    await page.goto(`${office.url}/#/live?view=list`);
    await page.getByText("Erased Meanwhile").first().waitFor();
    await eraseMeanwhile(listed?.id);
    await expect.poll(() => page.getByText("Erased Meanwhile").count()).toBe(0);
    expect(await page.getByText("Stays Here").count()).toBeGreaterThan(0);
    expect(await page.getByText("Stays Too").count()).toBeGreaterThan(0);
    const [opened] = (await office.api.events({ person: "Stays Too" })).events;
    await page.goto(`${office.url}/#/events/${opened?.id}`);
    await page.getByRole("heading", { level: 1, name: "Stays Too" }).waitFor();
    await eraseMeanwhile(opened?.id);
    await expect.poll(() => page.getByText("Stays Too").count()).toBe(0);
    await visitor.leave();
  });

  it("removes events that were erased before the first connection, also while the server is busy", async () => {
    for (const name of ["Stays At First", "Erased At First"]) {
      await report(office, { identity_name: name, identity_id: name, ext_data: { person_type: 3 } });
    }
    const visitor = await visit(browser);
    const { page } = visitor;
    const { promise: isErased, resolve: goOn } = Promise.withResolvers<void>();
    await page.route(changes, (route) => isErased.then(() => route.continue()));
    let asked = 0;
    await page.route(/\/v1\/events\/missing/, (route) =>
      asked++ === 0 ? route.fulfill({ status: 503, headers: { "retry-after": "1" } }) : route.continue(),
    );
    await signIn(visitor, office.url, office.admin);
    await page.goto(`${office.url}/#/events?q=At First`);
    await page.getByText("Erased At First").first().waitFor();
    const [event] = (await office.api.events({ person: "Erased At First" })).events;
    await office.runtime.reads.eraser.eraseEvent(event?.id ?? "");
    goOn();
    await expect.poll(() => page.getByText("Erased At First").count()).toBe(0);
    expect(await page.getByText("Stays At First").count()).toBeGreaterThan(0);
    await visitor.leave();
  });

  it("opens a page by itself when the connection is back", async () => {
    const visitor = await visit(browser);
    await signIn(visitor, office.url, office.admin);
    const { page } = visitor;
    await page.getByRole("status").filter({ hasText: "Connected" }).first().waitFor();
    await page.context().setOffline(true);
    await page.getByRole("link", { name: "Boxes", exact: true }).first().click();
    await page.getByRole("heading", { name: "Gatepost cannot be reached" }).waitFor();
    await page.context().setOffline(false);
    await page.getByRole("article", { name: "gate-1" }).waitFor();
    // After an upgrade the server has another console, and no part of this one.
    await page.route(/\/assets\/.*\.js$/, (route) => route.fulfill({ status: 404 }));
    await page.route(`${office.url}/`, (route) => route.fulfill({ body: '<script src="/assets/other.js">' }));
    await page.getByRole("link", { name: "Statistics", exact: true }).first().click();
    await page.getByRole("heading", { name: "Gatepost was upgraded" }).waitFor();
    await page.unrouteAll();
    await page.getByRole("button", { name: "Reload" }).click();
    await page.getByRole("heading", { level: 1, name: "Statistics" }).waitFor();
    await visitor.leave();
  });

  it("shows pictures by a cookie that scripts cannot read, else by requests of the page", async () => {
    const visitor = await visit(browser);
    await signIn(visitor, office.url, office.read);
    const { page } = visitor;
    const face = page.locator(".cell .face").first();
    await expect.poll(() => face.getAttribute("src")).toMatch(/^\/v1\/events\/evt_/);
    await expect
      .poll(() => page.evaluate("[...document.querySelectorAll('img')].every((one) => one.naturalWidth > 0)"))
      .toBe(true);
    expect(await page.evaluate("document.cookie")).toBe("");
    await page.route(/\/v1\/tickets/, (route) => route.fulfill({ status: 503 }));
    await page.goto("about:blank");
    await page.goto(`${office.url}/#/events?type=employee&box=garage`);
    await page.getByRole("table", { name: "Results" }).getByRole("link").first().click();
    await page.getByRole("img", { name: "Captured face" }).waitFor();
    await expect
      .poll(() => page.evaluate("[...document.querySelectorAll('.compare img')].every((one) => one.naturalWidth > 0)"))
      .toBe(true);
    await visitor.leave();
  });

  it("shows a guard within a second what the other has marked as seen", async () => {
    const guards = [await visit(browser), await visit(browser)] as const;
    for (const guard of guards) {
      await signIn(guard, office.url, office.admin);
      await guard.page.getByRole("status").filter({ hasText: "Connected" }).first().waitFor();
    }
    await report(office, { identity_name: "Both See", identity_id: "both", ext_data: { person_type: 3 } });
    const [mine, theirs] = guards.map(({ page }) =>
      page
        .getByRole("complementary", { name: "Passings that stand out" })
        .getByRole("listitem")
        .filter({ hasText: "Both See" }),
    );
    await theirs?.waitFor();
    await mine?.getByRole("button", { name: "Acknowledge…" }).click();
    const asked = guards[0].page.getByRole("dialog", { name: "Both See" });
    expect(await asked.getByRole("button", { name: "Acknowledge" }).isDisabled()).toBe(true);
    await asked.getByText("Known").click();
    await asked.getByRole("button", { name: "Acknowledge" }).click();
    await theirs?.waitFor({ state: "detached", timeout: 5000 });
    const later = await visit(browser);
    await signIn(later, office.url, office.admin);
    const standOut = later.page.getByRole("complementary", { name: "Passings that stand out" });
    await later.page
      .getByRole("link", { name: /^Both See/ })
      .first()
      .waitFor();
    expect(await standOut.getByRole("listitem").filter({ hasText: "Both See" }).count()).toBe(0);
    await later.leave();
    for (const guard of guards) await guard.leave();
  });

  it("removes everywhere an event that another user has erased", async () => {
    await report(office, { identity_name: "Erased Elsewhere", identity_id: "elsewhere" });
    const { events } = await office.api.events({ person: "elsewhere" });
    const id = events[0]?.id ?? "";
    const guards = [await visit(browser), await visit(browser)] as const;
    for (const guard of guards) {
      await signIn(guard, office.url, office.read);
      await guard.page
        .getByRole("link", { name: /^Erased Elsewhere/ })
        .first()
        .waitFor();
      await guard.page.getByRole("status").filter({ hasText: "Connected" }).first().waitFor();
    }
    const [live, opened] = [guards[0].page, guards[1].page];
    await opened.goto(`${office.url}/#/events/${id}`);
    await opened.getByRole("heading", { level: 1, name: "Erased Elsewhere" }).waitFor();
    await office.api.eraseEvent(id);
    await expect.poll(() => live.getByText("Erased Elsewhere").count()).toBe(0);
    await opened.getByRole("heading", { name: "It no longer exists" }).waitFor();
    expect(await opened.getByText("Erased Elsewhere").count()).toBe(0);
    for (const guard of guards) await guard.leave();
  });

  it("keeps the focus among those who stand out while they are marked as seen", async () => {
    const visitor = await visit(browser);
    await signIn(visitor, office.url, office.read);
    const { page } = visitor;
    await page.getByRole("status").filter({ hasText: "Connected" }).first().waitFor();
    for (const name of ["Focus One", "Focus Two", "Focus Three"]) {
      await report(office, { identity_name: name, identity_id: name, ext_data: { person_type: 3 } });
    }
    const standOut = page.getByRole("complementary", { name: "Passings that stand out" }).getByRole("listitem");
    const rowOf = (name: string) => standOut.filter({ hasText: name });
    await rowOf("Focus Three").waitFor();
    const focused = () => page.evaluate<string>("document.activeElement.closest('li, h2, body').textContent");
    await page.keyboard.press("Tab");
    await rowOf("Focus Three").getByRole("button", { name: "Seen (X)" }).focus();
    await page.keyboard.press("Enter");
    await expect.poll(() => rowOf("Focus Three").getAttribute("class")).toContain("is-seen");
    expect(await focused()).toContain("Focus Three");
    await page.keyboard.press("x");
    await expect.poll(() => rowOf("Focus Two").getAttribute("class")).toContain("is-seen");
    await page.keyboard.press(".");
    await expect.poll(focused).toContain("Focus One");
    expect(await rowOf("Focus Two").count()).toBe(0);
    await visitor.leave();
  });

  it("keeps persons who stood out before this page was opened, despite many later passings", async () => {
    await report(office, { identity_name: "Long Ago", identity_id: "ago", ext_data: { person_type: 3 } });
    for (let n = 0; n < 70; n++) await report(office, { identity_name: `Since ${n}`, identity_id: `since-${n}` });
    const visitor = await visit(browser);
    await signIn(visitor, office.url, office.admin);
    const standOut = visitor.page.getByRole("complementary", { name: "Passings that stand out" });
    await standOut.getByRole("listitem").filter({ hasText: "Long Ago" }).waitFor();
    await visitor.leave();
  });

  it("scrolls a long list evenly, also when the page is zoomed", async () => {
    const visitor = await visit(browser, { width: 2560, height: 900 });
    await signIn(visitor, office.url, office.read);
    const { page } = visitor;
    await page.goto(`${office.url}/#/events`);
    const rows = page.getByRole("table", { name: "Results" }).locator("tr[data-event]");
    await rows.first().waitFor();
    // Rows that are not painted have the room of those that are.
    const room = () =>
      page.evaluate<number>(`(() => {
          scrollTo(0, 1e6);
          const room = document.querySelector("tr.space")?.getBoundingClientRect().height ?? 0;
          const row = document.querySelector("tr[data-event]");
          return room / (Number(row.getAttribute("aria-rowindex")) - 2) / row.getBoundingClientRect().height;
        })()`);
    await expect.poll(room).toBeGreaterThan(0.95);
    await visitor.leave();
  });

  it("moves no row that is read: a pill counts new events", async () => {
    const visitor = await visit(browser);
    await signIn(visitor, office.url, office.admin);
    const { page } = visitor;
    await page.goto(`${office.url}/#/live?view=list`);
    await page.getByRole("status").filter({ hasText: "Connected" }).first().waitFor();
    const rows = page.getByRole("table", { name: "Newest passings" }).getByRole("link");
    await rows.first().focus();
    const before = await rows.first().getAttribute("href");
    await report(office, { identity_name: "Held Back", identity_id: "hb" });
    await page.getByRole("button", { name: "1 new" }).waitFor();
    expect(await rows.first().getAttribute("href")).toBe(before);
    await page.keyboard.press(".");
    await expect.poll(() => rows.first().textContent()).toContain("Held Back");
    await visitor.leave();
  });

  it("does nothing that a name says", async () => {
    const hostile = [
      "<img src=x onerror=alert(1)>",
      "<script>alert(2)</script>",
      "javascript:alert(3)",
      "\u202Egnp.exe\u202C {rule} **bold** `code`",
      `${"W".repeat(4000)}`,
      "'\"><svg/onload=alert(4)>",
    ];
    const visitor = await visit(browser, { width: 320 });
    await signIn(visitor, office.url, office.admin);
    const { page } = visitor;
    for (const [at, name] of hostile.entries()) {
      await report(office, {
        identity_name: name,
        identity_id: `hostile-${at}`,
        group_name: name,
        ext_data: { person_type: 3, device_name: name },
      });
    }
    await page.goto(`${office.url}/#/events?type=blacklist`);
    const rows = page.getByRole("table", { name: "Results" });
    await rows.getByText("<img src=x onerror=alert(1)>").first().waitFor();
    await rows.getByText("'\"><svg/onload=alert(4)>").first().waitFor();
    for (let at = 0; at < hostile.length; at++) {
      await page.goto(`${office.url}/#/events?person=hostile-${at}`);
      await rows.getByRole("link").first().click();
      await page.getByRole("heading", { level: 1 }).waitFor();
      expect(await page.evaluate("document.documentElement.scrollWidth <= 320")).toBe(true);
    }
    expect(await page.locator("main img[src=x], main script, main svg[onload]").count()).toBe(0);
    await visitor.leave();
  });

  it("cuts a long name in the lists, and wraps it on a card", async () => {
    const name = "Wolfeschlegelstein".repeat(14);
    await report(office, { identity_name: name, want_action: "1002", ext_data: { device_name: name } });
    const box = await office.addBox("b".repeat(64));
    for (const at of [1, 2]) await report(office, { timestamp: office.now() - at * 1000 }, box);
    const visitor = await visit(browser, { width: 1024 });
    await signIn(visitor, office.url, office.admin);
    const { page } = visitor;
    for (const hash of ["#/live?view=list", "#/events", "#/actions"]) {
      await page.goto(`${office.url}/${hash}`);
      await page.getByRole("main").getByText(name).first().waitFor();
      await expect.poll(() => cutOff(page)).toEqual([]);
    }
    const { events } = await office.api.events({ box: box.name });
    const nobody = `events?q=${"x".repeat(200)}&box=${box.name}`;
    const there = [
      "boxes",
      "live",
      `events/${events[0]?.id}`,
      nobody,
      `boxes/${box.name}`,
      `statistics?box=${box.name}`,
    ];
    for (const hash of there) {
      await page.goto(`${office.url}/#/${hash}`);
      await page.getByRole("main").getByText(box.name).first().waitFor();
      for (const width of [320, 1024]) {
        await page.setViewportSize({ width, height: 900 });
        await expect.poll(() => cutOff(page)).toEqual([]);
      }
    }
    await page.goto(`${office.url}/#/boxes`);
    await page.getByRole("article", { name: box.name }).getByText("Reports", { exact: true }).waitFor();
    const named = (await office.api.events({ person: "42", action: "1002", limit: 1 })).events[0]?.id;
    await page.goto(`${office.url}/#/events/${named}`);
    await page.getByRole("button", { name: "Erase this event" }).click();
    await page.getByRole("dialog").waitFor();
    for (const width of [320, 1024]) {
      await page.setViewportSize({ width, height: 900 });
      await expect.poll(() => cutOff(page)).toEqual([]);
    }
    await page.keyboard.press("Escape");
    await page.goto(`${office.url}/#/rules`);
    await page.getByRole("button", { name: "New rule" }).click();
    await page
      .getByRole("button", { name: new RegExp(`^${name}: `) })
      .first()
      .click();
    await page.getByRole("heading", { name: new RegExp(`^Why (?:not )?this one: ${name}`) }).waitFor();
    for (const width of [320, 1024]) {
      await page.setViewportSize({ width, height: 900 });
      await expect.poll(() => cutOff(page)).toEqual([]);
    }
    await visitor.leave();
  });

  it("signs out at once when the key is revoked", async () => {
    const { token, id } = (await (
      await fetch(`${office.url}/v1/keys`, {
        method: "POST",
        headers: { authorization: `Bearer ${office.admin}`, "content-type": "application/json" },
        body: JSON.stringify({ scope: "read" }),
      })
    ).json()) as { token: string; id: string };
    const visitor = await visit(browser);
    await signIn(visitor, office.url, token);
    const { page } = visitor;
    await page.getByRole("status").filter({ hasText: "Connected" }).first().waitFor();
    await fetch(`${office.url}/v1/keys/${id}`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${office.admin}` },
    });
    await page.getByRole("alert").filter({ hasText: "This key was revoked" }).waitFor();
    await visitor.leave();
  });

  it("is driven by the keyboard, unless that is switched off", async () => {
    const visitor = await visit(browser);
    await signIn(visitor, office.url, office.admin);
    const { page } = visitor;
    await page.keyboard.press("w");
    await page.getByRole("table", { name: "Newest passings" }).waitFor();
    // A key that is held is pressed again and again by the keyboard.
    await page.keyboard.down("Space");
    await page.keyboard.down("Space");
    await page.keyboard.up("Space");
    expect(await page.getByRole("button", { name: "Pause" }).getAttribute("aria-pressed")).toBe("true");
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog", { name: "Keyboard" }).waitFor({ state: "hidden" });
    // A page that is busy for longer than a pair may take.
    const stall = "() => { for (const until = performance.now() + 2600; performance.now() < until; ); }";
    await page.evaluate(`addEventListener("keydown", ${stall}, { once: true })`);
    await pressPair(page, "g", "a");
    await page.getByRole("heading", { level: 1, name: "Actions" }).waitFor();
    await pressPair(page, "g", "e");
    await page.getByRole("table", { name: "Results" }).waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1 }).waitFor();
    await expect.poll(() => page.url()).toContain("/events/evt_");
    const first = page.url();
    await page.keyboard.press("j");
    await expect.poll(() => page.url()).not.toBe(first);
    await page.keyboard.press("k");
    await expect.poll(() => page.url()).toBe(first);
    await visitor.leave();
  });

  it("steps beyond the list of Live, and leaves to it at once", async () => {
    const visitor = await visit(browser);
    const { page } = visitor;
    // Live begins with as many as it is given: a list of three ends soon.
    await page.route(/\/v1\/events\?.*limit=60/, (route) =>
      route.continue({ url: route.request().url().replace("limit=60", "limit=3") }),
    );
    // The server is once too busy to name the neighbours of an event: the page asks again.
    let refused = 0;
    await page.route(/\/neighbours/, (route) =>
      refused++ === 0 ? route.fulfill({ status: 503, headers: { "retry-after": "1" } }) : route.continue(),
    );
    const { events } = await office.api.events({ limit: 3 });
    await signIn(visitor, office.url, office.admin);
    await page.goto(`${office.url}/#/live?view=list`);
    const rows = page.getByRole("table", { name: "Newest passings" });
    await rows.getByRole("link").nth(2).waitFor();
    // A box that was cut off uploads late: in front of the list, though it is older than the last one there.
    const late = Math.min(...events.map(({ timestamp }) => timestamp)) - 1;
    await report(office, { identity_name: "Reported Late", timestamp: late });
    await rows.getByText("Reported Late").first().waitFor();
    const listed = await rows.getByRole("link").count();
    await rows.getByRole("link").first().click();
    const older = page.getByRole("button", { name: "Older (J)" });
    await expect.poll(() => older.isEnabled()).toBe(true);
    const seen = new Set([page.url()]);
    /** A press before the older event is known does nothing: the button may still be of the event before. */
    const isNew = async () => {
      const before = page.url();
      await page.keyboard.press("j");
      // A second press before the first has led on would pass over an event, and soon over the last one.
      await page.waitForURL((url) => url.href !== before, { timeout: 2000 }).catch(() => null);
      return !seen.has(page.url());
    };
    while (seen.size < listed + 3) {
      await expect.poll(isNew).toBe(true);
      seen.add(page.url());
    }
    expect(refused).toBeGreaterThan(1);
    await page.keyboard.press("Escape");
    await rows.waitFor();
    await visitor.leave();
  });

  it("loads no more than 80 KB of scripts for the live page", async () => {
    const visitor = await visit(browser);
    await signIn(visitor, office.url, office.admin);
    await visitor.page.getByRole("status").filter({ hasText: "Connected" }).first().waitFor();
    const loaded = await visitor.page.evaluate<number>(
      "performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('.js')).length",
    );
    await expect.poll(async () => (await visitor.scripts()).length).toBe(loaded);
    const bytes = (await visitor.scripts()).reduce((sum, one) => sum + one, 0);
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThanOrEqual(80 * 1024);
    await visitor.leave();
  });

  it("returns to the row of an event far down a long list", async () => {
    const visitor = await visit(browser);
    await signIn(visitor, office.url, office.read);
    const { page } = visitor;
    for (let at = 0; at < 120; at++) await report(office, { identity_id: `deep-${at}`, identity_name: `deep-${at}` });
    await page.goto(`${office.url}/#/events?q=deep-`);
    const rows = page.getByRole("table", { name: "Results" }).locator("tr[data-event]");
    await rows.first().waitFor();
    await expect
      .poll(async () => {
        await page.evaluate("scrollTo(0, 1e6)");
        return page.getByText("End of the list.").count();
      })
      .toBe(1);
    // The rows of the place before are drawn until the page has been scrolled; the last one of all is the oldest.
    const rowOfOldest = rows.filter({ hasText: /deep-0\b/ });
    await page.evaluate("scrollTo(0, 1e6)");
    await rowOfOldest.waitFor();
    const id = await rowOfOldest.getAttribute("data-event");
    await page.locator(`tr[data-event="${id}"]`).getByRole("link").press("Enter");
    await page.getByRole("button", { name: "Copy link" }).waitFor();
    await page.keyboard.press("Escape");
    const focused = () => page.evaluate("document.activeElement.closest('tr')?.dataset.event");
    await expect.poll(focused).toBe(id);
    await visitor.leave();
  });

  it("finds ids with spaces at either end, and by several values", async () => {
    const device = (id: string) => ({ ep_id: `BOX1__${id}`, device_ip: "" });
    await report(office, { identity_id: " spaced ", identity_name: "Spaced Out", ext_data: device("10.9.9.1") });
    await report(office, { identity_id: "close", identity_name: "Close Together", ext_data: device("10.9.9.2") });
    const visitor = await visit(browser);
    await signIn(visitor, office.url, office.read);
    const { page } = visitor;
    const names = async () =>
      (await page.getByRole("table", { name: "Results" }).getByRole("link").allTextContents()).join();
    await page.goto(`${office.url}/#/events`);
    const filters = page.getByRole("group", { name: "Filters" });
    await filters.getByRole("button", { name: "Person id" }).click();
    const field = page.getByRole("dialog").getByLabel("Person id");
    await field.fill(" spaced ");
    await field.press("Enter");
    await expect.poll(names).toMatch(/^Spaced Out[^,]*$/);
    await page.goto(`${office.url}/#/events?person=%20spaced%20&person=close`);
    await expect.poll(names).toMatch(/Close Together.*Spaced Out/);
    await filters.getByRole("button", { name: "Person id spaced , close" }).click();
    await page.getByRole("dialog").getByRole("checkbox").first().click();
    await expect.poll(names).toMatch(/^Close Together[^,]*$/);
    await page.goto(`${office.url}/#/events?action=1001&action=1002&q=a&q=b`);
    await filters.getByRole("button", { name: "Action Register a stranger, Update" }).waitFor();
    await page.getByRole("status").filter({ hasText: "Only the first is used" }).waitFor();
    expect(page.url()).toMatch(/q=a$/);
    await visitor.leave();
  });

  it("prints all rows that are loaded, and not only those on the screen", async () => {
    const visitor = await visit(browser);
    await signIn(visitor, office.url, office.read);
    const { page } = visitor;
    for (let at = 0; at < 70; at++) await report(office, { identity_id: `printed-${at}` });
    await page.goto(`${office.url}/#/events?q=printed`);
    const rows = page.getByRole("table", { name: "Results" }).locator("tr[data-event]");
    await rows.first().waitFor();
    await page.evaluate("scrollTo(0, 1e6)");
    await page.getByText("End of the list.").waitFor();
    await expect.poll(() => rows.count()).toBeLessThan(70);
    await page.evaluate(`addEventListener("beforeprint", () => {
        window.onPaper = document.querySelectorAll("tr[data-event]").length;
      })`);
    await page.pdf();
    expect(await page.evaluate("window.onPaper")).toBe(70);
    await expect.poll(() => rows.count()).toBeLessThan(70);
    await visitor.leave();
  });
});
