import type { Locator, Page } from "playwright-core";
import type { Office } from "./office.ts";
import { report } from "./report.ts";

export interface Wanderer {
  page: Page;
  office: Office;
  random(): number;
  /** Ids of the events that were erased meanwhile. */
  erased: Set<string>;
}

/** Does one thing, and says what. */
type Deed = (wanderer: Wanderer) => Promise<string>;

/** ms in which a clicked element must be there: it may be covered, or gone by then. */
const shortly = { timeout: 700 };

const keys = [
  "j",
  "k",
  "w",
  "f",
  "?",
  "/",
  "Escape",
  "Enter",
  "Space",
  "x",
  "X",
  "[",
  "]",
  ".",
  "F",
  "Tab",
  "Shift+Tab",
];
const pages = ["l", "e", "a", "b", "p", "r", "s", ","];
const texts = [
  "Ada",
  "赵强",
  "<b>x</b>",
  " ",
  "W".repeat(300),
  "12:30",
  "888007",
  "\u202e",
  '{"a":1}',
  "2026-11-25",
  "😀",
];
const sizes = [320, 480, 761, 1024, 1440, 2560];

/** A user who revokes the key in use is signed out for good, and the stand-ins read passings alone, and no test. */
const avoided = /revoke|吊销|send a test|发送测试/i;
const clickable = ["button", "a[href^='#']", "summary", "[role=radio]", "input[type=checkbox]", "input[type=radio]"];
const writable = ["input:not([type=checkbox]):not([type=radio])", "textarea"];

/** The acts of a user who does anything, and how often of a hundred times. */
const deeds: readonly Deed[] = [
  ...Array<Deed>(34).fill(press),
  ...Array<Deed>(40).fill(click),
  ...Array<Deed>(10).fill(write),
  ...Array<Deed>(4).fill(choose),
  ...Array<Deed>(4).fill(goBackOrForward),
  ...Array<Deed>(4).fill(letPass),
  ...Array<Deed>(2).fill(resize),
  restart,
  erase,
];

/** Does something, and returns its name; also if it could not be done. */
export async function wander(wanderer: Wanderer): Promise<string> {
  const deed = oneOf(deeds, wanderer.random);
  return deed(wanderer).catch((error: unknown) => `${deed.name} in vain: ${String(error).split("\n")[0]}`);
}

async function press({ page, random }: Wanderer): Promise<string> {
  const pressed = random() < 0.3 ? ["g", oneOf(pages, random)] : [oneOf(keys, random)];
  for (const key of pressed) await page.keyboard.press(key);
  return `key ${pressed.join(" ")}`;
}

async function click({ page, random }: Wanderer): Promise<string> {
  const dialogue = page.locator("dialog[open]").last();
  const place = (await dialogue.count()) > 0 ? dialogue : page.locator("body");
  const found = await visible(place, clickable);
  const target = oneOf(found, random);
  const name = (await target.getAttribute("aria-label", shortly)) ?? (await target.textContent(shortly)) ?? "";
  if (avoided.test(name)) return `left ${name}`;
  await target.click(shortly);
  return `click ${name.trim().slice(0, 40)}`;
}

async function write({ page, random }: Wanderer): Promise<string> {
  const text = oneOf(texts, random);
  await oneOf(await visible(page.locator("body"), writable), random).fill(text, shortly);
  return `write ${text.slice(0, 20)}`;
}

async function choose({ page, random }: Wanderer): Promise<string> {
  const select = oneOf(await visible(page.locator("body"), ["select"]), random);
  const index = Math.floor(random() * (await select.locator("option").count()));
  await select.selectOption({ index }, shortly);
  return `choose ${index}`;
}

async function goBackOrForward({ page, random }: Wanderer): Promise<string> {
  const way = random() < 0.6 ? "back" : "forward";
  await page.evaluate(`history.${way}()`);
  return way;
}

async function letPass({ office, random }: Wanderer): Promise<string> {
  await report(office, {
    identity_name: oneOf(texts, random).slice(0, 60),
    identity_id: oneOf(["42", "77", "", "x y"], random),
    want_action: oneOf(["0", "1001", "1002"], random),
    ext_data: { person_type: oneOf([1, 2, 3, 4], random) },
  });
  return "somebody passes";
}

async function resize({ page, random }: Wanderer): Promise<string> {
  const width = oneOf(sizes, random);
  await page.setViewportSize({ width, height: 900 });
  return `${width} px wide`;
}

async function restart({ page, office, random }: Wanderer): Promise<string> {
  await office.unlisten();
  await page.waitForTimeout(random() * 800);
  await office.listen();
  return "the server starts anew";
}

async function erase({ office, random, erased }: Wanderer): Promise<string> {
  const { events } = await office.api.events({ limit: 5 });
  const { id } = oneOf(events, random);
  await office.api.eraseEvent(id);
  erased.add(id);
  return `erase ${id}`;
}

/** Links to erased events, on any page. */
export function erasedOn({ page, erased }: Wanderer): Promise<string[]> {
  const links = "[...document.querySelectorAll('a[href^=\"#/events/\"]')].map((link) => link.getAttribute('href'))";
  return page
    .evaluate<string[]>(links)
    .then((hrefs) => hrefs.filter((href) => [...erased].some((id) => href.includes(id))));
}

function visible(place: Locator, selectors: readonly string[]): Promise<Locator[]> {
  return place.locator(selectors.map((selector) => `${selector}:visible`).join(", ")).all();
}

function oneOf<Item>(items: readonly Item[], random: () => number): Item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error("there is nothing of that here");
  return item;
}
