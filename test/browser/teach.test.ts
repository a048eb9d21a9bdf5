import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { axeFaults } from "./support/axe.ts";
import { inChromium, openChromium } from "./support/chromium.ts";
import { type OneMachine, openOffice } from "./support/office.ts";
import { report } from "./support/report.ts";
import { signIn, type Visitor, visit } from "./support/visitor.ts";
import { faultsOf } from "./support/whole.ts";

const english = {
  teach: "Teach Gatepost this report",
  temperature: "Temperature",
  kind: "Kind of person",
  stranger: "Stranger",
  heartbeats: "Count them as heartbeats",
  become: /^12 become events$/,
  signs: "2 are signs of life",
  save: "Save, and replay 14",
  done: /reports are understood now/,
  events: "Show the events",
  undo: "Undo",
  undone: /^Undone: 12 events are erased, 1[24] reports are back\.$/,
  see: "See the event",
  name: "Name",
} as const;
type Words = { readonly [Name in keyof typeof english]: string | RegExp };
const chinese: Words = {
  teach: "教会 Gatepost 识别",
  temperature: "体温",
  kind: "人员类型",
  stranger: "陌生人",
  heartbeats: "记为心跳",
  become: /^12 条成为通行记录$/,
  signs: "2 条是在线信号",
  save: "保存并重放 14 条",
  done: /份上报已识别/,
  events: "查看通行记录",
  undo: "撤销",
  undone: /^已撤销：删除通行记录 12 条，放回上报 1[24] 份。$/,
  see: "查看生成的通行记录",
  name: "名称",
};

/** How a person does something at the page: by the keyboard alone, or by the pointer alone. */
interface Hand {
  press(page: Page, selector: ReturnType<Page["locator"]>): Promise<void>;
  /** Opens the value of a member, and chooses its meaning. */
  name(page: Page, member: string, fact: string): Promise<void>;
  choose(page: Page, select: ReturnType<Page["locator"]>, word: string): Promise<void>;
}

/** Presses Tab until an element has the focus. */
async function tabTo(page: Page, element: ReturnType<Page["locator"]>): Promise<void> {
  await element.waitFor();
  const isThere = () =>
    element.evaluate((one: { ownerDocument: { activeElement: unknown } }) => one === one.ownerDocument.activeElement);
  for (let presses = 0; presses < 150 && !(await isThere()); presses++) await page.keyboard.press("Tab");
  expect(await isThere()).toBe(true);
}

const focused = (page: Page) => page.locator(":focus");

/** Presses an arrow until the focus is in a line that begins with a text. */
async function arrowTo(page: Page, text: string | RegExp): Promise<void> {
  const line = focused(page).locator("xpath=ancestor-or-self::li[1]");
  const isThere = async () => {
    const said = await line.innerText();
    return typeof text === "string" ? said.startsWith(text) : text.test(said);
  };
  for (let presses = 0; presses < 60 && !(await isThere()); presses++) await page.keyboard.press("ArrowDown");
  expect(await isThere()).toBe(true);
}

/** The item behind which the less likely facts are. */
const allFacts = /^(?:All facts|全部信息)/;

const choiceOf = (page: Page, fact: string) =>
  page.getByRole("dialog").getByRole("button", { name: fact, exact: true });

const keyboard: Hand = {
  async press(page, element) {
    await tabTo(page, element);
    await page.keyboard.press("Enter");
  },
  async name(page, member, fact) {
    await tabTo(page, page.locator('.tree .leaf[tabindex="0"]'));
    await page.keyboard.press("Home");
    await arrowTo(page, `${member}:`);
    await page.keyboard.press("Enter");
    await page.locator(".tree dialog :focus").waitFor();
    if ((await choiceOf(page, fact).count()) === 0) {
      await arrowTo(page, allFacts);
      await page.keyboard.press("Enter");
      await choiceOf(page, fact).waitFor();
    }
    await arrowTo(page, fact);
    await page.keyboard.press("Enter");
    await arrowTo(page, `${member}:`);
  },
  async choose(page, select, word) {
    await tabTo(page, select);
    const chosen = () => select.locator("option:checked").innerText();
    await page.keyboard.press("Home");
    for (let presses = 0; presses < 9 && (await chosen()) !== word; presses++) await page.keyboard.press("ArrowDown");
    expect(await chosen()).toBe(word);
  },
};

