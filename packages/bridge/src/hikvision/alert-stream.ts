import type { Clock } from "../clock.ts";
import type { StreamPart } from "../terminals/multipart-parts.ts";
import type { TerminalHttp } from "../terminals/terminal-http.ts";
import { TerminalStream } from "../terminals/terminal-stream.ts";
import { type Hikvision, isJpeg } from "./isapi.ts";
import { StreamedEvent, type TerminalReport } from "./reports.ts";

const alertStreamPath = "/ISAPI/Event/notification/alertStream";

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
  readonly #stream: TerminalStream;
  /** The event whose pictures may still arrive, and the number of looks since then: it waits for two at most. */
  #open: { event: StreamedEvent; looks: number } | null = null;
  /** Settles once all events so far were taken, or were not. */
  #taken: Promise<void> = Promise.resolve();

  private constructor(options: AlertStreamOptions, stream: TerminalStream) {
    this.#options = options;
    this.#stream = stream;
  }

  /** Opens the stream. Throws BoxError. */
  static async open(options: AlertStreamOptions, signal: AbortSignal): Promise<AlertStream> {
    return new AlertStream(options, await TerminalStream.open(alertStreamPath, options, signal));
  }

  end(why: Error): void {
    this.#stream.end(why);
  }

  /** Takes events until the stream has ended, and resolves with the reason. */
  async run(signal: AbortSignal): Promise<Error> {
    const why = await this.#stream.run({ takePart: (part) => this.#takePart(part), look: () => this.#look() }, signal);
    // An event without its last pictures is better than none.
    await this.#finish().catch(() => undefined);
    return why;
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

  async #look(): Promise<void> {
    if (this.#open === null) return;
    this.#open.looks += 1;
    if (this.#open.looks > 1) await this.#finish();
  }
}
