import { BoxError } from "../se5/box-error.ts";

/** One part of a multipart stream. */
export interface StreamPart {
  /** In lower case; "" if it was not sent. */
  contentType: string;
  content: Buffer;
}

/** Most bytes of one part, of the headers of a part, of a boundary line, and of anything between two parts. */
const maxPart = 5 * 1024 * 1024;
const maxHeaders = 8 * 1024;
const maxLine = 200;
const maxBetween = 64 * 1024;

const lf = "\n";

/**
 * Takes a multipart stream without end apart. Its boundary is read from its first line, because terminals write another
 * one in the header. A part is complete after the bytes of its Content-Length, or else at the next boundary.
 */
export class MultipartParts {
  readonly #bytes = new Gathered();
  /** With its dashes; null before the first line. */
  #boundary: string | null = null;
  #state: "between" | "headers" | { contentType: string; length: number | null } = "between";
  #skipped = 0;

  /** Takes a piece of the stream. Returns the parts that are complete. Throws BoxError if the stream is none, or has no end. */
  take(piece: Uint8Array): StreamPart[] {
    this.#bytes.add(piece);
    const parts: StreamPart[] = [];
    for (let step = this.#step(); step !== "more"; step = this.#step()) if (step !== "next") parts.push(step);
    return parts;
  }

  #step(): StreamPart | "next" | "more" {
    if (this.#boundary === null) return this.#readFirstLine();
    if (this.#state === "between") return this.#skipToPart(this.#boundary);
    if (this.#state === "headers") return this.#readHeaders(this.#boundary);
    return this.#readContent(this.#state, this.#boundary);
  }

  #readFirstLine(): "next" | "more" {
    const blanks = this.#bytes.first(maxLine).findIndex((byte) => byte !== 0x0d && byte !== 0x0a);
    if (blanks < 0) return this.#isOver(maxLine, "sends no multipart");
    this.#bytes.drop(blanks);
    const end = this.#bytes.find(lf);
    const line = this.#bytes
      .first(end < 0 ? maxLine : Math.min(end, maxLine))
      .toString("latin1")
      .trimEnd();
    if (!"--".startsWith(line.slice(0, 2))) throw new BoxError("the terminal sends no multipart");
    if (end < 0) return this.#isOver(maxLine, "sends no multipart");
    if (line.length <= 2) throw new BoxError("the terminal sends a multipart without a boundary");
    this.#boundary = line;
    return "next";
  }

  #skipToPart(boundary: string): "next" | "more" {
    const at = this.#bytes.find(boundary);
    if (at < 0) {
      const skipped = Math.max(0, this.#bytes.length - boundary.length);
      this.#bytes.drop(skipped);
      this.#skipped += skipped;
      if (this.#skipped > maxBetween) throw new BoxError("the terminal sends a multipart without its boundary");
      return "more";
    }
    this.#bytes.drop(at);
    const end = this.#bytes.find(lf);
    if (end < 0) return this.#isOver(maxLine, "sends a boundary without end");
    this.#bytes.drop(end + 1);
    this.#skipped = 0;
    this.#state = "headers";
    return "next";
  }

  #readHeaders(boundary: string): "next" | "more" {
    // Some firmware sends its boundary twice.
    if (this.#isAtBoundary(boundary)) {
      this.#state = "between";
      return "next";
    }
    const head = this.#bytes.first(maxHeaders).toString("latin1");
    const [, separator = ""] = /(?:^|\n)(\r?\n)/.exec(head) ?? [];
    if (separator === "") return this.#isOver(maxHeaders, "sends headers without end");
    const at = /^\r?\n/.test(head) ? 0 : head.indexOf(`\n${separator}`) + 1;
    const headers = head.slice(0, at);
    this.#bytes.drop(at + separator.length);
    const length = /^content-length:[ \t]{0,8}(\d{1,10})[ \t]{0,8}\r?$/im.exec(headers)?.[1];
    const contentType = /^content-type:[ \t]{0,8}([^\r\n]{1,200})/im.exec(headers)?.[1] ?? "";
    this.#state = { contentType: contentType.toLowerCase(), length: length === undefined ? null : Number(length) };
    return "next";
  }

  #readContent(
    { contentType, length }: { contentType: string; length: number | null },
    boundary: string,
  ): StreamPart | "next" | "more" {
    if (length === null && this.#isAtBoundary(boundary)) {
      this.#state = "between";
      return "next";
    }
    if ((length ?? 0) > maxPart) throw new BoxError("the terminal sends a part that is too large");
    const isShort = length !== null && this.#bytes.length < length;
    const end = length === null || isShort ? this.#bytes.find(`\n${boundary}`) : length;
    // A length that is far too large would hold up the parts behind it.
    if (isShort && end < 0) return "more";
    if (end < 0) return this.#isOver(maxPart, "sends a part without end");
    const sent = this.#bytes.first(end);
    const next = length === null || isShort ? end : boundaryIn(sent, boundary);
    const isCut = next >= 0;
    const kept = isCut ? sent.subarray(0, next) : sent;
    const content = Buffer.from(isCut && kept.at(-1) === 0x0d ? kept.subarray(0, -1) : kept);
    this.#bytes.drop(kept.length);
    this.#state = "between";
    return { contentType, content };
  }

  #isAtBoundary(boundary: string): boolean {
    return this.#bytes.first(boundary.length).toString("latin1") === boundary;
  }

