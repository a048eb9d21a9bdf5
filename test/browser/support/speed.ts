import type { Event } from "@gatepost/client";
import type { Browser, Page } from "playwright-core";
import { photo } from "../../support/pictures.ts";
import type { Office } from "./office.ts";
import { report } from "./report.ts";
import { changes, signIn, type Visitor, visit } from "./visitor.ts";

/** The measures of the console. Times are ms, sizes bytes. */
export interface Speed {
  /** From the beginning of the navigation. */
  shellPainted: number;
  firstEvent: number;
  /** From the message of the feed to its row. */
  livePainted: number;
  /** From the address to the chip, and to the first rows. */
  filterChip: number;
  filterRows: number;
  /** Frames until an event's name is in the heading. */
  framesToOpen: number;
  framesToNext: number;
  scripts: number;
  requests: number;
  /** Elements of the page: of the list of events after all that was scrolled past, and of Live after the stream. */
  elementsOfEvents: number;
  rowsScrolledPast: number;
  elementsOfLive: number;
  imagesOfLive: number;
  /** How far the content in view has moved while events arrived: the browser's own score. */
  layoutShift: number;
  /** Tasks of over 50 ms while events arrived at 20 a second. */
  longTasks: number;
  /** From the key that marks a stranger as seen to the paint, while events arrive ÷ without them; 95 % take no longer. */
  keyWhileBusy: number;
  /** The heap after the stream ÷ that when it had brought a tenth of it. */
  heapGrowth: number;
}

export interface SpeedOptions {
  url: string;
  token: string;
  /** An event of the store with a face, from which the events of the stream are made. */
  like: Event;
  /** Events of the stream, and for how many seconds it sends 20 a second. */
  streamed: number;
  seconds: number;
  /** Rows of the list that are scrolled past. */
  scrolled: number;
}

/** Lets a person pass whose report has a face, and gives the event. */
export async function passWithFace(office: Office): Promise<Event> {
  await report(office, { identity_id: "with-face", ext_data: { recognize_face: photo("face") } });
  const { events } = await office.api.events({ person: "with-face" });
  const [event] = events;
  if (event?.pictures.face === undefined) throw new Error("the passing was not stored with its face");
  return event;
}

const perSecond = 20;
const rowHeight = 54;

/** Notes what moves and what takes long, from the first moment of a page. */
const observing = `
  window.moved = 0;
  window.longTasks = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.moved += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  new PerformanceObserver((list) => { window.longTasks += list.getEntries().length; }).observe({ type: "longtask" });
  window.untilSeen = async (isSeen) => {
    const from = performance.now();
    for (let frames = 0; ; frames++) {
      if (isSeen()) return { ms: performance.now() - from, frames };
      if (performance.now() - from > 20000) throw new Error("it is not seen: " + isSeen);
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  };`;

type Seen = { ms: number; frames: number };

/** Waits in the page until something is seen, having done something before. */
const untilSeen = (page: Page, does: string, isSeen: string) =>
  page.evaluate<Seen>(`(async () => { ${does}; return window.untilSeen(() => ${isSeen}); })()`);

export async function measureSpeed(browser: Browser, options: SpeedOptions): Promise<Speed> {
  const list = await measureList(browser, options);
  return { ...list, ...(await measureLive(browser, options)) };
}

type OfList = "filterChip" | "filterRows" | "framesToOpen" | "framesToNext" | "elementsOfEvents" | "rowsScrolledPast";

