import type { Log } from "@gatepost/core/log";
import { minuteMs } from "@gatepost/protocol";
import { Backoff } from "../backoff.ts";
import type { Clock } from "../clock.ts";
import { BoxError } from "../se5/box-error.ts";
import { whyOf } from "../why.ts";
import { refusedLogin, type TerminalAddress } from "./terminal-http.ts";

/** ms between two tries after a refused login: a terminal locks its user for half an hour after a few of them. */
const afterRefusedLoginMs = 10 * minuteMs;

/** Statuses by which a terminal refuses a login: also a locked user, or one without the right. */
const refusals: ReadonlySet<number | null> = new Set([refusedLogin, 403]);

/** The options of each follower. */
export interface TerminalFollowerOptions {
  box: string;
  address: TerminalAddress;
  clock: Clock;
  random: () => number;
  log: Log;
}

/** Follows a terminal by a connection, which is made again whenever it has ended. */
export abstract class TerminalFollower {
  readonly #options: TerminalFollowerOptions;
  readonly #backoff: Backoff;
  #isConnected = false;
  #lastError: string | null = null;

  constructor(options: TerminalFollowerOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.random);
  }

  /** Connects. Resolves with the reason when the connection has ended, or throws it. */
  protected abstract session(signal: AbortSignal): Promise<unknown>;

  get isConnected(): boolean {
    return this.#isConnected;
  }

  get lastError(): string | null {
    return this.#lastError;
  }

  /** Notes that the terminal is connected. */
  protected connected(): void {
    this.#isConnected = true;
    this.#lastError = null;
  }

  /** Notes that the connection has proved itself: the next failure is followed by a short pause. */
  protected succeeded(): void {
    this.#backoff.succeeded();
  }

  /** Connects again and again until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { box, clock, log } = this.#options;
    while (!signal.aborted) {
      const why = await this.session(signal).catch((error: unknown) => error);
      this.#isConnected = false;
      if (signal.aborted) return;
      this.#lastError = whyOf(why);
      log.warn("not connected", { box, why: this.#lastError });
      const isRefused = why instanceof BoxError && refusals.has(why.status);
      await clock.sleep(this.#backoff.failed(isRefused ? afterRefusedLoginMs : 0), signal);
    }
  }
}
