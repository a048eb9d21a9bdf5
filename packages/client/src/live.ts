import type { Client } from "./client.ts";
import { findErased } from "./find-erased.ts";
import { type LiveListener, type LiveWish, type LiveWorld, type Message, messageIn, ownWorld } from "./live-shapes.ts";
import { pauseBefore } from "./pause.ts";
import { Refusal, reasonOf, reasonOfClose } from "./refusal.ts";

/** The store in which a follower keeps its position: a file, a row of a database, the storage of a browser. */
export interface CursorStore {
  /** The last written cursor; null if there is none. */
  read(): Promise<string | null>;
  /** Called when everything before the cursor was handled. If it rejects, the follower ends with that error. */
  write(cursor: string): Promise<void>;
}

/** Keeps the position while the program runs. */
export function cursorsInMemory(): CursorStore {
  let last: string | null = null;
  return {
    read: async () => last,
    async write(cursor) {
      last = cursor;
    },
  };
}

/** ms of silence after which the other side is asked whether it is there, and in which it must answer. */
const quietMs = 60_000;
const answerMs = 20_000;

/** ms in which a connection must be open. */
const openingMs = 30_000;

interface Deps {
  /** Asks the other side for a sign of life. */
  ping(): void;
  /** Called when the connection is dead, with the reason; not again before the next `begin`. */
  dead(why: string): void;
}

/**
 * Notices a dead connection that no side has closed, for example after a change of the network. A browser does not
 * report that, and pages do not see the pings of a server.
 */
class LineWatch {
  readonly #deps: Deps;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** A connection is being opened. */
  begin(): void {
    this.#after(openingMs, () => this.#deps.dead(`no connection within ${openingMs / 1000} s`));
  }

  /** The connection is open, or a message arrived. */
  heard(): void {
    this.#after(quietMs, () => {
      this.#deps.ping();
      this.#after(answerMs, () => this.#deps.dead(`no sign of life for ${(quietMs + answerMs) / 1000} s`));
    });
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #after(ms: number, then: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, ms);
  }
}

/**
 * The whole address of the live feed, from what `GET /v1/me` says of it: a path of the server, or an address. Throws a
 * TypeError if it is neither, because no later try would help.
 *
 * @param server the address of the server; empty for the page's own
 */
function liveAddress(live: string, server: string): string {
  return new URL(live, server || pageAddress()).href.replace(/^http/, "ws");
}

/** Undefined if there is no page, as in Node. */
function pageAddress(): string | undefined {
  const page: unknown = Reflect.get(globalThis, "location");
  return page === undefined ? undefined : `${page}`;
}

/** The close code by which the server says that the key was revoked. */
const revoked = 1008;

/** ms in which a ticket must come. */
const ticketMs = 30_000;

/**
 * The live feed. It connects with a ticket, so that no key is in a URL. It reconnects when it is disconnected or the
 * connection is dead, and continues after the last event that it gave.
 *
 * @example
 * const feed = new LiveFeed(gatepost, "wss://gatepost.example/live", { event: (event) => show(event) });
 * feed.configure({ boxes: ["gate-1"] });
 * feed.close();
 */