/** The list of all stored events. */
async function measureList(browser: Browser, { url, token, scrolled }: SpeedOptions): Promise<Pick<Speed, OfList>> {
  const visitor = await observed(browser);
  const { page } = visitor;
  await signIn(visitor, url, token);
  await page.goto(`${url}/#/events`);
  await page.locator("tr[data-event]").first().waitFor();
  const past = await scrollPast(page, scrolled);
  const elementsOfEvents = await elementsOf(page);
  const filter = `location.hash = "#/events?box=gate-3"`;
  const { ms: filterChip } = await untilSeen(page, filter, `document.querySelector(".facet.on") !== null`);
  const only = `document.querySelector(".stale") === null && [...document.querySelectorAll("tr[data-event]")].length > 0
    && [...document.querySelectorAll("tr[data-event]")].every((row) => row.textContent.includes("gate-3"))`;
  const { ms: rest } = await untilSeen(page, "", only);
  await page.waitForTimeout(300);
  const open = `document.querySelector("tr[data-event] a").click()`;
  const opened = await untilSeen(
    page,
    open,
    `location.hash.includes("/events/") && document.querySelector("article h1") !== null`,
  );
  const next = `window.before = location.hash; document.dispatchEvent(new KeyboardEvent("keydown", { key: "j", bubbles: true }))`;
  const stepped = await untilSeen(
    page,
    next,
    `location.hash !== window.before && document.querySelector("article h1") !== null`,
  );
  await visitor.leave();
  return {
    filterChip,
    filterRows: filterChip + rest,
    framesToOpen: opened.frames,
    framesToNext: stepped.frames,
    elementsOfEvents,
    rowsScrolledPast: past,
  };
}

/** Scrolls down until so many rows are behind; resolves with how many are. */
async function scrollPast(page: Page, rows: number): Promise<number> {
  for (let past = 0; ; ) {
    await page.evaluate("scrollTo(0, document.documentElement.scrollHeight)");
    await page.waitForTimeout(30);
    const now = Math.round((await page.evaluate<number>("scrollY")) / rowHeight);
    if (now >= rows) return now;
    if (now > past) past = now;
    else await page.waitForTimeout(100);
  }
}

type OfLive = Exclude<keyof Speed, OfList>;

/** The page of Live, with a feed that this sends. */
async function measureLive(browser: Browser, options: SpeedOptions): Promise<Pick<Speed, OfLive>> {
  const { url, token, like, streamed, seconds } = options;
  const visitor = await observed(browser);
  const { page } = visitor;
  const feed = await fedBy(page);
  await showing(page, options);
  let requests = 0;
  page.on("request", () => requests++);
  await signIn(visitor, url, token);
  await page.locator(".cell a, .blank").first().waitFor();
  const firstEvent = await page.evaluate<number>("performance.now()");
  const shellPainted = await page.evaluate<number>(
    `performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? performance.now()`,
  );
  await page.getByRole("status").filter({ hasText: "Connected" }).first().waitFor();
  const loaded = { requests, scripts: await page.evaluate<number>(scriptBytes) };
  let sent = 0;
  const send = (name: string) => feed.send(passing(like, sent++, name));
  const painting = untilSeen(page, "", `document.body.textContent.includes("Painted Now")`);
  const from = Date.now();
  send("Painted Now");
  await painting;
  const livePainted = Date.now() - from;
  await page.evaluate("window.moved = 0; window.longTasks = 0");
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await page.waitForTimeout(1000 / perSecond))
    send("Streamed");
  const [layoutShift, longTasks] = await page.evaluate<[number, number]>("[window.moved, window.longTasks]");
  await page.route(/\/v1\/acknowledgements$/, (route) =>
    route.fulfill({ status: 201, json: { id: "ack_1", events: route.request().postDataJSON().events, kept: [] } }),
  );
  const sendMixed = () => feed.send(passing(like, sent++, "Streamed", sent % 4 === 0 ? "stranger" : "employee"));
  for (let n = 0; n < pressed * 8; n++) sendMixed();
  await page.waitForTimeout(1000);
  const idle = await keyToPaint(page);
  let isStreaming = true;
  const streaming = (async () => {
    for (; isStreaming; await page.waitForTimeout(1000 / perSecond)) sendMixed();
  })();
  const keyWhileBusy = (await keyToPaint(page)) / idle;
  isStreaming = false;
  await streaming;
  const heapAt = async (count: number) => {
    while (sent < count) {
      for (let n = 0; n < perSecond && sent < count; n++) send("Streamed");
      await page.waitForTimeout(5);
    }
    send("Streamed");
    await untilSeen(page, "", `document.body.textContent.includes("Streamed ${sent - 1}")`);
    return heapOf(page);
  };
  const early = await heapAt(Math.max(sent, Math.ceil(streamed / 10)));
  const late = await heapAt(streamed);
  const elementsOfLive = await elementsOf(page);
  const imagesOfLive = await page.evaluate<number>("document.images.length");
  await visitor.leave();
  return {
    shellPainted,
    firstEvent,
    livePainted,
    ...loaded,
    layoutShift,
    longTasks,
    keyWhileBusy,
    elementsOfLive,
    imagesOfLive,
    heapGrowth: late / early,
  };
}