const pointer: Hand = {
  press: (_, element) => element.click(),
  async name(page, member, fact) {
    const line = page.locator(".tree .choose", { hasText: new RegExp(`^${member}:`) });
    await line.locator(".leaf").click();
    if ((await choiceOf(page, fact).count()) === 0) {
      await page.getByRole("dialog").getByRole("button", { name: allFacts }).click();
    }
    await choiceOf(page, fact).click();
  },
  async choose(_, select, word) {
    await select.selectOption({ label: word });
  },
};

inChromium("teaching a report", () => {
  let office: OneMachine;
  let browser: Browser;
  beforeAll(async () => {
    office = await openOffice({ scale: 0.2, looks: 2 });
    await report(office, { identity_name: "Known" });
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await office?.close();
  });

  const enter = async (look = {}): Promise<Visitor> => {
    const visitor = await visit(browser, look);
    await signIn(visitor, office.url, office.admin);
    return visitor;
  };

  /** Twelve passings and two heartbeats of a maker that no one knows. */
  const unknownGate = async (box: string): Promise<void> => {
    const { url } = await office.addBox(box);
    const send = async (body: object) => {
      const answer = await fetch(`${url.href}/HistoryEvent`, { method: "POST", body: JSON.stringify(body) });
      await answer.body?.cancel();
      expect(answer.status).toBe(200);
    };
    for (let n = 0; n < 12; n++) {
      const two = String(n).padStart(2, "0");
      await send({
        deviceId: `NG-${box}`,
        type: "verify",
        record: {
          verifyTime: `2026-11-27 08:41:${two}`,
          personCode: `E-77${two}`,
          personName: `Grace ${"ABCDEFGHIJKL"[n]}`,
          identity: n === 0 ? 9 : 1 + (n % 2),
          score: 90 + n / 10,
          temp: 36.4,
          photo,
        },
      });
    }
    for (const uptime of [17, 18]) await send({ deviceId: `NG-${box}`, type: "heartBeat", uptime });
  };

  const quarantined = async (box: string) =>
    (await office.api.ask("GET /v1/quarantine", { query: { box } })).records.length;

  it.each([
    ["the keyboard at 1440 px", "kb-en", keyboard, english, { width: 1440 }],
    ["the pointer at 390 px, in Chinese", "pt-zh", pointer, chinese, { width: 390, height: 844, language: "zh" }],
    [
      "the keyboard at 390 px, in Chinese",
      "kb-zh",
      keyboard,
      chinese,
      { width: 390, height: 844, language: "zh", theme: "dark" },
    ],
    ["the pointer at 1440 px", "pt-en", pointer, english, { width: 1440, theme: "dark" }],
  ] as const)("is done by %s, replayed, and undone", async (_, box, hand, words, look) => {
    await unknownGate(box);
    const visitor = await enter(look);
    const { page } = visitor;
    const language = "language" in look ? look.language : "en";
    await page.goto(`${office.url}/#/problems?box=${box}&reason=unknown-shape`);
    await hand.press(page, page.getByRole("link", { name: words.teach }));
    await page.locator(".tree .leaf").first().waitFor();
    // The newest is a heartbeat; the first one shown is a passing.
    await page.locator(".tree .leaf", { hasText: "verify" }).first().waitFor();
    await hand.name(page, "temp", String(words.temperature));
    await page.locator("#made", { hasText: "36.4 °C" }).waitFor();
    await hand.name(page, "identity", String(words.kind));
    const nine = page.locator("tr", { hasText: /^9/ }).getByRole("combobox");
    await hand.choose(page, nine, String(words.stranger));
    const heartbeats = page.getByRole("button", { name: words.heartbeats });
    await page.getByRole("status").filter({ hasText: words.become }).waitFor();
    if ((await heartbeats.count()) > 0) await hand.press(page, heartbeats);
    await page.getByText(words.signs).waitFor();
    expect(await faultsOf(visitor, language)).toEqual([]);
    // On a phone there is another one beside the report.
    await hand.press(page, page.getByRole("button", { name: words.save }).first());
    await page.getByRole("status").filter({ hasText: words.done }).waitFor();
    expect(await axeFaults(page)).toEqual([]);
    expect(await quarantined(box)).toBe(0);
    const { events } = await office.api.ask("GET /v1/events", { query: { box: [box], limit: 50 } });
    expect(events).toHaveLength(12);
    expect(events.filter(({ person }) => person.type === "stranger")).toHaveLength(1);
    expect(events.every(({ attributes, pictures }) => attributes.temperature === 36.4 && pictures.face)).toBe(true);
    const link = await page.getByRole("link", { name: words.events }).getAttribute("href");
    expect(link).toBe(`#/events?box=${box}`);
    const list = await page.context().newPage();
    await list.goto(`${office.url}/${link}`);
    for (const name of ["Grace B", "Grace L"]) await list.getByText(name).first().waitFor();
    await list.close();
    await hand.press(page, page.getByRole("button", { name: words.undo, exact: true }));
    await page.getByText(words.undone).waitFor();
    await expect.poll(() => quarantined(box)).toBeGreaterThanOrEqual(12);
    expect((await office.api.ask("GET /v1/events", { query: { box: [box] } })).events).toEqual([]);
    await visitor.leave();
  });

  it("says what other reports lack, and mends it by one press", async () => {
    await unknownGate("lacking");
    const visitor = await enter();
    const { page } = visitor;
    await page.goto(`${office.url}/#/problems/teach?box=lacking&path=/HistoryEvent`);
    await page.getByText("3 of 14").waitFor();
    await page.getByRole("button", { name: "They are passings" }).click();
    await page.getByText("2 reports have “heartBeat” at type.").waitFor();
    await page.getByRole("button", { name: "Show one" }).click();
    await page.getByText("1 of 14").waitFor();
    await page.locator("#made").getByText("It becomes no event yet.").waitFor();
    await page.getByRole("button", { name: "Count them as heartbeats" }).click();
    await page.getByText("2 are signs of life").waitFor();
    await page.locator("#made").getByText("A sign of life").waitFor();
    await visitor.leave();
  });

  it("is offered for a report that is like a box status, and for XML", async () => {
    const { url } = await office.addBox("alike");
    const send = (body: string) => fetch(`${url.href}/HistoryEvent`, { method: "POST", body });
    await send('{"method":"face","deviceNo":"D7","personNo":"P9","passTime":1763600400}');
    await send('<Log><Ev door="N-1" when="1763600400"><No type="x">0042</No></Ev></Log>');
    const visitor = await enter();
    const { page } = visitor;
    const events = async () => {
      const found = (await office.api.ask("GET /v1/events", { query: { box: ["alike"] } })).events;
      return found.map(({ person }) => person.id).toSorted();
    };
    await page.goto(`${office.url}/#/problems?box=alike&reason=unclear-notice:mq-result`);
    await page.getByRole("link", { name: english.teach }).click();
    await page.getByRole("button", { name: "Save, and replay 1" }).click();
    await expect.poll(events).toEqual(["P9"]);
    await page.goto(`${office.url}/#/problems?box=alike&reason=unknown-shape`);
    await page.getByRole("link", { name: english.teach }).click();
    await page.locator(".tree .leaf", { hasText: "0042" }).waitFor();
    expect(await faultsOf(visitor, "en")).toEqual([]);
    await pointer.name(page, "No", "Person’s id");
    await page.locator("#made", { hasText: "0042" }).waitFor();
    await page.getByRole("button", { name: "Save, and replay 1" }).click();
    await expect.poll(events).toEqual(["0042", "P9"]);
    await visitor.leave();
  });

  it("asks which number is the way in, and reads times in a zone that is set beside them", async () => {
    const { url } = await office.addBox("numbered");
    for (const [n, inout] of ["0", "1"].entries()) {
      const record = { verifyTime: `2026-11-27 08:41:0${n}`, personCode: `E-9${n}`, personName: "Ida", inout };
      const body = JSON.stringify({ deviceId: "NG-9", type: "verify", record });
      await (await fetch(`${url.href}/HistoryEvent`, { method: "POST", body })).body?.cancel();
    }
    const visitor = await enter();
    const { page } = visitor;
    await page.goto(`${office.url}/#/problems/teach?box=numbered&path=/HistoryEvent`);
    await page.getByRole("heading", { name: "Is 0 in record.inout the way in?" }).waitFor();
    expect(await page.getByRole("textbox", { name: "Name", exact: true }).inputValue()).toBe("verify");
    await page.getByRole("button", { name: "No, out" }).click();
    // The newest report has a 1.
    await page
      .locator("#made")
      .getByText(/\bin\b/)
      .waitFor();
    expect(await page.getByRole("heading", { name: "Is 0 in record.inout the way in?" }).count()).toBe(0);
    const time = page.locator("#made dd", { hasText: /08:41:01|:41:01/ });
    const before = await time.innerText();
    const zone = page.getByRole("textbox", { name: "Time zone of the time" });
    const refused = page.locator("#made").getByRole("alert");
    await zone.pressSequentially("Pacific/Kiri");
    expect(await time.innerText()).toBe(before);
    await zone.press("Enter");
    await refused.getByText("must be a time zone as").waitFor();
    await zone.pressSequentially("timati");
    await refused.waitFor({ state: "detached" });
    await expect.poll(() => time.innerText()).not.toBe(before);
    expect(await faultsOf(visitor, "en")).toEqual([]);
    await visitor.leave();
  });

  it("changes a taught report over the reports that are kept", async () => {
    await unknownGate("changed");
    const { api } = office;
    const fields = { "person.id": { at: "record.personCode" } };
    const body = { name: "Changed", box: "changed", when: { is: { type: "snap" } }, fields };
    const { id } = await api.ask("POST /v1/mappings", { body });
    const visitor = await enter();
    const { page } = visitor;
    await page.goto(`${office.url}/#/problems/teach?mapping=${id}`);
    await page.getByRole("status").filter({ hasText: "0 become events" }).waitFor();
    await page.getByText("12 reports have “verify” at type.").waitFor();
    await page.keyboard.press("]");
    await page.keyboard.press("]");
    await page.locator(".tree .leaf", { hasText: "verify" }).click();
    await page
      .getByRole("dialog")
      .getByRole("button", { name: "A report is a passing only if this is “verify”" })
      .click();
    await page.getByRole("status").filter({ hasText: "12 become events" }).waitFor();
    await page.getByText("14 become something else than before the change.").waitFor();
    expect(await faultsOf(visitor, "en")).toEqual([]);
    await page.getByRole("button", { name: "Save, and replay 14" }).click();
    await page.getByRole("status").filter({ hasText: "12 reports are understood now; 2 are still not." }).waitFor();
    expect(await api.ask("GET /v1/mappings/{id}", { path: { id } })).toMatchObject({
      when: { is: { type: "verify" } },
      rev: 2,
    });
    // The replayed reports are not in quarantine any more, and a further change is tried on them all the same.
    await page.goto(`${office.url}/#/settings/taught`);
    await page.getByRole("link", { name: "Change Changed" }).click();
    await page.getByRole("heading", { name: "Tried on the 14 that are kept" }).waitFor();
    await page.getByRole("status").filter({ hasText: "12 become events" }).waitFor();
    // The two that stay are newer.
    await page.keyboard.press("]");
    await page.keyboard.press("]");
    await page.locator(".tree .leaf", { hasText: "verify" }).waitFor();
    await page.getByRole("button", { name: "Save, and replay 2" }).waitFor();
    await visitor.leave();
  });

  it("keeps the draft through a reload, and turns to other reports", async () => {
    await unknownGate("kept");
    const visitor = await enter();
    const { page } = visitor;
    await page.goto(`${office.url}/#/problems/teach?box=kept&path=/HistoryEvent`);
    await page.getByText("3 of 14").waitFor();
    await page.getByRole("textbox", { name: "Name", exact: true }).fill("A gate of the north");
    await page.getByRole("button", { name: "Report after (])" }).click();
    await page.getByText("4 of 14").waitFor();
    await page.keyboard.press("[");
    await page.getByText("3 of 14").waitFor();
    await page.keyboard.press("[");
    await page.getByText("2 of 14").waitFor();
    await page.locator(".tree .leaf", { hasText: "heartBeat" }).focus();
    await page.keyboard.press("[");
    await page.getByText("1 of 14").waitFor();
    await expect.poll(() => focused(page).innerText()).toBe("heartBeat");
    await page.reload();
    await page.getByRole("textbox", { name: "Name" }).waitFor();
    expect(await page.getByRole("textbox", { name: "Name" }).inputValue()).toBe("A gate of the north");
    await visitor.leave();
  });

  it("lists the taught reports, and switches off, changes and removes one", async () => {
    const { api } = office;
    const body = {
      name: "South gate",
      box: "south",
      when: { is: { kind: "pass" } },
      fields: { card: { at: "card" } },
    };
    const { id } = await api.ask("POST /v1/mappings", { body });
    const visitor = await enter();
    const { page } = visitor;
    await page.goto(`${office.url}/#/settings/taught`);
    const row = page.getByRole("row").filter({ hasText: "South gate" });
    await row.getByRole("switch", { name: "On: South gate" }).uncheck();
    await page.getByText("“South gate” is off.").waitFor();
    expect(await faultsOf(visitor, "en")).toEqual([]);
    await row.getByRole("link", { name: "Change South gate" }).click();
    const json = page.getByRole("textbox", { name: "Mapping as JSON" });
    await json.fill((await json.inputValue()).replace("South gate", "Gate of the south"));
    await page.getByRole("button", { name: "Save" }).click();
    const changed = page.getByRole("row").filter({ hasText: "Gate of the south" });
    await changed.waitFor();
    expect(await api.ask("GET /v1/mappings/{id}", { path: { id } })).toMatchObject({
      ...body,
      name: "Gate of the south",
      isOn: false,
    });
    await changed.getByRole("button", { name: "Remove…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await page.getByText("“Gate of the south” is removed.").waitFor();
    expect((await api.ask("GET /v1/mappings")).mappings.some((one) => one.id === id)).toBe(false);
    await visitor.leave();
  });

  it("is for administrators alone", async () => {
    const visitor = await visit(browser);
    await signIn(visitor, office.url, office.read);
    await visitor.page.goto(`${office.url}/#/problems/teach?box=kept&path=/HistoryEvent`);
    await visitor.page.getByRole("heading", { name: /administrator/ }).waitFor();
    await visitor.leave();
  });

  it("copies a sample to share, after a look at the values that stay", async () => {
    await unknownGate("shared");
    const visitor = await enter();
    const { page } = visitor;
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.goto(`${office.url}/#/problems/teach?box=shared&path=/HistoryEvent`);
    await page.getByText("3 of 14").waitFor();
    await page.getByRole("button", { name: "Share a sample" }).click();
    const dialog = page.getByRole("dialog", { name: "A sample to share" });
    await dialog.waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Copy" }).click();
    await dialog.waitFor({ state: "detached" });
    const copied = await page.evaluate<string>("navigator.clipboard.readText()");
    expect(copied).toMatch(/^POST \/\{KEY\}\/HistoryEvent HTTP\/1\.1\r\n/);
    expect(copied).toContain('"verify"');
    expect(copied).not.toContain("NG-shared");
    await visitor.leave();
  });
});

/** A JPEG of one grey pixel. */
const photo =
  "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAj/wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAB//EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8Acn//2Q==";
