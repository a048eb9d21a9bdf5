import type { Clock } from "../clock.ts";
import { BoxError } from "../se5/box-error.ts";
import { whyOf } from "../why.ts";
import { MultipartParts, type StreamPart } from "./multipart-parts.ts";
import type { TerminalHttp } from "./terminal-http.ts";

/** ms without a byte after which the stream counts as frozen: terminals send heartbeats every 5 to 30 s. */
const deadAfterMs = 90_000;
/** ms between two looks at the stream. */
const lookEveryMs = 2000;

/** The reader of a stream. If it throws, the stream ends. */
export interface StreamReader {
  /** Takes one part, in order. */
  takePart(part: StreamPart): Promise<void>;
  /** Called every two seconds, for parts that were kept back. */
  look(): Promise<void>;
}

/** A stream of parts without end, in which a terminal sends its events while they happen. */
export class TerminalStream {
  readonly #clock: Clock;
  readonly #pieces: AsyncIterable<Uint8Array>;
  readonly #own: AbortController;
  #heardAt: number;

  private constructor(clock: Clock, pieces: AsyncIterable<Uint8Array>, own: AbortController) {
    this.#clock = clock;
    this.#pieces = pieces;
    this.#own = own;
    this.#heardAt = clock.now();
  }

  /** Opens the stream. Throws BoxError. */
  static async open(
    path: string,
    { http, clock }: { http: TerminalHttp; clock: Clock },
    signal: AbortSignal,
  ): Promise<TerminalStream> {
    const closing = new AbortController();
    const pieces = await http.open(path, AbortSignal.any([signal, closing.signal]));
    return new TerminalStream(clock, pieces, closing);
  }

  end(why: Error): void {
    this.#own.abort(why);
  }

  /** Reads until the stream has ended, and resolves with the reason. */
  async run(reader: StreamReader, signal: AbortSignal): Promise<Error> {
    const over = new AbortController();
    const watching = this.#watch(reader, AbortSignal.any([signal, over.signal]));
    const why = await this.#read(reader).then(
      () => new BoxError("the terminal has ended its stream"),
      (error: unknown) => (error instanceof Error ? error : new BoxError(String(error))),
    );
    over.abort();
    await watching;
    return this.#own.signal.aborted && this.#own.signal.reason instanceof Error ? this.#own.signal.reason : why;
  }

  async #read(reader: StreamReader): Promise<void> {
    const parts = new MultipartParts();
    for await (const piece of this.#pieces) {
      this.#heardAt = this.#clock.now();
      for (const part of parts.take(piece)) await reader.takePart(part);
    }
  }

  async #watch(reader: StreamReader, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#clock.sleep(lookEveryMs, signal);
      if (signal.aborted) return;
      // Also if the clock of the bridge was set back.
      if (Math.abs(this.#clock.now() - this.#heardAt) > deadAfterMs)
        this.end(new BoxError("the terminal does not answer any more"));
      await reader.look().catch((error: unknown) => this.end(new Error(whyOf(error))));
    }
  }
}
