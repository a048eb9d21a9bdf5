import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isLong } from "../support/seeded.ts";
import { approveOne } from "./support/approved.ts";
import { missingChromium, openChromium } from "./support/chromium.ts";
import { giveUp } from "./support/given-up.ts";
import { type Office, openOffice } from "./support/office.ts";
import { conditions, leaveWritten, openings, pages } from "./support/states.ts";
import { openTrouble, type Trouble } from "./support/trouble.ts";
import { signIn, visit } from "./support/visitor.ts";
import { faultsOf, openPage } from "./support/whole.ts";

const looks = (["en", "zh"] as const).flatMap((language) =>
  (["light", "dark"] as const).flatMap((theme) =>
    [320, 761, 1024, 1280, 2560].map((width) => ({ language, theme, width })),
  ),
);
type Look = (typeof looks)[number];

/** The whole matrix takes long, and is for `npm run test:long`; else each state has one look, another than the next. */
const looksOf = (state: number) => looks.filter((_, at) => isLong || at === (state * 7) % looks.length);

const name = "$language, $theme, $width px";

describe.skipIf(missingChromium !== null).concurrent("every page in every state", () => {
  let trouble: Trouble;
  let empty: Office;
  let browser: Browser;
  let event: string;
  beforeAll(async () => {
    [trouble, empty] = await Promise.all([openTrouble({ scale: 0.2, looks: 6 }), openOffice({ scale: 0.2, looks: 2 })]);
    const { office } = trouble;
    await office.pass(1500, 10);
    await office.strangerPasses();
    await approveOne(office);
    await giveUp(trouble);
    const { events } = await office.api.events({ box: "gate-1", type: "stranger", action: "1001", limit: 1 });
    event = events[0]?.id ?? "";
    browser = await openChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await trouble?.close();
    await empty?.close();
  });

  /** Signs in, and lists the faults of each page. */
  async function walk(office: Office, look: Look, walked: Walked): Promise<string> {
    const visitor = await visit(browser, look);
    await walked.before?.(visitor.page);
    await signIn(visitor, office.url, office.admin);
    const found: string[] = [];
    for (const [name, step] of Object.entries(walked.steps)) {
      await step(visitor.page, office);
      found.push(...(await faultsOf(visitor, look.language)).map((fault) => `${name}: ${fault}`));
    }
    await visitor.leave();
    return found.join("\n");
  }

  const hashes = () => [...Object.values(pages), `#/events/${event}`];
  const stepsOf = (step: (hash: string) => Step) =>
    Object.fromEntries(hashes().map((hash) => [hash, step(hash)] as const));

  // The usual state in its first look is tested by `pages.test.ts`.
  const states = Object.entries(conditions).map(([state, before], at) => ({ state, before, at }));
  describe.each(states.filter(({ state }) => isLong || state !== "usual"))("$state", ({ before, at }) => {
    it.each(looksOf(at))(name, { timeout: 600_000 }, async (look) => {
      const steps = stepsOf((hash) => async (page, { url }) => {
        await page.goto(`${url}/${hash}`);
        // A request that fails again and again never settles; a skeleton is shown after 200 ms.
        await page.waitForTimeout(600);
      });
      expect(await walk(trouble.office, look, { before, steps })).toBe("");
    });
  });

  it("names no unknown device while the names of devices are loading", async () => {
    const { office } = trouble;
    const visitor = await visit(browser);
    await signIn(visitor, office.url, office.admin);
    const { page } = visitor;
    await page.route(/\/v1\/find/, () => {});
    const { people } = await office.api.ask("GET /v1/people", { query: { limit: 1 } });
    const [one] = people as readonly { library: string; id: string }[];
    await page.goto(`${office.url}/#/people/${one?.library}/${one?.id}`);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.locator("main section").first().waitFor();
    expect(await page.getByText("Unknown device").count()).toBe(0);
    await visitor.leave();
  });

  it("says that a pattern has no sentence only if the server has read it", async () => {
    const { office } = trouble;
    const visitor = await visit(browser);
    await signIn(visitor, office.url, office.admin);
    const { page } = visitor;
    let answer = () => {};
    const held = new Promise<void>((resolve) => (answer = resolve));
    await page.route(/\/v1\/rules\/try/, async (route) => {
      await held;
      await route.continue();
    });
    await page.goto(`${office.url}/#/rules`);
    await page.getByRole("button", { name: "New rule" }).click();
    await page.getByRole("textbox", { name: "Pattern" }).fill('{"detail":{"late":[false]}}');
    await page.locator(".sentence .bone").waitFor();
    expect(await page.getByText("This pattern has no sentence").count()).toBe(0);
    answer();
    await page.getByText("This pattern has no sentence").waitFor();
    await page.unroute(/\/v1\/rules\/try/);
    await page.route(/\/v1\/rules\/try/, (route) => route.fulfill({ status: 400 }));
    await page.getByRole("textbox", { name: "Pattern" }).fill('{"detail":{"late":[true]}}');
    await page.getByText("The server refused this").waitFor();
    expect(await page.getByText("This pattern has no sentence").count()).toBe(0);
    await visitor.leave();
  });

  it.each(looksOf(5))(`every page of an empty server: ${name}`, { timeout: 600_000 }, async (look) => {
    const steps = stepsOf(
      (hash) =>
        (page, { url }) =>
          openPage(page, `${url}/${hash}`),
    );
    expect(await walk(empty, look, { steps })).toBe("");
  });

  it.each(looksOf(6))(`every page with all its parts opened: ${name}`, { timeout: 600_000 }, async (look) => {
    // A phone leaves out parts without room, and nothing is folded if there is room.
    const absent = look.width > 760 ? ["more"] : ["export", "paused"];
    const there = Object.entries(openings).filter(([name]) => !absent.includes(name));
    const steps = there.map(([name, { hash, open }]) => {
      const step: Step = async (page, { url }) => {
        await leaveWritten(page);
        await openPage(page, `${url}/${hash === "event" ? `#/events/${event}` : hash}`);
        await open(page);
        await page.waitForTimeout(200);
      };
      return [name, step] as const;
    });
    expect(await walk(trouble.office, look, { steps: Object.fromEntries(steps) })).toBe("");
  });
});

type Step = (page: Page, office: Office) => Promise<unknown>;

interface Walked {
  before?(page: Page): Promise<unknown>;
  steps: Record<string, Step>;
}
