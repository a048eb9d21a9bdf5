import type { SpooledRequest } from "../spool/request.ts";
import { TerminalFollower, type TerminalFollowerOptions } from "../terminals/follower.ts";
import type { StreamPart } from "../terminals/multipart-parts.ts";
import { SignsOfLife } from "../terminals/signs.ts";
import { TerminalHttp } from "../terminals/terminal-http.ts";
import { TerminalStream } from "../terminals/terminal-stream.ts";
import { askMac, eventsPath } from "./cgi.ts";
import { Outgoing } from "./outgoing.ts";
import { readStreamEvent } from "./stream-event.ts";

/** Looks (each two seconds) after which a stream has proved itself. */
const steadyLooks = 15;

interface DahuaFollowerOptions extends TerminalFollowerOptions {
  /** Writes a report into the spool and wakes the sender. */
  take(report: SpooledRequest, seen: null): Promise<void>;
}

/**
 * Follows a terminal of Dahua: takes its stream of events, and opens it again after every interruption. The stream has
 * neither pictures nor earlier events.
 */
export class DahuaFollower extends TerminalFollower {
  readonly #options: DahuaFollowerOptions;
  readonly #signs: SignsOfLife;
  readonly #outgoing: Outgoing;

  constructor(options: DahuaFollowerOptions) {
    super(options);
    const { box, take, log, clock } = options;
    this.#options = options;
    this.#signs = new SignsOfLife(clock);
    this.#outgoing = new Outgoing({ box, log, take: (report) => take({ box, ...report }, null) });
  }

  override async run(signal: AbortSignal): Promise<void> {
    await super.run(signal);
    await this.#outgoing.finish();
  }

  /** Connects. Resolves with the reason when the connection has ended. */
  protected async session(signal: AbortSignal): Promise<unknown> {
    const { address, clock, log, box } = this.#options;
    const http = new TerminalHttp(address);
    const mac = await askMac(http, signal);
    const stream = await TerminalStream.open(eventsPath, { http, clock }, signal);
    log.info("connected", { box, terminal: mac });
    this.connected();
    let looks = 0;
    const look = () => {
      looks += 1;
      if (looks === steadyLooks) this.succeeded();
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
