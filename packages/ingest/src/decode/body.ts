/**
 * The body of a request, as text or as bytes, whichever it came as. A text is turned into bytes only when they are
 * needed.
 */
export class Body {
  readonly #sent: string | Buffer;
  readonly #unpacked: Buffer | undefined;
  #made: Buffer | undefined;

  /** @param unpacked the bytes without their content encoding, where they have one */
  constructor(sent: string | Buffer, unpacked?: Buffer) {
    this.#sent = sent;
    this.#unpacked = unpacked;
  }

  /** The text, where it came as one. */
  get text(): string | null {
    return typeof this.#sent === "string" ? this.#sent : null;
  }

  /** As they were sent. */
  get bytes(): Buffer {
    if (typeof this.#sent !== "string") return this.#sent;
    this.#made ??= Buffer.from(this.#sent);
    return this.#made;
  }

  /** As they are read. */
  get unpacked(): Buffer {
    return this.#unpacked ?? this.bytes;
  }
}
