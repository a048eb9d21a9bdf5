import { client, type Event, FeedReader, type ReadPage } from "@gatepost/client";
import { type Random, seededFor } from "../../../packages/simulator/src/random.ts";
import type { World } from "../aws/world.ts";
import { Page } from "../engine/pages.ts";
import { readToken } from "./keys.ts";

/** The part of the console by which the tabs of a browser share a reader. Its types need a browser. */
interface SharedReader {
  join(name: string): void;
  post(read: ReadPage): void;
  noteState(): void;
  close(): void;
}
const console = new URL("../../../packages/console/src/state/live/tabs.ts", import.meta.url);
const { Tabs }: { Tabs: new (reader: FeedReader) => SharedReader } = await import(console.href);

/** ms after which a browser gives up a request that gets no answer, and ms without a network at most. */
const noAnswerMs = 30_000;
const maxOfflineMs = 6000;
/** ms that an answer is on its way at most, by a line that also loses some. */
const slowMs = 25_000;

/** The tabs of one browser: their readers of the feed of changes, and what their pages show. */
export class Watcher {
  readonly tabs: Tab[];
  readonly #world: World;
  readonly #random: Random;
  #offlineUntil = 0;

  constructor(world: World, { name, seed, tabs }: { name: string; seed: number; tabs: number }) {
    this.#world = world;
    this.#random = seededFor(seed, name);
    const isOffline = () => this.#offlineUntil > world.scheduler.now;
    this.tabs = Array.from({ length: tabs }, () => new Tab(world, { channel: name, random: this.#random, isOffline }));
    for (const { page } of this.tabs.slice(1)) page.hidden = true;
  }

  start(): void {
    const { scheduler } = this.#world;
    for (const [n, tab] of this.tabs.entries()) scheduler.after(n * 1500 * this.#random(), () => tab.start());
  }

  /** The network is away for a while, or the user turns to the other tab. */
  lose(): void {
    if (this.tabs.length === 1 || this.#random() < 0.5) {
      this.#offlineUntil = this.#world.scheduler.now + this.#random() * maxOfflineMs;
      return;
    }
    for (const { page } of this.tabs) page.show(page.hidden);
  }

  /** The laptop sleeps for so many ms. */
  sleep(ms: number): void {
    for (const { page, isOpen } of this.tabs) if (isOpen) page.sleepsUntil = this.#world.scheduler.now + ms;
  }

  /** The user closes a tab of several, or the browser kills it without a word. */
  closeOne(): void {
    const open = this.tabs.filter(({ isOpen }) => isOpen);
    const tab = open[Math.floor(this.#random() * open.length)];
    if (tab === undefined || open.length === 1) return;
    if (this.#random() < 0.5) tab.close();
    else tab.kill();
  }

  /** All is well again: a user looks at a page. */
  comeBack(): void {
    this.#offlineUntil = 0;
    this.tabs.find(({ isOpen }) => isOpen)?.page.show(true);
  }

  end(): void {
    for (const tab of this.tabs) if (tab.isOpen) tab.close();
  }
}

interface TabOptions {
  channel: string;
  random: Random;
  isOffline(): boolean;
}

/** A tab of the console: its reader, and what its page shows. */
class Tab {
  readonly page: Page;
  /** The events on the page, in the form that was given last. */
  readonly shown = new Map<string, Event>();
  /** The events that it heard an acknowledgement of. */
  readonly acknowledged = new Set<string>();
  /** When it was last told to ask for everything, because it may have missed news. */
  missedAt = Number.NEGATIVE_INFINITY;
  /** From this true time on it must miss nothing; Infinity before its first answer. */
  since = Number.POSITIVE_INFINITY;
  /** What was wrong with what it was given. */
  fault: string | null = null;
  isOpen = true;
  readonly #world: World;
  readonly #options: TabOptions;
  readonly #reader: FeedReader;
  readonly #tabs: SharedReader;
  #begunAt = Number.POSITIVE_INFINITY;

  constructor(world: World, options: TabOptions) {
    const { scheduler } = world;
    this.#world = world;
    this.#options = options;
    this.page = new Page(scheduler);
    this.#reader = new FeedReader({
      client: client({ token: readToken, fetch: (path, request) => this.#fetch(path, request) }),
      waits: async () => false,
      world: {
        now: () => scheduler.now,
        serverTime: () => scheduler.now,
        random: options.random,
        isHidden: () => this.page.hidden,
      },
      listener: {
        event: (event, { isUpdate }) => this.#show(event, isUpdate),
        news: (news) => {
          if (news.kind === "acknowledged") for (const id of news.events) this.acknowledged.add(id);
        },
        erased: (ids) => {
          for (const id of ids) this.shown.delete(id);
        },
        holds: () => this.shown.keys(),
        missed: () => {
          this.missedAt = scheduler.now;
          this.page.in(() => this.#tabs.join(options.channel));
        },
        read: (read) => {
          if (read.from === "end" && this.since === Number.POSITIVE_INFINITY) this.since = this.#begunAt;
          this.page.in(() => this.#tabs.post(read));
        },
        state: (state) => {
          if (state.is === "refused") this.fault ??= `it is refused: ${state.refusal.message}`;
          else this.page.in(() => this.#tabs.noteState());
        },
      },
    });
    this.#tabs = new Tabs(this.#reader);
  }

  start(): void {
    if (this.isOpen) this.#reader.start();
  }

  close(): void {
    this.isOpen = false;
    this.page.leave();
    this.page.in(() => this.#tabs.close());
    this.#reader.close();
  }

  kill(): void {
    this.isOpen = false;
    this.page.sleepsUntil = Number.POSITIVE_INFINITY;
  }

  #show(event: Event, isUpdate: boolean): void {
    const before = this.shown.get(event.id);
    if (before !== undefined && !isUpdate) this.fault ??= `${event.id} is given twice as new`;
    if (JSON.stringify(before) === JSON.stringify(event)) this.fault ??= `${event.id} is given twice`;
    this.shown.set(event.id, event);
    this.#world.trace(`a page of ${this.#options.channel} shows ${event.id}`);
  }

  /** Sends a request, unless the laptop sleeps; a request of a laptop that sleeps meanwhile gets no answer. */
  async #fetch(path: string, { method = "GET", headers, body, signal }: RequestInit): Promise<Response> {
    const { scheduler } = this.#world;
    await this.page.awake();
    const { sleepsUntil } = this.page;
    if (path.includes("after=end")) this.#begunAt = scheduler.now;
    const answered = await Promise.race([this.#ask(path, { method, headers, body }), aborted(signal)]);
    if (answered !== null && this.page.sleepsUntil === sleepsUntil) return answered;
    await this.page.awake();
    throw new TypeError("there is no answer");
  }

  async #ask(path: string, sent: object): Promise<Response | null> {
    const { scheduler } = this.#world;
    const { random, isOffline } = this.#options;
    const isLost = (kind: "uplink-loses-request" | "uplink-loses-answer") => random() < this.#world.strength(kind);
    if (isOffline()) return null;
    if (isLost("uplink-loses-request")) return scheduler.pause(noAnswerMs).then(() => null);
    const answered = await this.#world.invoke(random() < 0.5 ? "api" : "api-1", async ({ app }) => {
      const request = new Request(`http://gatepost${path}`, definedIn(sent));
      const answer = await app.fetch(request, { address: "10.4.4.4" });
      const { status, headers } = answer;
      return { status, headers: [...headers], text: await answer.text() };
    });
    if (answered === null || isOffline()) return null;
    if (isLost("uplink-loses-answer")) return scheduler.pause(noAnswerMs).then(() => null);
    if (isLost("uplink-loses-answer")) await scheduler.pause(random() * slowMs);
    const { status, headers, text } = answered.answer;
    return new Response(text === "" ? null : text, { status, headers });
  }
}

function definedIn(sent: object): RequestInit {
  return Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== undefined && value !== null));
}

function aborted(signal: AbortSignal | null | undefined): Promise<null> {
  return new Promise((resolve) => void signal?.addEventListener("abort", () => resolve(null)));
}
