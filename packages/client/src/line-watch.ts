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
 * Notices a connection that is dead though nobody closed it, for example after a change of the network. A browser does
 * not report that, and pages do not see the pings of a server.
 */
export class LineWatch {
  readonly #deps: Deps;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** A connection is being opened. */
  begin(): void {
    this.#after(openingMs, () => this.#deps.dead(`no connection within ${openingMs / 1000} s`));
  }

  /** The connection is open, or a message came. */
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
