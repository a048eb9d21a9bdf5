import { setImmediate as nextTurn } from "node:timers/promises";

/** A change of the feed, for the requests that wait for it: equal ones read it once, and share the answer. */
export interface Wake {
  readonly shared: Map<string, Promise<unknown>>;
}

interface WaitLimits {
  /** Most requests that wait, of all callers together. */
  all: number;
  /** Most of one caller. */
  ofCaller: number;
}

const usual: WaitLimits = { all: 2000, ofCaller: 100 };

/** Requests that continue in one turn of the event loop: boxes deliver between turns. */
const inOneTurn = 32;

/** A request that waits. Dispose of it once it is answered. */
export class FeedWait implements Disposable {
  readonly #leave: () => void;
  #wake: Wake | null = null;
  #continue: (() => void) | null = null;
  #isEnded = false;

  constructor(leave: () => void) {
    this.#leave = leave;
  }

  /** Whether it must be answered now: its client is gone, or the server ends. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** The next change since this was begun or last asked; null after `ms`, and once it has ended. */
  async next(ms: number): Promise<Wake | null> {
    if (this.#wake === null && !this.#isEnded) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#continue = resolve;
      const timer = setTimeout(resolve, ms);
      await promise;
      clearTimeout(timer);
      this.#continue = null;
    }
    const wake = this.#wake;
    this.#wake = null;
    return wake;
  }

  /** Notes a change. `proceed` lets the request see it. */
  note(wake: Wake): void {
    this.#wake = wake;
  }

  /** Lets the request continue, unless it has begun to wait after the change. */
  proceed(): void {
    if (this.#wake !== null || this.#isEnded) this.#continue?.();
  }

  end(): void {
    this.#isEnded = true;
    this.proceed();
  }

  [Symbol.dispose](): void {
    this.#leave();
  }
}

/** The requests that wait until the feed has something new. */
export class FeedWaits {
  readonly #limits: WaitLimits;
  readonly #waits = new Set<FeedWait>();
  readonly #ofCaller = new Map<string, number>();
  #isProceeding = false;
  #isOver = false;

  constructor(limits: Partial<WaitLimits> = {}) {
    this.#limits = { ...usual, ...limits };
  }

  get size(): number {
    return this.#waits.size;
  }

  /** Null if the caller, or all together, have as many requests waiting as they may. Begin before the feed is read. */
  begin(caller: string): FeedWait | null {
    const ofCaller = this.#ofCaller.get(caller) ?? 0;
    if (this.#isOver || this.#waits.size >= this.#limits.all || ofCaller >= this.#limits.ofCaller) return null;
    const wait = new FeedWait(() => this.#leave(wait, caller));
    this.#waits.add(wait);
    this.#ofCaller.set(caller, ofCaller + 1);
    return wait;
  }

  /** Call this after each change of the feed that can be read. */
  notify(): void {
    const wake = { shared: new Map() };
    for (const wait of this.#waits) wait.note(wake);
    if (!this.#isProceeding && this.#waits.size > 0) void this.#proceed();
  }

  /** Lets all requests be answered, and no other one wait. */
  end(): void {
    this.#isOver = true;
    for (const wait of this.#waits) wait.end();
  }

  async #proceed(): Promise<void> {
    this.#isProceeding = true;
    let proceeded = 0;
    for (const wait of this.#waits) {
      wait.proceed();
      proceeded += 1;
      if (proceeded % inOneTurn === 0) await nextTurn();
    }
    this.#isProceeding = false;
  }

  #leave(wait: FeedWait, caller: string): void {
    if (!this.#waits.delete(wait)) return;
    const left = (this.#ofCaller.get(caller) ?? 0) - 1;
    if (left > 0) this.#ofCaller.set(caller, left);
    else this.#ofCaller.delete(caller);
  }
}