  #isOver(most: number, what: string): "more" {
    if (this.#bytes.length > most) throw new BoxError(`the terminal ${what}`);
    return "more";
  }
}

/** The place of a boundary within the bytes of a part, or of its beginning at their end: their length was too large. */
function boundaryIn(bytes: Buffer, boundary: string): number {
  const whole = bytes.indexOf(`\n${boundary}`, 0, "latin1");
  const last = bytes.lastIndexOf(lf);
  if (whole >= 0 || last < 0 || bytes.length - last > boundary.length) return whole;
  const tail = bytes.toString("latin1", last + 1);
  return tail !== "" && boundary.startsWith(tail) ? last : -1;
}

const leastBytes = 64 * 1024;

/** Bytes that were received and not read yet. Each is copied a few times at most, however small the pieces are. */
class Gathered {
  #buffer = Buffer.alloc(leastBytes);
  #from = 0;
  #to = 0;
  /** The text that was looked for last without success, and the place from which it is looked for again. */
  #missed = { text: "", from: 0 };

  get length(): number {
    return this.#to - this.#from;
  }

  add(piece: Uint8Array): void {
    if (this.#to + piece.length > this.#buffer.length) this.#makeRoom(piece.length);
    this.#buffer.set(piece, this.#to);
    this.#to += piece.length;
  }

  /** The first bytes, at most `most`. They change with the next piece. */
  first(most: number): Buffer {
    return this.#buffer.subarray(this.#from, Math.min(this.#to, this.#from + most));
  }

  /** The place of a text; -1 if it is not there. Bytes that were searched for it before are not searched again. */
  find(text: string): number {
    const from = this.#missed.text === text ? this.#missed.from : this.#from;
    const found = this.#buffer.subarray(0, this.#to).indexOf(text, from, "latin1");
    this.#missed = found < 0 ? { text, from: Math.max(from, this.#to - text.length + 1) } : { text: "", from: 0 };
    return found < 0 ? -1 : found - this.#from;
  }

  drop(bytes: number): void {
    this.#from += bytes;
    this.#missed = { text: "", from: 0 };
  }

  #makeRoom(bytes: number): void {
    const kept = this.first(this.length);
    const wanted = kept.length + bytes;
    const grown = Buffer.alloc(Math.max(leastBytes, wanted * 2));
    kept.copy(grown);
    this.#missed.from = Math.max(0, this.#missed.from - this.#from);
    [this.#buffer, this.#from, this.#to] = [grown, 0, kept.length];
  }
}
