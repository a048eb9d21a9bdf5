import type { Client } from "./client.ts";
import { findErased } from "./find-erased.ts";
import { pauseAfter } from "./follow-changes.ts";
import { askPage, Given } from "./page.ts";
import { pause } from "./pause.ts";
import { Refusal, reasonOf } from "./refusal.ts";
import type { ChangesPage, Event, News } from "./schema.ts";

/** What a reader needs of its environment. Tests replace it. */
export interface FeedWorld {
  /** ms since 1970 by the clock here, and by the server's. */
  now(): number;
  serverTime(): number;
  /** From 0 to 1. */
  random(): number;
  /** Whether no user sees the page. */
  isHidden(): boolean;
}

/** The environment of a browser or of Node. */
const ownWorld: FeedWorld = {
  now: () => Date.now(),
  serverTime: () => Date.now(),
  random: () => Math.random(),
  isHidden: () => "document" in globalThis && Reflect.get(Reflect.get(globalThis, "document"), "hidden") === true,
};

export type FeedState =
  | { is: "connecting" }
  | { is: "open" }
  /** Without an answer since `since`; it is tried again at `retryAt`. Both ms since 1970. `reason` says why. */
  | { is: "waiting"; since: number; retryAt: number; reason: string }
  /** The key opens nothing any more. */
  | { is: "refused"; refusal: Refusal };

/** A page, and what it is to a reader. */
export interface ReadPage {
  page: ChangesPage;
  /** The cursor after which it begins. */
  from: string;
  /** Whether the reader had missed it. */
  isCatchUp: boolean;
}

export interface FeedListener {
  /** @param about `isUpdate`: the event was given before, or was received before the reader began */
  event?(event: Event, about: { isUpdate: boolean; isCatchUp: boolean }): void;
  /** A fact about events or lists; `erased` is called for erasures. */
  news?(news: News): void;
  /** These events were erased, or have expired while nothing was told: do not show or keep them any longer. */
  erased?(ids: readonly string[]): void;
  /** The ids of the events that are shown or kept. With `missed`, `erased` is called with those that are gone. */
  holds?(): Iterable<string>;
  /** The reader begins, or has missed news: ask for everything that is shown. */
  missed?(): void;
  /** Everything that was missed has come. */
  caughtUp?(): void;
  /** Called with each page that it asked for, once it is taken. */
  read?(read: ReadPage): void;
  state?(state: FeedState): void;
}

interface Deps {
  client: Client;
  listener: FeedListener;
  /** Whether the server holds its answers until something is new: `server.feed` of `GET /v1/me`. */
  waits(): Promise<boolean>;
  world?: FeedWorld;
}

/** Seconds for which an answer may be held. */
const waitSeconds = 20;
/** Least ms between two requests: to a server that waits, after something new and if it does not wait; to another one. */
const [waitsNewMs, waitsMs] = [100, 1000];
const [busyMs, quietMs, hiddenMs] = [1000, 2000, 30_000];
/** ms after which something new is no longer a sign that more follows. */
const busyForMs = 60_000;
/** ms without a connection that a user hardly notices, and ms after which the machine slept: events were missed then. */
const [shortMs, sleptMs] = [1500, 5 * 60_000];
/** ms before its beginning in which an event may have been received that is not stored yet. */
const storingMs = 60_000;
/** Events and news of one answer. */
const limit = 200;

/**
 * Reads the feed of changes for a page, and gives each event and each fact once. It tries again when there is no answer,
 * and continues where it was.
 *
 * @example
 * const reader = new FeedReader({ client: gatepost, listener: { event: show }, waits: async () => true });
 * reader.start();
 */
