import type { Clock } from "../clock.ts";
import { BoxError } from "../se5/box-error.ts";
import { MultipartParts, type StreamPart } from "../terminals/multipart-parts.ts";
import type { TerminalHttp } from "../terminals/terminal-http.ts";
import { whyOf } from "../why.ts";
import { type Hikvision, isJpeg } from "./isapi.ts";
import { StreamedEvent, type TerminalReport } from "./reports.ts";

const alertStreamPath = "/ISAPI/Event/notification/alertStream";

/** ms without a byte after which the stream counts as frozen: terminals send heartbeats every 10 to 30 s. */
const deadAfterMs = 90_000;
/** ms between two looks at the stream. An event whose pictures do not arrive waits for so long at most twice. */
const lookEveryMs = 2000;

interface AlertStreamOptions {
  http: TerminalHttp;
  terminal: Hikvision;
  clock: Clock;
  /** Takes one event, in order. If it throws, the stream ends; the terminal still keeps the event. */
  take(report: TerminalReport): Promise<void>;
}

/** The stream in which a terminal sends its events while they happen. */
export class AlertStream {
  readonly #options: AlertStreamOptions;
  readonly #pieces: AsyncIterable<Uint8Array>;
  readonly #own: AbortController;
  #heardAt: number;
  /** The event whose pictures may still arrive, and the number of looks since then. */
  #open: { event: StreamedEvent; looks: number } | null = null;
  /** Settles once all events so far were taken, or were not. */
  #taken: Promise<void> = Promise.resolve();

  private constructor(options: AlertStreamOptions, pieces: AsyncIterable<Uint8Array>, own: AbortController) {
    this.#options = options;
    this.#pieces = pieces;
    this.#own = own;
    this.#heardAt = options.clock.now();
  }

  /** Opens the stream. Throws BoxError. */
  static async open(options: AlertStreamOptions, signal: AbortSignal): Promise<AlertStream> {
    const own = new AbortController();
    const pieces = await options.http.open(alertStreamPath, AbortSignal.any([signal, own.signal]));
    return new AlertStream(options, pieces, own);
  }

  end(why: Error): void {
    this.#own.abort(why);
  }

  /** Takes events until the stream has ended, and resolves with the reason. */
  async run(signal: AbortSignal): Promise<Error> {
    const over = new AbortController();
    const watching = this.#watch(AbortSignal.any([signal, over.signal]));
    const why = await this.#read().then(
      () => new BoxError("the terminal has ended its stream"),
      (error: unknown) => (error instanceof Error ? error : new BoxError(String(error))),
    );
    over.abort();
    await watching;
    // An event without its last pictures is better than none.
    await this.#finish().catch(() => undefined);
    return this.#own.signal.aborted && this.#own.signal.reason instanceof Error ? this.#own.signal.reason : why;
  }

  async #read(): Promise<void> {
    const parts = new MultipartParts();
    for await (const piece of this.#pieces) {
      this.#heardAt = this.#options.clock.now();
      for (const part of parts.take(piece)) await this.#takePart(part);
    }
  }

  async #takePart({ contentType, content }: StreamPart): Promise<void> {
    if (isJpeg(content) || contentType.startsWith("image/")) {
      if (this.#open !== null && isJpeg(content) && !this.#open.event.add(content)) await this.#finish();
      return;
    }
    await this.#finish();
    if (content.toString("latin1").trim() === "") return;
    this.#open = { event: new StreamedEvent(content, this.#options.terminal), looks: 0 };
    if (this.#open.event.pictures === 0) await this.#finish();
  }

  /** Takes the open event. One event is taken after the other. */
  #finish(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    if (open === null) return this.#taken;
    this.#taken = this.#taken.then(() => this.#options.take(open.event.finished()));
    return this.#taken;
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (!signal.aborted) {
      await clock.sleep(lookEveryMs, signal);
      if (signal.aborted) return;
      if (clock.now() - this.#heardAt > deadAfterMs) this.end(new BoxError("the terminal does not answer any more"));
      if (this.#open === null) continue;
      this.#open.looks += 1;
      if (this.#open.looks > 1) await this.#finish().catch((error: unknown) => this.end(new Error(whyOf(error))));
    }
  }
}
