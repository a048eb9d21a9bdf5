import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { serverTime } from "../clock.ts";
import { failureOf, isPassing } from "../failure.ts";
import { gatepost, me, session } from "../session.ts";
import { canHaveWorker } from "../worker.ts";
import { keepBook, readKept } from "./kept.ts";
import { type RollSource, sourceOfUser } from "./source.ts";
import { latestOf, type OwnTick, type Roll, type Row, rowsOf, type Tick } from "./ticks.ts";

/** Ms between two looks at the ticks of others, without the feed of changes and with it, which reports ticks. */
const [everyMs, everyMsWithFeed] = [1500, 15_000];
/** Ms after which an answer that does not arrive is given up: ticks are sent again with no further effect. */
const maxMs = 10_000;
/** Ticks of one request. */
const maxTicks = 500;

/** What this browser has of a list from an earlier load of the page. */
interface Earlier {
  /** Ticks that are not sent. */
  own: readonly OwnTick[];
  /** When the list was read from the server, ms since 1970 by this browser's clock; absent if it was just now. */
  readAt?: number;
}

/**
 * An evacuation list in this browser. It is usable without a connection: ticks wait, and are sent by themselves. By https
 * a reload shows it, too: see kept.ts.
 */
export class Book {
  readonly roll: ReadonlySignal<Roll>;
  /** The ticks that the server has. */
  readonly ticks: ReadonlySignal<readonly Tick[]>;
  /** The ticks of this browser that are not sent. */
  readonly own: ReadonlySignal<readonly OwnTick[]>;
  /** When the server answered last, ms since 1970 by this browser's clock, in whole minutes. */
  readonly readAt: ReadonlySignal<number>;
  /** The display name of the site. */
  readonly site: Signal<string>;
  /** Whether this browser keeps the list. */
  readonly isKept = signal(false);
  /** How many ticks of this browser are not sent. */
  readonly waiting: ReadonlySignal<number>;
  readonly rows: ReadonlySignal<readonly Row[]>;
  /** Whether the last request got no answer. */
  readonly isOffline;
  readonly source: RollSource;
  readonly #roll;
  readonly #ticks;
  readonly #own;
  readonly #readAt;
  /** Whether the list is of an earlier load: people may be gone from it. */
  #isOld: boolean;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isAsking = false;
  /** Whether a page shows the list. */
  #isFollowed = false;
  /** Whether a tick was made, or told, while the last request was on its way. */
  #isDue = false;