const pressed = 40;

/** ms from the key X to the frame in which the first stranger is marked as seen: 95 of 100 take no longer. */
async function keyToPaint(page: Page): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < pressed; n++) {
    const press = `window.row = document.querySelector(".stand li:not(.is-seen) a").getAttribute("href");
      document.dispatchEvent(new KeyboardEvent("keydown", { key: "x", bubbles: true }))`;
    const isSeen = `[...document.querySelectorAll(".stand a")].every((one) =>
      one.getAttribute("href") !== window.row || one.closest("li").classList.contains("is-seen"))`;
    times.push((await untilSeen(page, press, isSeen)).ms);
  }
  return times.sort((a, b) => a - b)[Math.floor(pressed * 0.95)] ?? 0;
}

async function observed(browser: Browser): Promise<Visitor> {
  const visitor = await visit(browser);
  await visitor.page.addInitScript(observing);
  return visitor;
}

/** A feed of changes in the place of the server's: an answer has all events since the one before. */
async function fedBy(page: Page): Promise<{ send(event: Event): void }> {
  const events: Event[] = [];
  let [isBegun, sent] = [false, () => {}];
  await page.route(changes, async (route) => {
    if (isBegun && events.length === 0) await new Promise<void>((then) => (sent = then));
    isBegun = true;
    const answered = events.splice(0, 500);
    await route.fulfill({ json: { events: answered, news: [], next: "on", more: events.length > 0 } });
  });
  return {
    send(event) {
      events.push(event);
      sent();
    },
  };
}

/** Gives each event of the feed the face of the one that it is like. */
async function showing(page: Page, { url, token, like }: SpeedOptions): Promise<void> {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${url}/v1/events/${like.id}/pictures/face`, { headers });
  if (!answer.ok) throw new Error(`the face of ${like.id} was answered ${answer.status}`);
  const body = Buffer.from(await answer.arrayBuffer());
  await page.route(/\/v1\/events\/evt_0{10}\d+\/pictures\//, (route) =>
    route.fulfill({ body, contentType: "image/jpeg" }),
  );
}

/** Another passing, whose name tells the how manieth it is. */
function passing(like: Event, number: number, name: string, type: "employee" | "stranger" = "employee"): Event {
  const time = new Date().toISOString();
  const id = `evt_${String(number).padStart(26, "0")}`;
  const person = { ...like.person, type, id: `p${number % 500}`, name: `${name} ${number}` };
  return { ...like, id, time, timestamp: Date.now(), receivedAt: time, person, flags: [], actions: [] };
}

/** Bytes of scripts on the line: an intercepted request reports less. */
const scriptBytes = `performance.getEntriesByType("resource").filter(({ name }) => /\\.js$/.test(name))
  .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)`;

const elementsOf = (page: Page) => page.evaluate<number>(`document.querySelectorAll("*").length`);

/** Bytes of the page's heap, without garbage. */
async function heapOf(page: Page): Promise<number> {
  const devtools = await page.context().newCDPSession(page);
  for (let turn = 0; turn < 3; turn++) await devtools.send("HeapProfiler.collectGarbage");
  const { usedSize } = await devtools.send("Runtime.getHeapUsage");
  await devtools.detach();
  return usedSize;
}
