import type { Passing, Picture, PictureKind } from "@gatepost/protocol";
import type { Kept, Reading, Understood } from "@gatepost/receive";
import type { BodyReply, Question } from "./messages.ts";

export type Ask = (question: Question, memory?: readonly ArrayBuffer[]) => Promise<BodyReply>;

/** A body that is read in another thread. */
export class ThreadReading implements Reading {
  readonly unreadable: Reading["unreadable"];
  readonly keep: Reading["keep"];
  readonly bytes: number;
  readonly reports: number;
  readonly #ask: Ask;
  readonly #close: () => void;
  /** The bytes kept of it. The thread has given its memory away. */
  readonly #keptBytes: Uint8Array[] = [];

  constructor(
    { unreadable, keep, bytes, reports }: Pick<Reading, "unreadable" | "keep" | "bytes" | "reports">,
    ask: Ask,
    close: () => void,
  ) {
    this.unreadable = unreadable;
    this.keep = keep;
    this.bytes = bytes;
    this.reports = reports;
    this.#ask = ask;
    this.#close = close;
  }

  async next(): Promise<Understood[]> {
    const answer = await this.#ask({ next: true });
    if (!("reports" in answer)) throw new Error("another question was answered");
    return answer.reports.map(({ origin, values, understood: sent, reason, answer, mapping }, place) => {
      const understood = "passing" in sent ? { passing: withBuffers(sent.passing) } : sent;
      return {
        origin,
        values,
        understood,
        reason,
        answer,
        mapping,
        kept: () => this.#kept({ kept: place }),
        source: () => this.#bytes({ source: place }),
        release: () => "passing" in understood && freePictures(understood.passing),
      };
    });
  }

  whole(reason: string): Promise<Kept> {
    return this.#kept({ whole: reason });
  }

  utf8(): Promise<Buffer> {
    return this.#bytes({ utf8: true });
  }

  list(from: number, to: number): Promise<Buffer> {
    return this.#bytes({ list: { from, to } });
  }

  [Symbol.dispose](): void {
    this.#close();
    // Left to the garbage collector, the memory would stay until after the next bodies.
    freeMemory(this.#keptBytes.splice(0));
  }

  async #kept(question: Question): Promise<Kept> {
    const answer = await this.#ask(question);
    if (!("headers" in answer)) throw new Error("another question was answered");
    this.#keptBytes.push(answer.bytes);
    return answer;
  }

  async #bytes(question: Question): Promise<Buffer> {
    const answer = await this.#ask(question);
    if (!("bytes" in answer)) throw new Error("another question was answered");
    return bufferOf(answer.bytes);
  }
}

/** A passing as it was before it was sent: a Buffer arrives as an Uint8Array. */
function withBuffers(passing: Passing): Passing {
  const pictures = new Map<PictureKind, Picture>();
  for (const [kind, picture] of passing.pictures) pictures.set(kind, { ...picture, data: bufferOf(picture.data) });
  return { ...passing, pictures };
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Frees the memory of pictures at once. */
function freePictures({ pictures }: Passing): void {
  freeMemory([...pictures.values()].map((picture) => picture.data));
}

function freeMemory(bytes: readonly Uint8Array[]): void {
  const whole = bytes.filter(({ buffer, byteLength }) => buffer.byteLength === byteLength);
  // Two kinds of pictures may have the same memory.
  for (const buffer of new Set(whole.map(({ buffer }) => buffer)))
    if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}
