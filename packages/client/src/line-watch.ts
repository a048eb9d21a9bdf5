/** ms of silence after which the other side is asked whether it is there, and in which it must answer. */
const quietMs = 60_000;
const answerMs = 20_000;

/** ms in which a line must come about. */
const openingMs = 30_000;

interface Deps {
  /** Asks the other side for a sign of life. */
  ping(): void;
  /** The line is dead. It is not called again before the next `begin`. */
  dead(): void;
}

/**
 * Notices a line that is dead though nobody has closed it, as after a change of the network or where a router has
 * forgotten it: a browser never says so, and no page sees the pings of a server.
 */
export class LineWatch {
  readonly #deps: Deps;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** A line is being opened. */
  begin(): void {
    this.#after(openingMs, () => this.#deps.dead());
  }

  /** It is open, or something came. */
  heard(): void {
    this.#after(quietMs, () => {
      this.#deps.ping();
      this.#after(answerMs, () => this.#deps.dead());
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
