import type { Scheduler } from "./scheduler.ts";

/*
 * The code of pages uses globals: its document, timers that repeat, and channels between the tabs of a browser. Here are
 * several pages, so these globals belong to the page whose code runs.
 */

/** ms after which timers of a page run again that no user sees, and ms of a message on its way to another tab. */
const hiddenMs = 60_000;
const channelMs = 2;

let current: Page | null = null;

function running(): Page {
  if (current === null) throw new Error("this global belongs to a page, and no code of a page runs");
  return current;
}

/** A tab of a browser. */
export class Page {
  hidden = false;
  /** The laptop with the page sleeps until then, ms since 1970. */
  sleepsUntil = 0;
  readonly #events = new EventTarget();
  readonly #scheduler: Scheduler;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** Runs code of the page. */
  in<Result>(act: () => Result): Result {
    const before = current;
    current = this;
    try {
      return act();
    } finally {
      current = before;
    }
  }

  get isAsleep(): boolean {
    return this.sleepsUntil > this.#scheduler.now;
  }

  async awake(): Promise<void> {
    while (this.isAsleep) await this.#scheduler.pause(this.sleepsUntil - this.#scheduler.now);
  }

  show(isShown: boolean): void {
    this.hidden = !isShown;
    this.#events.dispatchEvent(new Event("visibilitychange"));
  }

  /** The user closes the tab. */
  leave(): void {
    this.#events.dispatchEvent(new Event("pagehide"));
  }

  on(type: string, run: () => void, { signal }: { signal?: AbortSignal } = {}): void {
    this.#events.addEventListener(type, () => this.in(run), signal === undefined ? {} : { signal });
  }

  /** Runs code of the page again and again. Returns a function that ends it. */
  every(ms: number, run: () => void): () => void {
    let isOver = false;
    const again = async () => {
      for (;;) {
        await this.#scheduler.pause(this.hidden ? Math.max(ms, hiddenMs) : ms);
        await this.awake();
        if (isOver) return;
        this.in(run);
      }
    };
    void again();
    return () => {
      isOver = true;
    };
  }
}

interface Message {
  data: unknown;
}

/** Replaced globals: the object, the name, and the value. */
export type Globals = [target: object, name: string, value: unknown][];

/** The globals of the pages of one simulation. */
export function pageGlobals(scheduler: Scheduler): Globals {
  const open = new Set<Channel>();
  class Channel {
    onmessage: (message: Message) => void = () => {};
    readonly #page = running();
    readonly #name: string;

    constructor(name: string) {
      this.#name = name;
      open.add(this);
    }

    postMessage(data: object): void {
      const copy = structuredClone(data);
      for (const other of open) if (other !== this && other.#name === this.#name) void other.#hear(copy);
    }

    close(): void {
      open.delete(this);
    }

    async #hear(data: object): Promise<void> {
      await scheduler.pause(channelMs);
      await this.#page.awake();
      if (open.has(this)) this.#page.in(() => this.onmessage({ data }));
    }
  }
  const listen = (...how: Parameters<Page["on"]>) => running().on(...how);
  const document = {
    get hidden() {
      return running().hidden;
    },
    addEventListener: listen,
  };
  return [
    [globalThis, "document", document],
    [globalThis, "addEventListener", listen],
    [globalThis, "BroadcastChannel", Channel],
    [globalThis, "setInterval", (run: () => void, ms: number) => running().every(ms, run)],
    [globalThis, "clearInterval", (end: () => void) => end()],
  ];
}
