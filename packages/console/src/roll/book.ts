import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { serverTime } from "../state/clock.ts";
import { failureOf } from "../state/failure.ts";
import { gatepost, session } from "../state/session.ts";
import { type RollSource, sourceOfUser } from "./source.ts";
import { latestOf, type OwnTick, type Roll, type Row, rowsOf, type Tick } from "./ticks.ts";

/** Ms between two looks at the ticks of others, without the live feed and with it, which reports ticks. */
const [everyMs, everyMsWithFeed] = [1500, 15_000];
/** Ms after which an answer that does not arrive is given up: ticks are sent again with no further effect. */
const maxMs = 10_000;
/** Ticks of one request. */
const most = 500;

/**
 * An evacuation list in this browser. It is usable without a connection as long as the console is open: ticks wait, and
 * are sent by themselves.
 */
export class Book {
  readonly roll: ReadonlySignal<Roll>;
  /** How many ticks of this browser are not sent. */
  readonly waiting: ReadonlySignal<number>;
  readonly rows: ReadonlySignal<readonly Row[]>;
  /** Whether the last request got no answer. */
  readonly isOffline = signal(false);
  readonly source: RollSource;
  readonly #roll;
  readonly #ticks;
  readonly #own = signal<readonly OwnTick[]>([]);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isAsking = false;
  /** Whether a tick was made, or told, while the last request was on its way. */
  #isDue = false;

  constructor(roll: Roll, source: RollSource = sourceOfUser(roll.id)) {
    this.source = source;
    this.#roll = signal(roll);
    this.#ticks = signal<readonly Tick[]>(roll.ticks);
    this.roll = this.#roll;
    this.waiting = computed(() => this.#own.value.length);
    this.rows = computed(() => {
      const own = this.#own.value.map(
        (tick): Tick => ({ ...tick, name: tick.name ?? null, by: { account: null, name: source.name() } }),
      );
      return rowsOf(this.#roll.value.people, latestOf([...this.#ticks.value, ...own]));
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

  /** Follows the ticks of others until the returned function is called, and sends the own ones. */
  follow(): () => void {
    void this.#turn();
    const look = () => void this.#turn();
    const endFollowing = this.source.follow(look);
    document.addEventListener("visibilitychange", look);
    return () => {
      endFollowing();
      document.removeEventListener("visibilitychange", look);
      if (this.#own.peek().length === 0) this.#stop();
    };
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
    const isTold = this.source.isTold() && this.#own.peek().length === 0;
    this.#timer = setTimeout(() => void this.#turn(), isTold ? everyMsWithFeed : everyMs);
  }

  async #sync(): Promise<void> {
    const [sent, wait] = [this.#own.peek().slice(0, most), AbortSignal.timeout(maxMs)];
    try {
      if (sent.length === 0) {
        const { state, ticks } = await this.source.ticks(wait);
        this.#ticks.value = ticks;
        if (state === "closed") this.#roll.value = await this.#asClosed();
      } else {
        const { ticks } = await this.source.send(sent, wait);
        this.#ticks.value = ticks;
        this.#own.value = this.#own.peek().filter((tick) => !sent.includes(tick));
      }
      this.isOffline.value = false;
    } catch (error) {
      const failure = failureOf(error);
      // Closed meanwhile: the list shows it, and that some ticks were not taken.
      if (failure !== null && this.source.isOver(failure)) this.#roll.value = await this.#asClosed();
      else this.isOffline.value = true;
    }
  }

  async #asClosed(): Promise<Roll> {
    return this.source.asClosed({ ...this.#roll.peek(), ticks: [...this.#ticks.peek()] });
  }
}

/** The lists that were opened in this browser, while its user is signed in. */
const books = new Map<string, Book>();

session.subscribe(() => books.clear());

export const openedBook = (id: string): Book | null => books.get(id) ?? null;

export function openBook(roll: Roll): Book {
  const held = books.get(roll.id);
  if (held !== undefined) return held;
  const book = new Book(roll);
  books.set(roll.id, book);
  return book;
}

/** 20 letters and digits by chance. By plain http a page has no `crypto.randomUUID`. */
function random(): string {
  return [...crypto.getRandomValues(new Uint8Array(10))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