export class LiveFeed {
  readonly #client: Client;
  readonly #url: () => Promise<string>;
  readonly #listener: LiveListener;
  readonly #world: LiveWorld;
  readonly #stopOnline: () => void;
  #wish: LiveWish = {};
  #last: string | undefined;
  #socket: WebSocket | null = null;
  readonly #watch = new LineWatch({
    ping: () => this.#socket?.send("ping"),
    dead: (why) => this.#giveUp(why),
  });
  #isConnecting = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #tries = 0;
  #lostAt: number | null = null;
  #isClosed = false;

  /**
   * Throws if the address is invalid, or there is no WebSocket.
   *
   * @param url of the feed, as in the answer of `GET /v1/me`, or a function that finds it, which is called for each
   * connection
   */
  constructor(
    client: Client,
    url: string | (() => Promise<string>),
    listener: LiveListener,
    world: LiveWorld = ownWorld(),
  ) {
    this.#client = client;
    const given = typeof url === "string" ? liveAddress(url, client.url) : url;
    this.#url = async () => (typeof given === "string" ? given : liveAddress(await given(), client.url));
    this.#listener = listener;
    this.#world = world;
    this.#stopOnline = world.onOnline(() => this.retryNow());
  }

  /** Says which events are wanted, and connects if that was not done yet. */
  configure(wish: LiveWish): void {
    this.#wish = wish;
    if (wish.since !== undefined) this.#last = wish.since;
    const isBegun = this.#isConnecting || this.#socket !== null || this.#lostAt !== null;
    if (!isBegun && !this.#isClosed) void this.#connect();
    else if (this.#socket?.readyState === 1) this.#ask(this.#socket);
  }

  /** Tries again at once if it is waiting to. */
  retryNow(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    void this.#connect();
  }

  close(): void {
    this.#isClosed = true;
    this.#stopOnline();
    clearTimeout(this.#timer);
    this.#watch.stop();
    this.#socket?.close();
    this.#socket = null;
  }

  async #connect(): Promise<void> {
    this.#isConnecting = true;
    this.#listener.state?.({ is: "connecting" });
    try {
      const signal = AbortSignal.timeout(ticketMs);
      const [{ ticket }, url] = await Promise.all([this.#client.ask("POST /v1/tickets", { signal }), this.#url()]);
      if (!this.#isClosed) this.#listen(this.#world.open(`${url}?token=${encodeURIComponent(ticket)}`));
    } catch (error) {
      if (error instanceof Refusal && (error.status === 401 || error.status === 403)) this.#refuse(error);
      else this.#wait(reasonOf(error));
    } finally {
      this.#isConnecting = false;
    }
  }

  #listen(socket: WebSocket): void {
    this.#socket = socket;
    this.#watch.begin();
    socket.onopen = () => {
      if (this.#socket !== socket) return;
      this.#tries = 0;
      this.#lostAt = null;
      this.#watch.heard();
      this.#ask(socket);
      this.#listener.state?.({ is: "open" });
    };
    socket.onmessage = ({ data }) => {
      if (this.#socket !== socket) return;
      this.#watch.heard();
      const message = messageIn(String(data));
      if (message === null) this.#giveUp("something else than Gatepost answers there");
      else this.#take(message);
    };
    socket.onclose = (closed) => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.#watch.stop();
      if (closed.code === revoked) this.#refuse(null);
      else this.#wait(reasonOfClose(closed));
    };
  }

  /** Leaves a dead connection without waiting for its close: the other side would not answer it. */
  #giveUp(why: string): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#watch.stop();
    socket?.close();
    this.#wait(why);
  }

  #ask(socket: WebSocket): void {
    const { boxes, types, rolls } = this.#wish;
    const since = this.#last;
    const asked = { event_list: ["*"], form: "event", updates: true, counts: true, boxes, types, rolls, since };
    const acknowledgements = this.#listener.acknowledged === undefined ? {} : { acknowledgements: true };
    socket.send(JSON.stringify({ ...asked, ...acknowledgements }));
  }

  #take(message: Message): void {
    if (message.event !== undefined) {
      const { event, isUpdate = false, isCatchUp = false, cursor } = message;
      if (!isUpdate) this.#last = event.id;
      this.#listener.event?.(event, { isUpdate, isCatchUp, ...(cursor === undefined ? {} : { cursor }) });
    }
    this.#last = message.cursor ?? this.#last;
    if (message.error !== undefined) this.#refused(message.error.message);
    if (message.counts !== undefined) this.#listener.counts?.(message.counts);
    if (message.seen !== undefined) this.#listener.seen?.(message.seen);
    if (message.acknowledged !== undefined) this.#listener.acknowledged?.(message.acknowledged);
    if (message.unacknowledged !== undefined) this.#listener.unacknowledged?.(message.unacknowledged);
    if (message.noted !== undefined) this.#listener.noted?.(message.noted);
    if (message.roll !== undefined) this.#listener.roll?.(message.roll);
    if (message.erased !== undefined) this.#listener.erased?.(message.erased);
    if (message.caughtUp === true) this.#caughtUp();
  }

  /** From now on the server reports erasures. Asks for earlier ones. */
  #caughtUp(): void {
    this.#listener.caughtUp?.();
    const held = [...(this.#listener.holds?.() ?? [])];
    const socket = this.#socket;
    if (held.length > 0 && socket !== null) void this.#findErased(held, socket);
  }

  async #findErased(held: readonly string[], socket: WebSocket): Promise<void> {
    const isWanted = () => this.#socket === socket;
    try {
      for await (const missing of findErased(held, { client: this.#client, isWanted, random: this.#world.random })) {
        this.#listener.erased?.(missing);
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (isWanted()) this.#refuse(error);
    }
  }

  /** A server that does not know the event to continue after sends nothing until it gets another wish. */
  #refused(why: string): void {
    const socket = this.#socket;
    if (socket === null) return;
    if (!why.startsWith("since:") || this.#last === undefined) {
      this.#listener.wishRefused?.(why);
      return;
    }
    this.#last = undefined;
    this.#listener.gap?.();
    this.#ask(socket);
  }

  #wait(reason: string): void {
    if (this.#isClosed) return;
    const now = this.#world.now();
    this.#lostAt ??= now;
    const pause = pauseBefore(this.#tries++, this.#world.random());
    this.#timer = setTimeout(() => this.retryNow(), pause);
    this.#listener.state?.({ is: "waiting", since: this.#lostAt, retryAt: now + pause, reason });
  }

  #refuse(refusal: Refusal | null): void {
    // After a close, the server's answer about the key is of no interest.
    if (this.#isClosed) return;
    this.close();
    this.#listener.state?.({ is: "refused", refusal });
  }
}
