import type { Log } from "@gatepost/core/log";
import type { Clock } from "../clock.ts";
import type { SpooledRequest } from "../spool/request.ts";
import { TerminalConnection } from "../terminals/connection.ts";
import type { StreamPart } from "../terminals/multipart-parts.ts";
import { SignsOfLife } from "../terminals/signs.ts";
import { type TerminalAddress, TerminalHttp } from "../terminals/terminal-http.ts";
import { TerminalStream } from "../terminals/terminal-stream.ts";
import { askMac, eventsPath } from "./cgi.ts";
import { Outgoing } from "./outgoing.ts";
import { readStreamEvent } from "./stream-event.ts";

/** Looks (each two seconds) after which a stream has proved itself. */
const steadyLooks = 15;

interface DahuaFollowerOptions {
  box: string;
  address: TerminalAddress;
  /** Writes a report into the spool and wakes the sender. */
  take(report: SpooledRequest, seen: null): Promise<void>;
  clock: Clock;
  random: () => number;
  log: Log;
}

/**
 * Follows a terminal of Dahua: takes its stream of events, and opens it again after every interruption. The stream has
 * neither pictures nor earlier events.
 */
export class DahuaFollower {
  readonly #options: DahuaFollowerOptions;
  readonly #connection: TerminalConnection;
  readonly #signs: SignsOfLife;
  readonly #outgoing: Outgoing;

  constructor(options: DahuaFollowerOptions) {
    const { box, take, log, clock } = options;
    this.#options = options;
    this.#connection = new TerminalConnection({ ...options, session: (signal) => this.#session(signal) });
    this.#signs = new SignsOfLife(clock);
    this.#outgoing = new Outgoing({ box, log, take: (report) => take({ box, ...report }, null) });
  }

  get isConnected(): boolean {
    return this.#connection.isConnected;
  }

  get lastError(): string | null {
    return this.#connection.lastError;
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.#connection.run(signal);
    await this.#outgoing.finish();
  }

  /** Connects. Resolves with the reason when the connection has ended. */
  async #session(signal: AbortSignal): Promise<unknown> {
    const { address, clock, log, box } = this.#options;
    const http = new TerminalHttp(address);
    const mac = await askMac(http, signal);
    const stream = await TerminalStream.open(eventsPath, { http, clock }, signal);
    log.info("connected", { box, terminal: mac });
    this.#connection.connected();
    let looks = 0;
    const look = () => {
      looks += 1;
      if (looks === steadyLooks) this.#connection.succeeded();
      return this.#outgoing.look();
    };
    const why = await stream.run({ takePart: (part) => this.#takePart(part, mac), look }, signal);
    // No one looks until the next connection, and nothing that waits is on the disk.
    await this.#outgoing.finish();
    return why;
  }

  async #takePart({ contentType, content }: StreamPart, mac: string): Promise<void> {
    if (contentType.startsWith("image/")) return;
    const event = readStreamEvent(content, mac);
    if (event.kind !== "sign") return this.#outgoing.add(event);
    const { box, take } = this.#options;
    if (this.#signs.isDue()) await take({ box, ...event.report }, null);
  }
}
