import { Backoff } from "../backoff.ts";
import { BoxError } from "../se5/box-error.ts";
import type { EventKey, SpooledRequest } from "../spool/request.ts";
import type { Spool } from "../spool/spool.ts";
import { TerminalFollower, type TerminalFollowerOptions } from "../terminals/follower.ts";
import { SignsOfLife } from "../terminals/signs.ts";
import { refusedLogin, TerminalHttp } from "../terminals/terminal-http.ts";
import { AlertStream } from "./alert-stream.ts";
import { fillTerminalGap } from "./gap.ts";
import { askTerminal, type Hikvision, unlessRefused } from "./isapi.ts";
import type { TerminalReport } from "./reports.ts";

/** Statuses of a terminal that gives no records to anyone. */
const withoutRecords: ReadonlySet<number | null> = new Set([403, 404, 405, 501]);

interface HikvisionFollowerOptions extends TerminalFollowerOptions {
  spool: Spool;
  /** Writes a report into the spool and wakes the sender. */
  take(report: SpooledRequest, seen: (EventKey & { isResumeMark: boolean }) | null): Promise<void>;
  /** ms after which everything has arrived that was streamed when a connection began. */
  settle: number;
  /** ms between two searches in the records of a terminal that has no stream. */
  lookEvery: number;
}

/**
 * Follows a terminal of Hikvision: takes its alert stream, and after every interruption fetches the missed events from its
 * records. A terminal without a stream is only asked for its records.
 */
export class HikvisionFollower extends TerminalFollower {
  readonly #options: HikvisionFollowerOptions;
  readonly #signs: SignsOfLife;
  /** Whether everything before the newest event was taken. Until then the resume mark does not move. */
  #isComplete = false;
  #newest: number | null = null;

  constructor(options: HikvisionFollowerOptions) {
    super(options);
    this.#options = options;
    this.#signs = new SignsOfLife(options.clock);
  }

  override async run(signal: AbortSignal): Promise<void> {
    const { clock, box, spool } = this.#options;
    // From now on no event may be lost, even before the first connection.
    if (spool.seenEvents.resumeMark(box) === null) await spool.setResumeMark(box, clock.now());
    await super.run(signal);
  }

  /** Connects. Resolves with the reason when the connection has ended. */
  protected async session(outer: AbortSignal): Promise<unknown> {
    const { address, clock, log, box } = this.#options;
    const http = new TerminalHttp(address);
    const terminal = await askTerminal(http, clock.now, outer);
    this.#isComplete = false;
    this.#newest = null;
    const take = (report: TerminalReport) => this.#take(report);
    const stream = await unlessRefused(AlertStream.open({ http, terminal, clock, take }, outer));
    log.info("connected", { box, terminal: terminal.mac, stream: stream !== null });
    if (stream === null) return this.#poll(http, terminal, outer);
    this.connected();
    const session = new AbortController();
    const caughtUp = this.#catchUp(http, terminal, AbortSignal.any([outer, session.signal])).catch((error: unknown) => {
      if (!session.signal.aborted) stream.end(error instanceof Error ? error : new Error(String(error)));
    });
    const why = await stream.run(outer);
    session.abort();
    await caughtUp;
    return why;
  }

  async #take({ report, key, isOfAccess }: TerminalReport): Promise<void> {
    const { box, take, clock, spool } = this.#options;
    const now = clock.now();
    if (!isOfAccess && !this.#signs.isDue()) return;
    const isAhead = key !== null && key.at > now;
    await take({ box, ...report }, key === null ? null : { ...key, isResumeMark: this.#isComplete && !isAhead });
    if (key === null) return;
    this.#newest = Math.min(key.at, now);
    if (this.#isComplete && isAhead) await spool.setResumeMark(box, now);
  }

  /** Fetches missed events. Tries again after a failure, while the connection lasts. */
  async #catchUp(http: TerminalHttp, terminal: Hikvision, signal: AbortSignal): Promise<void> {
    const { clock, random, settle, log, box } = this.#options;
    const backoff = new Backoff(random);
    // The time of the stream must overlap the time that is fetched.
    await clock.sleep(settle, signal);
    while (!signal.aborted && !this.#isComplete) {
      try {
        await this.#fill(http, terminal, signal);
      } catch (error) {
        if (!(error instanceof BoxError) || error.status === refusedLogin) throw error;
        log.warn("gap not filled", { box, why: error.message });
        // Then nothing can be fetched.
        this.#isComplete = withoutRecords.has(error.status);
        if (!this.#isComplete) await clock.sleep(backoff.failed(), signal);
      }
    }
    if (this.#isComplete) this.succeeded();
  }

  /** Asks a terminal without a stream again and again for its records. Ends by an error alone. */
  async #poll(http: TerminalHttp, terminal: Hikvision, signal: AbortSignal): Promise<void> {
    const { clock, lookEvery } = this.#options;
    while (!signal.aborted) {
      this.#isComplete = false;
      await this.#fill(http, terminal, signal);
      this.connected();
      this.succeeded();
      await clock.sleep(lookEvery, signal);
    }
  }

  async #fill(http: TerminalHttp, terminal: Hikvision, signal: AbortSignal): Promise<void> {
    const { box, spool, take, clock, random, settle, log } = this.#options;
    const resumeMark = spool.seenEvents.resumeMark(box) ?? clock.now();
    const options = { box, http, terminal, spool, take, clock, random, settle };
    const { taken, latest } = await fillTerminalGap(resumeMark, options, signal);
    signal.throwIfAborted();
    if (taken > 0) log.info("gap filled", { box, events: taken });
    this.#isComplete = true;
    const upTo = this.#newest ?? latest;
    if (upTo !== null) await spool.setResumeMark(box, upTo);
  }
}
