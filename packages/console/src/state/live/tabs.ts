import type { FeedReader, FeedState, ReadPage } from "@gatepost/client";

/** What the tab that asks the server says of itself. */
interface Leader {
  /** The older tab has the smaller one. */
  id: number;
  isVisible: boolean;
  /** The cursor up to which it has posted all pages. */
  next: string;
  state: FeedState;
}

/** `gone`: the id of a leader that asks no more. `retry`: a user wants the leader to ask again now. */
type Message = { leader: Leader } | { read: ReadPage } | { gone: number } | { retry: true };

const beatMs = 1000;
/** ms without a word of the leader after which a tab asks itself. Timers of hidden tabs run once a minute. */
const [silentMs, hiddenSilentMs] = [3000, 150_000];

/**
 * The tabs of one user in this browser, of which one asks the server and posts each page to the others: a request that
 * waits takes one of the six connections that a browser has to a server. If two ask, the visible one
 * continues, else the older one.
 */
export class Tabs {
  readonly #reader: FeedReader;
  readonly #id = Date.now() + Math.random();
  readonly #ending = new AbortController();
  #channel: BroadcastChannel | null = null;
  #leads = true;
  #leader: Leader | null = null;
  /** ms of `performance.now()`. */
  #heardAt = 0;

  constructor(reader: FeedReader) {
    this.#reader = reader;
  }

  /** Joins the tabs of the same name, after the reader has begun. Without channels, each tab asks. */
  join(name: string): void {
    if (this.#channel !== null || this.#ending.signal.aborted || typeof BroadcastChannel === "undefined") return;
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = ({ data }: MessageEvent<Message>) => this.#hear(data);
    const { signal } = this.#ending;
    const timer = setInterval(() => this.#look(), beatMs);
    signal.addEventListener("abort", () => clearInterval(timer));
    document.addEventListener("visibilitychange", () => this.#look(), { signal });
    // If the browser keeps the page, and shows it again later, it takes part again.
    addEventListener("pagehide", () => this.#leave(), { signal });
    this.#beat();
  }

  /** Posts a page that this tab has read. One that has caught up with its leader reads no more. */
  post(read: ReadPage): void {
    if (this.#leads) this.#channel?.postMessage({ read } satisfies Message);
    else if (!read.page.more && this.#leader !== null) {
      this.#reader.stop();
      this.#reader.next = this.#leader.next;
    }
  }

  /** Tells the other tabs about the state of this one. */
  noteState(): void {
    if (this.#leads) this.#beat();
  }

  retryNow(): void {
    if (this.#leads) this.#reader.retryNow();
    else this.#channel?.postMessage({ retry: true } satisfies Message);
  }

  close(): void {
    this.#leave();
    this.#ending.abort();
    this.#channel?.close();
    this.#channel = null;
  }

  #leave(): void {
    if (this.#leads) this.#channel?.postMessage({ gone: this.#id } satisfies Message);
    this.#leads = false;
    this.#reader.stop();
  }

  #hear(message: Message): void {
    if ("leader" in message) this.#meet(message.leader);
    else if ("read" in message) this.#take(message.read);
    else if ("retry" in message) this.#reader.retryNow();
    else if (message.gone === this.#leader?.id) this.#lead();
  }

  #meet(leader: Leader): void {
    const ownTab = this.#own();
    const isBefore = leader.isVisible === ownTab.isVisible ? leader.id < ownTab.id : leader.isVisible;
    if (this.#leads && !isBefore) this.#beat();
    else if (ownTab.isVisible && !leader.isVisible) this.#lead();
    else this.#follow(leader);
  }

  #follow(leader: Leader): void {
    if (this.#leads) this.#reader.stop();
    [this.#leads, this.#leader, this.#heardAt] = [false, leader, performance.now()];
    if (JSON.stringify(leader.state) !== JSON.stringify(this.#reader.state)) this.#reader.note(leader.state);
    this.#catchUp(leader.next);
  }

  /** Takes a page of the leader as if this tab had asked for it. */
  #take(read: ReadPage): void {
    if (this.#leads || this.#leader === null) return;
    this.#heardAt = performance.now();
    this.#leader = { ...this.#leader, next: read.page.next };
    this.#catchUp(read.from);
    this.#reader.take(read);
    if (!this.#reader.isRunning) this.#reader.next = read.page.next;
  }

  /** Reads what the leader had posted before this tab heard it. */
  #catchUp(next: string): void {
    if (this.#reader.next !== next) this.#reader.start();
  }

  #look(): void {
    const silent = performance.now() - this.#heardAt;
    const { isVisible } = this.#own();
    if (this.#leads) this.#beat();
    else if (silent > (isVisible ? silentMs : hiddenSilentMs) || (isVisible && !this.#leader?.isVisible)) this.#lead();
  }

  #lead(): void {
    this.#leads = true;
    this.#beat();
    this.#reader.start();
  }

  #beat(): void {
    this.#channel?.postMessage({ leader: this.#own() } satisfies Message);
  }

  #own(): Leader {
    const { next, state } = this.#reader;
    return { id: this.#id, isVisible: !document.hidden, next, state };
  }
}