export class FeedReader {
  /** The cursor to continue with; `end` before the first answer. */
  next = "end";
  readonly #deps: Deps;
  readonly #world: FeedWorld;
  #given: Given | null = null;
  #state: FeedState = { is: "connecting" };
  #running: AbortController | null = null;
  #wake = () => {};
  #lostAt: number | null = null;
  #isClosed = false;
  #doesWait = false;
  #tries = 0;
  /** Whether there may be more than it was given, and whether that counts as missed. */
  #isBehind = true;
  #isCatchUp = false;
  /** When it last asked for everything that there was, ms since 1970. */
  #inStepAt: number;
  /** ms of `performance.now()`. */
  #newAt = 0;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#world = deps.world ?? ownWorld;
    this.#inStepAt = this.#world.now();
  }

  get state(): FeedState {
    return this.#state;
  }

  get isRunning(): boolean {
    return this.#running !== null;
  }

  /** Begins to ask, or continues. */
  start(): void {
    if (this.#running !== null || this.#isClosed) return;
    const running = new AbortController();
    this.#running = running;
    void this.#run(running.signal);
  }

  /** Asks no more; `start` continues. */
  stop(): void {
    this.#running?.abort();
    this.#running = null;
  }

  close(): void {
    this.#isClosed = true;
    this.stop();
  }

  /** Asks again at once if it waits. */
  retryNow(): void {
    this.#wake();
  }

  /** Notes the state, also of another reader that asks instead of this one. */
  note(state: FeedState): void {
    if (state.is === "waiting") this.#lostAt = state.since;
    if (state.is === "open") this.#lostAt = null;
    this.#state = state;
    this.#deps.listener.state?.(state);
  }

  /** Gives the new entries of a page, also if another reader asked for it. Returns whether there are any. */
  take({ page: { events, news, more }, isCatchUp }: Omit<ReadPage, "from">): boolean {
    const { listener } = this.#deps;
    const given = this.#given ?? new Given(this.#world.serverTime() - storingMs);
    this.#given = given;
    let isNew = false;
    for (const event of events) {
      const kind = given.event(event);
      if (kind !== null) safely(() => listener.event?.(event, { isUpdate: kind === "update", isCatchUp }));
      isNew ||= kind !== null;
    }
    for (const entry of news) {
      if (!given.isNews(entry)) continue;
      if (entry.kind === "missed") this.#missed();
      else if (entry.kind === "erased") safely(() => listener.erased?.(entry.events));
      else safely(() => listener.news?.(entry));
      isNew ||= entry.kind !== "counts";
    }
    if (isCatchUp && !more) listener.caughtUp?.();
    if (this.#running === null) this.#inStepAt = this.#world.now();
    return isNew;
  }

  async #run(signal: AbortSignal): Promise<void> {
    this.#isBehind = true;
    while (!signal.aborted) {
      const [from, now, askedAt] = [this.next, this.#world.now(), performance.now()];
      this.#isCatchUp ||= now - this.#inStepAt > sleptMs;
      if (this.#state.is === "waiting") this.note({ is: "connecting" });
      const page = await this.#ask(from, signal).catch((error: unknown) => this.#failed(error, signal));
      if (page === null || signal.aborted) continue;
      const isNew = this.#took({ page, from, isCatchUp: this.#isCatchUp });
      if (page.more) continue;
      [this.#isBehind, this.#isCatchUp, this.#inStepAt] = [false, false, now];
      await this.#pause(this.#leastMs(page, isNew) - (performance.now() - askedAt), signal);
    }
  }

  async #ask(after: string, signal: AbortSignal): Promise<ChangesPage> {
    this.#doesWait = await this.#deps.waits();
    // Before it has caught up, the page is to learn at once that there is a connection.
    const wait = this.#doesWait && !this.#isBehind && !this.#isCatchUp ? waitSeconds : 0;
    return askPage(this.#deps.client, { after, limit, wait, with: "counts", signal });
  }

  #took(read: ReadPage): boolean {
    this.#tries = 0;
    this.next = read.page.next;
    if (this.#state.is !== "open") this.note({ is: "open" });
    const isNew = this.take(read);
    if (read.from === "end") this.#missed();
    this.#deps.listener.read?.(read);
    return isNew;
  }

  /** Least ms from the last request to the next one. */
  #leastMs({ events, news }: ChangesPage, isNew: boolean): number {
    if (this.#doesWait) return events.length + news.length > 0 ? waitsNewMs : waitsMs;
    if (isNew) this.#newAt = performance.now();
    if (this.#world.isHidden()) return hiddenMs;
    return performance.now() - this.#newAt < busyForMs ? busyMs : quietMs;
  }

  /** Resolves with null when it is time to try again. */
  async #failed(error: unknown, signal: AbortSignal): Promise<null> {
    if (signal.aborted) return null;
    const status = error instanceof Refusal ? error.status : 0;
    if (error instanceof Refusal && (status === 401 || status === 403)) {
      this.#refuse(error);
      return null;
    }
    // The server does not know the cursor any more, as after a restore: it begins again.
    if (status === 400) this.next = "end";
    const [now, ms] = [this.#world.now(), pauseAfter(error, this.#tries++, this.#world.random())];
    const since = this.#lostAt ?? now;
    this.#isBehind = true;
    this.#isCatchUp ||= now + ms - since >= shortMs;
    this.note({ is: "waiting", since, retryAt: now + ms, reason: reasonOf(error) });
    await this.#pause(ms, signal);
    return null;
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    const waking = new AbortController();
    this.#wake = () => waking.abort();
    await pause(ms, AbortSignal.any([signal, waking.signal]));
  }

  /** Asks which of the held events are gone: their erasures are not told any more. */
  #missed(): void {
    const { client, listener } = this.#deps;
    listener.missed?.();
    const held = [...(listener.holds?.() ?? [])];
    if (held.length > 0) void this.#findErased(client, held);
  }

  async #findErased(client: Client, held: readonly string[]): Promise<void> {
    const isWanted = () => !this.#isClosed;
    try {
      for await (const missing of findErased(held, { client, isWanted, random: this.#world.random })) {
        this.#deps.listener.erased?.(missing);
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (isWanted()) this.#refuse(error);
    }
  }

  #refuse(refusal: Refusal): void {
    this.close();
    this.note({ is: "refused", refusal });
  }
}

/** An error of a listener is reported, and keeps nothing that follows from the page. */
function safely(give: () => void): void {
  try {
    give();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