  constructor(roll: Roll, source: RollSource = sourceOfUser(roll.id), { own, readAt }: Earlier = { own: [] }) {
    this.source = source;
    this.#roll = signal(roll);
    this.#ticks = signal<readonly Tick[]>(roll.ticks);
    this.#own = signal(own);
    this.#readAt = signal(readAt ?? wholeMinutes(Date.now()));
    this.#isOld = readAt !== undefined;
    this.isOffline = signal(this.#isOld);
    this.site = signal(source.site ?? roll.site);
    [this.roll, this.ticks, this.own, this.readAt] = [this.#roll, this.#ticks, this.#own, this.#readAt];
    this.waiting = computed(() => this.#own.value.length);
    this.rows = computed(() => {
      const unsentTicks = this.#own.value.map(
        (tick): Tick => ({ ...tick, name: tick.name ?? null, by: { account: null, name: source.name() } }),
      );
      return rowsOf(this.#roll.value, latestOf([...this.#ticks.value, ...unsentTicks]));
    });
  }

  /** Whether a tick is not sent yet. */
  isWaiting(id: string): boolean {
    return this.#own.value.some((tick) => tick.id === id);
  }

  /** Says that a person is safe, or is not. A name adds a person. */
  tick(key: string, isSafe: boolean, name?: string): void {
    const last = this.rows.peek().find((row) => row.key === key)?.tick ?? null;
    // Behind the tick that it changes, also if another clock is ahead.
    const at = Math.max(serverTime(), last === null ? 0 : Date.parse(last.at) + 1);
    const kept = name ?? (key.startsWith("+") ? last?.name : undefined) ?? undefined;
    const tick = { id: `tic_${random()}`, key, isSafe, at: new Date(at).toISOString() };
    this.#own.value = [...this.#own.value, kept === undefined ? tick : { ...tick, name: kept }];
    void this.#turn();
  }

  /** Adds a person who is not on the list. */
  add(name: string, isSafe: boolean): void {
    this.tick(`+${random()}`, isSafe, name);
  }

  /** Sends ticks that this browser has kept, also from another tab. The server takes each once. */
  send(kept: readonly OwnTick[]): void {
    const known = new Set([...this.#own.peek(), ...this.#ticks.peek()].map(({ id }) => id));
    const further = kept.filter(({ id }) => !known.has(id));
    if (further.length > 0) this.#own.value = [...this.#own.peek(), ...further];
    void this.#turn();
  }

  /** Follows the ticks of others until the returned function is called, and sends the own ones. */
  follow(): () => void {
    this.#isFollowed = true;
    void this.#turn();
    const look = () => void this.#turn();
    const endFollowing = this.source.follow(look);
    document.addEventListener("visibilitychange", look);
    return () => {
      this.#isFollowed = false;
      endFollowing();
      document.removeEventListener("visibilitychange", look);
      if (this.#own.peek().length === 0) this.#stop();
    };
  }

  /** Reads the rows again, as after an answer that parts or joins people. */
  readAgain(): void {
    this.#isOld = true;
    void this.#turn();
  }

  async close(): Promise<void> {
    const facts = await gatepost().ask("POST /v1/rolls/{id}/close", { path: { id: this.#roll.peek().id } });
    this.#roll.value = { ...this.#roll.peek(), ...facts };
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #turn(): Promise<void> {
    this.#stop();
    if (!this.source.isOpen()) return;
    this.#isDue = this.#isAsking;
    if (this.#isAsking) return;
    this.#isAsking = true;
    do {
      this.#isDue = false;
      if (!document.hidden || this.#own.peek().length > 0) await this.#sync();
    } while (this.#isDue);
    this.#isAsking = false;
    if (this.#roll.peek().state === "closed") return;
    if (!this.#isFollowed && this.#own.peek().length === 0) return;
    const isTold = this.source.isTold() && this.#own.peek().length === 0;
    this.#timer = setTimeout(() => void this.#turn(), isTold ? everyMsWithFeed : everyMs);
  }

  async #sync(): Promise<void> {
    const [sent, wait] = [this.#own.peek().slice(0, maxTicks), AbortSignal.timeout(maxMs)];
    try {
      if (this.#isOld) await this.#readAgain(wait);
      if (sent.length === 0) {
        const { state, people, ticks, outs } = await this.source.ticks(wait);
        if (people !== this.#roll.peek().people.length) await this.#readAgain(wait);
        else if (outs.length > 0 || this.#roll.peek().outs.length > 0)
          this.#roll.value = { ...this.#roll.peek(), outs };
        this.#ticks.value = ticks;
        if (state === "closed") this.#roll.value = await this.#asClosed();
      } else {
        const { ticks } = await this.source.send(sent, wait);
        this.#ticks.value = ticks;
        this.#own.value = this.#own.peek().filter((tick) => !sent.includes(tick));
      }
      this.isOffline.value = false;
      this.#readAt.value = wholeMinutes(Date.now());
    } catch (error) {
      const failure = failureOf(error);
      // Closed meanwhile: the list shows it, and that some ticks were not taken.
      if (failure !== null && this.source.isOver(failure)) this.#roll.value = await this.#asClosed();
      else [this.isOffline.value, this.#isOld] = [true, true];
    }
  }

  /** A person may have been erased since. */
  async #readAgain(wait: AbortSignal): Promise<void> {
    const roll = await this.source.whole(wait);
    [this.#roll.value, this.#ticks.value] = [roll, roll.ticks];
    this.#isOld = false;
  }

  async #asClosed(): Promise<Roll> {
    return this.source.asClosed({ ...this.#roll.peek(), ticks: [...this.#ticks.peek()] });
  }
}

/** The lists that were opened in this page, while its user is signed in. `end` ends the keeping of one. */
const books = new Map<string, { book: Book; end(): void }>();

session.subscribe(() => {
  for (const { end } of books.values()) end();
  books.clear();
});

/** A list of the user: as this page has it, as the server has it, or without a connection as this browser has kept it. */
export async function findBook(id: string, signal: AbortSignal): Promise<Book> {
  const opened = books.get(id);
  if (opened !== undefined) return opened.book;
  const kept = keptOf(id);
  try {
    const wait = kept === null ? signal : AbortSignal.any([signal, AbortSignal.timeout(maxMs)]);
    return openBook(await gatepost().ask("GET /v1/rolls/{id}", { path: { id }, signal: wait }));
  } catch (error) {
    const failure = failureOf(error);
    if (kept === null || failure === null || !isPassing(failure)) throw error;
    return opening(new Book(kept.roll, sourceOfUser(id), { own: kept.own, readAt: kept.at }));
  }
}

/** Opens a list of the server, with the ticks of this browser that were not sent. */
export function openBook(roll: Roll): Book {
  const source = sourceOfUser(roll.id);
  return books.get(roll.id)?.book ?? opening(new Book(roll, source, { own: keptOf(roll.id)?.own ?? [] }));
}

function opening(book: Book): Book {
  const { account } = me.peek() ?? {};
  const end = account == null || !canHaveWorker() ? () => {} : keepBook(book, account.id);
  books.set(book.roll.peek().id, { book, end });
  return book;
}

function keptOf(id: string) {
  const { account } = me.peek() ?? {};
  return account == null ? null : readKept(account.id, id);
}

const wholeMinutes = (time: number) => time - (time % 60_000);

/** 20 letters and digits by chance. By plain http a page has no `crypto.randomUUID`. */
function random(): string {
  return [...crypto.getRandomValues(new Uint8Array(10))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
